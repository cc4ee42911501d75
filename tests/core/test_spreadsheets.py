"""Tables that people send (pod_hub/core/spreadsheets.py)."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from pod_hub.core.csv_files import csv_bytes
from pod_hub.core.spreadsheets import MOST_ROWS, BadTable, open_table, xlsx_bytes

COLUMNS = ("SKU", "Product UID", "Design File URL")
PLAIN = [(2, "A-1", "MUG-11", "https://x.test/a.png"), (3, "B-2", "", "")]


def read(content: bytes) -> list[tuple[object, ...]]:
    with open_table(io.BytesIO(content), columns=COLUMNS) as table:
        return [(row.number, *(row[column] for column in COLUMNS)) for row in table.rows]


def sheet(*rows: Any) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


HEAD, FIRST, SECOND = "SKU,Product UID,Design File URL", "A-1,MUG-11,https://x.test/a.png", "B-2,,"


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\n{FIRST}\n{SECOND}\n".encode(),
        f"{HEAD}\r\n{FIRST}\r\n{SECOND}\r\n".encode("utf-8-sig"),
        f"{HEAD}\n{FIRST}\n{SECOND}".encode("utf-16"),
        f"{HEAD}\n{FIRST}\n{SECOND}\n".replace(",", ";").encode(),
        f"{HEAD}\n{FIRST}\n{SECOND}\n".replace(",", "\t").encode(),
        f"sku,product_uid,DESIGN FILE URL\n{FIRST}\n{SECOND}\n".encode(),
        f'"SKU","Product UID","Design File URL"\n"A-1","MUG-11","https://x.test/a.png"\n{SECOND}\n\n\n'.encode(),
        b"Other,Design File URL,SKU,Product UID\nx,https://x.test/a.png,A-1,MUG-11\ny,,B-2\n",
        sheet(HEAD.split(","), FIRST.split(","), ["B-2", None, None]),
        xlsx_bytes(HEAD.split(","), [FIRST.split(","), ["B-2", "", ""]]),
        csv_bytes(HEAD.split(","), [FIRST.split(","), SECOND.split(",")]),
    ],
    ids=["plain", "bom", "utf-16", "semicolons", "tabs", "spelling", "quotes and blank lines", "other order", "excel", "our xlsx", "our csv"],
)
def test_the_same_table_is_read_from_every_habit(content: bytes) -> None:
    assert read(content) == PLAIN


def test_excels_delimiter_line_and_umlauts_of_windows_are_understood() -> None:
    assert read("sep=;\nSKU;Product UID\nTÄSSCHEN;MUG-11\n".encode("cp1252"))[0][1:3] == ("TÄSSCHEN", "MUG-11")


def test_a_line_break_in_a_cell_stays_in_its_row() -> None:
    assert read(b'SKU,Product UID\n"two\nlines",MUG-11\nB,C\n') == [(2, "two\nlines", "MUG-11", ""), (3, "B", "C", "")]


def test_numbers_dates_and_truths_of_excel_come_as_they_are_typed() -> None:
    assert read(sheet(HEAD.split(","), [4711.0, True, date(2026, 11, 27)])) == [(2, "4711", "yes", "2026-11-27")]


def test_a_cell_that_an_export_disarmed_comes_back_as_it_was() -> None:
    formulas = ["=1+1", "@SUM(A1)", "-2"]
    assert read(csv_bytes(COLUMNS, [formulas])) == [(2, *formulas)]


def test_a_formula_is_read_as_its_stored_result_and_written_as_text() -> None:
    assert read(sheet(HEAD.split(","), ["=1+1", "MUG", "x"])) == [(2, "", "MUG", "x")]  # never calculated, so nothing is stored
    book = load_workbook(io.BytesIO(xlsx_bytes(["SKU"], [["=1+1"], [7]])))
    assert [(cell.value, cell.data_type) for (cell,) in book.worksheets[0].iter_rows(min_row=2)] == [("=1+1", "s"), (7, "n")]


def test_missing_columns_are_named() -> None:
    with open_table(io.BytesIO(b"SKU\nA\n"), columns=COLUMNS) as table:
        assert (table.columns, table.missing) == (("SKU",), ("Product UID", "Design File URL"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"a,b,c\n1,2,3\n", "names none of the columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "Excel 2003"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "neither a CSV file nor an Excel workbook"),
        (b"SKU\n" + b"," * 300 + b"x\n", "more than 200 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(BadTable, match=why):
        read(content)


def test_a_workbook_that_unpacks_to_a_flood_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
        for _megabyte in range(600):
            entry.write(b"0" * 1024**2)
    with pytest.raises(BadTable, match="far larger inside"):
        read(packed.getvalue())


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(BadTable, match="more than"):
        read(b"SKU\n" + b"x\n" * (MOST_ROWS + 1))


def test_whatever_is_sent_is_a_table_or_a_bad_table() -> None:
    chance, good = random.Random(7), [b"SKU,Product UID\nA,B\n" * 20, sheet(HEAD.split(","), FIRST.split(","))]  # noqa: S311
    for number in range(200):
        content = bytearray(good[number % 2])
        for _change in range(chance.randint(1, 30)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            read(bytes(content[: chance.randint(1, len(content))]))
        except BadTable:
            continue
