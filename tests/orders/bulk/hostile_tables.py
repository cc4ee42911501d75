"""Files that shall upset an import: more than 200, each named after its trick. Whatever they are, an import ends with verdicts or one sentence."""

from __future__ import annotations

import codecs
import io
import itertools
import random
import struct
import zipfile
from collections.abc import Iterator

from openpyxl import Workbook

Table = tuple[str, bytes]
HEADER = "SKU,Product UID,Design File URL"
ROW = "CARD-1,MUG-11,https://files.example/a.png"
ODD_TEXTS = (
    "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example\")", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''=1", "\0", "\x00A", "\x1b[31m",
    "\u202egnp.exe", "\u200b", "\ufeff", "NULL", "None", "nan", "1e309", "-0", "9" * 400, "A" * 40_000, "💥" * 300, "ﷺ" * 100, "Ω≈ç√", "<script>alert(1)</script>",
    "{{ 7*7 }}", "{% debug %}", "%s%s%n", "../../etc/passwd", "'; DROP TABLE orders_bulkimport; --", "\" OR 1=1", "${jndi:ldap://x}", "a\nb", "a\r\nb", "\\", "''",
)  # fmt: skip
ODD_LINKS = (
    "javascript:alert(1)", "file:///etc/passwd", "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "//evil", "http://[::1]/", "http://user:pw@x.example/",
    "https://x.example:22/", "https://x.example/" + "a" * 5000, "https://\u0430pple.example/", "http://x.example/\r\nHost: y", "data:,x", "https://x.example/a b.png", "x",
)  # fmt: skip


def _csv(*rows: str, end: str = "\n", header: str = HEADER) -> bytes:
    return (end.join([header, *rows]) + end).encode("utf-8", "surrogatepass")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _texts() -> Iterator[Table]:
    for number, text in enumerate(ODD_TEXTS):
        for place, name in enumerate(("sku", "uid")):
            cells = ["CARD-1", "MUG-11", "https://files.example/a.png"]
            cells[place] = _quoted(text)
            yield f"text {number} as {name}", _csv(",".join(cells))
    for number, link in enumerate(ODD_LINKS):
        yield f"link {number}", _csv(f"CARD-1,MUG-11,{_quoted(link)}")
        yield f"link {number}, many times", _csv(*[f"CARD-{n},MUG-11,{_quoted(link)}" for n in range(20)])


def _shapes() -> Iterator[Table]:
    yield "empty lines", _csv("", "", ROW, "", "")
    yield "only blanks", b"  \n \n\n"
    yield "only commas", b",,,\n,,,\n"
    yield "header twice", _csv(HEADER, ROW)
    yield "header repeated a thousand times", _csv(*[HEADER] * 1000)
    yield "two columns of one name", _csv("A,B,MUG-11,https://x.example/a", header="SKU,SKU,Product UID,Design File URL")
    yield "ragged", _csv("CARD-1", "CARD-1,MUG-11", "CARD-1,MUG-11,https://x.example/a,b,c,d,e")
    yield "a thousand columns", _csv(ROW + ",x" * 1000)
    yield "a thousand columns in the header", _csv(ROW, header=HEADER + ",x" * 1000)
    yield "an open quote", _csv('"CARD-1,MUG-11,https://x.example/a')
    yield "an open quote before much", _csv('"' + "x" * 200_000)
    yield "quotes inside", _csv('CARD"1,MUG"11,"https://x.example/""a"')
    yield "a quote after a comma only", _csv('","', '"', '"""')
    yield "same product a thousand times", _csv(*[ROW] * 1000)
    yield "no end of line", HEADER.encode() + b"\n" + ROW.encode()
    yield "sep without a delimiter", b"sep=\n" + _csv(ROW)
    yield "sep of letters", b"sep=S\n" + _csv(ROW)
    yield "sep of two", b"sep=;;\n" + _csv(ROW)
    for name, end in (("cr", "\r"), ("crlf", "\r\n"), ("vt", "\x0b"), ("nel", "\x85"), ("ls", "\u2028"), ("ff", "\x0c")):
        yield f"lines end with {name}", _csv(ROW, ROW, end=end)
    for delimiter in ";\t|:^~ ":
        yield f"delimiter {delimiter!r}", _csv(ROW.replace(",", delimiter), header=HEADER.replace(",", delimiter))
    for header in (
        "sku;uid",
        "Sku,product uid,URL",
        "﻿SKU,Product UID,Design File URL",
        "'SKU','Product UID','Design File URL'",
        "*SKU*,*Product UID*,*Design File URL*",
    ):
        yield f"header {header}", _csv(ROW, header=header)


def _encodings() -> Iterator[Table]:
    text = f"{HEADER}\nÜMLÄUT-ß,MUG-11,https://files.example/ä.png\n"
    for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso-8859-15", "cp437", "mac_roman"):
        yield f"in {name}", text.encode(name)
    for name in ("shift_jis", "gb18030", "euc_kr", "koi8-r", "utf-7"):
        yield f"in {name}", f"{HEADER}\nКОД-日本,MUG-11,x\n".encode(name, "replace")
    yield "bom alone", codecs.BOM_UTF8
    yield "utf-16 bom alone", codecs.BOM_UTF16_LE
    yield "utf-16 cut off", text.encode("utf-16")[:-1]
    yield "two boms", codecs.BOM_UTF8 * 2 + text.encode()
    yield "broken utf-8", b"SKU,Product UID,Design File URL\n\xff\xfe\xfa,\xc3\x28,\xe2\x82\n"
    yield "surrogates", _csv("\ud800,MUG-11,x")
    yield "nul bytes", b"SKU,Product UID,Design File URL\nA\0B,M\0UG,\0\n"


def _other_files() -> Iterator[Table]:
    for name, start in (
        ("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-1.7\n"), ("exe", b"MZ\x90\0"), ("elf", b"\x7fELF"), ("gzip", b"\x1f\x8b\x08\0"), ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("html", b"<!doctype html><table>"), ("json", b'[{"SKU": "CARD-1"}]'), ("xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), ("rar", b"Rar!\x1a\x07"),
    ):  # fmt: skip
        yield f"a {name} file", start + b"\0\1\2\3" * 500
        yield f"a {name} file with a header", start + b"\n" + _csv(ROW)
    for seed in range(25):
        yield f"random bytes {seed}", random.Random(seed).randbytes(4000)  # noqa: S311 - the same ones each time


def _xlsx(**parts: bytes) -> bytes:
    """A workbook with some of its parts exchanged; keys are paths with two underscores for a slash."""
    made, out = io.BytesIO(), io.BytesIO()
    book = Workbook()
    for row in (HEADER.split(","), ROW.split(",")):
        book.worksheets[0].append(row)
    book.save(made)
    changed = {name.replace("__", "/").replace("_dot_", "."): content for name, content in parts.items()}
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            after.writestr(entry.filename, changed.pop(entry.filename, before.read(entry)))
        for name, content in changed.items():
            after.writestr(name, content)
    return out.getvalue()


def _sheet(rows: bytes, *, before: bytes = b"", dimension: bytes = b"A1:C2") -> bytes:
    return (
        b'<?xml version="1.0"?>' + before + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="' + dimension + b'"/><sheetData>'
        + b'<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c><c r="B1" t="inlineStr"><is><t>Product UID</t></is></c><c r="C1" t="inlineStr"><is><t>Design File URL</t></is></c></row>'
        + rows + b"</sheetData></worksheet>"
    )  # fmt: skip


def _workbooks() -> Iterator[Table]:
    sheet = "xl__worksheets__sheet1_dot_xml"
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(12))
    yield (
        "billion laughs",
        _xlsx(**{sheet: _sheet(b"<row r='2'><c r='A2' t='inlineStr'><is><t>&a11;</t></is></c></row>", before=b"<!DOCTYPE x [" + laughs + b"]>")}),
    )
    yield (
        "external entity",
        _xlsx(**{sheet: _sheet(b"<row r='2'><c><is><t>&x;</t></is></c></row>", before=b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')}),
    )
    yield "formula", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="A2"><f>cmd|\'/C calc\'!A0</f><v>x</v></c></row>')})
    yield "formula without value", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="A2"><f>1+1</f></c></row>')})
    yield "error cells", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>')})
    yield "dates", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="A2" t="d"><v>2026-01-01T00:00:00</v></c></row>')})
    yield "odd numbers", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="A2"><v>1e400</v></c><c r="B2"><v>NaN</v></c><c r="C2"><v>--</v></c></row>')})
    yield "shared string that is not there", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="A2" t="s"><v>99999</v></c></row>')})
    yield "row number of a billion", _xlsx(**{sheet: _sheet(b'<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>')})
    yield "negative row", _xlsx(**{sheet: _sheet(b'<row r="-5"><c><v>1</v></c></row>')})
    yield "column beyond the sheet", _xlsx(**{sheet: _sheet(b'<row r="2"><c r="ZZZZ2"><v>1</v></c></row>')})
    yield "dimension of everything", _xlsx(**{sheet: _sheet(b"", dimension=b"A1:XFD1048576")})
    yield "dimension of nonsense", _xlsx(**{sheet: _sheet(b"", dimension=b"!!")})
    yield "sheet cut off", _xlsx(**{sheet: _sheet(b'<row r="2">')[:-30]})
    yield "sheet that is no xml", _xlsx(**{sheet: b"\0" * 1000})
    yield "empty sheet", _xlsx(**{sheet: b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'})
    yield "workbook that is no xml", _xlsx(xl__workbook_dot_xml=b"{}")
    yield "no types", _xlsx(**{"[Content_Types]_dot_xml": b""})
    yield "way out of the folder", _xlsx(**{"..__..__..__tmp__evil_dot_txt": b"x"})
    yield "strings that unpack to much", _xlsx(xl__sharedStrings_dot_xml=b"<sst>" + b"<si><t>" + b"a" * 90_000_000 + b"</t></si></sst>")
    yield "sheet that unpacks to much", _xlsx(**{sheet: _sheet(b" " * 60_000_000)})
    yield "two thousand parts", _xlsx(**{f"x{n}": b"" for n in range(2000)})
    whole = _xlsx()
    for cut in (5, 30, 100, len(whole) // 2, len(whole) - 1, len(whole) - 22):
        yield f"cut off at {cut}", whole[:cut]
    for seed in range(20):
        broken, chance = bytearray(whole), random.Random(seed)  # noqa: S311
        for _time in range(20):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        yield f"broken workbook {seed}", bytes(broken)
    odt = io.BytesIO()
    with zipfile.ZipFile(odt, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    yield "an open document", odt.getvalue()
    yield "an encrypted entry", whole.replace(struct.pack("<H", 0), struct.pack("<H", 1), 1)


def all_tables() -> list[Table]:
    """Every file, in a fixed order."""
    return list(itertools.chain(_texts(), _shapes(), _encodings(), _other_files(), _workbooks()))
