"""Where a record stands in time. Status decays: what was reported is kept apart from what the dates say."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.records import RecordKind
from knowledge.vocabulary import status_code

_FRESH_PRESENCE_DAYS = 92
"""A 3W table older than a quarter tells who was there, not who is."""

_CLOSED = frozenset({"3", "4"})
_CANCELLED = "5"
_SUSPENDED = "6"
_WORDS = {
    "completed": "ended",
    "complete": "ended",
    "closed": "ended",
    "finished": "ended",
    "termine": "ended",
    "terminee": "ended",
    "acheve": "ended",
    "completado": "ended",
    "finalizado": "ended",
    "concluido": "ended",
    "planned": "planned",
    "planifie": "planned",
    "prevu": "planned",
    "planificado": "planned",
    "planeado": "planned",
    "suspended": "suspended",
    "suspendu": "suspended",
    "suspendido": "suspended",
    "suspenso": "suspended",
    "cancelled": "cancelled",
    "annule": "cancelled",
    "cancelado": "cancelled",
}


class Timing(StrEnum):
    """In the order in which they are shown."""

    CURRENT = "current"
    PLANNED = "planned"
    STALE = "stale"
    UNDATED = "undated"
    SUSPENDED = "suspended"
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in (Timing.ENDED, Timing.CANCELLED)


@dataclass(frozen=True, slots=True)
class Standing:
    """`timing`, and the months since the date that makes it so (0 where none does)."""

    timing: Timing
    months: int = 0


def months_between(earlier: date, later: date) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return max(0, months - (later.day < earlier.day))


def standing(
    kind: RecordKind, status: str, start: date | None, end: date | None, reported_on: date | None, today: date
) -> Standing:
    """`status` as reported: an IATI ActivityStatus code or name, or the words of a table."""
    if kind is RecordKind.PRESENCE:
        stands = _presence(status, end or reported_on, today)
        to_come = start is not None and start > today and stands.timing is Timing.CURRENT
        return Standing(Timing.PLANNED) if to_come else stands
    status = (status_code(status) or status) if status else ""
    if status == _CANCELLED:
        return Standing(Timing.CANCELLED)
    if start is not None and start > today:
        return Standing(Timing.PLANNED, months_between(today, start))
    if end is not None and end < today:
        # Only what was said to be under way can be overdue; an activity without a status is taken to be.
        open_still = status not in _CLOSED and status != _SUSPENDED
        open_still &= bool(status) or kind is RecordKind.ACTIVITY
        return Standing(Timing.STALE if open_still else Timing.ENDED, months_between(end, today))
    if status in _CLOSED:
        return Standing(Timing.ENDED)
    if status == _SUSPENDED:
        return Standing(Timing.SUSPENDED)
    if end is None:
        return Standing(Timing.UNDATED, months_between(reported_on, today) if reported_on else 0)
    return Standing(Timing.CURRENT)


def _presence(status: str, as_of: date | None, today: date) -> Standing:
    age = months_between(as_of, today) if as_of and as_of < today else 0
    folded = unicodedata.normalize("NFKD", status.strip().casefold())
    word = _WORDS.get("".join(c for c in folded if not unicodedata.combining(c)), "")
    if word:
        return Standing(Timing(word), age)
    if as_of is None:
        return Standing(Timing.UNDATED)
    return Standing(Timing.CURRENT if (today - as_of).days <= _FRESH_PRESENCE_DAYS else Timing.STALE, age)
