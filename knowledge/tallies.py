"""What found records come to by place, theme, year and organisation, each with the records behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.finding import Hit
from knowledge.store import models as m
from knowledge.store.sql import in_parts
from knowledge.vocabulary import theme
from knowledge.whowhatwhere import Findings

_SITE = 5
"""The level of named places that are no administrative area."""


@dataclass(slots=True)
class Counted:
    """One thing with its records, in the order given, and the ids of those who do the work of them."""

    id: str
    name: str
    hits: list[Hit] = field(default_factory=list)
    organisations: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Places:
    """`level` is the administrative level that was counted. `coarser`: records that name no place so fine."""

    level: int
    counted: list[Counted]
    coarser: int


def doers(findings: Findings) -> dict[int, set[str]]:
    """Record pk -> ids of the organisations that an answer names for it."""
    found: dict[int, set[str]] = defaultdict(set)
    for organisation in findings.organisations:
        for hit in organisation.hits:
            found[hit.pk].add(organisation.id)
    return found


def by_organisation(findings: Findings, hits: Iterable[Hit]) -> list[Counted]:
    wanted = {hit.pk for hit in hits}
    found = [
        Counted(one.id, one.display, [hit for hit in one.hits if hit.pk in wanted], {one.id})
        for one in findings.organisations
    ]
    return _most_first(row for row in found if row.hits)


def by_place(
    session: Session, hits: Sequence[Hit], who: dict[int, set[str]], asked: Sequence[str], level: int | None
) -> Places:
    """Places of `level` at or below the paths `asked`; a record of a village counts for the district around it.

    Without a level: the first one below the places asked for of which the records name any.
    """
    levels = _levels(session, hits)
    wanted = [level] if level is not None else _below(asked, levels)
    for one in wanted:
        counted: dict[str, Counted] = {}
        coarser = 0
        for hit in hits:
            inside = dict.fromkeys(_places(hit, asked, levels, one))
            coarser += not inside
            for ident in inside:
                row = counted.setdefault(ident, Counted(ident, levels[ident][0]))
                row.hits.append(hit)
                row.organisations |= who.get(hit.pk, set())
        if counted or one == wanted[-1]:
            return Places(one, _most_first(counted.values()), coarser)
    return Places(0, [], len(hits))


def _below(asked: Sequence[str], levels: dict[str, tuple[str, int]]) -> list[int]:
    steps = [path.strip("|").split("|")[-1] for path in asked]
    around = max((levels[step][1] for step in steps if step in levels), default=-1)
    return [*(level for level in (0, 1, 2, 3) if level > around), _SITE]


def _places(hit: Hit, asked: Sequence[str], levels: dict[str, tuple[str, int]], level: int) -> Iterator[str]:
    for place in hit.places:
        if asked and not place.path.startswith(tuple(asked)):
            continue
        yield from (step for step in place.path.strip("|").split("|") if levels.get(step, ("", -1))[1] == level)


def _levels(session: Session, hits: Iterable[Hit]) -> dict[str, tuple[str, int]]:
    """Place id -> (name, level), of all places of the records and those around them."""
    steps = sorted({step for hit in hits for place in hit.places for step in place.path.strip("|").split("|")})
    found: dict[str, tuple[str, int]] = {}
    for part in in_parts(steps):
        rows = session.execute(select(m.PlaceRow.id, m.PlaceRow.name, m.PlaceRow.level).where(m.PlaceRow.id.in_(part)))
        found |= {ident: (name, level) for ident, name, level in rows}
    return found


def by_theme(session: Session, hits: Sequence[Hit], who: dict[int, set[str]]) -> tuple[list[Counted], int]:
    """Main themes that the records state (what they only describe is not counted), and how many state none."""
    of_record = {hit.pk: hit for hit in hits}
    pks = list(of_record)
    stated: dict[int, set[str]] = defaultdict(set)
    for part in in_parts(pks):
        rows = session.execute(
            select(m.RecordThemeRow.record_pk, m.RecordThemeRow.theme).where(
                m.RecordThemeRow.record_pk.in_(part),
                m.RecordThemeRow.theme != "",
                m.RecordThemeRow.scope != m.DESCRIBED,
            )
        )
        for pk, ident in rows:
            stated[pk] |= main_themes(ident)
    counted: dict[str, Counted] = {}
    for pk, hit in of_record.items():
        for ident in sorted(stated[pk]):
            row = counted.setdefault(ident, Counted(ident, theme(ident).labels["en"]))
            row.hits.append(hit)
            row.organisations |= who.get(pk, set())
    return _most_first(counted.values()), sum(not stated[pk] for pk in pks)


@lru_cache(maxsize=1000)
def main_themes(ident: str) -> frozenset[str]:
    """The themes around this one that have none around them; itself where it has none."""
    parents = theme(ident).parents
    return frozenset().union(*map(main_themes, parents)) if parents else frozenset({ident})


def by_year(hits: Iterable[Hit], who: dict[int, set[str]]) -> tuple[list[Counted], int]:
    """Years in which the records start, in order, and how many give no start."""
    counted: dict[int, Counted] = {}
    undated = 0
    for hit in hits:
        if hit.start is None:
            undated += 1
            continue
        row = counted.setdefault(hit.start.year, Counted(str(hit.start.year), str(hit.start.year)))
        row.hits.append(hit)
        row.organisations |= who.get(hit.pk, set())
    return [counted[year] for year in sorted(counted)], undated


def by_kind(findings: Findings, hits: Iterable[Hit]) -> list[Counted]:
    """Kinds of organisation; `id` is "" where none is reported. Those of one kind are counted by their records too."""
    wanted = {hit.pk for hit in hits}
    counted: dict[str, Counted] = {}
    seen: set[tuple[str, int]] = set()
    for organisation in findings.organisations:
        row = counted.setdefault(organisation.kind, Counted(organisation.kind, organisation.kind))
        for hit in organisation.hits:
            if hit.pk in wanted:
                row.organisations.add(organisation.id)
                if (organisation.kind, hit.pk) not in seen:
                    row.hits.append(hit)
                    seen.add((organisation.kind, hit.pk))
    rows = [row for row in counted.values() if row.organisations]
    return sorted(rows, key=lambda row: (-len(row.organisations), -len(row.hits), row.id))


def _most_first(rows: Iterable[Counted]) -> list[Counted]:
    return sorted(rows, key=lambda row: (-len(row.hits), -len(row.organisations), row.name.casefold(), row.id))
