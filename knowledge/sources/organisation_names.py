"""Curated lists of organisation names: a way of writing a name, and the canonical name it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from knowledge.countries import iso2
from knowledge.records import Item, OrganisationName, Problem
from knowledge.sources import guard
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.tables import Sheet, sheets

_COLUMNS = {
    "name": ("lookup", "variant", "name", "alias"),
    "canonical": ("canonical name", "canonical", "organisation name", "organization name"),
    "acronym": ("acronym",),
    "kind": ("type", "kind", "organisation type", "organization type"),
    "type_code": ("type code",),
    "country": ("country code", "country"),
}

_KINDS = {
    "431": "Academic / Research",
    "433": "Donor",
    "434": "Embassy",
    "435": "Government",
    "437": "International NGO",
    "438": "International Organization",
    "439": "Media",
    "440": "Military",
    "441": "National NGO",
    "443": "Other",
    "444": "Private sector",
    "445": "Red Cross / Red Crescent",
    "446": "Religious",
    "447": "United Nations",
}
"""Organisation type codes of the humanitarian exchange's registers -> their words."""


def columns_of(sheet: Sheet) -> dict[str, int] | None:
    """Field -> column, or None where the first row is not the header of a list of names."""
    header = [guard.fold(cell) for cell in sheet.rows[0].cells]
    found = {
        field: header.index(name) for field, names in _COLUMNS.items() for name in reversed(names) if name in header
    }
    return found if {"name", "canonical"} <= found.keys() else None


def read_organisation_names(path: Path, _given: Given) -> Iterator[Item]:
    """Yield an `OrganisationName` per row. Raises `guard.Refused` where no sheet is a list of names."""
    tables = [(sheet, columns) for sheet in sheets(path) if (columns := columns_of(sheet))]
    if not tables:
        raise guard.refused(
            path, "no columns Lookup and Canonical Name", "Name the columns Lookup, Canonical Name, Acronym"
        )
    for sheet, columns in tables:
        for row in sheet.rows[1:]:
            cells = {field: row.cells[i] if i < len(row.cells) else "" for field, i in columns.items()}
            where = sheet.locator(row)
            written = cells.get("country", "")
            country = iso2(written)
            name = cells["name"] or cells["canonical"]
            if not cells["canonical"]:
                reason = "no canonical name; the row is left out"
                yield Problem(path.name, where.element, where.line, reason, "Fill the column Canonical Name")
            elif written and not country:
                reason = f"{written[:20]!r} is no country; the row is left out"
                yield Problem(path.name, where.element, where.line, reason, "Use an ISO 3166 code, or leave it empty")
            else:
                kind = cells.get("kind", "") or _KINDS.get(cells.get("type_code", ""), "")
                yield OrganisationName(name, cells["canonical"], cells.get("acronym", ""), kind, country)


READER: Reader[list[Sheet]] = Reader(
    Format.ORGANISATION_NAMES,
    lambda tops: any(map(columns_of, tops)),
    read_organisation_names,
    lambda path: SourceFacts(Format.ORGANISATION_NAMES, title_of(path)),
)
