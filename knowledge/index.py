"""The open index: one home with its linkers, kept at the published version."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from threading import Lock

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import identity, indexing
from knowledge.access import PUBLIC, Audience, allows, operator, visible
from knowledge.countries import iso3
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.linking import Lexicon, Linker, LinkResult, OrganisationEntry, PlaceEntry
from knowledge.linking.known import KNOWN
from knowledge.overlap.standing import Standing
from knowledge.records import Access, Level
from knowledge.search import search
from knowledge.settings import Settings
from knowledge.store import models as m
from knowledge.store.rows import split_names
from knowledge.text import fold
from knowledge.vocabulary import kind_of

_LINKERS_KEPT = 4

Sight = frozenset[Access]
"""The permissions of the index that one audience fulfils: who fulfils the same sees the same."""


class Index:
    """What actions, pages and commands ask. Thread-safe: linkers are replaced whole when the version grows.

    There is one linker for each sight, made of nothing but the records in it. So no name, weight or probability that
    an audience is given can tell of a record that it may not see.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._lock = Lock()
        self._linkers: OrderedDict[Sight, Linker] = OrderedDict()
        self._permissions: Sight = frozenset()
        self._version = -1
        self.overlaps = Standing(home, self.sight)

    @property
    def settings(self) -> Settings:
        return self.home.settings

    def today(self) -> date:
        return self.settings.current_date()

    def version(self) -> int:
        """The published version that questions are answered from."""
        with self.home.database.read() as session:
            return indexing.version(session)

    def warm(self) -> None:
        """Loads what the first question would otherwise wait for, and begins to compare initiatives."""
        audiences = (PUBLIC, operator(self.settings.organisation))
        for audience in audiences:
            self.linker(audience)
        with self.home.database.read() as session:
            search(self.home, session, "warm-up", Facets(), PUBLIC, 1)
        self.overlaps.warm(audiences)

    def sight(self, audience: Audience) -> Sight:
        """The permissions of the published version that `audience` fulfils."""
        with self.home.database.read() as session, self._lock:
            return self._sight(session, audience)

    def _sight(self, session: Session, audience: Audience) -> Sight:
        version = indexing.version(session)
        if version != self._version:
            self._linkers.clear()
            self._permissions = _permissions(session)
            self._version = version
        return frozenset(access for access in self._permissions if allows(audience, access))

    def linker(self, audience: Audience) -> Linker:
        with self.home.database.read() as session, self._lock:
            sight = self._sight(session, audience)
            if sight not in self._linkers:
                lexicon = load_lexicon(session, audience)
                self._linkers[sight] = Linker(lexicon, self.today, self._known_record(audience))
            self._linkers.move_to_end(sight)
            while len(self._linkers) > _LINKERS_KEPT:
                self._linkers.popitem(last=False)
            return self._linkers[sight]

    def _known_record(self, audience: Audience) -> Callable[[str], str | None]:
        def known(typed: str) -> str | None:
            with self.home.database.read() as session:
                return session.scalar(
                    select(m.RecordRow.id).where(func.lower(m.RecordRow.id) == typed.lower(), visible(audience))
                )

        return known

    def link(self, text: str, audience: Audience, countries: tuple[str, ...] = ()) -> LinkResult:
        """What `text` names, among what `audience` may know to exist."""
        return self.linker(audience).link(text, countries=countries)


def _permissions(session: Session) -> Sight:
    """Every permission that records and sources of the index have."""
    named: dict[int, list[str]] = defaultdict(list)
    for pk, organisation in session.execute(select(m.RecordAudienceRow.record_pk, m.RecordAudienceRow.organisation)):
        named[pk].append(organisation)
    found = {
        Access(Level(level), owner)
        for level, owner in session.execute(
            select(m.RecordRow.level, m.RecordRow.owner).where(m.RecordRow.level != Level.NAMED.value).distinct()
        )
    }
    owners = session.execute(select(m.RecordRow.pk, m.RecordRow.owner).where(m.RecordRow.level == Level.NAMED.value))
    found.update(Access(Level.NAMED, owner, tuple(sorted(named[pk]))) for pk, owner in owners)
    return frozenset(found.union(map(_access, session.scalars(select(m.SourceRow)))))


def _access(source: m.SourceRow) -> Access:
    return Access(Level(source.level), source.owner, tuple(source.named))


def load_lexicon(session: Session, audience: Audience) -> Lexicon:
    """The names that `audience` may know: of organisations and places in its records, of gazetteers and countries."""
    return Lexicon(_organisations(session, audience), _places(session, audience))


def _organisations(session: Session, audience: Audience) -> Iterable[OrganisationEntry]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    weights: Counter[str] = Counter()
    mentioned = m.OrganisationMentionRow
    rows = session.execute(
        select(mentioned.organisation_id, mentioned.name, mentioned.acronym, mentioned.kind, func.count())
        .join(m.RecordOrganisationRow, m.RecordOrganisationRow.mention_id == m.OrganisationMentionRow.id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
        .where(
            visible(audience), m.RecordRow.retired_at.is_(None), m.OrganisationMentionRow.organisation_id.is_not(None)
        )
        .group_by(m.OrganisationMentionRow.id)
    )
    for organisation, written, acronym, stated, number in rows:
        key = organisation or ""
        weights[key] += number
        for name in {written, *identity.split_acronym(written), acronym} - {""}:
            names[key][name] += number
        if kind := kind_of(stated) if stated else "":
            kinds[key][kind] += number
    curated, listed_as = _curated_names(session, audience)
    named: set[str] = set()
    # Columns, not rows of the ORM: it would keep an object for each of some hundred thousand names.
    table = m.OrganisationRow
    for row in session.execute(select(table.id, table.name, table.kind, table.country)):
        if row.id not in weights:
            continue
        known, listed = names[row.id], curated.get(row.name, set())
        name = row.name if row.name in known or listed else _most(known) or row.id
        named.update(map(fold, (name, *known, *listed)))
        yield OrganisationEntry(
            id=row.id,
            name=name,
            kind=row.kind or _most(kinds[row.id]),
            country=row.country,
            aliases=tuple(sorted({*known, *listed} - {name})),
            weight=weights[row.id],
        )
    for canonical, listed in sorted(curated.items()):
        kind, country = listed_as[canonical]
        if named.isdisjoint(map(fold, listed)):
            # Of a list, and in no record: a question about it is understood, and answered with "none".
            ident = KNOWN + fold(canonical).replace(" ", "-")
            yield OrganisationEntry(ident, canonical, kind_of(kind), country, tuple(sorted(listed - {canonical})))


def _curated_names(
    session: Session, audience: Audience
) -> tuple[Mapping[str, set[str]], Mapping[str, tuple[str, str]]]:
    """What curated lists give for each canonical name: all names and acronyms, for people ask by names that no record
    uses; and its kind and country as written there."""
    found: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, tuple[str, str]] = {}
    rows = session.scalars(
        select(m.OrganisationNameRow).where(m.OrganisationNameRow.source_id.in_(_sources(session, audience)))
    )
    for row in rows:
        found[row.canonical].update({row.canonical, row.name, row.acronym} - {""})
        kinds.setdefault(row.canonical, (row.kind, row.country))
    return found, kinds


def _sources(session: Session, audience: Audience) -> list[int]:
    """The sources that are open to `audience`, whether or not they hold records."""
    return [row.id for row in session.scalars(select(m.SourceRow)) if allows(audience, _access(row))]


def _most(counts: Counter[str]) -> str:
    return max(sorted(counts), key=lambda value: counts[value], default="")


def _places(session: Session, audience: Audience) -> Iterable[PlaceEntry]:
    written: dict[str, set[str]] = defaultdict(set)
    weights: Counter[str] = Counter()
    rows = session.execute(
        select(m.PlaceMentionRow.place_id, m.PlaceMentionRow.names, func.count())
        .join(m.RecordPlaceRow, m.RecordPlaceRow.mention_id == m.PlaceMentionRow.id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordPlaceRow.record_pk)
        .where(visible(audience), m.RecordRow.retired_at.is_(None), m.PlaceMentionRow.place_id.is_not(None))
        .group_by(m.PlaceMentionRow.id)
    )
    for place_id, names, number in rows:
        weights[place_id or ""] += number
        written[place_id or ""].update(split_names(names)[-1:])
    table = m.PlaceRow
    places = session.execute(
        select(table.id, table.name, table.level, table.country, table.parent_id, table.path, table.aliases)
    ).all()
    spoken_of = {step for place in places if place.id in weights for step in place.path.strip("|").split("|")}
    open_codes = select(m.GazetteerRow.pcode).where(m.GazetteerRow.source_id.in_(_sources(session, audience)))
    gazetteered = {code.upper() for code in session.scalars(open_codes)}
    for place in places:
        if place.level <= 0 or place.id in spoken_of or _in_gazetteer(place.id, place.country, gazetteered):
            yield PlaceEntry(
                id=place.id,
                name=place.name,
                level=place.level,
                country=place.country,
                parent=place.parent_id or "",
                aliases=tuple(alias for alias in place.aliases if alias in written[place.id]),
                weight=weights[place.id],
            )


def _in_gazetteer(place_id: str, country: str, codes: set[str]) -> bool:
    return place_id in codes or iso3(country) + place_id[len(country) :] in codes
