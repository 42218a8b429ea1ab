"""Projects of the Humanitarian Programme Cycle (HPC): what organisations asked for under an appeal, in JSON.

Pages of a project search (`{"data": {"results": [...]}}`), a plan's projects (`{"data": [...]}`) and single projects
with their versions are read alike. A project is a request: its money is what was asked for, in US dollars, never what
was received. Persons (creators, editors, contacts) are not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.countries import iso2
from knowledge.records import (
    Contact,
    Figure,
    Item,
    Link,
    Locator,
    Money,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources import json_files
from knowledge.sources.country_forms import country_written
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.fts_flow import organisation_ref, plan_id, project_id
from knowledge.sources.values import (
    Element,
    latest,
    line,
    lines,
    mapping,
    numbered,
    objects,
    prose,
    records,
    web,
)

PUBLISHER = "Humanitarian Programme Cycle Tools"

_STATUSES = {
    "planning": "pipeline",
    "implementing": "implementation",
    "ended completed": "closed",
    "ended terminated": "cancelled",
    "ended not started and abandoned": "cancelled",
}
"""Implementation status as HPC words it, without dashes -> status."""
_MARKED = ("versionCode", "currentRequestedFunds", "projectVersions", "implementationStatus")


def projects_of(value: Any) -> list[Any] | None:
    """The projects of a parsed file, or None where it holds none."""
    data = mapping(value).get("data", value)
    found = mapping(data).get("results", data)
    found = [found] if isinstance(found, dict) else found
    if isinstance(found, list) and any(isinstance(one, dict) and any(key in one for key in _MARKED) for one in found):
        return found
    return None


def read_projects(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a project per entry. Raises `guard.Refused` where the file is no JSON."""
    yield from records(path, numbered("results", projects_of(json_files.load(path)) or []), _record)


def _current(project: dict[str, Any]) -> dict[str, Any]:
    """The project with the fields of the version that stands: the published one, else the last."""
    versions = objects(project.get("projectVersions"))
    if not versions:
        return project
    published = project.get("currentPublishedVersionId")
    chosen = next((version for version in versions if version.get("id") == published), versions[-1])
    return {**project, **{key: value for key, value in chosen.items() if value is not None}, "id": project.get("id")}


def _record(value: dict[str, Any], element: Element) -> Record | None:
    project = _current(value)
    code = line(project.get("versionCode")) or line(project.get("code"))
    identifier = project_id(line(project.get("id")), code)
    if not identifier:
        element.left_out("neither id nor versionCode", "Give the project its HPC id")
        return None
    title = line(project.get("name"))
    start = element.day(project.get("startDate"), "startDate")
    end = element.day(project.get("endDate"), "endDate")
    organisations = _organisations(project, element)
    _check(title, start, end, element)
    requested = element.number(project.get("currentRequestedFunds"), "currentRequestedFunds")
    if requested is None:
        element.note("no-amount", "no requested funds: give currentRequestedFunds")
    return Record(
        id=identifier,
        kind=RecordKind.PROJECT,
        title=title or code or identifier,
        locator=Locator(element.label),
        texts=_texts(project),
        organisations=organisations,
        places=places_of(project.get("locations"), element),
        themes=_themes(project),
        period=Period(planned_start=start, planned_end=end),
        status=_status(project),
        reported_on=element.day(project.get("updatedAt"), "updatedAt"),
        money=() if requested is None else (Money("requested", requested, "USD", start, end),),
        links=tuple(dict.fromkeys(Link("other", plan_id(number)) for plan in _plans(project) if (number := plan[0]))),
        figures=_figures(project, element),
        contacts=tuple(
            Contact(line(one.get("name")), url)
            for one in objects(project.get("organizations"))
            if (url := web(one.get("url")))
        ),
        notes=tuple(element.notes),
        extra=_extra(project, code),
    )


def _check(title: str, start: date | None, end: date | None, element: Element) -> None:
    if not title:
        element.note("missing-title", "no name: give the project a name that says what and where")
    if end is None:
        element.note("no-end-date", "no end date, so nobody can tell whether it goes on: add endDate")
    elif start is not None and end < start:
        element.note("end-before-start", f"ends on {end}, before it starts on {start}: check both dates")


def _texts(project: dict[str, Any]) -> tuple[Text, ...]:
    found = (("objectives", project.get("objective")), ("general", project.get("description")))
    return tuple(Text(purpose, text) for purpose, value in found if (text := prose(value)))


def _organisations(project: dict[str, Any], element: Element) -> tuple[OrganisationMention, ...]:
    """All who asked, as implementing: HPC has no other role."""
    found = tuple(organisation_of(Role.IMPLEMENTING, one) for one in objects(project.get("organizations")))
    if not found:
        element.note("no-organisation", "no organisation: name who asks for the project")
    return tuple(dict.fromkeys(found))


def organisation_of(role: Role, organisation: dict[str, Any]) -> OrganisationMention:
    """An organisation of HPC or FTS; both know it by the same number."""
    name, acronym = line(organisation.get("name")), line(organisation.get("abbreviation"))
    kinds = [line(kind.get("name")) for kind in objects(organisation.get("categories"))]
    return OrganisationMention(
        role,
        name,
        acronym if acronym != name else "",
        organisation_ref(line(organisation.get("id"))),
        next(filter(None, kinds), ""),
    )


def places_of(locations: object, element: Element) -> tuple[PlaceMention, ...]:
    """Countries, and places within them with name and p-code. The middle of a country is no position of anything."""
    found = []
    countries = {line(one.get("id")): line(one.get("iso3")) for one in objects(locations)}
    for location in objects(locations):
        name, pcode = line(location.get("name")), line(location.get("pcode")).upper()
        country = iso2(line(location.get("iso3")) or countries.get(line(location.get("parentId")), ""))
        level = location.get("adminLevel")
        if location.get("isRegion") is True or (level in (0, None) and not (country or country_written(name))):
            element.note("unknown-country", f"{name[:60]!r} is no country: give the places within it that are meant")
            found.append(PlaceMention(names=(name,) if name else ()))
        elif level in (0, None):
            found.append(PlaceMention(country or country_written(name)))
        else:
            latitude, longitude = element.position(location.get("latitude"), location.get("longitude"), "locations")
            found.append(
                PlaceMention(country, (name,) if name else (), pcode, latitude=latitude, longitude=longitude)
            )  # fmt: skip
    return tuple(dict.fromkeys(place for place in found if place != PlaceMention()))


def _themes(project: dict[str, Any]) -> tuple[ThemeMention, ...]:
    """Global clusters, then the plan's own clusters (governing entities) by name."""
    found = [ThemeMention("cluster", name=line(one.get("name"))) for one in objects(project.get("globalClusters"))]
    for entity in objects(project.get("governingEntities")):
        version = mapping(entity.get("governingEntityVersion"))
        name = line(entity.get("name")) or line(version.get("name"))
        found.append(ThemeMention("cluster", name=name))
    return tuple(dict.fromkeys(theme for theme in found if theme.name))


def _status(project: dict[str, Any]) -> str:
    written = line(project.get("implementationStatus")).casefold()
    return _STATUSES.get(" ".join(written.replace("-", " ").split()), written)


def _plans(project: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(number, code, name) of each plan; an entry per language of the same plan counts once."""
    found = []
    for plan in objects(project.get("plans")):
        version = mapping(plan.get("planVersion")) or plan
        number = line(version.get("planId")) or line(plan.get("id"))
        found.append((number, line(version.get("code")), line(version.get("name"))))
    return list(dict.fromkeys(found))


def _figures(project: dict[str, Any], element: Element) -> tuple[Figure, ...]:
    found = []
    for target in objects(project.get("targets")):
        total = element.number(target.get("total", target.get("value")), "targets")
        group = line(target.get("name")) or line(mapping(target.get("category")).get("name"))
        if total is not None:
            found.append(Figure("targeted", total, group))
    if not found and (total := element.number(project.get("targetBeneficiaries"), "targetBeneficiaries")) is not None:
        found.append(Figure("targeted", total))
    return tuple(dict.fromkeys(found))


def _extra(project: dict[str, Any], code: str) -> tuple[tuple[str, str], ...]:
    pairs = [("code", code)]
    for number, plan_code, name in _plans(project):
        pairs += [("plan", name or plan_code or number), ("plan-code", plan_code)]
    years = {line(year.get("year")) for plan in objects(project.get("plans")) for year in objects(plan.get("years"))}
    starts = {line(plan.get("startDate"))[:4] for plan in objects(project.get("plans"))}
    pairs += [("plan-year", year) for year in sorted(years - {""} or starts)]
    pairs += [("workflow-status", line(one.get("type"))) for one in objects(project.get("workflowStatusOptions"))]
    pairs += [("partners", ", ".join(lines(project.get("partners") or project.get("implementingPartners"))))]
    pairs += [("gender-marker", _words(project.get("genderMarker")))]
    pairs += [("tag", tag) for tag in lines(project.get("tags"))]
    return tuple(dict.fromkeys(pair for pair in pairs if pair[1]))


def _words(value: object) -> str:
    return line(mapping(value).get("name") or mapping(value).get("code")) or line(value)


def _facts(path: Path) -> SourceFacts:
    projects = objects(projects_of(json_files.load(path)))
    as_of = latest(_current(project).get("updatedAt") for project in projects)
    return SourceFacts(Format.HPC_PROJECT, title_of(path), PUBLISHER, as_of)


READER: Reader[Any] = Reader(
    Format.HPC_PROJECT, lambda value: projects_of(value) is not None, read_projects, _facts
)  # fmt: skip
