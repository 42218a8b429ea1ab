"""Records by place, theme, organisation and period, narrowed by audience inside the query itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, load_only

from knowledge.access import Audience, visible
from knowledge.records import WORK, RecordKind, Role
from knowledge.reply import RecordSummary
from knowledge.store import models as m
from knowledge.store.remembered import recalled_each
from knowledge.timing import Standing, standing
from knowledge.vocabulary import descendants, kind_of
from knowledge.vocabulary import theme as theme_of

_LAST = "\U0010ffff"
_REMEMBERED = 60_000
"""Records kept in memory: some 2 kB each."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What is asked for. Values of one facet widen it (any of them); facets narrow each other (all of them).

    A place means the place and all below it, a theme the theme and all below it. `start`/`end`: records whose period
    meets that span; a record without an end is taken to go on.
    """

    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    kinds: tuple[RecordKind, ...] = WORK
    pks: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    organisation: str
    name: str
    kind: str
    acronym: str
    written: str
    role: Role


@dataclass(frozen=True, slots=True)
class Locality:
    place: str
    name: str
    level: int
    path: str
    site: str


@dataclass(slots=True)
class Hit:
    """One record, with what a person needs to judge it."""

    pk: int
    id: str
    kind: RecordKind
    title: str
    language: str
    publisher: str
    status: str
    start: date | None
    end: date | None
    reported_on: date | None
    secondary: bool
    element: str
    line: int
    level: str
    source_id: int
    source: str
    source_title: str
    source_format: str
    as_of: date | None
    organisations: list[Participation] = field(default_factory=list)
    places: list[Locality] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    sector_names: list[str] = field(default_factory=list)
    _stood: tuple[date, Standing] | None = field(default=None, repr=False, compare=False)
    summary: RecordSummary | None = field(default=None, repr=False, compare=False)
    """As an answer lists it, once it was listed."""

    def standing(self, today: date) -> Standing:
        if self._stood is None or self._stood[0] != today:
            stands = standing(self.kind, self.status, self.start, self.end, self.reported_on, today)
            self._stood = today, stands
        return self._stood[1]


def paths_of(session: Session, places: Iterable[str]) -> dict[str, str]:
    """Place id -> path, for the ids that exist."""
    rows = session.execute(select(m.PlaceRow.id, m.PlaceRow.path).where(m.PlaceRow.id.in_(list(places))))
    return {row.id: row.path for row in rows}


def below(path: str) -> ColumnElement[bool]:
    """Places at `path` or under it."""
    return and_(m.PlaceRow.path >= path, m.PlaceRow.path < path + _LAST)


def in_places(paths: Iterable[str]) -> ColumnElement[bool]:
    """Records coded at or below one of these paths."""
    located = (
        select(m.RecordPlaceRow.record_pk)
        .join(m.PlaceMentionRow, m.PlaceMentionRow.id == m.RecordPlaceRow.mention_id)
        .join(m.PlaceRow, m.PlaceRow.id == m.PlaceMentionRow.place_id)
        .where(or_(*(below(path) for path in paths)))
    )
    return m.RecordRow.pk.in_(located)


def at_places(places: Sequence[str]) -> ColumnElement[bool]:
    """Records coded at one of exactly these places (not below them)."""
    located = (
        select(m.RecordPlaceRow.record_pk)
        .join(m.PlaceMentionRow, m.PlaceMentionRow.id == m.RecordPlaceRow.mention_id)
        .where(m.PlaceMentionRow.place_id.in_(places))
    )
    return m.RecordRow.pk.in_(located)


def themes_meant(themes: Sequence[str]) -> tuple[list[str], list[str]]:
    """The themes that a row may state to answer, and those that it may only describe.

    What a row describes counts for the theme it names, never for a sector beside the stated one: psychosocial
    support under the protection cluster is asked for as mental health, and is no row of the health cluster."""
    wanted = sorted({below_it for ident in themes for below_it in descendants(ident)})
    finer = sorted({below_it for ident in themes if theme_of(ident).parents for below_it in descendants(ident)})
    return wanted, finer


def _on_themes(themes: Sequence[str]) -> ColumnElement[bool]:
    wanted, finer = themes_meant(themes)
    stated = and_(m.RecordThemeRow.theme.in_(wanted), m.RecordThemeRow.scope != m.DESCRIBED)
    return m.RecordRow.pk.in_(select(m.RecordThemeRow.record_pk).where(or_(stated, m.RecordThemeRow.theme.in_(finer))))


def _by_organisations(organisations: Sequence[str]) -> ColumnElement[bool]:
    taking_part = (
        select(m.RecordOrganisationRow.record_pk)
        .join(m.OrganisationMentionRow, m.OrganisationMentionRow.id == m.RecordOrganisationRow.mention_id)
        .where(m.OrganisationMentionRow.organisation_id.in_(organisations))
    )
    return m.RecordRow.pk.in_(taking_part)


def clauses(
    session: Session, facets: Facets, audience: Audience, *, retired: bool = False
) -> list[ColumnElement[bool]]:
    """The WHERE of a question. The audience is always part of it; retired records only where asked for."""
    found: list[ColumnElement[bool]] = [visible(audience), m.RecordRow.kind.in_([kind.value for kind in facets.kinds])]
    if not retired:
        found.append(m.RecordRow.retired_at.is_(None))
    if facets.places:
        paths = paths_of(session, facets.places)
        found.append(in_places(paths.values()) if paths else m.RecordRow.pk.is_(None))
    if facets.themes:
        found.append(_on_themes(facets.themes))
    if facets.organisations:
        found.append(_by_organisations(facets.organisations))
    if facets.start is not None:
        found.append(or_(m.RecordRow.end.is_(None), m.RecordRow.end >= facets.start))
    if facets.end is not None:
        found.append(or_(m.RecordRow.start.is_(None), m.RecordRow.start <= facets.end))
    if facets.pks is not None:
        found.append(m.RecordRow.pk.in_(facets.pks))
    return found


def count(session: Session, facets: Facets, audience: Audience, *more: ColumnElement[bool]) -> int:
    where = clauses(session, facets, audience)
    return session.scalar(select(func.count()).select_from(m.RecordRow).where(*where, *more)) or 0


def find(
    session: Session, facets: Facets, audience: Audience, *, limit: int | None = None, retired: bool = False
) -> list[Hit]:
    """All records that answer `facets` and that `audience` may see, with organisations, places and themes.

    They are remembered and shared between questions: nobody may change them.
    """
    where = clauses(session, facets, audience, retired=retired)
    pks = session.scalars(select(m.RecordRow.pk).where(*where).order_by(m.RecordRow.id).limit(limit)).all()
    return list(recalled_each(session, "hits", pks, lambda part: _read(session, part), _REMEMBERED).values())


def _read(session: Session, pks: Sequence[int]) -> dict[int, Hit]:
    rows = session.execute(_selected().where(m.RecordRow.pk.in_(pks)))
    found = {record.pk: _hit(record, source) for record, source in rows}
    _fill(session, found, list(found))
    return found


def _selected() -> Select[m.RecordRow, m.SourceRow]:
    # Only what a hit shows: the problems of a source alone are a thousand lines of JSON.
    return (
        select(m.RecordRow, m.SourceRow)
        .join(m.SourceRow, m.SourceRow.id == m.RecordRow.source_id)
        .options(
            load_only(m.SourceRow.name, m.SourceRow.title, m.SourceRow.format, m.SourceRow.as_of, raiseload=True),
        )
    )


def _hit(record: m.RecordRow, source: m.SourceRow) -> Hit:
    return Hit(
        record.pk,
        record.id,
        RecordKind(record.kind),
        record.title,
        record.language,
        record.publisher,
        record.status,
        record.start,
        record.end,
        record.reported_on,
        record.secondary,
        record.element,
        record.line,
        record.level,
        source.id,
        source.name,
        source.title,
        source.format,
        source.as_of,
    )


def _fill(session: Session, hits: dict[int, Hit], pks: Sequence[int]) -> None:
    taking_part = session.execute(
        select(
            m.RecordOrganisationRow.record_pk,
            m.RecordOrganisationRow.role,
            m.OrganisationMentionRow.name.label("written"),
            m.OrganisationMentionRow.acronym.label("short"),
            m.OrganisationMentionRow.kind.label("stated"),
            m.OrganisationRow.id,
            m.OrganisationRow.name,
            m.OrganisationRow.kind,
            m.OrganisationRow.acronym,
        )
        .join(m.OrganisationMentionRow, m.OrganisationMentionRow.id == m.RecordOrganisationRow.mention_id)
        .join(m.OrganisationRow, m.OrganisationRow.id == m.OrganisationMentionRow.organisation_id)
        .where(m.RecordOrganisationRow.record_pk.in_(pks))
        .order_by(m.RecordOrganisationRow.record_pk, m.RecordOrganisationRow.ordinal)
    )
    for pk, role, written, short, stated, ident, name, kind, acronym in taking_part:
        hits[pk].organisations.append(
            Participation(
                ident,
                name,
                kind or (kind_of(stated) if stated else ""),
                acronym or short,
                written or short or name,
                Role(role),
            )
        )
    located = session.execute(
        select(
            m.RecordPlaceRow.record_pk,
            m.RecordPlaceRow.site,
            m.PlaceRow.id,
            m.PlaceRow.name,
            m.PlaceRow.level,
            m.PlaceRow.path,
        )
        .join(m.PlaceMentionRow, m.PlaceMentionRow.id == m.RecordPlaceRow.mention_id)
        .join(m.PlaceRow, m.PlaceRow.id == m.PlaceMentionRow.place_id)
        .where(m.RecordPlaceRow.record_pk.in_(pks))
        .order_by(m.RecordPlaceRow.record_pk, m.RecordPlaceRow.ordinal)
    )
    for pk, site, ident, name, level, path in located:
        hits[pk].places.append(Locality(ident, name, level, path, site))
    on_themes = session.execute(
        select(m.RecordThemeRow.record_pk, m.RecordThemeRow.theme, m.RecordThemeRow.name)
        .where(m.RecordThemeRow.record_pk.in_(pks))
        .order_by(m.RecordThemeRow.record_pk, m.RecordThemeRow.ordinal, m.RecordThemeRow.theme)
    )
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for pk, theme, name in on_themes:
        if theme and theme not in hits[pk].themes:
            hits[pk].themes.append(theme)
        if name:
            names[pk][name] = None
    for pk, found in names.items():
        hits[pk].sector_names = list(found)
