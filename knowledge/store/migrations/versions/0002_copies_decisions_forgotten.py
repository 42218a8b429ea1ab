"""Copies, decisions, forgotten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fetch",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("modified", sa.String(), nullable=False),
        sa.Column("last_try", sa.DateTime(), nullable=True),
        sa.Column("last_success", sa.DateTime(), nullable=True),
        sa.Column("next_try", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("gone_since", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "forgotten",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("within", sa.String(), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    with op.batch_alter_table("forgotten", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_forgotten_within"), ["within"], unique=False)

    op.create_table(
        "organisation_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("one", sa.String(), nullable=False),
        sa.Column("one_country", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("other_country", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "organisation_evidence",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["organisation_mention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["organisation_mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id"),
    )
    with op.batch_alter_table("organisation_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_evidence_other_id"), ["other_id"], unique=False)

    op.create_table(
        "organisation_possible",
        sa.Column("one_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["one_id"], ["organisation_mention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["organisation_mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("one_id", "other_id"),
    )
    with op.batch_alter_table("organisation_possible", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_possible_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_possible_score"), ["score"], unique=False)

    op.create_table(
        "record_copy",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("record_id", "source_id"),
    )
    with op.batch_alter_table("record_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_copy_source_id"), ["source_id"], unique=False)

    op.create_table(
        "record_note",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["record_pk"], ["record.pk"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("record_pk", "code"),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index("ix_record_counts", ["source_id", "kind", "retired_at", "level", "owner"], unique=False)
        batch_op.create_index("ix_record_permission", ["level", "owner"], unique=False)

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hints", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("personal", sa.JSON(), server_default="{}", nullable=False))
    op.execute("CREATE INDEX ix_record_id_folded ON record (lower(id))")
