"""Runs migrations on the connection that `knowledge.store.database` hands over."""

from __future__ import annotations

from alembic import context

from knowledge.store.models import Base

connection = context.config.attributes["connection"]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The tables of the text index are made by SQLite, not described by the models."""
    return not (kind == "table" and (name or "").startswith("record_text"))


context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, include_name=_is_ours)
with context.begin_transaction():
    context.run_migrations()
