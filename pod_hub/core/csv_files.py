"""CSV that spreadsheets open as text: no cell becomes a formula, umlauts survive Excel."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would calculate gets an apostrophe before it (OWASP, "CSV injection")."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_A_FORMULA) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as UTF-8 with the mark by which Excel knows it."""
    return csv_head(header) + csv_lines(rows)


def csv_head(header: Sequence[str]) -> bytes:
    """Return the mark and the header: the beginning of a file that is sent in portions."""
    return codecs.BOM_UTF8 + _lines([header])


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Return lines of a file that is sent in portions."""
    return _lines([safe_cell(value) for value in row] for row in rows)


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows(rows)
    return sheet.getvalue().encode()
