"""Presence laid out as a matrix: organisations down and clusters or places across, or organisations in the cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.sources import guard
from knowledge.sources import header_words as words
from knowledge.sources.country_words import country_named
from knowledge.sources.headers import PCODE, Field, is_cluster, words_of
from knowledge.sources.layouts import Layout, layout
from knowledge.sources.tables import Row, Sheet

_PLACES = {"adm", "site", "country", "pcode"}
_MARKS = frozenset(map(guard.fold, ("x", "yes", "y", "oui", "o", "si", "sim", "s", "نعم"))) | {"✓", "✔", "•", "●", "√"}
_NO_MARKS = frozenset(("", "0", "-", "–", "no", "non", "nao", "n", "لا", "n a", "na"))


@dataclass(frozen=True, slots=True)
class _Across:
    """A column of the matrix: what stands above it."""

    column: int
    theme: str
    place: str


def unfolded(sheet: Sheet) -> Layout | None:
    """A matrix as a table with a row for each mark in it; None where the sheet is none.

    A row is repeated under its own number, with columns for the cluster, the place and the count added.
    """
    table = layout(sheet, matrix=True)
    if table is None or table.tags:
        return None
    across = _marked(table)
    if "organisation" in table.subjects and len(across) >= 2:
        columns = {i: field for i, field in table.columns.items() if i not in {one.column for one in across}}
        return _by_marks(table, columns, across)
    if "organisation" not in table.subjects and table.subjects & _PLACES and "people" not in table.subjects:
        return _by_names(table)
    return None


def _marked(table: Layout) -> list[_Across]:
    """Columns that hold nothing but marks or counts, at least one of them."""
    found = []
    for column in table.headings:
        field = table.columns.get(column)
        if field is not None and field.subject not in _PLACES | {"cluster", "activity"}:
            continue
        filled = [text for row in table.rows if (text := _folded(row.at(column))) not in _NO_MARKS]
        if filled and all(text in _MARKS or (text.isascii() and text.isdigit()) for text in filled):
            found.append(_across(table, column))
    return found


def _folded(cell: str) -> str:
    return cell if cell in _MARKS or cell in _NO_MARKS else guard.fold(cell)


def _across(table: Layout, column: int) -> _Across:
    parts = table.headings[column]
    theme = next((part for part in reversed(parts) if is_cluster(part)), "")
    rest = [part for part in parts if part != theme and not _names_a_level(part)]
    return _Across(column, theme, rest[-1] if rest else "")


def _names_a_level(part: str) -> bool:
    """Whether a header names a kind of thing ("Regions", "Clusters") and not one of them."""
    known = words_of(part)
    return bool(known) and all(
        word in words.LEVELS or word in words.CLUSTER or word in words.SITE or word in words.COUNTRY for word in known
    )


def _by_marks(table: Layout, columns: dict[int, Field], across: Sequence[_Across]) -> Layout | None:
    subjects = {field.subject for field in columns.values()}
    themed = [one for one in across if one.theme]
    has_place = bool(subjects & _PLACES)
    if len(themed) * 2 >= len(across) and "cluster" not in subjects:
        return _spread(table, columns, [replace(one, place="") for one in themed] if has_place else themed)
    if has_place:
        return None
    if not (_mostly_crosses(table, across) or _are_places(table, across)):
        return None
    return _spread(table, columns, [replace(one, theme="", place=table.headings[one.column][-1]) for one in across])


def _mostly_crosses(table: Layout, across: Sequence[_Across]) -> bool:
    cells = [text for row in table.rows for one in across if (text := _folded(row.at(one.column))) not in _NO_MARKS]
    return sum(text in _MARKS for text in cells) * 2 > len(cells)


def _are_places(table: Layout, across: Sequence[_Across]) -> bool:
    """Whether counts stand under places: under a group of them, or under countries or p-codes."""
    grouped = any(_names_a_level(part) for one in across for part in table.headings[one.column][:-1])
    known = sum(bool(country_named(one.place)) or bool(PCODE.fullmatch(one.place)) for one in across)
    return grouped or known * 2 > len(across)


def _spread(table: Layout, columns: dict[int, Field], across: Sequence[_Across]) -> Layout:
    width = max(len(row.cells) for row in table.rows)
    places = [one.place for one in across if one.place]
    rows = []
    for row in table.rows:
        cells = (*row.cells, *[""] * (width - len(row.cells)))
        for one in across:
            mark = _folded(row.at(one.column))
            if mark not in _NO_MARKS:
                rows.append(Row(row.number, row.line, (*cells, one.theme, one.place, "" if mark in _MARKS else mark)))
    added = {width + 2: Field("count")}
    if any(one.theme for one in across):
        added[width] = Field("cluster")
    if places:
        added[width + 1] = _kind_of(places)
    return Layout(columns | added, tuple(rows), table.headings, {})


def _kind_of(places: Sequence[str]) -> Field:
    if places and all(PCODE.fullmatch(place) for place in places):
        return Field("pcode", "code")
    if places and all(country_named(place) for place in places):
        return Field("country")
    return Field("adm", "name", "", 1.0)


def _by_names(table: Layout) -> Layout | None:
    """Places down, clusters across, and who works there in the cells."""
    themed = [i for i, parts in table.headings.items() if i not in table.columns and is_cluster(parts[-1])]
    cells = [row.at(i) for row in table.rows for i in themed if _folded(row.at(i)) not in _NO_MARKS]
    counts = sum(_folded(cell) in _MARKS or any(c.isdigit() for c in cell) for cell in cells)
    if len(themed) < 2 or not cells or counts * 5 > len(cells):
        return None
    width = max(len(row.cells) for row in table.rows)
    rows = tuple(
        Row(row.number, row.line, (*row.cells, *[""] * (width - len(row.cells)), table.headings[i][-1], row.at(i)))
        for row in table.rows
        for i in themed
        if _folded(row.at(i)) not in _NO_MARKS
    )
    added = {width: Field("cluster"), width + 1: Field("organisation", "name", "implementing")}
    return Layout(table.columns | added, rows, table.headings, {})
