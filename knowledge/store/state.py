"""What the index knows of itself: the number of its published state, and the stages that are still owed."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from knowledge.store import models as m


def meta(session: Session, key: str) -> str:
    return session.scalar(select(m.MetaRow.value).where(m.MetaRow.key == key)) or ""


def set_meta(session: Session, key: str, value: str) -> None:
    session.execute(delete(m.MetaRow).where(m.MetaRow.key == key))
    session.execute(insert(m.MetaRow).values(key=key, value=value))


def version(session: Session) -> int:
    """The number of the published state; it grows with every change."""
    return int(meta(session, "version") or 0)


def publish(session: Session) -> None:
    set_meta(session, "version", str(version(session) + 1))


def owed(session: Session) -> set[str]:
    return set(filter(None, meta(session, "pending").split(",")))


def owe(session: Session, *stages: str) -> None:
    set_meta(session, "pending", ",".join(sorted(owed(session).union(stages))))


def settle(session: Session, stage: str) -> None:
    set_meta(session, "pending", ",".join(sorted(owed(session) - {stage})))
