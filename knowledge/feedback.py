"""What people say of answers and records: kept as data for the operator, never in a log, erasable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from knowledge import keeping
from knowledge.access import HOME_OWNER, visible
from knowledge.keeping import UnknownThing, Who
from knowledge.store import models as m
from knowledge.store.sql import utc_now

MOST_OF_A_PERSON = 200
MOST_RECORDS = 20


class FeedbackKind(StrEnum):
    WRONG = "wrong"
    OUTDATED = "outdated"
    MISSING = "missing"
    HELPFUL = "helpful"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Feedback:
    """`records`: identifiers of what it is about; `question`: what had been asked. `text` may be empty beside these."""

    kind: FeedbackKind
    text: str = ""
    records: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class KeptFeedback:
    """`by` is the organisation that says so."""

    id: str
    feedback: Feedback
    by: str
    at: datetime


def note(session: Session, who: Who, feedback: Feedback, *, key: str = "") -> str:
    """Keeps it and returns its id; the same words of the same person are kept once. `session` is to be committed.

    Raises NotAMember, TooMany, Wrong (empty, too long, or about records that `who` may not see).
    """
    owner = who.require_organisation()
    text = keeping.prose(feedback.text, "text")
    question = keeping.prose(feedback.question, "question")
    keeping.required(text or question or " ".join(feedback.records), "text")
    records = _seen(session, who, feedback.records)
    digest = keeping.key_of(key, feedback.kind.value, text, question, records)
    table = m.FeedbackRow
    same = select(table.id).where(table.owner == owner, table.person == who.person, table.key == digest)
    if (known := session.scalar(same)) is not None:
        return known
    keeping.check_limit(session, table, who, MOST_OF_A_PERSON)
    new_id = keeping.new_id()
    session.execute(
        sqlite.insert(table)
        .values(
            id=new_id,
            owner=owner,
            by=who.name,
            person=who.person,
            key=digest,
            kind=feedback.kind.value,
            text=text,
            question=question,
            noted_at=utc_now(),
        )
        .on_conflict_do_nothing()
    )
    kept = session.scalar(same) or new_id
    if kept == new_id and records:
        session.execute(insert(m.FeedbackRecordRow), [{"feedback_id": new_id, "record_id": one} for one in records])
    return kept


def list_(session: Session, who: Who) -> list[KeptFeedback]:
    """All of it for the operator, their organisation's for others; the latest first. Raises NotAMember."""
    who.require_organisation()
    records: dict[str, list[str]] = defaultdict(list)
    for row in session.scalars(select(m.FeedbackRecordRow).order_by(m.FeedbackRecordRow.record_id)):
        records[row.feedback_id].append(row.record_id)
    rows = select(m.FeedbackRow).order_by(m.FeedbackRow.noted_at.desc(), m.FeedbackRow.id)
    if not _is_operator(who):
        rows = rows.where(m.FeedbackRow.owner.in_(sorted(who.audience.organisations)))
    return [
        KeptFeedback(
            row.id,
            Feedback(FeedbackKind(row.kind), row.text, tuple(records[row.id]), row.question),
            row.by,
            row.noted_at,
        )
        for row in session.scalars(rows)
    ]


def erase(session: Session, who: Who, feedback_id: str) -> None:
    """Erases it for good: the operator any, others their organisation's. Raises UnknownThing."""
    row = session.get(m.FeedbackRow, feedback_id)
    if row is None or not (_is_operator(who) or who.owns(row.owner)):
        raise UnknownThing(feedback_id)
    session.execute(delete(m.FeedbackRow).where(m.FeedbackRow.id == feedback_id))


def _is_operator(who: Who) -> bool:
    return HOME_OWNER in who.audience.organisations


def _seen(session: Session, who: Who, records: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(records))
    if len(wanted) > MOST_RECORDS:
        raise keeping.Wrong("too_many_values", f"Name at most {MOST_RECORDS} records", n=MOST_RECORDS)
    known = set(session.scalars(select(m.RecordRow.id).where(m.RecordRow.id.in_(wanted), visible(who.audience))))
    for record in wanted:
        if record not in known:
            raise keeping.unknown_value("unknown_record", record)
    return wanted
