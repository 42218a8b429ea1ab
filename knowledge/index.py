"""The open index: one home with its linker, kept at the published version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from threading import Lock

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from knowledge import indexing
from knowledge.access import Audience, allows_any
from knowledge.countries import iso3
from knowledge.home import Home
from knowledge.linking import Lexicon, Linker, LinkResult, OrganisationEntry, PlaceEntry
from knowledge.records import Access, Level
from knowledge.settings import Settings
from knowledge.store import models as m


class Index:
    """What actions, pages and commands ask. Thread-safe: the linker is replaced whole when the version grows."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._lock = Lock()
        self._linker: Linker | None = None
        self._version = -1

    @property
    def settings(self) -> Settings:
        return self.home.settings

    def today(self) -> date:
        return self.settings.current_date()

    def linker(self) -> Linker:
        with self.home.database.read() as session:
            version = indexing.version(session)
            with self._lock:
                if self._linker is None or version != self._version:
                    self._linker = Linker(load_lexicon(session), self.today, self._known_record)
                    self._version = version
                return self._linker

    def _known_record(self, typed: str) -> str | None:
        with self.home.database.read() as session:
            return session.scalar(select(m.RecordRow.id).where(func.lower(m.RecordRow.id) == typed.lower()))

    def link(self, text: str, audience: Audience, countries: tuple[str, ...] = ()) -> LinkResult:
        """What `text` names, among what `audience` may know to exist."""

        def seen(entry: OrganisationEntry | PlaceEntry) -> bool:
            return not entry.access or allows_any(audience, entry.access)

        visible: Callable[[OrganisationEntry | PlaceEntry], bool] = seen
        return self.linker().link(text, visible=visible, countries=countries)


def load_lexicon(session: Session) -> Lexicon:
    """All names of the store: organisations of records, places of gazetteers and records.

    An entry's `access` lists the permissions of the records that name it; places of gazetteers and countries have
    none and are known to everybody. A public record settles it, so only that one permission is kept then.
    """
    named = _named(session)
    permissions = {
        row.pk: Access(Level(row.level), row.owner, tuple(sorted(named[row.pk])) if row.level == Level.NAMED else ())
        for row in session.execute(
            select(m.RecordRow.pk, m.RecordRow.level, m.RecordRow.owner).where(m.RecordRow.retired_at.is_(None))
        )
    }
    organisations = _permissions(
        session,
        permissions,
        select(m.RecordOrganisationRow.record_pk, m.OrganisationMentionRow.organisation_id)
        .join(m.OrganisationMentionRow, m.OrganisationMentionRow.id == m.RecordOrganisationRow.mention_id)
        .where(m.OrganisationMentionRow.organisation_id.is_not(None)),
    )
    located = _permissions(
        session,
        permissions,
        select(m.RecordPlaceRow.record_pk, m.PlaceMentionRow.place_id)
        .join(m.PlaceMentionRow, m.PlaceMentionRow.id == m.RecordPlaceRow.mention_id)
        .where(m.PlaceMentionRow.place_id.is_not(None)),
    )
    entries = [
        OrganisationEntry(
            id=row.id,
            name=row.name,
            kind=row.kind,
            country=row.country,
            aliases=(*row.aliases, *((row.acronym,) if row.acronym else ())),
            weight=organisations[row.id][0],
            access=organisations[row.id][1],
        )
        for row in session.scalars(select(m.OrganisationRow))
        if row.id in organisations
    ]
    gazetteered = {row.pcode.upper() for row in session.execute(select(m.GazetteerRow.pcode))}
    places = [
        PlaceEntry(
            id=row.id,
            name=row.name,
            level=row.level,
            country=row.country,
            parent=row.parent_id or "",
            aliases=tuple(row.aliases),
            weight=located[row.id][0] if row.id in located else 0,
            access=()
            if row.level <= 0 or row.id not in located or _in_gazetteer(row.id, row.country, gazetteered)
            else located[row.id][1],
        )
        for row in session.scalars(select(m.PlaceRow))
    ]
    return Lexicon(entries, places)


def _in_gazetteer(place_id: str, country: str, codes: set[str]) -> bool:
    return place_id in codes or iso3(country) + place_id[len(country) :] in codes


def _named(session: Session) -> dict[int, list[str]]:
    named: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(select(m.RecordAudienceRow.record_pk, m.RecordAudienceRow.organisation)):
        named[row.record_pk].append(row.organisation)
    return named


def _permissions(
    session: Session, permissions: dict[int, Access], query: Select[int, str | None]
) -> dict[str, tuple[int, tuple[Access, ...]]]:
    found: dict[str, tuple[int, set[Access]]] = {}
    for pk, key in session.execute(query):
        if key is None or pk not in permissions:
            continue
        number, access = found.get(key, (0, set()))
        access.add(permissions[pk])
        found[key] = (number + 1, access)
    public = Access(Level.PUBLIC)
    return {
        key: (
            number,
            (public,) if any(a.level is Level.PUBLIC for a in access) else tuple(sorted(access, key=repr)),
        )
        for key, (number, access) in found.items()
    }
