"""Plans of the Humanitarian Programme Cycle (HPC): appeals and response plans, with what they ask for, in JSON.

A plan is neither work on the ground nor a mandate nor a text: it says what is asked for, where and for when, and stands
above the projects and flows that name it. So it has a kind of its own, which no count of work takes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.records import Contact, Item, Locator, Money, Period, Record, RecordKind, Role
from knowledge.sources import json_files
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.fts_flow import plan_id
from knowledge.sources.hpc import PUBLISHER, organisation_of, places_of
from knowledge.sources.values import Element, latest, line, mapping, numbered, objects, records, web


def plans_of(value: Any) -> list[Any] | None:
    """The plans of a parsed file, or None where it holds none."""
    data = mapping(value).get("data", value)
    found = [data] if isinstance(data, dict) else data
    if isinstance(found, list) and any(isinstance(mapping(one).get("planVersion"), dict) for one in found):
        return found
    return None


def read_plans(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a plan per entry. Raises `guard.Refused` where the file is no JSON."""
    yield from records(path, numbered("data", plans_of(json_files.load(path)) or []), _record)


def _record(value: dict[str, Any], element: Element) -> Record | None:
    version = mapping(value.get("planVersion"))
    number = line(value.get("id")) or line(version.get("planId"))
    if not number:
        element.left_out("no id", "Give the plan its HPC id")
        return None
    start = element.day(version.get("startDate"), "startDate")
    end = element.day(version.get("endDate"), "endDate")
    if start is not None and end is not None and end < start:
        element.note("end-before-start", f"ends on {end}, before it starts on {start}: check both dates")
    original = element.number(value.get("origRequirements"), "origRequirements")
    revised = element.number(value.get("revisedRequirements"), "revisedRequirements")
    asked = original if revised is None else revised
    organisations = objects(version.get("organizations"))
    extra = [
        ("code", line(version.get("code"))),
        ("subtitle", line(version.get("subtitle"))),
        *((_category(one), line(one.get("name"))) for one in objects(value.get("categories"))),
        *(("plan-year", line(one.get("year"))) for one in objects(value.get("years"))),
        *(("emergency", line(one.get("name"))) for one in objects(value.get("emergencies"))),
        *(("glide", line(one.get("glideId"))) for one in objects(value.get("emergencies"))),
        ("original-requirements", "" if original is None else f"{original:.15g} USD"),
        ("in-global-overview", "yes" if version.get("isPartOfGHO") is True else ""),
    ]
    return Record(
        id=plan_id(number),
        kind=RecordKind.PLAN,
        title=line(version.get("name")) or line(version.get("code")) or plan_id(number),
        locator=Locator(element.label),
        organisations=tuple(organisation_of(Role.ACCOUNTABLE, one) for one in organisations),
        places=places_of(value.get("locations"), element),
        period=Period(planned_start=start, planned_end=end),
        reported_on=element.day(version.get("updatedAt"), "updatedAt"),
        # the revised requirements replace the original ones: they are never added
        money=() if asked is None else (Money("requested", asked, "USD", start, end),),
        contacts=tuple(Contact(line(one.get("name")), url) for one in organisations if (url := web(one.get("url")))),
        notes=tuple(element.notes),
        extra=tuple(dict.fromkeys(pair for pair in extra if pair[1])),
    )


def _category(category: dict[str, Any]) -> str:
    return {"planType": "plan-type", "planLanguage": "plan-language"}.get(line(category.get("group")), "plan-category")


def _facts(path: Path) -> SourceFacts:
    plans = objects(plans_of(json_files.load(path)))
    as_of = latest(mapping(plan.get("planVersion")).get("updatedAt") for plan in plans)
    return SourceFacts(Format.HPC_PLAN, title_of(path), PUBLISHER, as_of)


READER: Reader[Any] = Reader(Format.HPC_PLAN, lambda value: plans_of(value) is not None, read_plans, _facts)
