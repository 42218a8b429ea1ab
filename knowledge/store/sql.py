"""What all that speaks to the store in statements needs: many keys in parts, rows reached, the time of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")

_AT_ONCE = 900
"""Values of one statement; older builds of SQLite take 999."""


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """`values` in their order, as many at a time as may stand in one IN (...)."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def reached(session: Session, statement: Any) -> int:
    """Carries out the statement; returns how many rows it reached."""
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def utc_now() -> datetime:
    """The time as the store has it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
