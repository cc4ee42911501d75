"""CSV that spreadsheets open as text: no cell becomes a formula, umlauts survive Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would calculate gets an apostrophe before it (OWASP, "CSV injection")."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as UTF-8 with the mark by which Excel knows it."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return sheet.getvalue().encode("utf-8-sig")
