"""One flow of the Financial Tracking Service (FTS), however its file writes it, as a `Record`.

FTS repeats what donors and recipients report, so every flow is a secondary report. The same flow may stand in several
pages and files, as JSON and as CSV: its identifier is that of FTS. Money that is passed on stands again as another
flow, linked as parent and child. Whoever sums counts each chain once: FTS itself totals the flows whose boundary is
"incoming" and whose on-boundary is "single"; a "shared" one is for several places or plans together and counts for
none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from knowledge.records import (
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
from knowledge.sources.country_forms import country_written
from knowledge.sources.values import Element

STATUSES = ("pledge", "commitment", "paid")
_TITLE = 200
_LONGEST_CODE = 100
_PROJECT_CODE = re.compile(r".*-(\d{3,})-\d+")


@dataclass(slots=True)
class Side:
    """What stands on one side of a flow. Organisations are (name, FTS id, kind); places are names or ISO codes."""

    organisations: list[tuple[str, str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    plans: list[tuple[str, str]] = field(default_factory=list)
    projects: list[tuple[str, str, str]] = field(default_factory=list)
    global_clusters: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    emergencies: list[str] = field(default_factory=list)

    def add_year(self, written: str) -> bool:
        """Whether `written` is a year of use, which is then kept."""
        known = len(written) == 4 and written.isascii() and written.isdigit() and 1900 <= int(written) <= 2200
        if known:
            self.years.append(int(written))
        return known


@dataclass(slots=True)
class Flow:
    """The fields of a flow, read but not yet interpreted. Plans are (name, id), projects (name, id, code)."""

    id: str
    description: str
    amount: float | None
    status: str
    day: date | None
    updated: date | None
    source: Side
    destination: Side
    parents: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


def flow_id(number: str) -> str:
    return f"fts:{number}"


def plan_id(number: str) -> str:
    """The record of a plan, by the number that FTS and HPC share."""
    return f"hpc-plan:{number}"


def organisation_ref(number: str) -> str:
    """An organisation by the number that FTS and HPC share."""
    return f"fts-org:{number}" if number else ""


def project_id(number: str, code: str = "") -> str:
    """The record of an HPC project by its number, which also stands in its code ("HSOM20-WSH-151234-1"); else ""."""
    if not number and (found := _PROJECT_CODE.fullmatch(code[:_LONGEST_CODE])):
        number = found[1]
    return f"hpc:{number}" if number else ""


def record_of(flow: Flow, element: Element) -> Record:
    """The record of a flow. Role funding for the source, implementing for the destination, as FTS has no finer ones."""
    if not flow.status:
        element.note("no-status", "no status: report whether the money is pledged, committed or paid")
    elif flow.status not in STATUSES:
        element.problem("status", f"{flow.status!r} is not pledge, commitment or paid", "Use one of the three")
    if flow.amount is None:
        element.note("no-amount", "no amount in US dollars: report the amount")
    elif flow.amount < 0:
        element.note("negative-amount", "an amount below zero: correct the flow that it takes back instead")
    if flow.facts.get("on-boundary") == "shared":
        element.note(
            "shared-flow", "several places or plans share the amount, so it counts for none of them: report each share"
        )
    source, destination = flow.source, flow.destination
    givers = [name for name, _, _ in source.organisations]
    takers = [name for name, _, _ in destination.organisations]
    if not givers and not takers:
        element.note("no-organisation", "no organisation on either side: name who gives and who receives")
    fallback = f"{', '.join(givers) or 'unnamed source'} to {', '.join(takers) or 'unnamed destination'}"
    return Record(
        id=flow_id(flow.id),
        kind=RecordKind.FLOW,
        title=_title(flow.description) or fallback,
        locator=Locator(element.label, element.line),
        texts=(Text("general", flow.description),) if flow.description else (),
        organisations=_mentions(Role.FUNDING, source) + _mentions(Role.IMPLEMENTING, destination),
        places=_places(destination, element),
        themes=_themes(destination),
        period=_period(destination),
        reported_on=flow.updated,
        secondary_reporter=True,
        money=_money(flow, givers, takers),
        links=_links(flow),
        notes=tuple(element.notes),
        extra=_extra(flow),
    )


def _title(description: str) -> str:
    if len(description) <= _TITLE:
        return description
    return f"{description[:_TITLE].rsplit(' ', 1)[0]} \N{HORIZONTAL ELLIPSIS}"


def _mentions(role: Role, side: Side) -> tuple[OrganisationMention, ...]:
    return tuple(
        OrganisationMention(role, name, ref=organisation_ref(number), kind=kind)
        for name, number, kind in side.organisations
    )


def _places(side: Side, element: Element) -> tuple[PlaceMention, ...]:
    places = []
    for written in side.places:
        country = country_written(written)
        if not country:
            element.note("unknown-country", f"{written[:60]!r} is no country: give its ISO 3166 code or name")
        places.append(PlaceMention(country=country, names=() if country else (written,)))
    # sorted: pages and tables list the same countries in different orders
    return tuple(sorted(dict.fromkeys(places), key=lambda place: (place.country, place.names)))


def _themes(side: Side) -> tuple[ThemeMention, ...]:
    return tuple(
        ThemeMention("cluster", name=name) for name in dict.fromkeys((*side.global_clusters, *side.clusters)) if name
    )


def _period(side: Side) -> Period:
    """The usage years of the destination: FTS knows no finer period of use."""
    if not side.years:
        return Period()
    return Period(planned_start=date(min(side.years), 1, 1), planned_end=date(max(side.years), 12, 31))


def _money(flow: Flow, givers: list[str], takers: list[str]) -> tuple[Money, ...]:
    """One amount only: the original one is the same money again, so it stands among the extras."""
    if flow.amount is None:
        return ()
    provider, receiver = "; ".join(givers), "; ".join(takers)
    return (Money(flow.status or "commitment", flow.amount, "USD", flow.day, None, provider, receiver),)


def _links(flow: Flow) -> tuple[Link, ...]:
    links = [Link("parent", flow_id(number)) for number in flow.parents]
    links += [Link("child", flow_id(number)) for number in flow.children]
    links += [
        Link("other", target)
        for _, number, code in flow.destination.projects
        if (target := project_id(number, code))
    ]  # fmt: skip
    links += [Link("other", plan_id(number)) for _, number in flow.destination.plans if number]
    return tuple(dict.fromkeys(links))


def _extra(flow: Flow) -> tuple[tuple[str, str], ...]:
    pairs = [(name, value) for name, value in flow.facts.items() if value]
    pairs += [("parent", flow_id(number)) for number in flow.parents]
    pairs += [("plan", name) for name, _ in flow.destination.plans if name]
    pairs += [("source-plan", name) for name, _ in flow.source.plans if name]
    pairs += [("project", " ".join(filter(None, (code, name)))) for name, _, code in flow.destination.projects]
    pairs += [("emergency", name) for name in flow.destination.emergencies]
    pairs += [("source-location", country_written(name) or name) for name in flow.source.places]
    return tuple(pairs)
