"""Spreadsheets of 360Giving grants made into the objects of its JSON, so that one reader serves both.

A column title is the path of a field, by the titles of the standard ("Recipient Org:0:Name", "Recipient Org:Name") or
by its property names ("recipientOrganization/0/name"). Further sheets add to the grants by their identifier.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.records import Locator
from knowledge.sources.guard import fold
from knowledge.sources.tables import Row, Sheet

_MOST_HEADER_ROWS = 5
_MOST_OF_A_LIST = 100

_FIELDS = {
    "identifier": "id",
    "id": "id",
    "title": "title",
    "description": "description",
    "currency": "currency",
    "amount applied for": "amountAppliedFor",
    "amountappliedfor": "amountAppliedFor",
    "amount awarded": "amountAwarded",
    "amountawarded": "amountAwarded",
    "amount disbursed": "amountDisbursed",
    "amountdisbursed": "amountDisbursed",
    "award date": "awardDate",
    "awarddate": "awardDate",
    "url": "url",
    "webaddress": "url",
    "web address": "url",
    "web link": "webLink",
    "weblink": "webLink",
    "from an open call": "fromOpenCall",
    "fromopencall": "fromOpenCall",
    "last modified": "dateModified",
    "datemodified": "dateModified",
    "data source": "dataSource",
    "datasource": "dataSource",
    "name": "name",
    "alternate name": "alternateName",
    "charity number": "charityNumber",
    "charitynumber": "charityNumber",
    "company number": "companyNumber",
    "companynumber": "companyNumber",
    "organisation type": "organisationType",
    "organisationtype": "organisationType",
    "city": "addressLocality",
    "addresslocality": "addressLocality",
    "county": "addressRegion",
    "addressregion": "addressRegion",
    "country": "addressCountry",
    "addresscountry": "addressCountry",
    "department": "department",
    "country code": "countryCode",
    "countrycode": "countryCode",
    "latitude": "latitude",
    "longitude": "longitude",
    "geographic code": "geoCode",
    "geocode": "geoCode",
    "geographic code type": "geoCodeType",
    "geocodetype": "geoCodeType",
    "code": "code",
    "vocabulary": "vocabulary",
    "start date": "startDate",
    "startdate": "startDate",
    "end date": "endDate",
    "enddate": "endDate",
    "duration months": "duration",
    "duration": "duration",
    "for regrant": "regrantType",
    "regranttype": "regrantType",
    "location scope": "locationScope",
    "locationscope": "locationScope",
}
"""Folded column title or property name -> property. Addresses and phones have none: they are not wanted."""

_PARTS = {
    "recipient org": "recipientOrganization",
    "recipientorganization": "recipientOrganization",
    "recipient ind": "recipientIndividual",
    "recipientindividual": "recipientIndividual",
    "to individuals details": "toIndividualsDetails",
    "toindividualsdetails": "toIndividualsDetails",
    "funding org": "fundingOrganization",
    "fundingorganization": "fundingOrganization",
    "beneficiary location": "beneficiaryLocation",
    "beneficiarylocation": "beneficiaryLocation",
    "location": "location",
    "grant programme": "grantProgramme",
    "grantprogramme": "grantProgramme",
    "classifications": "classifications",
    "planned dates": "plannedDates",
    "planneddates": "plannedDates",
    "actual dates": "actualDates",
    "actualdates": "actualDates",
    "related activity": "relatedActivity",
    "relatedactivity": "relatedActivity",
    "related document": "relatedDocument",
    "relateddocument": "relatedDocument",
    "funding type": "fundingType",
    "fundingtype": "fundingType",
}
"""Folded first part of a title -> the list of objects that it adds to."""

_Path = tuple[str | int, ...]


@dataclass(slots=True)
class TableGrant:
    """A grant as an object of the JSON, and the row it stood in."""

    grant: dict[str, Any]
    where: Locator


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a sheet: `at` among its rows, and the path of each known column. `grants`: one grant per row."""

    at: int
    paths: dict[int, _Path]
    grants: bool


def path_of(title: str) -> _Path | None:
    """The place of a column in the JSON: ("recipientOrganization", 0, "name"); None for an unknown title."""
    *parents, last = [part.strip() for part in re.split(r"[:/]", title) if part.strip()] or [""]
    path: list[str | int] = []
    for part in parents:
        if part.isascii() and part.isdigit() and path:
            path[-1] = min(int(part[:6]), _MOST_OF_A_LIST)
        elif name := _PARTS.get(fold(part)):
            path += [name, 0]
        else:
            return None
    if not parents and (name := _PARTS.get(fold(last))):
        return name, 0
    if last.isascii() and last.isdigit() and path:
        return (*path[:-1], min(int(last[:6]), _MOST_OF_A_LIST))
    return (*path, name) if (name := _FIELDS.get(fold(last))) else None


def layout_of(sheet: Sheet) -> Columns | None:
    """Where the grants of a sheet stand, or None where its columns are not those of the standard."""
    for at, row in enumerate(sheet.rows[:_MOST_HEADER_ROWS]):
        paths: dict[int, _Path] = {}
        for i, cell in enumerate(row.cells):
            if cell and len(cell) < 120 and (path := path_of(cell)) and path not in paths.values():
                paths[i] = path
        found = {str(path[0]) for path in paths.values()}
        parties = {"fundingOrganization", "recipientOrganization", "recipientIndividual"}
        if "id" in found and "amountAwarded" in found and found & parties:
            return Columns(at, paths, True)
        if (
            "id" in found
            and found & {*_PARTS.values()}
            and all(len(path) > 1 or path == ("id",) for path in paths.values())
        ):
            return Columns(at, paths, False)
    return None


def grants_of_tables(tables: Sequence[Sheet]) -> list[TableGrant] | None:
    """The grants of all sheets, or None where no sheet holds any."""
    laid = [(sheet, columns) for sheet in tables if (columns := layout_of(sheet))]
    if not any(columns.grants for _, columns in laid):
        return None
    found: list[TableGrant] = []
    by_id: dict[str, TableGrant] = {}
    for sheet, columns in sorted(laid, key=lambda pair: not pair[1].grants):
        for row in sheet.rows[columns.at + 1 :]:
            values = _object(row, columns)
            known = by_id.get(str(values.get("id", "")))
            if columns.grants:
                found.append(TableGrant(values, sheet.locator(row)))
                by_id.setdefault(str(values.get("id", "")), found[-1])
            elif known:
                for name, items in values.items():
                    if isinstance(items, list):
                        known.grant.setdefault(name, []).extend(items[:_MOST_OF_A_LIST])
    return found


@dataclass(slots=True)
class _Node:
    """A list of objects while it is being filled: item number -> its fields."""

    items: dict[int, dict[str, Any] | str] = field(default_factory=dict)


def _object(row: Row, columns: Columns) -> dict[str, Any]:
    """The filled cells of a row as a nested object."""
    grant: dict[str, Any] = {}
    for i, path in columns.paths.items():
        value = row.cells[i] if i < len(row.cells) else ""
        if not value:
            continue
        here: dict[str, Any] = grant
        steps = list(path)
        while len(steps) > 1:
            name, number = str(steps.pop(0)), int(steps.pop(0))
            node: _Node = here.setdefault(name, _Node())
            if not steps:
                node.items.setdefault(number, value)
                break
            item = node.items.setdefault(number, {})
            here = item if isinstance(item, dict) else {}
        if steps:
            here.setdefault(str(steps[0]), value)
    return {name: _plain(value) for name, value in grant.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, _Node):
        return [_plain(item) for _, item in sorted(value.items.items())]
    return {name: _plain(inner) for name, inner in value.items()} if isinstance(value, dict) else value
