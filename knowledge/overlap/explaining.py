"""Why two records have to do with each other, and what speaks against: clauses that each cite fields of both.

A clause is a fact of the two records, not of the model. Its words stand in `bot/words`, in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from knowledge.overlap.numbering import part_of
from knowledge.overlap.parties import is_identifier, nameless
from knowledge.overlap.profiles import Party, Profile
from knowledge.records import Role
from knowledge.vocabulary import sector_name

_MOST = 4
_NEAR_AMOUNT = 0.999


class Fact(StrEnum):
    """What a clause says. In the order in which clauses stand."""

    LINKED = "linked"
    NAMED = "named"
    SAME_PUBLISHER = "same_publisher"
    SAME_NUMBER = "same_number"
    PART_OF_NUMBER = "part_of_number"
    SAME_AMOUNT = "same_amount"
    SAME_SERVICES = "same_services"
    SAME_GROUPS = "same_groups"
    SAME_SECTORS = "same_sectors"
    SAME_AREAS = "same_areas"
    SAME_COUNTRIES = "same_countries"
    AT_ONE_TIME = "at_one_time"
    SAME_PARTNERS = "same_partners"
    OTHER_SERVICES = "other_services"
    OTHER_AREAS = "other_areas"
    OTHER_COUNTRIES = "other_countries"
    ONE_AFTER_OTHER = "one_after_other"
    UNDATED = "undated"
    OTHER_FUNDERS = "other_funders"
    STRANGERS = "strangers"

    @property
    def against(self) -> bool:
        """Whether it speaks against the two doing the same, or leaves it open."""
        return self in _AGAINST


_AGAINST = frozenset({Fact.OTHER_SERVICES, Fact.OTHER_AREAS, Fact.OTHER_COUNTRIES, Fact.ONE_AFTER_OTHER, Fact.UNDATED})


@dataclass(frozen=True, slots=True)
class Clause:
    """`both` is what the two share; `one` and `other` what each has for itself: ids of places, countries, groups,
    services or sectors, or names as written. `fields` names the field of each record that it rests on."""

    fact: Fact
    fields: tuple[str, str]
    both: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    days: Mapping[str, date] = field(default_factory=dict)


def explain(one: Profile, other: Profile, *, links: bool = True) -> list[Clause]:
    """What the two have in common and what parts them, the most telling first. Without `links`, declared links are not
    spoken of."""
    parts = (_tied(one, other, links=links), _work(one, other), _places(one, other), _times(one, other))
    found = [clause for part in (*parts, _organisations(one, other)) for clause in part]
    order = list(Fact)
    return sorted(found, key=lambda clause: order.index(clause.fact))


def _tied(one: Profile, other: Profile, *, links: bool) -> Iterable[Clause]:
    if links and (_links_to(one, other) or _links_to(other, one)):
        yield Clause(Fact.LINKED, ("links", "links"))
    if one.reporter.organisation and one.reporter.organisation == other.reporter.organisation:
        yield Clause(Fact.SAME_PUBLISHER, ("reporting-org", "reporting-org"), (one.reporter.name,))
    quoted = (one.codes & other.own) | (other.codes & one.own) | (one.codes & other.codes)
    if quoted:
        yield Clause(Fact.SAME_NUMBER, ("text", "text"), tuple(sorted(quoted, key=lambda c: (-len(c), c))[:_MOST]))
    if part := part_of(one, other):
        yield Clause(Fact.PART_OF_NUMBER, ("other-identifier", "other-identifier"), part)
    if one.total and other.total and min(one.total, other.total) / max(one.total, other.total) > _NEAR_AMOUNT:
        amounts = sorted(one.amounts & other.amounts, key=lambda amount: (-amount[1], amount[0]))
        if amounts:
            yield Clause(Fact.SAME_AMOUNT, ("money", "money"), (f"{amounts[0][1]:,} {amounts[0][0]}".strip(),))


def _links_to(one: Profile, other: Profile) -> bool:
    return any(link.target == other.id.casefold() for link in one.links)


def _work(one: Profile, other: Profile) -> Iterable[Clause]:
    text = ("text", "text")
    services = one.told.services & other.told.services
    if services:
        yield Clause(Fact.SAME_SERVICES, text, tuple(sorted(services)[:_MOST]))
    elif one.told.services and other.told.services:
        yield Clause(
            Fact.OTHER_SERVICES,
            text,
            one=tuple(sorted(one.told.services)[:_MOST]),
            other=tuple(sorted(other.told.services)[:_MOST]),
        )
    if groups := one.told.groups & other.told.groups:
        yield Clause(Fact.SAME_GROUPS, text, tuple(sorted(groups)[:_MOST]))
    shared = {code for code in one.sectors.keys() & other.sectors.keys() if sector_name(code)}
    if shared:
        yield Clause(Fact.SAME_SECTORS, ("sector", "sector"), tuple(sorted(shared)[:_MOST]))


def _places(one: Profile, other: Profile) -> Iterable[Clause]:
    stated, other_stated = _areas(one), _areas(other)
    countries = {path.split("|")[0] for path in one.places} & {path.split("|")[0] for path in other.places}
    areas = {path for path in stated for near in other_stated if path.startswith(near) or near.startswith(path)}
    areas |= {path for path in other_stated for near in stated if path.startswith(near)}
    fields = ("location" if stated else "recipient-country", "location" if other_stated else "recipient-country")
    if areas:
        deepest = sorted(areas, key=lambda path: (-path.count("|"), path))[:_MOST]
        yield Clause(Fact.SAME_AREAS, fields, tuple(map(_last, deepest)))
    elif countries:
        apart = [{path for path in paths if path.split("|")[0] in countries} for paths in (stated, other_stated)]
        if all(apart):
            mine, theirs = (tuple(_last(path) for path in sorted(paths)[:_MOST]) for paths in apart)
            yield Clause(Fact.OTHER_AREAS, fields, one=mine, other=theirs)
        else:
            yield Clause(Fact.SAME_COUNTRIES, fields, tuple(sorted(countries)[:_MOST]))
    elif one.places and other.places:
        mine, theirs = (tuple(sorted({path.split("|")[0] for path in p.places})[:_MOST]) for p in (one, other))
        yield Clause(Fact.OTHER_COUNTRIES, fields, one=mine, other=theirs)


def _areas(one: Profile) -> set[str]:
    return {path for path in (*one.places, *one.told_places) if path.count("|") > 1}


def _last(path: str) -> str:
    return path.strip("|").rpartition("|")[2]


def _times(one: Profile, other: Profile) -> Iterable[Clause]:
    fields = ("activity-date", "activity-date")
    if not (one.start and other.start and one.end and other.end):
        yield Clause(Fact.UNDATED, fields)
        return
    start, end = max(one.start, other.start), min(one.end, other.end)
    if start <= end:
        days = {"start": date.fromordinal(start), "end": date.fromordinal(end)}
        yield Clause(Fact.AT_ONE_TIME, fields, days=days)
    else:
        yield Clause(
            Fact.ONE_AFTER_OTHER, fields, days={"end": date.fromordinal(end), "start": date.fromordinal(start)}
        )


def _organisations(one: Profile, other: Profile) -> Iterable[Clause]:
    fields = ("participating-org", "participating-org")
    if _same(one.reporter, other.reporter):
        return
    named = [second.reporter.name for first, second in ((one, other), (other, one)) if _names(first, second.reporter)]
    if named:
        yield Clause(Fact.NAMED, ("participating-org", "reporting-org"), tuple(named))
    reporters = (one.reporter, other.reporter)
    shared = {
        party.organisation: party.name
        for party in one.parts
        if any(_same(party, mine) for mine in other.parts) and not any(_same(party, who) for who in reporters)
    }
    if shared:
        yield Clause(Fact.SAME_PARTNERS, fields, tuple(sorted(set(shared.values()))[:_MOST]))
    payers, others = _payers(one), _payers(other)
    apart = not any(_meets(payer, paying) for payer in payers for paying in others)
    if payers and others and apart and not shared and not named:
        yield Clause(Fact.OTHER_FUNDERS, fields, one=_names_of(payers), other=_names_of(others))
    if not named and not shared:
        yield Clause(Fact.STRANGERS, fields)


def _payers(record: Profile) -> list[Party]:
    """Who pays by name: an identifier, or a kind of organisation, says nobody who it is."""
    paying = (party for party in record.parts if party.role is Role.FUNDING and party.name)
    return [party for party in paying if not is_identifier(party.name) and not nameless(party.name)]


def _names_of(parties: Iterable[Party]) -> tuple[str, ...]:
    """One name of each organisation."""
    named = {party.organisation or party.name: party.name for party in parties}
    return tuple(sorted(set(named.values()))[:_MOST])


def _meets(one: Party, other: Party) -> bool:
    """Whether the two may be one: then they are not said to differ."""
    return not one.keys.keys().isdisjoint(other.keys)


def _names(record: Profile, reporter: Party) -> bool:
    return any(_same(party, reporter) for party in record.parts)


def _same(one: Party, other: Party) -> bool:
    """By identifier or resolved name: what only may be the same is not said to be."""
    return any(sure >= 1.0 and other.keys.get(key, 0.0) >= 1.0 for key, sure in one.keys.items())
