"""Who does what where: organisations grouped from records, counted by code, with what the index covers around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience, visible
from knowledge.finding import Facets, Hit, Participation
from knowledge.records import WORK, RecordKind, Role
from knowledge.store import models as m
from knowledge.store.remembered import recalled
from knowledge.timing import Standing, Timing
from knowledge.vocabulary import descendants

_KIND_FAMILIES = {
    "ngo": frozenset({"ngo", "ingo", "nngo", "civil_society", "women_led", "refugee_led"}),
    "nngo": frozenset({"nngo", "women_led", "refugee_led"}),
    "civil_society": frozenset({"civil_society", "ngo", "nngo", "women_led", "refugee_led"}),
    "multilateral": frozenset({"multilateral", "un"}),
    "government": frozenset({"government", "donor_government"}),
}


@dataclass(frozen=True, slots=True)
class Without:
    """What is left out of an answer, by id: organisations and kinds as doers; a record where every one of its places
    (or themes) lies in what is left out, since what lies elsewhere is still asked for."""

    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def drops(self, hit: Hit, paths: Sequence[str], themes: frozenset[str]) -> bool:
        """Whether the record goes: `paths` and `themes` are those of `places` and `themes` with all below them."""
        located = bool(paths) and bool(hit.places) and all(place.path.startswith(tuple(paths)) for place in hit.places)
        return located or (bool(themes) and bool(hit.themes) and themes.issuperset(hit.themes))


NOTHING = Without()
_NEARBY = 300
_ORDER = {timing: place for place, timing in enumerate(Timing)}


@dataclass(slots=True)
class Involved:
    """One organisation in an answer. `standing` is its best: running before planned before overdue before ended."""

    id: str
    name: str
    acronym: str
    kind: str
    written: Counter[str] = field(default_factory=Counter)
    roles: set[Role] = field(default_factory=set)
    themes: Counter[str] = field(default_factory=Counter)
    work: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    hits: list[Hit] = field(default_factory=list)
    standing: Standing = field(default_factory=lambda: Standing(Timing.CANCELLED))

    @property
    def display(self) -> str:
        """As these records mostly write it: people look for the name they know from the table."""
        return self.written.most_common(1)[0][0] if len(self.written) == 1 else self.name


@dataclass(slots=True)
class Findings:
    """The whole answer. `wider`: records that name only an area around the place asked for."""

    organisations: list[Involved]
    hits: list[Hit]
    unnamed: int
    wider: int
    elsewhere: list[tuple[str, int]]
    other_themes: list[tuple[str, int]]
    nearby: list[Hit] = field(default_factory=list)
    """Records behind `elsewhere` and `other_themes`, as many as tell the files they stand in."""

    def by_timing(self) -> Counter[Timing]:
        return Counter(organisation.standing.timing for organisation in self.organisations)

    def by_kind(self) -> Counter[str]:
        return Counter(organisation.kind for organisation in self.organisations)


def doing(hit: Hit) -> list[Participation]:
    """Who does the work of a record: those who implement; where none is named, those who answer for it or extend it;
    where none of these is, whoever reports it."""
    for roles in ((Role.IMPLEMENTING,), (Role.ACCOUNTABLE, Role.EXTENDING), (Role.REPORTING,)):
        if found := [o for o in hit.organisations if o.role in roles]:
            return found
    return []


def who(
    session: Session,
    facets: Facets,
    audience: Audience,
    today: date,
    *,
    kinds: Sequence[str] = (),
    only_open: bool = False,
    without: Without = NOTHING,
) -> Findings:
    """`kinds`: organisation kinds asked for (any of them). `only_open`: leave out what ended or was cancelled."""
    hits = finding.find(session, facets, audience)
    if without.places or without.themes:
        out = list(finding.paths_of(session, without.places).values())
        themes = frozenset(below for theme in without.themes for below in descendants(theme))
        hits = [hit for hit in hits if not without.drops(hit, out, themes)]
    wanted = _family(kinds)
    unwanted = _family(without.kinds)
    paths = tuple(finding.paths_of(session, facets.places).values())
    asked = frozenset(below for theme in facets.themes for below in descendants(theme))
    involved: dict[str, Involved] = {}
    kept: list[Hit] = []
    unnamed = 0
    for hit in hits:
        stands = hit.standing(today)
        if only_open and stands.timing.over and hit.kind is not RecordKind.PRESENCE:
            continue
        if facets.organisations:
            doers = [o for o in hit.organisations if o.organisation in facets.organisations]
        else:
            doers = doing(hit)
        unnamed += not doers
        doers = [o for o in doers if not wanted or o.kind in wanted]
        stay = [o for o in doers if o.kind not in unwanted and o.organisation not in without.organisations]
        if (wanted and not doers) or (doers and not stay):
            continue
        doers = stay
        kept.append(hit)
        for participation in doers:
            _add(involved, participation, hit, stands, paths, asked)
    organisations = sorted(
        involved.values(), key=lambda o: (_ORDER[o.standing.timing], -len(o.hits), o.display.casefold())
    )
    elsewhere = _elsewhere(session, facets, audience) if not kept else []
    other_themes = _other_themes(session, facets, audience) if not kept else []
    near = [replace(facets, places=(place,)) for place, _ in elsewhere]
    near += [replace(facets, themes=())] if other_themes else []
    return Findings(
        organisations=organisations,
        hits=kept,
        unnamed=unnamed,
        wider=_wider(session, facets, audience),
        elsewhere=elsewhere,
        other_themes=other_themes,
        nearby=[hit for facet in near for hit in finding.find(session, facet, audience, limit=_NEARBY)],
    )


def _family(kinds: Sequence[str]) -> frozenset[str]:
    return frozenset(k for kind in kinds for k in _KIND_FAMILIES.get(kind, frozenset({kind})))


def _add(
    involved: dict[str, Involved],
    who_does: Participation,
    hit: Hit,
    stands: Standing,
    paths: tuple[str, ...],
    asked: frozenset[str],
) -> None:
    organisation = involved.get(who_does.organisation)
    if organisation is None:
        organisation = Involved(who_does.organisation, who_does.name, who_does.acronym, who_does.kind)
        involved[who_does.organisation] = organisation
    organisation.kind = organisation.kind or who_does.kind
    organisation.written[who_does.written] += 1
    organisation.roles.add(who_does.role)
    if not organisation.hits or organisation.hits[-1].pk != hit.pk:
        organisation.hits.append(hit)
        for theme in hit.themes:
            if not asked or theme in asked:
                organisation.themes[theme] += 1
        organisation.work[hit.title] += 1
        inside = [p for p in hit.places if not paths or p.path.startswith(paths)]
        deepest = max((p.level for p in inside), default=0)
        for name in {p.name for p in inside if p.level == deepest or p.level > 0}:
            organisation.places[name] += 1
    if _ORDER[stands.timing] < _ORDER[organisation.standing.timing] or len(organisation.hits) == 1:
        organisation.standing = stands


def _wider(session: Session, facets: Facets, audience: Audience) -> int:
    """Records coded for an area around the place and no finer: they may or may not reach it."""
    paths = list(finding.paths_of(session, facets.places).values())
    above = sorted({step for path in paths for step in path.strip("|").split("|")[:-1]})
    if not above or facets.organisations:
        return 0
    around, inside = finding.at_places(above), finding.in_places(paths)
    return finding.count(session, replace(facets, places=()), audience, around, not_(inside))


def _elsewhere(session: Session, facets: Facets, audience: Audience) -> list[tuple[str, int]]:
    """The nearest place above that has an answer, and how many records: (place id, count)."""
    for path in finding.paths_of(session, facets.places).values():
        for step in reversed(path.strip("|").split("|")[:-1]):
            if found := finding.count(session, replace(facets, places=(step,)), audience):
                return [(step, found)]
    return []


def _other_themes(session: Session, facets: Facets, audience: Audience) -> list[tuple[str, int]]:
    """What is reported there instead: (theme id, records), most first."""
    if not facets.places or not facets.themes:
        return []
    where = finding.clauses(session, replace(facets, themes=()), audience)
    rows = session.execute(
        select(m.RecordThemeRow.theme, func.count(m.RecordThemeRow.record_pk.distinct()))
        .join(m.RecordRow, m.RecordRow.pk == m.RecordThemeRow.record_pk)
        .where(m.RecordThemeRow.theme != "", *where)
        .group_by(m.RecordThemeRow.theme)
        .order_by(func.count(m.RecordThemeRow.record_pk.distinct()).desc(), m.RecordThemeRow.theme)
        .limit(4)
    )
    return [(theme, number) for theme, number in rows]


@dataclass(frozen=True, slots=True)
class CoveredBy:
    """What the index holds on an area: presence tables as (title, as of), publishers of activities, newest date."""

    tables: list[tuple[str, date | None]]
    publishers: int
    newest: date | None

    @property
    def anything(self) -> bool:
        return bool(self.tables or self.publishers)


def coverage(session: Session, places: Sequence[str], audience: Audience) -> CoveredBy:
    """Sources that speak of the countries of `places` (of anything, where no place is asked for)."""
    countries = tuple(sorted({path.split("|")[0] + "|" for path in finding.paths_of(session, places).values()}))
    return recalled(session, "covered", (countries, audience), lambda: _covered(session, countries, audience))


def _covered(session: Session, countries: Sequence[str], audience: Audience) -> CoveredBy:
    where = [visible(audience), m.RecordRow.retired_at.is_(None), m.RecordRow.kind.in_([kind.value for kind in WORK])]
    if countries:
        where.append(finding.in_places(countries))
    presence = m.RecordRow.kind == RecordKind.PRESENCE.value
    tables = session.execute(
        select(m.SourceRow.title, m.SourceRow.name, m.SourceRow.as_of)
        .join(m.RecordRow, m.SourceRow.id == m.RecordRow.source_id)
        .where(*where, presence)
        .group_by(m.SourceRow.id)
        .order_by(m.SourceRow.as_of.desc(), m.SourceRow.name)
    ).all()
    publishers, newest = session.execute(
        select(func.count(m.RecordRow.publisher.distinct()).filter(~presence), func.max(m.RecordRow.reported_on)).where(
            *where
        )
    ).one()
    return CoveredBy([(row.title or row.name, row.as_of) for row in tables], publishers, newest)
