"""Who does what where: organisations grouped from records, counted by code, with what the index covers around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience, visible
from knowledge.finding import Facets, Hit, Participation
from knowledge.records import WORK, RecordKind, Role
from knowledge.store import models as m
from knowledge.timing import Standing, Timing
from knowledge.vocabulary import descendants

_KIND_FAMILIES = {
    "ngo": frozenset({"ngo", "ingo", "nngo", "civil_society", "women_led", "refugee_led"}),
    "nngo": frozenset({"nngo", "women_led", "refugee_led"}),
    "civil_society": frozenset({"civil_society", "ngo", "nngo", "women_led", "refugee_led"}),
    "multilateral": frozenset({"multilateral", "un"}),
    "government": frozenset({"government", "donor_government"}),
}


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
) -> Findings:
    """`kinds`: organisation kinds asked for (any of them). `only_open`: leave out what ended or was cancelled."""
    hits = finding.find(session, facets, audience)
    wanted = frozenset(k for kind in kinds for k in _KIND_FAMILIES.get(kind, frozenset({kind})))
    paths = list(finding.paths_of(session, facets.places).values())
    asked = {below for theme in facets.themes for below in descendants(theme)}
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
        if wanted and not doers:
            continue
        kept.append(hit)
        for participation in doers:
            _add(involved, participation, hit, stands, paths, asked)
    order = list(Timing)
    organisations = sorted(
        involved.values(), key=lambda o: (order.index(o.standing.timing), -len(o.hits), o.display.casefold())
    )
    return Findings(
        organisations=organisations,
        hits=kept,
        unnamed=unnamed,
        wider=_wider(session, facets, audience),
        elsewhere=_elsewhere(session, facets, audience) if not kept else [],
        other_themes=_other_themes(session, facets, audience) if not kept else [],
    )


def _add(
    involved: dict[str, Involved],
    who_does: Participation,
    hit: Hit,
    stands: Standing,
    paths: Sequence[str],
    asked: Iterable[str],
) -> None:
    organisation = involved.setdefault(
        who_does.organisation, Involved(who_does.organisation, who_does.name, who_does.acronym, who_does.kind)
    )
    organisation.kind = organisation.kind or who_does.kind
    organisation.written[who_does.written] += 1
    organisation.roles.add(who_does.role)
    if not organisation.hits or organisation.hits[-1].pk != hit.pk:
        organisation.hits.append(hit)
        wanted = set(asked)
        organisation.themes.update(theme for theme in hit.themes if not wanted or theme in wanted)
        organisation.work[hit.title] += 1
        inside = [p for p in hit.places if not paths or any(p.path.startswith(path) for path in paths)]
        deepest = max((p.level for p in inside), default=0)
        organisation.places.update({p.name for p in inside if p.level == deepest or p.level > 0})
    order = list(Timing)
    if order.index(stands.timing) < order.index(organisation.standing.timing) or len(organisation.hits) == 1:
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
    countries = sorted({path.split("|")[0] + "|" for path in finding.paths_of(session, places).values()})
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
