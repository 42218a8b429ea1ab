"""What people say that two records are to each other"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overlap_judgement",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("sure", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("undoes", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("model_label", sa.String(), nullable=False),
        sa.Column("model_probability", sa.Double(), nullable=False),
        sa.Column("model_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("owner", "person", "key"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("overlap_judgement", schema=None) as batch_op:
        batch_op.create_index("ix_overlap_judgement_pair", ["a", "b"], unique=False)
        batch_op.create_index(batch_op.f("ix_overlap_judgement_b"), ["b"], unique=False)
        batch_op.create_index(batch_op.f("ix_overlap_judgement_person"), ["person"], unique=False)
