"""Questions about overlap as programs ask them, in names or ids, and their answers as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.access import Audience
from knowledge.index import Index
from knowledge.lookups import Unreadable
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import Meetings
from knowledge.overlap.proposals import Corrections, Proposal
from knowledge.overlap.ranking import meetings
from knowledge.overlap.standing import PATIENCE
from knowledge.overlap.wanted import MEET, SAME, Wanted
from knowledge.vocabulary import kind_of, kinds, theme_label, themes

MOST = 100
"""Meetings in one answer."""
_LONGEST_WAIT = 120
_MOST_AGENCIES = 50


@dataclass(frozen=True, slots=True)
class OverlapRequest:
    """`start` and `end` are ISO dates or ""; the lists hold names or ids. See `Wanted` for the rest."""

    record: str = ""
    places: Sequence[str] = ()
    themes: Sequence[str] = ()
    organisations: Sequence[str] = ()
    start: str = ""
    end: str = ""
    kinds: Sequence[str] = ()
    labels: Sequence[str] = ()
    starting_within: int = 0
    at_least: int = 0
    only_open: bool = False
    links: bool = True
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as ids, with the names of these."""

    wanted: Wanted
    places: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        wanted = self.wanted
        return {
            "record": wanted.record,
            "places": [{"id": ident, "name": name} for ident, name in self.places.items()],
            "themes": [{"id": ident, "name": theme_label(ident)} for ident in wanted.themes],
            "organisations": [{"id": ident, "name": name} for ident, name in self.organisations.items()],
            "kinds": list(wanted.kinds),
            "labels": [label.value for label in wanted.labels],
            "from": wanted.start.isoformat() if wanted.start else None,
            "to": wanted.end.isoformat() if wanted.end else None,
            "starting_within": wanted.starting_within,
            "at_least": wanted.at_least,
            "only_open": wanted.only_open,
            "declared_links": wanted.links,
        }


def asked_for(index: Index, request: OverlapRequest, audience: Audience, proposal: Proposal | None = None) -> Asked:
    """What a request means. Raises Unreadable for a name that the index does not know, and where nothing is asked."""
    places = named(index, "place", request.places, audience)
    organisations = named(index, "organisation", request.organisations, audience)
    start, end = day(request.start, "from"), day(request.end, "to")
    if start and end and end < start:
        raise Unreadable("`to` lies before `from`. Change one of them")
    if not 0 <= request.starting_within <= _LONGEST_WAIT or not 0 <= request.at_least <= _MOST_AGENCIES:
        raise Unreadable(
            f"Ask for at most {_LONGEST_WAIT} months ahead and {_MOST_AGENCIES} organisations in a district"
        )
    wanted = Wanted(
        record=request.record.strip(),
        proposal=proposal.record if proposal is not None else None,
        places=tuple(places),
        themes=tuple(named(index, "theme", request.themes, audience)),
        organisations=tuple(organisations),
        start=start,
        end=end,
        kinds=tuple(_kind(name) for name in request.kinds),
        starting_within=request.starting_within,
        at_least=request.at_least,
        only_open=request.only_open,
        labels=tuple(_label(name) for name in request.labels) or MEET,
        links=request.links,
    )
    if not (wanted.about_one or places or wanted.themes or organisations or wanted.at_least):
        raise Unreadable("Overlaps of what? Name a record, or a place, a theme or an organisation, or give a proposal")
    return Asked(wanted, places, organisations)


def find_overlaps(
    index: Index,
    request: OverlapRequest,
    audience: Audience,
    proposal: Proposal | None = None,
    wait: float | None = PATIENCE,
) -> tuple[Asked, Meetings]:
    """Raises Unreadable, Unknown, NotReady."""
    asked = asked_for(index, request, audience, proposal)
    offset, limit = max(0, request.offset), max(1, min(request.limit, MOST))
    return asked, meetings(index, audience, asked.wanted, offset, limit, wait=wait)


def corrections(
    index: Index,
    audience: Audience,
    places: Sequence[str] | None,
    theme_names: Sequence[str] | None,
    start: str = "",
    end: str = "",
    organisation: str = "",
    title: str = "",
) -> Corrections:
    """What a person says of a proposal, in names. None leaves what is read, an empty list means none. Raises
    Unreadable."""
    return Corrections(
        title=title.strip(),
        places=None if places is None else tuple(named(index, "place", places, audience)),
        themes=None if theme_names is None else tuple(named(index, "theme", theme_names, audience)),
        start=day(start, "from"),
        end=day(end, "to"),
        organisation=organisation.strip(),
    )


def named(index: Index, kind: str, names: Sequence[str], audience: Audience) -> dict[str, str]:
    """Id -> name, of the places, themes or organisations that `names` are or name. Raises Unreadable."""
    found: dict[str, str] = {}
    for name in names:
        if kind == "theme" and name in themes():
            found[name] = theme_label(name)
            continue
        value = next((e.value for e in index.link(name, audience).entities if e.type == kind), None)
        if value is None:
            raise Unreadable(
                f"{kind} {name!r} is not known to this index. `commonground link` shows what is read from a text"
            )
        for one in value.get("members") or [value]:
            found[str(one["id"])] = str(one["name"])
    return found


def day(value: str, field_name: str) -> date | None:
    """An ISO date, None for "". Raises Unreadable."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Unreadable(f"`{field_name}` {value!r} is no date. Write it as 2026-08-31") from None


def _kind(name: str) -> str:
    found = name if name in kinds() else kind_of(name)
    if not found:
        raise Unreadable(f"Kind of organisation {name!r} is unknown. Use one of {', '.join(kinds())}")
    return found


def _label(name: str) -> Label:
    if name not in (label.value for label in (*MEET, *SAME)):
        raise Unreadable(f"Label {name!r} cannot be asked for. Use one of {', '.join((*MEET, *SAME))}")
    return Label(name)
