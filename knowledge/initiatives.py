"""Initiatives that people register: real records of a source of their organisation, in the index like those of files.

Each organisation has one source for each audience it registers for. It is written as a file is: the records that stand
in it already and the new one, in one transaction, and then linked, embedded and published.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from knowledge import identity, indexing, keeping
from knowledge.access import HOME_OWNER, organisation_key
from knowledge.home import Home
from knowledge.keeping import UnknownThing, Who, Wrong
from knowledge.language import detect
from knowledge.personal.items import scrubbed
from knowledge.quality import noted
from knowledge.records import (
    Access,
    Level,
    Locator,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Source,
    Text,
    ThemeMention,
)
from knowledge.store import models as m
from knowledge.store import state
from knowledge.store.copies import RECORD
from knowledge.store.sql import reached, utc_now
from knowledge.store.writer import SourceWriter
from knowledge.vocabulary import OWN_THEMES, theme_label, themes

TITLE = "Registered in conversation"
MOST_OF_A_PERSON = 100

_SCHEME = "registered://"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be registered. `organisation` is the id of who does it, the own one where empty; `places` and
    `themes` are ids, at least one place. `named`: names of the organisations that may see it, with level "named"."""

    title: str
    description: str = ""
    organisation: str = ""
    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    level: Level = Level.OWN
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Initiative:
    """`by` is the organisation that registered it; `mine` whether who asks did."""

    record: str
    title: str
    by: str
    mine: bool
    level: Level
    registered_at: datetime
    withdrawn_at: datetime | None


def register(home: Home, who: Who, draft: Draft, *, key: str = "") -> str:
    """Registers it and returns the identifier of its record; the same draft of the organisation is registered once.

    It is on disk before it is linked and embedded; a process that is killed between goes on at its next start.
    Raises NotAMember, TooMany, Wrong.
    """
    owner = who.require_organisation()
    with home.ingesting, home.database.write() as session:
        access = _access(owner, draft)
        record = _record(session, who, draft, home.settings.current_date())
        table = m.InitiativeRow
        digest = keeping.key_of(key, draft)
        known = session.scalar(select(table.record_id).where(table.owner == owner, table.key == digest))
        if known is not None:
            return known
        keeping.check_limit(session, table, who, MOST_OF_A_PERSON, table.withdrawn_at.is_(None))
        source_key = _source_key(access)
        _write(home, session, who.name, source_key, access, [*_held(session, source_key), record])
        _link(session, record.id, who.name, draft)
        state.owe(session, "embed")
        session.execute(
            insert(table).values(
                record_id=record.id,
                owner=owner,
                by=who.name,
                person=who.person,
                key=digest,
                registered_at=utc_now(),
                withdrawn_at=None,
            )
        )
    indexing.finish(home)
    return record.id


def withdraw(home: Home, who: Who, record_id: str) -> None:
    """Takes an initiative of the organisation back: its record is kept with the date and no longer answered from.

    Doing it twice is doing it once. Raises NotAMember, UnknownThing.
    """
    who.require_organisation()
    with home.ingesting, home.database.write() as session:
        row = session.get(m.InitiativeRow, record_id)
        if row is None or not who.owns(row.owner):
            raise UnknownThing(record_id)
        if row.withdrawn_at is not None:
            return
        source_id = session.scalar(select(m.RecordRow.source_id).where(m.RecordRow.id == record_id))
        source = session.get_one(m.SourceRow, source_id)
        left = [record for record in _held(session, source.key) if record.id != record_id]
        access = Access(Level(source.level), source.owner, tuple(source.named))
        _write(home, session, source.publisher, source.key, access, left)
        # Its key is let go of, so that the same may be registered again.
        session.execute(
            update(m.InitiativeRow)
            .where(m.InitiativeRow.record_id == record_id)
            .values(withdrawn_at=utc_now(), key=keeping.key_of("", row.key, record_id))
        )
        state.publish(session)


def list_(session: Session, who: Who) -> list[Initiative]:
    """What the organisation registered, the latest first. Raises NotAMember."""
    who.require_organisation()
    owners = sorted(who.audience.organisations)
    rows = session.execute(
        select(m.InitiativeRow, m.RecordRow.title, m.RecordRow.level)
        .join(m.RecordRow, m.RecordRow.id == m.InitiativeRow.record_id)
        .where(m.InitiativeRow.owner.in_(owners))
        .order_by(m.InitiativeRow.registered_at.desc(), m.InitiativeRow.record_id)
    )
    return [
        Initiative(
            row.record_id,
            title,
            row.by,
            row.person == who.person,
            Level(level),
            row.registered_at,
            row.withdrawn_at,
        )
        for row, title, level in rows
    ]


def drop_empty_sources(session: Session) -> int:
    """Removes sources of registered records of which none is left: they still say whose it was. Returns how many."""
    held = select(m.RecordRow.source_id)
    empty = delete(m.SourceRow).where(m.SourceRow.key.startswith(_SCHEME), m.SourceRow.id.not_in(held))
    return reached(session, empty)


def _access(owner: str, draft: Draft) -> Access:
    named = tuple(sorted({key for name in draft.named if (key := organisation_key(name))}))
    if draft.level is Level.NAMED and not named:
        raise Wrong("names_nobody", "Name the organisations that may see it, or choose another audience")
    return Access(draft.level, owner, named if draft.level is Level.NAMED else ())


def _source_key(access: Access) -> str:
    to = hashlib.sha256(repr(access.named).encode()).hexdigest()[:12] if access.named else ""
    return _SCHEME + "/".join(filter(None, (access.owner, access.level.value, to)))


def _held(session: Session, source_key: str) -> list[Record]:
    """The records that stand in the source now."""
    bodies = session.scalars(
        select(m.RecordRow.body)
        .join(m.SourceRow, m.SourceRow.id == m.RecordRow.source_id)
        .where(m.SourceRow.key == source_key, m.RecordRow.retired_at.is_(None))
        .order_by(m.RecordRow.pk)
    )
    return [RECORD.validate_json(body) for body in bodies]


def _write(
    home: Home, session: Session, publisher: str, source_key: str, access: Access, records: Sequence[Record]
) -> None:
    content = hashlib.sha256(b"\n".join(orjson.dumps(record) for record in records)).hexdigest()
    source = Source(
        key=source_key,
        name=TITLE,
        format=keeping.REGISTERED,
        sha256=content,
        title=TITLE,
        publisher=publisher,
        as_of=max((record.reported_on for record in records if record.reported_on), default=None),
        access=access,
    )
    SourceWriter(session, source, home.splitter()).write(records)


def _link(session: Session, record_id: str, own_name: str, draft: Draft) -> None:
    """Says of the record's mentions what they mean, which is known: to find it out anew for the whole index, as after
    a file, would take long, and comes to the same when the next file is read."""
    pk = session.scalar(select(m.RecordRow.pk).where(m.RecordRow.id == record_id))
    places, organisations = m.PlaceMentionRow, m.OrganisationMentionRow
    located = select(m.RecordPlaceRow.ordinal, m.RecordPlaceRow.mention_id).where(m.RecordPlaceRow.record_pk == pk)
    for ordinal, mention in session.execute(located).all():
        unknown = update(places).where(places.id == mention, places.place_id.is_(None))
        session.execute(unknown.values(place_id=tuple(dict.fromkeys(draft.places))[ordinal]))
    taking_part = (
        select(organisations.id, organisations.name)
        .join(m.RecordOrganisationRow, m.RecordOrganisationRow.mention_id == organisations.id)
        .where(m.RecordOrganisationRow.record_pk == pk, organisations.organisation_id.is_(None))
        .distinct()
    )
    for mention, name in session.execute(taking_part).all():
        known = draft.organisation if name != own_name else _own_organisation(session, mention, name)
        session.execute(update(organisations).where(organisations.id == mention).values(organisation_id=known))


def _own_organisation(session: Session, mention: int, name: str) -> str:
    """The id of the organisation that is written so, which is made where there is none."""
    (found,) = identity.resolve([identity.Mention(mention, "", name, "", "", "")])
    if session.get(m.OrganisationRow, found.id) is None:
        row = {
            field: getattr(found, field) for field in ("id", "name", "acronym", "kind", "country", "aliases", "refs")
        }
        session.execute(insert(m.OrganisationRow).values(**row))
    return found.id


def _record(session: Session, who: Who, draft: Draft, today: date) -> Record:
    title = keeping.required(keeping.line(draft.title, "title"), "title")
    text = keeping.prose(draft.description, "description")
    if draft.start and draft.end and draft.end < draft.start:
        raise Wrong("period", "It ends before it starts. Correct one of the dates")
    places = keeping.known_places(session, draft.places, who.audience)
    named = keeping.known_ids(draft.themes, themes(), "unknown_theme")
    if not places and not named:
        raise Wrong("no_place_or_theme", "Say where it is, or what it is about")
    language = detect(f"{title}. {text}")
    day = today.isoformat()
    record = Record(
        id=f"CG-REG-{today:%Y%m%d}-{secrets.token_hex(4).upper()}",
        kind=RecordKind.PROJECT,
        title=title,
        locator=Locator(f"registered on {day} by {who.name}"),
        language=language,
        texts=(Text("general", text, language),) if text else (),
        organisations=_organisations(session, who, draft.organisation),
        places=tuple(_place(session, place) for place in places),
        themes=tuple(ThemeMention(OWN_THEMES, one, theme_label(one)) for one in named),
        period=Period(planned_start=draft.start, planned_end=draft.end),
        reported_on=today,
        extra=(("registered-by", who.name), ("registered-on", day)),
    )
    # As a file's records: personal data is left out, and notes say what is lacking.
    (kept,) = noted(scrubbed([record]))
    assert isinstance(kept, Record)
    return kept


def _organisations(session: Session, who: Who, organisation: str) -> tuple[OrganisationMention, ...]:
    """Who reports it, the own organisation, and who does it."""
    nameless = who.organisation == HOME_OWNER
    reporter = () if nameless else (OrganisationMention(Role.REPORTING, who.name),)
    if organisation:
        return (*reporter, keeping.known_organisation(session, organisation, who.audience))
    if nameless:
        raise Wrong("no_organisation", "Say which organisation does it: this installation has no name of its own")
    return (*reporter, OrganisationMention(Role.IMPLEMENTING, who.name))


def _place(session: Session, place_id: str) -> PlaceMention:
    """A mention that means this place and no other: by its code where it has one, else by its names from the top."""
    place = session.get_one(m.PlaceRow, place_id)
    if place.level < 0:
        return PlaceMention(region=place_id.partition(":")[2])
    steps = place.path.strip("|").split("|")[1:]
    names = dict(session.execute(select(m.PlaceRow.id, m.PlaceRow.name).where(m.PlaceRow.id.in_(steps))).all())
    code = "" if ":" in place_id or place.level == 0 else place_id
    return PlaceMention(place.country, tuple(names[step] for step in steps), code)
