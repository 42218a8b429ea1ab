"""What is kept for people: who may have something kept, how much, and what is said where it is refused.

Whoever speaks for an organisation may keep something for it; visitors and people of no organisation may not. What is
kept belongs to the organisation: its people see it, others are told nothing of it, not even that it exists.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import HOME_OWNER, Audience, allows, organisation_key, visible
from knowledge.countries import iso3
from knowledge.finding import Facets
from knowledge.records import Access, Level, OrganisationMention, RecordKind, Role
from knowledge.sources import guard
from knowledge.store import models as m
from knowledge.store.sql import reached

LONGEST_NAME, LONGEST_TEXT, LONGEST_CONTACT = 300, 4_000, 300
MOST_VALUES = 50
"""Places, themes or organisations of one thing."""

REGISTERED = "registered"
"""Format of sources that hold what people registered."""

KEPT = (m.WatchRow, m.IntroductionRow, m.FeedbackRow, m.InitiativeRow, m.OverlapJudgementRow)


class NotKept(Exception):
    """Something is not kept. `code` says why, for words in other languages; `values` are what these name; `str()` is
    one line in English with what to do."""

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.code, self.values = code, values


class NotAMember(NotKept):
    """Who asks speaks for no organisation."""

    def __init__(self) -> None:
        super().__init__(
            "not_a_member",
            "Only people who speak for an organisation may have something kept here. "
            "Sign in for one, or ask the operator of this installation",
        )


class TooMany(NotKept):
    """A person has had as much kept as one may."""

    def __init__(self, limit: int) -> None:
        super().__init__("too_many", f"You have {limit} of these, which is as many as one may. Remove one", n=limit)


class UnknownThing(NotKept):
    """There is none of that id, or it is not for who asks: both are said alike."""

    def __init__(self, identifier: str) -> None:
        super().__init__("unknown", f"There is no {identifier} that is yours. List what there is", id=identifier)


class Wrong(NotKept):
    """What was given cannot be kept as it is."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who speaks: what they may see, and an opaque key of the person (the same for the same person everywhere)."""

    audience: Audience
    person: str

    @property
    def organisation(self) -> str:
        """Key of the organisation they speak for; "" for who speaks for none."""
        keys = self.audience.organisations
        by_name = [key for name in self.audience.label.split(", ") if (key := organisation_key(name)) in keys]
        return next(iter([*by_name, *sorted(keys - {HOME_OWNER}), *sorted(keys)]), "")

    @property
    def name(self) -> str:
        """Name of that organisation as the person's sign-in has it."""
        return self.audience.label if self.organisation else ""

    def require_organisation(self) -> str:
        """The key of the organisation. Raises NotAMember."""
        if not self.organisation:
            raise NotAMember
        return self.organisation

    def owns(self, owner: str) -> bool:
        return owner in self.audience.organisations


def new_id() -> str:
    return secrets.token_hex(6)


def key_of(given: str, *content: Any) -> str:
    """What tells that something was asked for before: the caller's own key, else its content."""
    basis = ("given", given) if given else content
    return hashlib.sha256(repr(basis).encode()).hexdigest()[:32]


def line(text: str, field: str, limit: int = LONGEST_NAME) -> str:
    """Text for one line. Raises Wrong where it is too long."""
    return _short_enough(guard.one_line(text), field, limit)


def prose(text: str, field: str, limit: int = LONGEST_TEXT) -> str:
    """Text that keeps its paragraphs. Raises Wrong where it is too long."""
    return _short_enough(guard.paragraphs(text).strip(), field, limit)


def _short_enough(text: str, field: str, limit: int) -> str:
    if len(text) > limit:
        raise Wrong("too_long", f"{field} has {len(text)} characters. Say it in {limit}", field=field, n=limit)
    return text


def required(text: str, field: str) -> str:
    if not text:
        raise Wrong("empty", f"{field} is empty. Say it in a few words", field=field)
    return text


def check_limit(session: Session, table: Any, who: Who, limit: int, *where: Any) -> None:
    """Raises TooMany where the person has `limit` rows already."""
    rows = select(func.count()).select_from(table).where(table.person == who.person, *where)
    if (session.scalar(rows) or 0) >= limit:
        raise TooMany(limit)


def few(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values without doubles. Raises Wrong where they are too many."""
    values = tuple(dict.fromkeys(values))
    if len(values) > MOST_VALUES:
        raise Wrong("too_many_values", f"{len(values)} are too many at once. Give at most {MOST_VALUES}", n=MOST_VALUES)
    return values


def known_ids(values: tuple[str, ...], known: Container[str], code: str) -> tuple[str, ...]:
    """The values without doubles. Raises Wrong at the first that is not known."""
    for value in values:
        if value not in known:
            raise unknown_value(code, value)
    return few(values)


def known_places(session: Session, places: tuple[str, ...], audience: Audience) -> tuple[str, ...]:
    """The ids without doubles. Raises Wrong at the first of which `audience` may not know: a place that only hidden
    records speak of is as unknown as one that is nowhere."""
    for place in few(places):
        row = session.get(m.PlaceRow, place)
        if row is None or not (row.level <= 0 or _spoken_of(session, row, audience)):
            raise unknown_value("unknown_place", place)
    return few(places)


def _spoken_of(session: Session, place: m.PlaceRow, audience: Audience) -> bool:
    if finding.count(session, Facets(places=(place.id,), kinds=tuple(RecordKind)), audience):
        return True
    codes = [place.id, iso3(place.country) + place.id[len(place.country) :]]
    listed = select(m.SourceRow).join(m.GazetteerRow, m.GazetteerRow.source_id == m.SourceRow.id)
    rows = session.scalars(listed.where(func.upper(m.GazetteerRow.pcode).in_(codes)).distinct())
    return any(allows(audience, Access(Level(row.level), row.owner, tuple(row.named))) for row in rows)


def unknown_value(code: str, value: str) -> Wrong:
    return Wrong(code, f"{value} is not known to this index. `commonground link` finds how things are called", id=value)


def known_organisation(session: Session, organisation: str, audience: Audience) -> OrganisationMention:
    """The organisation of that id as records that `audience` may see write it most often. Raises Wrong."""
    mentioned = m.OrganisationMentionRow
    rows = session.execute(
        select(mentioned.name, mentioned.acronym, mentioned.ref, mentioned.kind)
        .join(m.RecordOrganisationRow, m.RecordOrganisationRow.mention_id == mentioned.id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
        .where(mentioned.organisation_id == organisation, visible(audience), m.RecordRow.retired_at.is_(None))
        .group_by(mentioned.id)
        .order_by((mentioned.name == "").asc(), func.count().desc(), mentioned.name, mentioned.id)
    ).all()
    if not organisation or not rows:
        raise unknown_value("unknown_organisation", organisation)
    own = session.scalar(select(m.OrganisationRow.name).where(m.OrganisationRow.id == organisation))
    chosen = next((row for row in rows if row.name == own), rows[0])
    return OrganisationMention(
        Role.IMPLEMENTING, chosen.name or chosen.acronym, chosen.acronym, chosen.ref, chosen.kind
    )


def kept_for(session: Session, organisation: str) -> int:
    """How many things are kept for the organisation of this key, or await its answer."""
    found = sum(
        session.scalar(select(func.count()).select_from(table).where(table.owner == organisation)) or 0
        for table in KEPT
    )
    to_it = select(func.count()).where(m.IntroductionToRow.organisation == organisation)
    return found + (session.scalar(to_it) or 0)


def erase_organisation(session: Session, organisation: str) -> dict[str, int]:
    """Erases what is kept for it and what it was asked; returns rows by table."""
    to_it = select(m.IntroductionToRow.introduction_id).where(m.IntroductionToRow.organisation == organisation)
    erased = {
        "introduction": reached(
            session,
            delete(m.IntroductionRow).where(
                or_(m.IntroductionRow.owner == organisation, m.IntroductionRow.id.in_(to_it))
            ),
        )
    }
    for table in (m.WatchRow, m.FeedbackRow, m.InitiativeRow, m.OverlapJudgementRow):
        erased[table.__tablename__] = reached(session, delete(table).where(table.owner == organisation))
    return erased


def erase_about(session: Session, records: Sequence[str]) -> dict[str, int]:
    """Erases feedback and judgements on these records: they may repeat what these say. Returns rows by table."""
    about = select(m.FeedbackRecordRow.feedback_id).where(m.FeedbackRecordRow.record_id.in_(records))
    judged = m.OverlapJudgementRow
    return {
        "feedback": reached(session, delete(m.FeedbackRow).where(m.FeedbackRow.id.in_(about))),
        "overlap_judgement": sum(
            reached(session, delete(judged).where(side.in_(records))) for side in (judged.a, judged.b)
        ),
    }
