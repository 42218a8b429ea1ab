"""Grants in the 360Giving standard, as a JSON package or as a spreadsheet (CSV, XLSX) with the standard's titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.records import Item, Record
from knowledge.sources import guard, json_files
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.grants_record import record_of
from knowledge.sources.grants_table import TableGrant, grants_of_tables, layout_of
from knowledge.sources.tables import Sheet, sheets
from knowledge.sources.values import Element, is_json, line, mapping, numbered, objects, records

_MARKED = ("amountAwarded", "awardDate", "recipientOrganization", "fundingOrganization", "recipientIndividual")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{4}")


def grants_of(value: Any) -> list[Any] | None:
    """The grants of a parsed package (or of a bare list of grants), or None where it holds none."""
    found = value.get("grants") if isinstance(value, dict) else value
    if not isinstance(found, list):
        return None
    if not found and found is not value:
        return found
    marked = any(isinstance(one, dict) and sum(key in one for key in _MARKED) >= 2 for one in found[:20])
    return found if marked else None


def read_grants(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a grant per entry or row, alike from both shapes. Raises `guard.Refused` where the file is neither."""
    if is_json(path):
        grants = grants_of(json_files.load(path)) or []
        day_first = _dates_are_day_first(objects(grants))

        def build(value: dict[str, Any], element: Element) -> Record | None:
            return record_of(value, element, day_first=day_first)

        yield from records(path, numbered("grants", grants), build)
        return
    rows = _rows(path)
    day_first = _dates_are_day_first([row.grant for row in rows])
    for row in rows:
        element = Element(path.name, row.where.element, row.where.line)
        record = record_of(row.grant, element, day_first=day_first)
        yield from element.problems
        if record is not None:
            yield record


def _rows(path: Path) -> list[TableGrant]:
    found = grants_of_tables(sheets(path))
    if found is None:
        raise guard.refused(
            path,
            "no columns Identifier, Amount Awarded and Funding Org or Recipient Org",
            "Use the column titles of the 360Giving spreadsheet template",
        )
    return found


def _dates_are_day_first(grants: list[dict[str, Any]]) -> bool:
    """Whether 05/06/2014 is a day in June: the British way, unless some date of the file rules it out."""
    month_first = False
    for grant in grants:
        planned = [value for period in objects(grant.get("plannedDates")) for value in period.values()]
        for value in (grant.get("awardDate"), grant.get("dateModified"), *planned):
            if isinstance(value, str) and (found := _NUMERIC_DATE.match(value)):
                if int(found[1]) > 12:
                    return True
                month_first = month_first or int(found[2]) > 12
    return not month_first


def _facts(path: Path) -> SourceFacts:
    value = json_files.load(path) if is_json(path) else None
    grants = objects(grants_of(value)) if value is not None else [row.grant for row in _rows(path)]
    silent = Element("", "")
    day_first = _dates_are_day_first(grants)
    days = [
        silent.day(grant.get(key), "", day_first=day_first) for key in ("dateModified", "awardDate") for grant in grants
    ]
    modified, awarded = days[: len(grants)], days[len(grants) :]
    as_of = max(filter(None, modified), default=None) or max(filter(None, awarded), default=None)
    funders = {line(one.get("name")) for grant in grants for one in objects(grant.get("fundingOrganization"))} - {""}
    package = mapping(value)
    publisher = line(mapping(package.get("publisher")).get("name")) or (funders.pop() if len(funders) == 1 else "")
    return SourceFacts(Format.GRANT, title_of(path), publisher, as_of, line(package.get("license")))


READER: Reader[Any] = Reader(Format.GRANT, lambda value: grants_of(value) is not None, read_grants, _facts)
TABLE_READER: Reader[list[Sheet]] = Reader(
    Format.GRANT, lambda tops: any(found.grants for sheet in tops if (found := layout_of(sheet))), read_grants, _facts
)
