"""Watches: what an organisation wants to be told of, and what a watch finds.

A watch sends nothing: what it finds is shown to who asks, and told by whatever channel remembers where it was set.
`channel` says where they want to be told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from knowledge import changes as changes_of_index
from knowledge import keeping
from knowledge.access import Audience
from knowledge.changes import TOLD, Changes, Group, Mark, Since
from knowledge.finding import Facets
from knowledge.keeping import UnknownThing, Who, Wrong
from knowledge.records import RecordKind
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from knowledge.store.state import version
from knowledge.vocabulary import themes as all_themes

MOST_OF_A_PERSON = 50
IN_CONVERSATION = "conversation"
"""The channel of who wants to be told where they ask."""
IN_CHAT = "chat"
"""The channel of who wants to be told, unasked, in the chat where they set it."""


class Event(StrEnum):
    """What may be told: new records, records that ended or were withdrawn, records that changed."""

    NEW = "new"
    ENDED = "ended"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Watch:
    """Ids of places, themes and organisations, at least one of any; `kinds` of records, all where empty.

    Values of one facet widen it, facets narrow each other. `channel` is a name for people.
    """

    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    kinds: tuple[RecordKind, ...] = ()
    events: frozenset[Event] = frozenset(Event)
    channel: str = IN_CONVERSATION

    @property
    def facets(self) -> Facets:
        return Facets(self.places, self.themes, self.organisations, kinds=self.kinds or TOLD)


@dataclass(frozen=True, slots=True)
class KeptWatch:
    """`found`: what changed since its maker's last look. `by`: the organisation. `mine`: whether who asks made it."""

    id: str
    watch: Watch
    by: str
    mine: bool
    created_at: datetime
    looked_at: datetime
    found: Changes


@dataclass(frozen=True, slots=True)
class News:
    """What is told of a watch unasked. `by`: the organisation."""

    watch: Watch
    by: str
    found: Changes


def add(session: Session, who: Who, watch: Watch, *, key: str = "") -> str:
    """Keeps the watch from now on and returns its id; the organisation's same watch is kept once.

    `session` is to be committed. Raises NotAMember, TooMany, Wrong (nothing to watch, or an unknown value).
    """
    owner = who.require_organisation()
    watch = _checked(session, who, watch)
    digest = keeping.key_of(key, watch.places, watch.themes, watch.organisations, watch.kinds, sorted(watch.events))
    table = m.WatchRow
    same = select(table.id).where(table.owner == owner, table.key == digest)
    if (known := session.scalar(same)) is not None:
        if watch.channel == IN_CHAT:
            session.execute(update(table).where(table.id == known).values(channel=IN_CHAT))
        return known
    keeping.check_limit(session, table, who, MOST_OF_A_PERSON)
    new_id, now = keeping.new_id(), utc_now()
    moment = changes_of_index.mark(session, now)
    session.execute(
        sqlite.insert(table)
        .values(
            id=new_id,
            owner=owner,
            by=who.name,
            person=who.person,
            key=digest,
            places=list(watch.places),
            themes=list(watch.themes),
            organisations=list(watch.organisations),
            kinds=[kind.value for kind in watch.kinds],
            events=sorted(event.value for event in watch.events),
            channel=watch.channel,
            created_at=now,
            looked=moment.change,
            looked_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.scalar(same) or new_id


def list_(session: Session, who: Who, *, today: date | None = None, limit: int = 0) -> list[KeptWatch]:
    """The organisation's watches, the oldest first, with counts since the last look and `limit` records of each group.

    Raises NotAMember.
    """
    who.require_organisation()
    owners = sorted(who.audience.organisations)
    rows = session.scalars(
        select(m.WatchRow).where(m.WatchRow.owner.in_(owners)).order_by(m.WatchRow.created_at, m.WatchRow.id)
    ).all()
    return [_kept(session, who, row, today, limit) for row in rows]


def get(session: Session, who: Who, watch_id: str, *, today: date | None = None, limit: int = 20) -> KeptWatch:
    """One watch with what it finds since the last look. Raises NotAMember, UnknownThing."""
    who.require_organisation()
    return _kept(session, who, _row(session, who, watch_id), today, limit)


def remove(session: Session, who: Who, watch_id: str) -> Watch:
    """Ends a watch of the organisation and returns what it was: to `add` that takes it up anew.

    `session` is to be committed. Raises NotAMember, UnknownThing.
    """
    who.require_organisation()
    watch = _watch(_row(session, who, watch_id))
    session.execute(delete(m.WatchRow).where(m.WatchRow.id == watch_id))
    return watch


def looked(session: Session, who: Who, watch_id: str) -> None:
    """Notes that its maker has seen what there was until now; of others of the organisation nothing is noted.

    `session` is to be committed. Raises NotAMember, UnknownThing.
    """
    who.require_organisation()
    row = _row(session, who, watch_id)
    if row.person == who.person:
        moment = changes_of_index.mark(session, utc_now())
        session.execute(
            update(m.WatchRow).where(m.WatchRow.id == watch_id).values(looked=moment.change, looked_at=moment.at)
        )


def changes(
    session: Session,
    who: Who,
    since: Since | None = None,
    *,
    watch: str = "",
    facets: Facets | None = None,
    until: Since | None = None,
    today: date | None = None,
    limit: int = 20,
) -> Changes:
    """What changed since a day, a time or a version: for a watch (whose last look is the default), or for `facets`
    (everything, where none are given), which visitors may ask too. `until`: before that day or time.

    Raises NotAMember and UnknownThing for watches, ValueError where neither `since` nor `watch` says since when.
    """
    day = today or utc_now().date()
    last = changes_of_index.mark_of(session, until) if until is not None else None
    if watch:
        who.require_organisation()
        row = _row(session, who, watch)
        moment = changes_of_index.mark_of(session, since) if since is not None else Mark(row.looked, row.looked_at)
        kept = _watch(row)
        found = changes_of_index.since(session, who.audience, kept.facets, moment, day, until=last, limit=limit)
        return _of_events(found, kept)
    if since is None:
        raise ValueError("Say since when, or which watch")
    moment = changes_of_index.mark_of(session, since)
    asked = facets or Facets(kinds=TOLD)
    return changes_of_index.since(session, who.audience, asked, moment, day, until=last, limit=limit)


def moment(session: Session, today: date) -> Mark:
    """What is published, and now: the moment up to which something can be told."""
    return Mark(changes_of_index.mark_of(session, version(session)).change, datetime.combine(today, utc_now().time()))


def owner_of(session: Session, watch_id: str) -> str:
    """Key of the organisation that a watch belongs to; "" where there is none of that id."""
    return session.scalar(select(m.WatchRow.owner).where(m.WatchRow.id == watch_id)) or ""


def news(
    session: Session, audience: Audience, watch_id: str, after: Mark, until: Mark, *, today: date, limit: int = 6
) -> News | None:
    """What a watch found between two moments, of what `audience` may see; None where `audience` does not speak for its
    organisation, to whom alone it is told that there is such a watch."""
    row = session.get(m.WatchRow, watch_id)
    if row is None or row.owner not in audience.organisations:
        return None
    watch = _watch(row)
    found = changes_of_index.since(session, audience, watch.facets, after, today, until=until, limit=limit)
    return News(watch, row.by, _of_events(found, watch))


def _kept(session: Session, who: Who, row: m.WatchRow, today: date | None, limit: int) -> KeptWatch:
    watch = _watch(row)
    found = changes_of_index.since(
        session,
        who.audience,
        watch.facets,
        Mark(row.looked, row.looked_at),
        today or utc_now().date(),
        limit=limit,
    )
    mine = row.person == who.person
    return KeptWatch(row.id, watch, row.by, mine, row.created_at, row.looked_at, _of_events(found, watch))


def _of_events(found: Changes, watch: Watch) -> Changes:
    """Without what the watch is not for."""
    nothing = Group()
    if Event.NEW not in watch.events:
        found = replace(found, new=nothing, first_read=())
    if Event.ENDED not in watch.events:
        found = replace(found, ended=nothing, withdrawn=nothing)
    if Event.CHANGED not in watch.events:
        found = replace(found, changed=nothing)
    return found


def _row(session: Session, who: Who, watch_id: str) -> m.WatchRow:
    row = session.get(m.WatchRow, watch_id)
    if row is None or not who.owns(row.owner):
        raise UnknownThing(watch_id)
    return row


def _watch(row: m.WatchRow) -> Watch:
    return Watch(
        tuple(row.places),
        tuple(row.themes),
        tuple(row.organisations),
        tuple(RecordKind(kind) for kind in row.kinds),
        frozenset(Event(event) for event in row.events),
        row.channel,
    )


def _checked(session: Session, who: Who, watch: Watch) -> Watch:
    if not (watch.places or watch.themes or watch.organisations):
        raise Wrong("watches_nothing", "Name a place, a theme or an organisation to watch")
    if not watch.events:
        raise Wrong("no_events", f"Say what to watch for: {', '.join(Event)}")
    for organisation in watch.organisations:
        keeping.known_organisation(session, organisation, who.audience)
    return Watch(
        keeping.known_places(session, watch.places, who.audience),
        keeping.known_ids(watch.themes, all_themes(), "unknown_theme"),
        keeping.few(watch.organisations),
        tuple(sorted(set(watch.kinds))),
        watch.events,
        keeping.line(watch.channel, "channel") or IN_CONVERSATION,
    )
