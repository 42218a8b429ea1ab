"""Tables. Mentions keep what a source wrote; `organisation` and `place` are what the index takes them to be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.store.base import Base as Base
from knowledge.store.kept import FeedbackRecordRow as FeedbackRecordRow
from knowledge.store.kept import FeedbackRow as FeedbackRow
from knowledge.store.kept import InitiativeRow as InitiativeRow
from knowledge.store.kept import IntroductionRow as IntroductionRow
from knowledge.store.kept import IntroductionToRow as IntroductionToRow
from knowledge.store.kept import OverlapJudgementRow as OverlapJudgementRow
from knowledge.store.kept import WatchRow as WatchRow


class MetaRow(Base):
    """State of the index: "version" counts published changes, "pending" names the stages still owed."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class SourceRow(Base):
    __tablename__ = "source"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    format: Mapped[str]
    sha256: Mapped[str]
    reader: Mapped[int]
    title: Mapped[str]
    publisher: Mapped[str]
    licence: Mapped[str]
    as_of: Mapped[date | None]
    level: Mapped[str]
    owner: Mapped[str]
    named: Mapped[list[str]]
    hints: Mapped[str] = mapped_column(default="", server_default="")
    read_at: Mapped[datetime]
    records: Mapped[int]
    problems: Mapped[list[dict[str, Any]]]
    personal: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Personal data that was left out, by kind: numbers, never values."""


class RecordRow(Base):
    """`body` comes last: what stands behind it costs SQLite a walk through all of its pages. The indexes answer what
    is asked of every record at each start without touching a body; one more, over lower(id), stands in revision 0002.
    """

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_permission", "level", "owner"),
        Index("ix_record_counts", "source_id", "kind", "retired_at", "level", "owner"),
    )
    pk: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    language: Mapped[str]
    publisher: Mapped[str]
    status: Mapped[str]
    start: Mapped[date | None]
    end: Mapped[date | None]
    reported_on: Mapped[date | None]
    secondary: Mapped[bool]
    element: Mapped[str]
    line: Mapped[int]
    level: Mapped[str]
    owner: Mapped[str]
    content_hash: Mapped[str]
    first_read_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    # Last: SQLite walks through a long value to reach those behind it.
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class RecordCopyRow(Base):
    """What another source says under an identifier: kept beside the statement that `record` shows.

    `retired_at`: the day since which that source no longer holds it.
    """

    __tablename__ = "record_copy"
    record_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True, index=True)
    content_hash: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    element: Mapped[str]
    line: Mapped[int]
    read_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class RecordAudienceRow(Base):
    """The organisations a record of level "named" is shown to."""

    __tablename__ = "record_audience"
    record_pk: Mapped[int] = mapped_column(ForeignKey("record.pk", ondelete="CASCADE"), primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)


class RecordNoteRow(Base):
    """Codes of the notes on a record's quality, for counting."""

    __tablename__ = "record_note"
    record_pk: Mapped[int] = mapped_column(ForeignKey("record.pk", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)


class OrganisationRow(Base):
    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    acronym: Mapped[str]
    kind: Mapped[str]
    country: Mapped[str]
    aliases: Mapped[list[str]]
    refs: Mapped[list[str]]


class OrganisationMentionRow(Base):
    __tablename__ = "organisation_mention"
    __table_args__ = (UniqueConstraint("ref", "name", "acronym", "kind", "country"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str]
    name: Mapped[str]
    acronym: Mapped[str]
    kind: Mapped[str]
    country: Mapped[str]
    organisation_id: Mapped[str | None] = mapped_column(index=True)


class OrganisationDecisionRow(Base):
    """What a person decided of two names. Rows are never changed but for being undone: the list is the history."""

    __tablename__ = "organisation_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    one: Mapped[str]
    one_country: Mapped[str]
    other: Mapped[str]
    other_country: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str]


class OrganisationEvidenceRow(Base):
    """Why a mention stands in its organisation: beside which other mention, for which reason."""

    __tablename__ = "organisation_evidence"
    mention_id: Mapped[int] = mapped_column(
        ForeignKey("organisation_mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    other_id: Mapped[int] = mapped_column(ForeignKey("organisation_mention.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    detail: Mapped[str]


class PossiblePairRow(Base):
    """Two mentions of different organisations that are possibly one."""

    __tablename__ = "organisation_possible"
    one_id: Mapped[int] = mapped_column(
        ForeignKey("organisation_mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("organisation_mention.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[float] = mapped_column(index=True)
    evidence: Mapped[list[dict[str, Any]]]


class RecordOrganisationRow(Base):
    __tablename__ = "record_organisation"
    record_pk: Mapped[int] = mapped_column(ForeignKey("record.pk", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("organisation_mention.id"), index=True)
    role: Mapped[str]
    activity_id: Mapped[str]


class PlaceRow(Base):
    """`path` joins the ids from the country down ("ET/ET06/ET0602/"), so that a place is found with all below it."""

    __tablename__ = "place"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[int]
    country: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str] = mapped_column(index=True)
    aliases: Mapped[list[str]]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class PlaceMentionRow(Base):
    __tablename__ = "place_mention"
    __table_args__ = (UniqueConstraint("country", "names", "pcode", "region"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str]
    names: Mapped[str]
    pcode: Mapped[str]
    region: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    place_id: Mapped[str | None] = mapped_column(index=True)


class RecordPlaceRow(Base):
    __tablename__ = "record_place"
    record_pk: Mapped[int] = mapped_column(ForeignKey("record.pk", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("place_mention.id"), index=True)
    site: Mapped[str]
    percentage: Mapped[float | None]
    scope: Mapped[str]


DESCRIBED = "described"
"""Scope of a theme that the text of a table's row names, finer than the cluster it states."""


class RecordThemeRow(Base):
    __tablename__ = "record_theme"
    __table_args__ = (Index("ix_record_theme_theme", "theme", "record_pk"),)
    record_pk: Mapped[int] = mapped_column(ForeignKey("record.pk", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    theme: Mapped[str] = mapped_column(primary_key=True)
    vocabulary: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    percentage: Mapped[float | None]
    scope: Mapped[str]


class PassageRow(Base):
    """A stretch of a record's text, short enough for the embedding model. `text_hash` names its vector."""

    __tablename__ = "passage"
    record_pk: Mapped[int] = mapped_column(ForeignKey("record.pk", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    heading: Mapped[str]
    page: Mapped[int]
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(index=True)


class EmbeddingRow(Base):
    """Vectors by content and model, so that no text is embedded twice and Chroma can be rebuilt without the model."""

    __tablename__ = "embedding"
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class GazetteerRow(Base):
    __tablename__ = "gazetteer"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    pcode: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int]
    name: Mapped[str]
    parent: Mapped[str]


class OrganisationNameRow(Base):
    __tablename__ = "organisation_name"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    canonical: Mapped[str]
    acronym: Mapped[str]
    kind: Mapped[str]


class FetchRow(Base):
    """State of a declared source between two runs of sync. `key` is the source's; `file` its copy below the home's
    folder of sources; times are UTC. `gone_since`: the first time its place was found empty."""

    __tablename__ = "fetch"
    key: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(default="")
    etag: Mapped[str] = mapped_column(default="")
    modified: Mapped[str] = mapped_column(default="")
    last_try: Mapped[datetime | None]
    last_success: Mapped[datetime | None]
    next_try: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
    gone_since: Mapped[datetime | None]


class ForgottenRow(Base):
    """That something was erased, without saying what: `hash` is keyed, `kind` is "record" or "source", `within` the
    hash of the source that was erased as a whole."""

    __tablename__ = "forgotten"
    hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    within: Mapped[str] = mapped_column(index=True)
    forgotten_at: Mapped[datetime]
    reason: Mapped[str]


class RecordChangeRow(Base):
    """What became of a record, in the order of `id`: "added" (new, or back), "changed", "withdrawn" by its source, or
    "closed": shown to others from then on, which the "added" that follows tells.

    `level`, `owner` and `named` are the permission of the statement it is about: whoever may see that may know of it.
    `version`: the first published version that shows it. `fields`: see `knowledge.store.history`.
    """

    __tablename__ = "record_change"
    # A number is never given twice, not even after the last rows were erased: watches remember how far they looked.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str]
    level: Mapped[str]
    owner: Mapped[str]
    named: Mapped[list[str]]
    fields: Mapped[list[dict[str, Any]]]
