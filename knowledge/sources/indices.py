"""Tables of an index of risk, hazard or severity: a country or an area in a row, values and ranks in its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.records import Figure, Item, Period, PlaceMention, Problem, Record, RecordKind
from knowledge.sources import guard
from knowledge.sources import header_words as words
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.headers import words_of
from knowledge.sources.layouts import Layout, layout
from knowledge.sources.table_rows import TableRows, as_of_tables, country_name
from knowledge.sources.tables import Row, Sheet, sheets, slug

_PLACES = {"adm", "country", "pcode"}
_NUMBERS = 0.8
_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class _Index:
    """The columns of a table: of values and ranks, of the indicator's name in a long table, and of words."""

    table: Layout
    values: tuple[int, ...]
    indicator: int | None
    texts: tuple[int, ...]


def _index(sheet: Sheet) -> _Index | None:
    table = layout(sheet)
    if table is None or not table.subjects & _PLACES or table.subjects & {"organisation", "people", "activity"}:
        return None
    if not any(
        set(words_of(part)) & words.INDEX
        for part in (sheet.name, *map(table.heading, table.headings), *table.tags.values())
    ):
        return None
    tagged = {i for i, field in table.columns.items() if field.subject in ("value", "amount")}
    free = [i for i in table.headings if i not in table.columns or i in tagged]
    indicator = next(
        (i for i in free if set(words_of(table.heading(i))) & words.INDICATOR and not _is_numeric(table, i)), None
    )
    values = tuple(i for i in free if _is_numeric(table, i))
    if not values or len(values) > _MOST_VALUES:
        return None
    return _Index(table, values, indicator, tuple(i for i in free if i not in (*values, indicator)))


def _is_numeric(table: Layout, column: int) -> bool:
    filled = [cell for row in table.rows if (cell := row.at(column)) and guard.fold(cell) not in ("", "x", "na", "n a")]
    return bool(filled) and sum(_value(cell) is not None for cell in filled) >= _NUMBERS * len(filled)


def _value(cell: str) -> float | None:
    """A value of an index: may be negative, and never has thousands."""
    try:
        value = float(cell.replace(",", ".").rstrip("% "))
    except ValueError:
        return None
    return value if abs(value) <= guard.MAX_NUMBER and cell.isascii() and "_" not in cell else None


def read_indices(path: Path, given: Given) -> Iterator[Item]:
    """Yield a record per row. Raises `guard.Refused` where no sheet holds an index."""
    found = _recognised(path)
    as_of = given.as_of or as_of_tables(path, [(sheet, index.table) for sheet, index in found])
    times: Counter[str] = Counter()
    for sheet, index in found:
        rows = TableRows(path, sheet, index.table, as_of, times)
        for row in index.table.rows:
            yield from _records(rows, index, row)


def _recognised(path: Path) -> list[tuple[Sheet, _Index]]:
    if found := [(sheet, index) for sheet in sheets(path) if (index := _index(sheet))]:
        return found
    reason = "no place with the value of an index is recognised"
    raise guard.refused(path, reason, "Name the columns: ISO3 or Admin 1, then each index, with the word index or risk")


def _records(rows: TableRows, index: _Index, row: Row) -> Iterator[Item]:
    problems: list[Problem] = []
    place, extra = rows.place(row, problems)
    yield from problems
    figures = [figure for i in index.values if (figure := _figure(index, row, i))]
    if place == PlaceMention() or not figures:
        yield rows.problem(row, "no place or no value; the row is left out", "Fill both, or remove the row")
        return
    start, end, reported_on = rows.period(row, problems := [])
    yield from problems
    what = row.at(index.indicator) if index.indicator is not None else figures[0].unit
    where = (place.names[-1] if place.names else "") or country_name(place.country) or place.pcode
    extra += [(index.table.heading(i)[:80], value) for i in index.texts if (value := row.at(i))]
    yield Record(
        id=rows.identifier(f"index:{slug(rows.path.stem)}", row, rows.sheet.name, what),
        kind=RecordKind.INDEX,
        title=f"{what}: {where}",
        locator=rows.sheet.locator(row),
        places=(place,),
        period=Period(actual_start=start, actual_end=end),
        reported_on=reported_on,
        figures=tuple(figures),
        extra=tuple(extra),
    )


def _figure(index: _Index, row: Row, column: int) -> Figure | None:
    value = _value(row.at(column)) if row.at(column) else None
    if value is None:
        return None
    heading = index.table.heading(column)
    unit = row.at(index.indicator) if index.indicator is not None else heading
    return Figure("rank" if set(words_of(heading)) & words.RANK else "value", value, unit=unit or heading)


def _facts(path: Path) -> SourceFacts:
    tables = [(sheet, index.table) for sheet, index in _recognised(path)]
    return SourceFacts(Format.INDEX, title_of(path), as_of=as_of_tables(path, tables))


READER: Reader[list[Sheet]] = Reader(Format.INDEX, lambda tops: any(map(_index, tops)), read_indices, _facts)
