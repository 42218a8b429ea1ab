"""Flows of the Financial Tracking Service as the humanitarian data exchange gives them: a table, one flow per row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from knowledge.records import Item
from knowledge.sources import guard
from knowledge.sources.fts_flow import Flow, Side, record_of
from knowledge.sources.fts_json import FACTS
from knowledge.sources.tables import Row, Sheet, sheets
from knowledge.sources.values import Element, latest

_NEEDED = {"id", "amountUSD", "srcOrganization", "destOrganization"}
_LIST = re.compile(r",(?! )")
"""A comma between two items; one within a name ("Norway, Government of") is followed by a space."""
_MOST_HEADER_ROWS = 5


def header_of(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """(position of the header among the rows, column -> index), or None where the sheet is no table of flows."""
    for at, row in enumerate(sheet.rows[:_MOST_HEADER_ROWS]):
        columns = {cell: i for i, cell in reversed([*enumerate(row.cells)]) if cell}
        if columns.keys() >= _NEEDED:
            return at, columns
    return None


def read_table(path: Path) -> Iterator[Item]:
    """Yield a flow per row. Raises `guard.Refused` where no sheet holds flows."""
    tables = [(sheet, found) for sheet in sheets(path) if (found := header_of(sheet))]
    if not tables:
        raise guard.refused(
            path,
            "no columns id, amountUSD, srcOrganization and destOrganization",
            "Download the table of flows again, with its own headers",
        )
    for sheet, (at, columns) in tables:
        for row in sheet.rows[at + 1 :]:
            cells = _cells(row, columns)
            if cells["id"].startswith("#"):  # a row of HXL tags
                continue
            where = sheet.locator(row)
            element = Element(path.name, where.element, where.line)
            record = None
            if not cells["id"]:
                element.left_out("no id", "Give the flow its FTS id")
            else:
                record = record_of(_flow(cells, element), element)
            yield from element.problems
            if record is not None:
                yield record


def _cells(row: Row, columns: dict[str, int]) -> dict[str, str]:
    return {name: row.cells[i] if i < len(row.cells) else "" for name, i in columns.items()}


def _flow(cells: dict[str, str], element: Element) -> Flow:
    facts = {name: cells.get(key, "") for key, name in FACTS.items()}
    facts["keywords"] = ", ".join(_items(cells, "keywords"))
    for key, name in (("firstReportedDate", "first-reported"), ("decisionDate", "decision-date")):
        day = element.day(cells.get(key), key)
        facts[name] = day.isoformat() if day else ""
    original = element.number(cells.get("originalAmount"), "originalAmount")
    if original is not None and cells.get("originalCurrency"):
        facts["original-amount"] = f"{original:.15g} {cells['originalCurrency'].upper()}"
    destination = _side(cells, "dest", element)
    destination.plans = [
        (name, cells.get("destPlanId", "")) for name in [cells.get("destPlan", "")] if name or cells.get("destPlanId")
    ]
    code = cells.get("destProjectCode", "")
    destination.projects = [(name, "", code) for name in [cells.get("destProject", "")] if name or code]
    destination.global_clusters = _items(cells, "destGlobalClusters")
    destination.emergencies = _items(cells, "destEmergency")
    return Flow(
        id=cells["id"],
        description=cells.get("description", ""),
        amount=element.number(cells["amountUSD"], "amountUSD"),
        status=cells.get("status", "").casefold(),
        day=element.day(cells.get("date"), "date"),
        updated=element.day(cells.get("updatedAt"), "updatedAt"),
        source=_side(cells, "src", element),
        destination=destination,
        parents=_items(cells, "parentFlowId"),
        children=_items(cells, "childFlowIds"),
        facts=facts,
    )


def _items(cells: dict[str, str], column: str) -> list[str]:
    return [item for part in _LIST.split(cells.get(column, "")) if (item := part.strip())]


def _side(cells: dict[str, str], prefix: str, element: Element) -> Side:
    names, kinds = _items(cells, f"{prefix}Organization"), _items(cells, f"{prefix}OrganizationTypes")
    if len(kinds) != len(names):
        kinds = kinds * len(names) if len(kinds) == 1 else [""] * len(names)
    side = Side(
        [(name, "", kind) for name, kind in zip(names, kinds, strict=True)], _items(cells, f"{prefix}Locations")
    )
    for edge in ("Start", "End"):
        if (written := cells.get(f"{prefix}UsageYear{edge}", "")) and not side.add_year(written):
            element.problem(f"{prefix}UsageYear{edge}", f"{written[:40]!r} is not a year", "Write four digits")
    return side


def as_of_table(path: Path) -> date | None:
    """The day of the last change to any flow of the file."""
    return latest(
        row.cells[columns["updatedAt"]]
        for sheet in sheets(path)
        if (found := header_of(sheet)) and "updatedAt" in (columns := found[1])
        for row in sheet.rows[found[0] + 1 :]
        if columns["updatedAt"] < len(row.cells)
    )
