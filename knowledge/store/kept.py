"""Tables of what is kept for people. All of it belongs to an organisation, `owner`; `person` tells nobody who it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.store.base import Base


class InitiativeRow(Base):
    """Who registered a record in conversation. `owner` is the key of the organisation, `person` says nothing of who it
    is, `key` stands for what was registered, so that saying it twice keeps it once."""

    __tablename__ = "initiative"
    __table_args__ = (UniqueConstraint("owner", "key"),)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    by: Mapped[str]
    person: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    registered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class WatchRow(Base):
    """What an organisation wants to be told of. `looked`: the last row of `record_change` that its maker was shown."""

    __tablename__ = "watch"
    __table_args__ = (UniqueConstraint("owner", "key"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    by: Mapped[str]
    person: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    places: Mapped[list[str]]
    themes: Mapped[list[str]]
    organisations: Mapped[list[str]]
    kinds: Mapped[list[str]]
    events: Mapped[list[str]]
    channel: Mapped[str]
    created_at: Mapped[datetime]
    looked: Mapped[int]
    looked_at: Mapped[datetime]


class IntroductionRow(Base):
    """One organisation asks to be introduced to another. `owner` asks; `state` is "asked", "accepted", "declined" or
    "withdrawn". `message`, `contact` and `their_contact` are for both sides once it is accepted."""

    __tablename__ = "introduction"
    __table_args__ = (UniqueConstraint("owner", "key"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    by: Mapped[str]
    person: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    whom_id: Mapped[str]
    whom: Mapped[str]
    about: Mapped[str]
    message: Mapped[str]
    contact: Mapped[str]
    their_contact: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class IntroductionToRow(Base):
    """The keys under which the organisation that is asked may sign in."""

    __tablename__ = "introduction_to"
    introduction_id: Mapped[str] = mapped_column(ForeignKey("introduction.id", ondelete="CASCADE"), primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True, index=True)


class FeedbackRow(Base):
    """What somebody said of an answer or of records, in their own words."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("owner", "person", "key"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    by: Mapped[str]
    person: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    question: Mapped[str]
    noted_at: Mapped[datetime]


class FeedbackRecordRow(Base):
    """A record that a feedback is about."""

    __tablename__ = "feedback_record"
    feedback_id: Mapped[str] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class OverlapJudgementRow(Base):
    """What a person says that two records are to each other. Rows are never changed: the list is the history.

    `a` < `b` are identifiers of records. `what` is "confirm", "reject", "relabel", "undo" (of `undoes`) or "skip";
    `label` what they are held to be, "" where they are only held not to be `shown`. The newest row of a `person` on a
    pair that is no skip is their word. `model_*` is what the model said then, in the sight of who judged.
    """

    __tablename__ = "overlap_judgement"
    # A number is never given twice, not even after the last rows were erased: numbers tell what came later.
    __table_args__ = (
        UniqueConstraint("owner", "person", "key"),
        Index("ix_overlap_judgement_pair", "a", "b"),
        {"sqlite_autoincrement": True},
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    a: Mapped[str]
    b: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str]
    by: Mapped[str]
    person: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    what: Mapped[str]
    label: Mapped[str]
    shown: Mapped[str]
    sure: Mapped[int]
    reason: Mapped[str]
    undoes: Mapped[str]
    level: Mapped[str]
    named: Mapped[list[str]]
    at: Mapped[datetime]
    model_label: Mapped[str]
    model_probability: Mapped[float]
    model_hash: Mapped[str]
