"""Reading the tables that people send: CSV as any spreadsheet writes it, and Excel's XLSX, a row at a time.

What habits survive: a byte order mark, UTF-8, UTF-16 and Windows' encoding, commas, semicolons, tabs and bars, quotes and line breaks in cells,
blank lines, columns in any order and spelling (``Design File URL``, ``design_file_url``), columns nobody asked for, and the apostrophe that
``csv_files.safe_cell`` puts before what would be a formula. Formulas are never calculated: an XLSX cell gives what Excel stored as its result.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.utils.translation import gettext as _

from pod_hub.core.csv_files import STARTS_A_FORMULA

MOST_BYTES = 50 * 1024**2
MOST_UNPACKED = 512 * 1024**2  # of an XLSX file, which is a zip archive
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELL = 32_767  # Excel's own limit
MOST_BLANK = 1_000  # blank rows in a row, then the sheet counts as over
DELIMITERS = ",;\t|"
ZIP_MARK = b"PK\x03\x04"
OLD_EXCEL_MARK = b"\xd0\xcf\x11\xe0"


class BadTable(ValueError):
    """The file cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``number`` is the one that people see beside it (the header's is 1); a cell that is not there is an empty text."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is read once, from top to bottom. ``missing`` are the wanted columns that the header lacks."""

    columns: tuple[str, ...]
    missing: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def open_table(file: IO[bytes], *, columns: Sequence[str]) -> Iterator[Table]:
    """Open a table; ``columns`` are the names by which the caller knows the cells. Raises ``BadTable``, also while rows are read.

    The type is told by content and not by name. Memory does not grow with the number of rows.
    """
    file.seek(0, io.SEEK_END)
    if file.tell() > MOST_BYTES:
        raise BadTable(_("The file is larger than 50 MB. Split it and upload the parts one after the other."))
    file.seek(0)
    mark = file.read(8)
    file.seek(0)
    if mark.startswith(OLD_EXCEL_MARK):
        raise BadTable(_("This is a file of Excel 2003 or older, or one with a password. Save it as XLSX or CSV without a password and upload that."))
    if mark.startswith(ZIP_MARK):
        with _xlsx_lines(file) as lines:
            yield _table(lines, columns)
    else:
        text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
        try:
            yield _table(_csv_lines(text), columns)
        finally:
            text.detach()


def _table(lines: Iterator[tuple[int, list[str]]], columns: Sequence[str]) -> Table:
    first = next(lines, None)
    if first is None:
        raise BadTable(_("The file is empty. Export it again and upload that."))
    header = [_plain(cell) for cell in first[1]]
    known = {_plain(column): column for column in columns}
    places = {known[name]: place for place, name in reversed(list(enumerate(header))) if name in known}
    missing = tuple(column for column in columns if column not in places)
    if not places:
        raise BadTable(
            _("The first line names none of the columns %(columns)s. Keep the header of the exported file.") % {"columns": ", ".join(columns)}
        )
    return Table(tuple(places), missing, _rows(lines, places))


def _rows(lines: Iterator[tuple[int, list[str]]], places: Mapping[str, int]) -> Iterator[Row]:
    for number, cells in lines:
        if number > MOST_ROWS + 1:
            raise BadTable(_("The file has more than %(n)s rows. Split it and upload the parts.") % {"n": MOST_ROWS})
        yield Row(number, {column: _cell(cells[place]) if place < len(cells) else "" for column, place in places.items()})


def _plain(name: str) -> str:
    return re.sub(r"[\s_*-]+", "", name).casefold()


def _cell(text: str) -> str:
    text = text.replace("\0", "").strip()
    # Our own exports put an apostrophe before what a spreadsheet would calculate; it belongs to the file and not to the value.
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(STARTS_A_FORMULA) else text


# --- CSV --------------------------------------------------------------------------------------------------------------
def _encoding(file: IO[bytes]) -> str:
    head = file.read(4)
    file.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(1024 * 1024):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"  # what Excel writes on Windows in western Europe and America
    finally:
        file.seek(0)
    return "utf-8"


def _csv_lines(text: IO[str]) -> Iterator[tuple[int, list[str]]]:
    try:
        head = text.readline(MOST_CELL)
        text.seek(0)
        delimiter = max(DELIMITERS, key=head.count)
        if head.lower().startswith("sep="):  # a line by which Excel tells itself the delimiter
            delimiter = head[4:5]
            text.readline()
        reader = csv.reader(text, delimiter=delimiter, strict=False)
        for number, cells in enumerate(reader, 1):
            if len(cells) > MOST_COLUMNS:
                raise BadTable(
                    _("Row %(n)s has more than %(most)s columns. Is this the file that was exported?") % {"n": number, "most": MOST_COLUMNS}
                )
            if any(cell.strip() for cell in cells):
                yield number, cells
    except UnicodeError:
        raise BadTable(_("This is neither a CSV file nor an Excel workbook. Export the file again, fill it in and save it as one of them.")) from None
    except (csv.Error, TypeError) as error:
        raise BadTable(_("The file is not a readable CSV file (%(why)s). Save it again as CSV in UTF-8.") % {"why": error}) from None


# --- XLSX -------------------------------------------------------------------------------------------------------------
@contextmanager
def _xlsx_lines(file: IO[bytes]) -> Iterator[Iterator[tuple[int, list[str]]]]:
    from openpyxl import load_workbook  # a quarter of a second, which only imports need

    _look_into(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        raise BadTable(_("The file is not a readable XLSX workbook. Save it again in Excel, or as CSV, and upload that.")) from error
    try:
        yield _sheet_lines(book)
    finally:
        book.close()


def _look_into(file: IO[bytes]) -> None:
    """Refuse an archive that would unpack to more than a workbook of our size needs, before anything is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, struct.error):
        raise BadTable(_("The file is damaged. Save it again in Excel, or as CSV, and upload that.")) from None
    finally:
        file.seek(0)
    if len(entries) > 1_000 or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise BadTable(_("The workbook is far larger inside than its file is. Save only the sheet with the table and upload that."))


def _sheet_lines(book: Any) -> Iterator[tuple[int, list[str]]]:
    blank = 0
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
            written = [_written(value) for value in cells]
            if any(written):
                blank = 0
                yield number, written
            else:
                blank += 1
                if blank > MOST_BLANK:
                    return
    except BadTable:
        raise
    except Exception as error:
        raise BadTable(_("The workbook cannot be read to its end. Save it again in Excel, or as CSV, and upload that.")) from error


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Excel keeps every number as a float; a SKU of digits must come back as it was typed.
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:MOST_CELL]


# --- Writing ----------------------------------------------------------------------------------------------------------
def xlsx_bytes(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return a table as an XLSX workbook: every cell is text or a number, never a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    head = [WriteOnlyCell(sheet, value=name) for name in header]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_text_cell(sheet, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _text_cell(sheet: Any, value: object) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, int | float):
        return WriteOnlyCell(sheet, value=value)
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value))[:MOST_CELL])
    cell.data_type = "s"  # a text that begins with "=" would become a formula otherwise
    return cell
