"""Data-quality notes on a whole activity. Each says how the publisher mends it; none costs the record anything."""

from __future__ import annotations

from knowledge.sources.iati_draft import Draft

_TOLERANCE = 1.0


def check(draft: Draft) -> None:
    """Add the notes that only an IATI activity can earn; `knowledge.quality` adds those that all kinds can."""
    if not draft.title:
        draft.note("missing-title", "no title: give the activity a title that says what and where")
    _countries(draft)
    _sectors(draft)


def _countries(draft: Draft) -> None:
    countries = without = 0
    of_countries = of_regions = 0.0
    for place in draft.places.values():
        if place.scope != "activity":
            continue
        if place.country:
            countries += 1
            without += place.percentage is None
            of_countries += place.percentage or 0
        elif place.region:
            of_regions += place.percentage or 0
    if countries > 1 and without:
        draft.note(
            "countries-without-percentages",
            f"{countries} recipient countries, {without} without a percentage: give each its share of 100",
        )
        return
    of_all = of_countries + of_regions
    # countries and regions may share the 100, or (against the standard, often) be two views of the same 100
    if countries > without and abs(of_countries - 100) > _TOLERANCE and abs(of_all - 100) > _TOLERANCE:
        draft.note(
            "country-percentages", f"percentages of countries and regions sum to {of_all:g}: they must sum to 100"
        )


def _sectors(draft: Draft) -> None:
    shares: dict[str, list[float | None]] = {}
    for theme in draft.themes.values():
        if theme.scope == "activity" and theme.vocabulary[0].isdigit():
            shares.setdefault(theme.vocabulary, []).append(theme.percentage)
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
