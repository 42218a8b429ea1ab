"""Introductions: one organisation asks to be put in touch with another, and both have to say yes.

Before that, each side sees the name of the other and the subject, nothing else. Nothing leaves this installation: who
is asked sees it when they ask what waits for them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from knowledge import identity, keeping
from knowledge.access import HOME_OWNER, Audience, organisation_key, visible
from knowledge.keeping import UnknownThing, Who, Wrong
from knowledge.store import models as m
from knowledge.store.sql import utc_now

MOST_OPEN_OF_A_PERSON = 20


class State(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Introduction:
    """As one side sees it. `other` is the name of the other side, `ours` whether this side asked.

    `message` is ours, or theirs once it is accepted; `contact` is what the other side gave, once it is accepted.
    `reason` is what was said with the answer.
    """

    id: str
    ours: bool
    other: str
    about: str
    state: State
    message: str
    contact: str
    reason: str
    asked_at: datetime
    answered_at: datetime | None


def request(
    session: Session, who: Who, whom: str, about: str, message: str = "", *, contact: str = "", key: str = ""
) -> str:
    """Asks to be introduced to the organisation of id `whom`, and returns the id of the request.

    The same request is made once, also after it was declined. `session` is to be committed. Raises NotAMember,
    TooMany, Wrong (no subject, too long, an unknown organisation or one's own).
    """
    owner = who.require_organisation()
    about = keeping.required(keeping.line(about, "subject"), "subject")
    message = keeping.prose(message, "message")
    contact = keeping.line(contact, "contact", keeping.LONGEST_CONTACT)
    name = keeping.known_organisation(session, whom, who.audience).name
    keys = _keys(session, whom, name, who.audience)
    if not keys:
        raise Wrong("ambiguous_organisation", f"Another organisation is called {name} too. Ask the operator", name=name)
    if keys & who.audience.organisations:
        raise Wrong("own_organisation", f"{name} is your own organisation. Name another one", name=name)
    digest = keeping.key_of(key, whom, about.casefold())
    table = m.IntroductionRow
    same = select(table.id).where(table.owner == owner, table.key == digest)
    if (known := session.scalar(same)) is not None:
        return known
    keeping.check_limit(session, table, who, MOST_OPEN_OF_A_PERSON, table.state == State.ASKED.value)
    new_id = keeping.new_id()
    session.execute(
        sqlite.insert(table)
        .values(
            id=new_id,
            owner=owner,
            by=who.name,
            person=who.person,
            key=digest,
            whom_id=whom,
            whom=name,
            about=about,
            message=message,
            contact=contact,
            their_contact="",
            state=State.ASKED.value,
            reason="",
            asked_at=utc_now(),
            answered_at=None,
        )
        .on_conflict_do_nothing()
    )
    kept = session.scalar(same) or new_id
    if kept == new_id:
        rows = [{"introduction_id": new_id, "organisation": one} for one in sorted(keys)]
        session.execute(insert(m.IntroductionToRow), rows)
    return kept


def answer(
    session: Session, who: Who, introduction_id: str, *, accept: bool, reason: str = "", contact: str = ""
) -> Introduction:
    """Says yes or no for the organisation that is asked; `reason` and `contact` are shown to the other side.

    The same answer twice is one. `session` is to be committed. Raises NotAMember, UnknownThing, Wrong (answered
    otherwise already, or withdrawn).
    """
    who.require_organisation()
    row = _row(session, who, introduction_id)
    if not _is_asked(session, who, introduction_id):
        raise Wrong("not_yours_to_answer", "You asked for this: the other side answers. You may withdraw it")
    reason = keeping.prose(reason, "reason")
    contact = keeping.line(contact, "contact", keeping.LONGEST_CONTACT) if accept else ""
    state = State.ACCEPTED if accept else State.DECLINED
    if row.state == State.ASKED:
        _settle(session, introduction_id, state, reason, contact)
    elif row.state != state:
        raise Wrong("answered", f"This is {row.state} already. It stays so", state=row.state)
    session.refresh(row)
    return _seen(row, ours=False)


def withdraw(session: Session, who: Who, introduction_id: str, *, reason: str = "") -> Introduction:
    """Takes the own request back; an accepted one too, after which neither side is shown more than before.

    `session` is to be committed. Raises NotAMember, UnknownThing, Wrong (theirs, or declined).
    """
    who.require_organisation()
    row = _row(session, who, introduction_id)
    if not who.owns(row.owner):
        raise Wrong("not_yours_to_withdraw", "The other side asked for this. You may accept or decline it")
    if row.state == State.DECLINED:
        raise Wrong("answered", "This is declined already. It stays so", state=row.state)
    if row.state != State.WITHDRAWN:
        _settle(session, introduction_id, State.WITHDRAWN, keeping.prose(reason, "reason"), "")
        # So that the same may be asked for again.
        keys = update(m.IntroductionRow).where(m.IntroductionRow.id == introduction_id)
        session.execute(keys.values(key=keeping.key_of("", row.key, introduction_id)))
    session.refresh(row)
    return _seen(row, ours=True)


def list_(session: Session, who: Who) -> list[Introduction]:
    """What the organisation asked for and what it is asked, the latest first. Raises NotAMember."""
    who.require_organisation()
    row = m.IntroductionRow
    owners = sorted(who.audience.organisations)
    asked = select(m.IntroductionToRow.introduction_id).where(m.IntroductionToRow.organisation.in_(owners))
    rows = session.scalars(
        select(row).where(or_(row.owner.in_(owners), row.id.in_(asked))).order_by(row.asked_at.desc(), row.id)
    )
    return [_seen(found, ours=who.owns(found.owner)) for found in rows]


def get(session: Session, who: Who, introduction_id: str) -> Introduction:
    """One of them. Raises NotAMember, UnknownThing."""
    who.require_organisation()
    row = _row(session, who, introduction_id)
    return _seen(row, ours=who.owns(row.owner))


def _settle(session: Session, introduction_id: str, state: State, reason: str, contact: str) -> None:
    session.execute(
        update(m.IntroductionRow)
        .where(m.IntroductionRow.id == introduction_id)
        .values(state=state.value, reason=reason, their_contact=contact, answered_at=utc_now())
    )


def _seen(row: m.IntroductionRow, *, ours: bool) -> Introduction:
    agreed = row.state == State.ACCEPTED
    return Introduction(
        id=row.id,
        ours=ours,
        other=row.whom if ours else row.by,
        about=row.about,
        state=State(row.state),
        message=row.message if ours or agreed else "",
        contact=(row.their_contact if ours else row.contact) if agreed else "",
        reason=row.reason,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
    )


def _row(session: Session, who: Who, introduction_id: str) -> m.IntroductionRow:
    row = session.get(m.IntroductionRow, introduction_id)
    if row is None or not (who.owns(row.owner) or _is_asked(session, who, introduction_id)):
        raise UnknownThing(introduction_id)
    return row


def _is_asked(session: Session, who: Who, introduction_id: str) -> bool:
    to = m.IntroductionToRow
    rows = select(func.count()).where(
        to.introduction_id == introduction_id, to.organisation.in_(sorted(who.audience.organisations))
    )
    return bool(session.scalar(rows))


def _keys(session: Session, organisation: str, name: str, audience: Audience) -> set[str]:
    """Under which keys people of the organisation may sign in: its full names in records that the asker may see.

    What another organisation is called too, as with acronyms, does not count: nobody is told what is meant for others.
    """
    mentioned = m.OrganisationMentionRow
    written = session.execute(
        select(mentioned.organisation_id, mentioned.name, mentioned.acronym)
        .join(m.RecordOrganisationRow, m.RecordOrganisationRow.mention_id == mentioned.id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
        .where(visible(audience))
        .distinct()
    ).all()
    others: set[str] = set()
    own = {organisation_key(name)}
    for row in written:
        texts = (row.name, *identity.split_acronym(row.name), row.acronym)
        (own if row.organisation_id == organisation else others).update(map(organisation_key, texts))
    return own - others - {"", HOME_OWNER}
