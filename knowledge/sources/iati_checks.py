"""Data-quality notes on a whole activity. Each says how the publisher mends it; none costs the record anything."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from knowledge.sources.iati_draft import Draft

_TOLERANCE = 1.0
_FAR_YEARS = 5


def check(draft: Draft, today: date) -> None:
    """Add notes to a draft. `today` is the day the data speaks of, or the day of reading where it gives none."""
    if not draft.title:
        draft.note("missing-title", "no title: give the activity a title that says what and where")
    _dates(draft, today)
    _countries(draft)
    _sectors(draft)


def _dates(draft: Draft, today: date) -> None:
    start = draft.dates.get("actual_start") or draft.dates.get("planned_start")
    end = draft.dates.get("actual_end") or draft.dates.get("planned_end")
    if end is None:
        draft.note("no-end-date", "no end date, so nobody can tell whether it goes on: add a planned or actual end")
    elif end < today and draft.status == "implementation":
        draft.note(
            "ended-but-active",
            f"status says implementation, but the end {end.isoformat()} has passed: set the status, or a later end",
        )
    if start is not None and start.year > today.year + _FAR_YEARS:
        draft.note("far-start", f"starts on {start.isoformat()}, far in the future: check the year")
    if start is not None and end is not None and end < start:
        draft.note(
            "end-before-start", f"ends on {end.isoformat()}, before it starts on {start.isoformat()}: check both dates"
        )


def _countries(draft: Draft) -> None:
    at_activity = [place for place in draft.places if place.scope == "activity"]
    countries = [place for place in at_activity if place.country]
    regions = [place for place in at_activity if place.region]
    without = [place.country for place in countries if place.percentage is None]
    if len(countries) > 1 and without:
        draft.note(
            "countries-without-percentages",
            f"{len(countries)} recipient countries, {len(without)} without a percentage: give each its share of 100",
        )
        return
    of_countries = sum(place.percentage or 0 for place in countries)
    of_all = of_countries + sum(place.percentage or 0 for place in regions)
    # countries and regions may share the 100, or (against the standard, often) be two views of the same 100
    given = any(place.percentage is not None for place in countries)
    if given and abs(of_countries - 100) > _TOLERANCE and abs(of_all - 100) > _TOLERANCE:
        draft.note(
            "country-percentages", f"percentages of countries and regions sum to {of_all:g}: they must sum to 100"
        )


def _sectors(draft: Draft) -> None:
    shares: dict[str, list[float | None]] = defaultdict(list)
    for theme in draft.themes:
        if theme.scope == "activity" and theme.vocabulary[0].isdigit():
            shares[theme.vocabulary].append(theme.percentage)
    for vocabulary, given in shares.items():
        known = [share for share in given if share is not None]
        if len(given) > 1 and len(known) < len(given):
            draft.note(
                "sector-without-percentages",
                f"{len(given)} sectors of vocabulary {vocabulary}, {len(given) - len(known)} without a percentage: "
                "give each its share of 100",
            )
        elif known and abs(sum(known) - 100) > _TOLERANCE:
            draft.note(
                "sector-percentages",
                f"percentages of sector vocabulary {vocabulary} sum to {sum(known):g}: they must sum to 100",
            )
