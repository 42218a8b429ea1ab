"""Projects of the World Bank as its projects API gives them (version 2: objects by identifier; version 3: a list).

The bank funds (or the one that `source` names, where another bank publishes in this shape), the borrower answers for
the project, the implementing agency implements. The task team leader is a person and is not read. Amounts are whole US
dollars written with commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.countries import iso2
from knowledge.records import (
    Document,
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
from knowledge.sources.values import Element, line, lines, mapping, objects, prose, records, web

PUBLISHER = "World Bank"
WORLD_BANK = OrganisationMention(Role.FUNDING, "World Bank", ref="44000", kind="40")

_IDENTIFIER = re.compile(r"P\d{5,7}")
_MARKED = ("project_name", "boardapprovaldate", "totalamt", "totalcommamt", "lendprojectcost")
_STATUSES = {
    "active": "implementation",
    "pipeline": "pipeline",
    "closed": "closed",
    "dropped": "cancelled",
    "draft": "pipeline",
    "approved": "pipeline",
}
_OWN_CODES = {"ZR": "CD", "RY": "YE", "GZ": "PS", "TP": "TL", "YF": "RS", "KV": "XK"}
"""Country codes of the bank that are not those of ISO 3166."""
_COMMITMENTS = ("curr_total_commitment", "totalcommamt", "totalamt")
_OWN_NAMES = ("", "IBRD", "IDA", "WORLD BANK", "THE WORLD BANK")
"""What the field `source` says in the bank's own data. Other banks that publish in this shape name themselves there."""
_OFFICES = re.compile(r"\s*;\s*|\s*\|\s*")
_TEXTS = (
    ("objectives", "pdo_abstract"),
    ("objectives", "pdo"),
    ("general", "project_abstract"),
    ("general", "abstract"),
)


def projects_of(value: Any) -> list[tuple[str, Any]] | None:
    """(label, project) of a parsed file, or None where it holds none of the bank's."""
    found = mapping(value).get("projects", value)
    if isinstance(found, dict) and not _is_project(found):
        entries = [(f"projects[{key}]", {"id": key, **one}) for key, one in found.items() if isinstance(one, dict)]
    else:
        every = [found] if isinstance(found, dict) else found if isinstance(found, list) else []
        entries = [(f"projects[{number}]", one) for number, one in enumerate(every, 1)]
    return entries if any(_is_project(one) for _, one in entries) else None


def _is_project(value: object) -> bool:
    one = mapping(value)
    return bool(_IDENTIFIER.fullmatch(line(one.get("id")))) and any(key in one for key in _MARKED)


def read_projects(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a project per entry. Raises `guard.Refused` where the file is no JSON."""
    entries = projects_of(json_files.load(path)) or []
    # version 2 puts counts and facets beside the projects
    yield from records(path, ((label, one) for label, one in entries if "facets" not in label), _record)


def _record(project: dict[str, Any], element: Element) -> Record | None:
    identifier = line(project.get("id"))
    if not _IDENTIFIER.fullmatch(identifier):
        element.left_out("no project id such as P123456", "Give the project the bank's id")
        return None
    title = line(project.get("project_name"))
    if not title:
        element.note("missing-title", "no project_name: give the project a name")
    status = _STATUSES.get(
        (written := line(project.get("status")) or line(project.get("projectstatusdisplay"))).casefold()
    )
    period = _period(project, status or "", element)
    return Record(
        id=identifier,
        kind=RecordKind.PROJECT,
        title=title or identifier,
        locator=Locator(element.label),
        texts=_texts(project),
        organisations=_organisations(project),
        places=_places(project, element),
        themes=_themes(project, element),
        period=period,
        status=status or written,
        reported_on=_day(project, "p2a_updated_date", element) or _day(project, "proj_last_upd_date", element),
        money=_money(project, period, element),
        links=_links(project),
        documents=_documents(project),
        notes=tuple(element.notes),
        extra=_extra(project),
    )


def _text_of(value: object) -> str:
    """Text that may stand in an object under `cdata` or `cdata!`."""
    inner = mapping(value)
    return prose(inner.get("cdata") or inner.get("cdata!")) or prose(value)


def _texts(project: dict[str, Any]) -> tuple[Text, ...]:
    kept: dict[str, Text] = {}
    for purpose, key in _TEXTS:
        if text := _text_of(project.get(key)):
            kept.setdefault(text, Text(purpose, text))
    return tuple(kept.values())


def _organisations(project: dict[str, Any]) -> tuple[OrganisationMention, ...]:
    lender = line(project.get("source"))
    found = [WORLD_BANK if lender.upper() in _OWN_NAMES else OrganisationMention(Role.FUNDING, lender, kind="40")]
    for role, key in ((Role.ACCOUNTABLE, "borrower"), (Role.IMPLEMENTING, "impagency")):
        for written in lines(project.get(key)):
            found += [OrganisationMention(role, name) for name in _OFFICES.split(written) if _is_name(name)]
    return tuple(dict.fromkeys(found))


def _is_name(written: str) -> bool:
    return written.casefold() not in ("", "n/a", "na", "none", "tbd", "not applicable", "-")


# --- where ----------------------------------------------------------------------------------------------------------


def _country(code: str, name: str) -> str:
    return _OWN_CODES.get(code) or iso2(code) or country_written(name)


def _places(project: dict[str, Any], element: Element) -> tuple[PlaceMention, ...]:
    codes = [code.upper() for value in lines(project.get("countrycode")) for code in re.split(r"[;,]", value)]
    names = lines(project.get("countryshortname")) or lines(project.get("countryname")) or lines(project.get("country"))
    pairs = zip(
        codes or [""] * len(names),
        names if len(names) == len(codes) else [""] * len(codes) if codes else names,
        strict=True,
    )
    countries = {code: None for pair in pairs if (code := _country(*pair))}
    if not countries:
        countries = {code: None for name in names if (code := country_written(name))}
    found = [PlaceMention(code) for code in countries]
    if not found and names:
        found = [PlaceMention(names=(name,)) for name in names]
        element.note("unknown-country", f"{names[0][:60]!r} is no country: give the countries that are meant")
    only = next(iter(countries)) if len(countries) == 1 else ""
    for location in (*objects(project.get("locations")), *objects(project.get("location"))):
        name = line(location.get("geoLocName")) or line(location.get("geolocname")) or line(location.get("name"))
        country = _country(line(location.get("country")).upper(), line(location.get("country"))) or only
        latitude, longitude = element.position(location.get("latitude"), location.get("longitude"), "location")
        if name or latitude is not None:
            found.append(
                PlaceMention(country, (name,) if name else (), latitude=latitude, longitude=longitude, scope="location")
            )  # fmt: skip
    return tuple(dict.fromkeys(found))


# --- what -----------------------------------------------------------------------------------------------------------


def _themes(project: dict[str, Any], element: Element) -> tuple[ThemeMention, ...]:
    """Sectors and themes in the bank's own words (vocabulary 99), with their shares where they are given."""
    shares: dict[str, float | None] = {}
    for number in range(1, 6):
        for key in (f"sector{number}", f"mjsector{number}"):
            one = mapping(project.get(key))
            if (name := _name(one)) and name not in shares:
                shares[name] = element.share(one.get("Percent", one.get("percent")), key)
    for key in ("sector", "sector_namecode", "theme_list", "theme_namecode"):
        value = project.get(key)
        named = lines(value) + [_name(one) for one in objects(value)]
        for name in named:
            shares.setdefault(name, None)
    return tuple(ThemeMention("99", name=name, percentage=share) for name, share in shares.items() if name)


def _name(value: dict[str, Any]) -> str:
    return line(value.get("Name")) or line(value.get("name"))


# --- when and how much ----------------------------------------------------------------------------------------------


def _day(project: dict[str, Any], key: str, element: Element) -> date | None:
    """The API writes ISO times, and month first where it writes numbers with strokes."""
    return element.day(project.get(key), key, day_first=False)


def _period(project: dict[str, Any], status: str, element: Element) -> Period:
    approved = _day(project, "boardapprovaldate", element)
    closing = _day(project, "closingdate", element)
    if closing is None and status in ("implementation", "pipeline"):
        element.note("no-end-date", "no closing date, so nobody can tell whether it goes on: add closingdate")
    if approved is not None and closing is not None and closing < approved:
        element.note("end-before-start", f"closes on {closing}, before its approval on {approved}: check both dates")
    if status == "pipeline":
        return Period(planned_start=approved, planned_end=closing)
    return Period(None, approved, None if status == "closed" else closing, closing if status == "closed" else None)


def _money(project: dict[str, Any], period: Period, element: Element) -> tuple[Money, ...]:
    """The commitment (the grants where no loan stands) and the whole cost, which includes it: never add the two."""
    amounts = {key: element.number(project.get(key), key) for key in (*_COMMITMENTS, "grantamt", "lendprojectcost")}
    stated = [amount for key in (*_COMMITMENTS, "grantamt") if (amount := amounts[key]) is not None]
    committed = next(filter(None, stated), stated[0] if stated else None)
    lender = next(one.name for one in _organisations(project))
    found = [] if committed is None else [Money("commitment", committed, "USD", period.start, None, lender)]
    if cost := amounts["lendprojectcost"]:
        found.append(Money("budget", cost, "USD", period.start, period.end))
    if not found:
        element.note("no-amount", "no amount: give totalamt, grantamt or lendprojectcost")
    return tuple(found)


# --- the rest -------------------------------------------------------------------------------------------------------


def _links(project: dict[str, Any]) -> tuple[Link, ...]:
    parents = lines(project.get("parentprojid")) + lines(project.get("parent_proj_id"))
    found = [Link("parent", parent) for parent in parents if _IDENTIFIER.fullmatch(parent)]
    return tuple(dict.fromkeys(found))


def _documents(project: dict[str, Any]) -> tuple[Document, ...]:
    found = []
    for one in objects(project.get("projectdocs")):
        if url := web(one.get("DocURL")) or web(one.get("docurl")) or web(one.get("url")):
            title, kind = line(one.get("DocName")) or line(one.get("docname")), line(one.get("DocTypeDesc"))
            found.append(Document(title or url, url, kind or line(one.get("DocType"))))
    return tuple(dict.fromkeys(found))


def _extra(project: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    named = {
        "region": "regionname",
        "lending-instrument": "lendinginstr",
        "product-line": "prodlinetext",
        "environmental-category": "envassesmentcategorycode",
        "supplemental": "supplementprojectflg",
        "ibrd-commitment": "ibrdcommamt",
        "ida-commitment": "idacommamt",
        "grant-amount": "grantamt",
    }
    pairs = [(name, "; ".join(lines(project.get(key)))) for name, key in named.items()]
    pairs.append(("url", web(project.get("url"))))
    return tuple(pair for pair in pairs if pair[1] and pair[1] != "0")


def _facts(path: Path) -> SourceFacts:
    silent = Element("", "")
    entries = projects_of(json_files.load(path)) or []
    days = [
        _day(one, key, silent)
        for _, one in entries
        if isinstance(one, dict)
        for key in ("p2a_updated_date", "proj_last_upd_date")
    ]
    return SourceFacts(Format.WORLD_BANK_PROJECT, title_of(path), PUBLISHER, max(filter(None, days), default=None))


READER: Reader[Any] = Reader(
    Format.WORLD_BANK_PROJECT, lambda value: projects_of(value) is not None, read_projects, _facts
)  # fmt: skip
