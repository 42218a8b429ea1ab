"""Status decays: what was reported against what the dates say."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.records import RecordKind
from knowledge.timing import Standing, Timing, months_between, standing

TODAY = date(2026, 11, 23)
PAST, NEAR, AHEAD = date(2025, 9, 22), date(2026, 10, 31), date(2027, 12, 31)


@pytest.mark.parametrize(
    ("status", "start", "end", "expected"),
    [
        ("2", PAST, AHEAD, Standing(Timing.CURRENT)),
        ("2", PAST, PAST, Standing(Timing.STALE, 14)),
        ("4", PAST, PAST, Standing(Timing.ENDED, 14)),
        ("closed", PAST, PAST, Standing(Timing.ENDED, 14)),
        ("finalisation", PAST, AHEAD, Standing(Timing.ENDED)),
        ("cancelled", PAST, AHEAD, Standing(Timing.CANCELLED)),
        ("implementation", PAST, PAST, Standing(Timing.STALE, 14)),
        ("4", PAST, AHEAD, Standing(Timing.ENDED)),
        ("2", date(2050, 1, 1), None, Standing(Timing.PLANNED, 277)),
        ("5", PAST, AHEAD, Standing(Timing.CANCELLED)),
        ("6", PAST, AHEAD, Standing(Timing.SUSPENDED)),
        ("2", PAST, None, Standing(Timing.UNDATED, 0)),
    ],
)
def test_an_activity_stands_as_its_dates_and_status_say(
    status: str, start: date | None, end: date | None, expected: Standing
) -> None:
    assert standing(RecordKind.ACTIVITY, status, start, end, NEAR, TODAY) == expected


def test_a_status_of_long_ago_is_never_current() -> None:
    assert standing(RecordKind.ACTIVITY, "2", PAST, None, date(2021, 3, 1), TODAY) == Standing(Timing.UNDATED, 68)


@pytest.mark.parametrize(
    ("status", "as_of", "timing"),
    [
        ("", NEAR, Timing.CURRENT),
        ("", date(2025, 8, 31), Timing.STALE),
        ("On-going", date(2025, 8, 31), Timing.STALE),
        ("Completed", NEAR, Timing.ENDED),
        ("Terminé", NEAR, Timing.ENDED),
        ("Suspended", NEAR, Timing.SUSPENDED),
        ("", None, Timing.UNDATED),
    ],
)
def test_a_presence_row_is_as_fresh_as_its_table(status: str, as_of: date | None, timing: Timing) -> None:
    assert standing(RecordKind.PRESENCE, status, as_of, as_of, as_of, TODAY).timing is timing


def test_months_are_whole_months() -> None:
    assert months_between(date(2025, 9, 24), TODAY) == 13
    assert months_between(date(2025, 9, 23), TODAY) == 14
    assert months_between(AHEAD, TODAY) == 0
