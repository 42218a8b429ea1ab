"""Tables of administrative places: a row per place with its p-code and the p-code above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from knowledge.countries import iso2
from knowledge.records import GazetteerPlace, Item, Problem
from knowledge.sources import dates, guard
from knowledge.sources.country_words import country_of_pcode
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.tables import Sheet, sheets

_COLUMNS = {
    "country": ("location", "country", "iso3", "iso2", "country code"),
    "level": ("admin level", "level", "adm level"),
    "pcode": ("p code", "pcode", "code"),
    "name": ("name", "name en", "place"),
    "parent": ("parent p code", "parent pcode", "parent"),
    "valid": ("valid from date", "valid from", "date"),
}
_NEEDED = ("pcode", "name", "level")


def columns_of(sheet: Sheet) -> dict[str, int] | None:
    """Field -> column, or None where the first row is not the header of a gazetteer."""
    header = [guard.fold(cell) for cell in sheet.rows[0].cells]
    found = {
        field: header.index(name) for field, names in _COLUMNS.items() for name in reversed(names) if name in header
    }
    return found if all(field in found for field in _NEEDED) and ("parent" in found or "country" in found) else None


def read_gazetteer(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a `GazetteerPlace` per row. Raises `guard.Refused` where no sheet is a gazetteer."""
    tables = [(sheet, columns) for sheet in sheets(path) if (columns := columns_of(sheet))]
    if not tables:
        raise guard.refused(
            path, "no columns for p-code, name and level", "Name the columns P-Code, Name, Admin Level, Parent P-Code"
        )
    for sheet, columns in tables:
        for row in sheet.rows[1:]:
            cells = {field: row.cells[i] if i < len(row.cells) else "" for field, i in columns.items()}
            country = iso2(cells.get("country", "")) or country_of_pcode(cells["pcode"])
            where = sheet.locator(row)
            level = cells["level"].casefold().removeprefix("adm").removeprefix("in").strip()
            if not country:
                reason = f"{cells.get('country') or cells['pcode']!r} names no country; the place is left out"
                yield Problem(path.name, where.element, where.line, reason, "Use ISO 3166 codes")
            elif not (cells["pcode"] and cells["name"] and level.isascii() and level.isdigit() and len(level) == 1):
                reason = "without p-code, name or level; the place is left out"
                yield Problem(path.name, where.element, where.line, reason, "Fill all three")
            else:
                yield GazetteerPlace(
                    country, int(level), cells["pcode"].upper(), cells["name"], cells.get("parent", "").upper()
                )


def as_of(tables: Sequence[Sheet]) -> date | None:
    """The latest date from which a place is valid."""
    found = [
        day
        for sheet in tables
        if (columns := columns_of(sheet)) and "valid" in columns
        for row in sheet.rows[1:]
        if columns["valid"] < len(row.cells) and (day := dates.iso_date(row.cells[columns["valid"]]))
    ]
    return max(found, default=None)


def _facts(path: Path) -> SourceFacts:
    return SourceFacts(Format.GAZETTEER, title_of(path), as_of=as_of(sheets(path)))


READER: Reader[list[Sheet]] = Reader(Format.GAZETTEER, lambda tops: any(map(columns_of, tops)), read_gazetteer, _facts)
