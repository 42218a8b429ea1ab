"""Flows of the Financial Tracking Service as its API gives them: pages of a search or of a plan, in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.records import Item, Record
from knowledge.sources import json_files
from knowledge.sources.fts_flow import Flow, Side, record_of
from knowledge.sources.values import Element, latest, line, lines, numbered, objects, records

_TOLERANCE = 1.0
FACTS = {
    "boundary": "boundary",
    "onBoundary": "on-boundary",
    "flowType": "flow-type",
    "contributionType": "contribution-type",
    "method": "method",
    "budgetYear": "budget-year",
    "refCode": "reference",
    "exchangeRate": "exchange-rate",
}
"""Fields that stand among the extras as written, and the names they have there."""
_LISTED = {"keywords": "keywords", "grandBargainEarmarkingType": "earmarking"}
_DATES = {"firstReportedDate": "first-reported", "decisionDate": "decision-date"}


def flows_of(value: Any) -> list[Any] | None:
    """The flows of a parsed file, or None where it is none of FTS."""
    data = value.get("data", value) if isinstance(value, dict) else value
    found = data.get("flows") if isinstance(data, dict) else data
    if not isinstance(found, list):
        return None
    if found is not data and not found:
        return found
    known = [
        flow for flow in found[:20] if isinstance(flow, dict) and {"sourceObjects", "destinationObjects"} & {*flow}
    ]
    return found if known else None


def read_json(path: Path) -> Iterator[Item]:
    """Yield a flow per entry. Raises `guard.Refused` where the file is no JSON."""
    flows = flows_of(json_files.load(path)) or []
    amounts = _amounts(flows)

    def build(value: dict[str, Any], element: Element) -> Record | None:
        if not line(value.get("id")):
            element.left_out("no id", "Give the flow its FTS id")
            return None
        flow = _flow(value, element)
        _compare_children(flow, amounts, element)
        return record_of(flow, element)

    yield from records(path, numbered("flows", flows), build)


def _amounts(flows: list[Any]) -> dict[str, float]:
    """Amounts of the flows of the file by number, for comparing what went in with what came out."""
    silent = Element("", "")
    found = {}
    for flow in objects(flows):
        amount = silent.number(flow.get("amountUSD"), "")
        if amount is not None:
            found[line(flow.get("id"))] = amount
    return found


def _compare_children(flow: Flow, amounts: dict[str, float], element: Element) -> None:
    """Note where the flows that came out of this one, all of them in the file, do not make up its amount."""
    if not flow.children or flow.amount is None or not all(child in amounts for child in flow.children):
        return
    passed_on = sum(amounts[child] for child in flow.children)
    if abs(passed_on - flow.amount) <= _TOLERANCE:
        return
    said = f"{len(flow.children)} flows that came out of it make {passed_on:,.0f} of its {flow.amount:,.0f} USD"
    if passed_on > flow.amount:
        element.note("children-exceed", f"{said}: correct the amounts, or report what else went in")
    else:
        element.note("children-differ", f"{said}: report the rest, or count the flow itself only")


def _flow(value: dict[str, Any], element: Element) -> Flow:
    facts = {name: line(value.get(key)) for key, name in FACTS.items()}
    facts |= {name: ", ".join(lines(value.get(key))) for key, name in _LISTED.items()}
    for key, name in _DATES.items():
        day = element.day(value.get(key), key)
        facts[name] = day.isoformat() if day else ""
    original = element.number(value.get("originalAmount"), "originalAmount")
    if original is not None and line(value.get("originalCurrency")):
        facts["original-amount"] = f"{original:.15g} {line(value.get('originalCurrency')).upper()}"
    if isinstance(new := value.get("newMoney"), bool):
        facts["new-money"] = "yes" if new else "no"
    reporters = [line(report.get("organization")) for report in objects(value.get("reportDetails"))]
    facts["reported-by"] = "; ".join(dict.fromkeys(filter(None, reporters)))
    return Flow(
        id=line(value.get("id")),
        description=line(value.get("description")),
        amount=element.number(value.get("amountUSD"), "amountUSD"),
        status=line(value.get("status")).casefold(),
        day=element.day(value.get("date"), "date"),
        updated=element.day(value.get("updatedAt"), "updatedAt"),
        source=_side(value.get("sourceObjects"), element),
        destination=_side(value.get("destinationObjects"), element),
        parents=lines(value.get("parentFlowId")),
        children=lines(value.get("childFlowIds")),
        facts=facts,
    )


def _side(value: object, element: Element) -> Side:
    side = Side()
    for thing in objects(value):
        name, number = line(thing.get("name")), line(thing.get("id"))
        match line(thing.get("type")):
            case "Organization":
                side.organisations.append((name, number, _kind(thing)))
            case "Location":
                side.places.append(name)
            case "UsageYear":
                if name and not side.add_year(name):
                    element.problem("UsageYear", f"{name[:40]!r} is not a year", "Write four digits")
            case "Plan":
                side.plans.append((name, number))
            case "Project":
                side.projects.append((name, number, line(thing.get("code"))))
            case "GlobalCluster":
                side.global_clusters.append(name)
            case "Cluster":
                side.clusters.append(name)
            case "Emergency":
                side.emergencies.append(name)
    return side


def _kind(organisation: dict[str, Any]) -> str:
    """The kind as FTS words it; an NGO with its reach, which tells national from international ones."""
    kind = ", ".join(lines(organisation.get("organizationTypes")))
    reach = ", ".join(lines(organisation.get("organizationSubTypes")))
    return f"{reach} NGO" if kind == "NGO" and reach in ("International", "National", "Local") else kind


def as_of_json(path: Path) -> date | None:
    """The day of the last change to any flow of the file."""
    return latest(flow.get("updatedAt") for flow in objects(flows_of(json_files.load(path))))
