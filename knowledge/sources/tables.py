"""Tables as rows of text, whether they came as CSV, as a workbook or as one CSV in a ZIP archive."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.records import Locator
from knowledge.sources import encodings, guard, packages

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1 as a spreadsheet shows it; `line` is the line of a CSV file, 0 in a workbook."""

    number: int
    line: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        return not any(self.cells)

    def at(self, column: int) -> str:
        """The cell of a column from 0; "" beyond the last."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True, order=True)
class Merge:
    """Cells that a workbook shows as one: rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """`name` is empty for a CSV file. Cells are one-line texts; blank rows are kept out, numbers keep counting them.

    What is merged over several rows stands in the first cell of each of them; `merges` tells of the rest.
    """

    name: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()

    def locator(self, row: Row) -> Locator:
        element = f"sheet {self.name}, row {row.number}" if self.name else f"row {row.number}"
        return Locator(element, row.line or row.number)


def sheets(path: Path, most: int | None = None) -> list[Sheet]:
    """Every sheet that has a row, or its first `most` rows. Raises `guard.Refused` where the file is no table."""
    with guard.opened(path) as file:
        head = file.read(8)
    if head.startswith(b"PK"):
        packed = packages.only_table(path)
        if packed is not None:
            return [_filled(path, _csv(path, packed, most))]
        found = [sheet for sheet in _workbook(path, most) if sheet.rows]
        if not found:
            raise guard.refused(
                path, "no sheet of the workbook holds any row", "Save the workbook with the table in it"
            )
        return found
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise guard.refused(path, "an old .xls or a password-protected workbook", "Save it as .xlsx without a password")
    return [_filled(path, _csv(path, guard.read_bytes(path, guard.MAX_TABLE_BYTES), most))]


def _filled(path: Path, sheet: Sheet) -> Sheet:
    if not sheet.rows:
        raise guard.refused(path, "the table holds no rows", "Export it again")
    return sheet


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv(path: Path, data: bytes, most: int | None) -> Sheet:
    text, _ = encodings.decode(path, data)
    csv.field_size_limit(guard.MAX_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[Row] = []
    line, cells_read = 1, 0
    try:
        for number, cells in enumerate(reader, 1):
            if not cells and number <= guard.MAX_ROWS:
                line = reader.line_num + 1
                continue
            cells_read += _within_limits(path, number, len(cells), cells_read)
            row = Row(number, line, tuple(guard.one_line(cell) for cell in cells))
            if not row.blank:
                rows.append(row)
            if most is not None and len(rows) >= most:
                break
            line = reader.line_num + 1
    except csv.Error as error:
        mend = "Look for an unclosed quotation mark there, and export the table again"
        raise guard.refused(path, f"broken CSV ({error})", mend, line=line) from error
    return Sheet("", tuple(rows))


def _delimiter(text: str) -> str:
    """The separator that splits the first lines into the most cells, evenly; quotation marks respected."""
    sample = "\n".join(text.splitlines()[:20])
    best, most = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            continue
        if not widths:
            continue
        usual, rows = Counter(widths).most_common(1)[0]
        if usual > 1 and (score := usual * rows / len(widths)) > most:
            best, most = delimiter, score
    return best


# --- workbooks ------------------------------------------------------------------------------------------------------


def _workbook(path: Path, most: int | None) -> Iterator[Sheet]:
    guard.check_file(path, guard.MAX_TABLE_BYTES)
    packages.check_workbook(path)
    try:
        # The file is ours to close: a sheet of which only the first rows are read would keep openpyxl's own open.
        with warnings.catch_warnings(), guard.opened(path) as file:
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it drops: none is data
            # data_only: a formula counts as the value last computed for it, and is never computed here
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                for sheet in book.worksheets:
                    # the size that a sheet states of itself is often wrong, and would cut it short
                    sheet.reset_dimensions()
                    merges = _merges(path, sheet._worksheet_path)  # type: ignore[attr-defined]
                    rows = _sheet_rows(path, sheet.iter_rows(values_only=True), merges)
                    yield Sheet(guard.one_line(sheet.title), tuple(islice(rows, most)), merges)
            finally:
                book.close()
    except guard.Refused:
        raise
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        SyntaxError,
        IndexError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise guard.refused(
            path, f"not a readable workbook ({guard.one_line(str(error))})", "Save it again as .xlsx"
        ) from error


def _sheet_rows(path: Path, rows: Iterator[tuple[object, ...]], merges: Sequence[Merge]) -> Iterator[Row]:
    """Rows that hold anything, with the value of a cell that is merged over several rows in each of them."""
    tall = [merge for merge in reversed(merges) if merge.bottom > merge.top and merge.left < guard.MAX_COLUMNS]
    open_ranges: dict[int, tuple[int, str]] = {}
    cells_read = 0
    for number, values in enumerate(rows, 1):
        if not values and number <= guard.MAX_ROWS:  # one of perhaps a million before a cell far below
            continue
        last = len(values)
        while last and values[last - 1] is None:
            last -= 1
        cells_read += _within_limits(path, number, max(last, len(open_ranges)), cells_read)
        cells = [_cell(value) for value in values[:last]]
        starting: list[Merge] = []
        while tall and tall[-1].top <= number:
            starting.append(tall.pop())
        if not any(cells):
            continue
        for column, (bottom, value) in list(open_ranges.items()):
            if bottom < number:
                del open_ranges[column]
            else:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = cells[column] or value
        for merge in starting:
            if merge.top == number and merge.left < len(cells) and cells[merge.left]:
                open_ranges[merge.left] = merge.bottom, cells[merge.left]
        yield Row(number, 0, tuple(cells))


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*["\']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})["\']')
_CHUNK = 1 << 20
_LONGEST_ELEMENT = 1 << 10


def _merges(path: Path, part: str) -> tuple[Merge, ...]:
    """The merged ranges of a sheet. They stand behind its cells, where reading row by row does not come."""
    found: set[bytes] = set()
    with zipfile.ZipFile(path) as archive, archive.open(part) as xml:
        rest = b""
        while chunk := xml.read(_CHUNK):
            rest += chunk
            found.update(_MERGE.findall(rest))
            if len(found) > guard.MAX_MERGES:
                mend = "Unmerge the cells of the table"
                raise guard.refused(path, f"a sheet merges cells more than {guard.MAX_MERGES} times", mend)
            rest = rest[-_LONGEST_ELEMENT:]
    ranges = [range_boundaries(reference.decode()) for reference in found]
    return tuple(
        sorted(
            Merge(top, left - 1, bottom, right - 1)
            for left, top, right, bottom in ranges
            if left and top and right and bottom
        )
    )


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return guard.one_line(value[: guard.MAX_CELL_CHARACTERS])
        case bool():
            return "yes" if value else "no"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date():
            return value.isoformat()
        case _:
            return guard.one_line(str(value))


def _within_limits(path: Path, number: int, width: int, cells_read: int) -> int:
    if width > guard.MAX_COLUMNS:
        mend = "Keep the columns of the table only"
        raise guard.refused(path, f"row {number} has {width} columns, more than {guard.MAX_COLUMNS}", mend, line=number)
    if number > guard.MAX_ROWS or cells_read + width > guard.MAX_CELLS:
        raise guard.refused(
            path, "more cells than a table of presence holds", "Split the table into smaller files", line=number
        )
    return width


def slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", guard.fold(text)).strip("-")
