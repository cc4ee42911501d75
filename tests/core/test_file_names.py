"""File names from patterns, and CSV that is no program (pod_hub/core/file_names.py, csv_files.py)."""

from __future__ import annotations

import csv
import io

import pytest

from pod_hub.core.csv_files import csv_bytes, safe_cell
from pod_hub.core.file_names import BadPattern, UniqueNames, check_pattern, file_name, safe_value

FIELDS = ("order_number", "line", "sku", "ext")


@pytest.mark.parametrize("pattern", ["{order_number}_{line}.{ext}", "{sku}/{order_number}-{line}.{ext}", "print {order_number}.{ext}"])
def test_a_usable_pattern_passes(pattern: str) -> None:
    check_pattern(pattern, fields=FIELDS)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{order_number", "no partner"),
        ("{order_number}}_{line}.{ext}", "no partner"),
        ("{buyer}.{ext}", r"\{buyer\} is not a field. There are \{order_number\}"),
        ("{}.{ext}", "is not a field"),
        ("{order_number.__class__}.{ext}", "is not a field"),
        ("{order_number!r}.{ext}", "is not a field"),
        ("{order_number:>99999999}.{ext}", "is not a field"),
        ("{order_number:{line}}.{ext}", "is not a field"),
        ("{order_number}", "must end with"),
        ("{order_number}.{ext}.exe", "must end with"),
        ("print.{ext}", "same name"),
        ("../{order_number}.{ext}", "no name"),
        ("/{order_number}.{ext}", "no name"),
        ("{sku}/.{ext}", "no name"),
        ("a//{order_number}.{ext}", "no name"),
        ("{order_number}:{line}.{ext}", "signs that some machines refuse"),
        ("{order_number}\\{line}.{ext}", "signs that some machines refuse"),
        ("x" * 130 + "{line}.{ext}", "longer than 120"),
    ],
)
def test_an_unusable_pattern_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        check_pattern(pattern, fields=FIELDS)


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("302-1234567-1234567", "302-1234567-1234567"),
        ("Ada & Söhne GmbH", "Ada_Sohne_GmbH"),
        ("Łukasz/Straße", "Lukasz_Strasse"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\con", "C_con"),
        ("-rf *", "rf"),
        (".htaccess", "htaccess"),
        ("山田", "_"),
        ("", "_"),
        ("a\0b\nc", "a_b_c"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_value_becomes_safe_for_every_system(value: str, safe: str) -> None:
    assert safe_value(value) == safe


@pytest.mark.parametrize(
    ("pattern", "values", "name"),
    [
        ("{order_number}_{line}.{ext}", {"order_number": "302-1", "line": "2", "ext": "png"}, "302-1_2.png"),
        ("{sku}.{ext}", {"sku": "CON", "ext": "png"}, "_CON.png"),
        ("{sku}.{ext}", {"sku": "lpt1.x", "ext": "png"}, "_lpt1.x.png"),
        ("{sku}/{line}.{ext}", {"sku": "a/../../b", "line": "1", "ext": "jpg"}, "a_.._.._b/1.jpg"),
    ],
)
def test_a_name_stays_in_its_folder_and_is_none_that_windows_reserves(pattern: str, values: dict[str, str], name: str) -> None:
    made = file_name(pattern, values)
    assert made == name
    assert not any(part in {"", ".", ".."} for part in made.split("/"))


def test_equal_names_get_numbers_whatever_their_case() -> None:
    names = UniqueNames("manifest.csv")
    assert [names.take(name) for name in ("a.png", "A.png", "a.png", "a-2.png", "manifest.csv")] == [
        "a.png",
        "A-2.png",
        "a-3.png",
        "a-2-2.png",
        "manifest-2.csv",
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+49 221", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_calculate_becomes_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


def test_a_table_survives_commas_quotes_and_umlauts() -> None:
    rows: list[list[object]] = [["MUG, white", 'the "best"', "Köln\nDom", 3], ["", "", "", ""]]
    content = csv_bytes(["a", "b", "c", "d"], rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:] == [["MUG, white", 'the "best"', "Köln\nDom", "3"], [""] * 4]
