"""Changes of records; what is kept for people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("record_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_change_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_change_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_change_source_id"), ["source_id"], unique=False)

    op.create_table(
        "initiative",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("record_id"),
        sa.UniqueConstraint("owner", "key"),
    )
    op.create_table(
        "watch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("organisations", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "key"),
    )
    op.create_table(
        "introduction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("whom_id", sa.String(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("their_contact", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "key"),
    )
    op.create_table(
        "introduction_to",
        sa.Column("introduction_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["introduction_id"], ["introduction.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("introduction_id", "organisation"),
    )
    with op.batch_alter_table("introduction_to", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_introduction_to_organisation"), ["organisation"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "person", "key"),
    )
    op.create_table(
        "feedback_record",
        sa.Column("feedback_id", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feedback_id", "record_id"),
    )
    with op.batch_alter_table("feedback_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_record_record_id"), ["record_id"], unique=False)
    for table in ("initiative", "watch", "introduction"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_person"), ["person"], unique=False)
    _tell_what_is_known()


def _tell_what_is_known() -> None:
    """When the records that are here already came, and when their sources withdrew them."""
    named = "(SELECT coalesce(json_group_array(organisation), '[]') FROM record_audience WHERE record_pk = record.pk)"
    version = "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'version'), 0)"
    op.execute(
        "INSERT INTO record_change (record_id, source_id, version, at, what, level, owner, named, fields)"
        f" SELECT id, source_id, {version}, at, what, level, owner, {named}, '[]' FROM ("
        "SELECT pk, id, source_id, level, owner, first_read_at AS at, 'added' AS what FROM record UNION ALL "
        "SELECT pk, id, source_id, level, owner, retired_at, 'withdrawn' FROM record WHERE retired_at IS NOT NULL"
        ") AS record ORDER BY at, pk"
    )
