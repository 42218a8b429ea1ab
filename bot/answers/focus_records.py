"""The table of records that a question of which, when or whether comes to, and the days that records give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from bot.answers import phrases
from bot.words import Words
from knowledge.finding import Hit
from knowledge.records import RecordKind


def starts_or_ends(hit: Hit, which: str) -> date | None:
    """The day a record gives for its "start" or "end". Those of a presence table are the days of its report, and no
    start or end of the work, unless the table looks ahead."""
    if hit.kind is RecordKind.PRESENCE:
        ahead = hit.end is not None and hit.reported_on is not None and hit.end > hit.reported_on
        return (hit.end if which == "end" else hit.start) if ahead else None
    return hit.end if which == "end" else hit.start


def columns(
    words: Words, today: date, who: Mapping[int, set[str]], asked: frozenset[str], *, by_date: bool
) -> dict[str, Callable[[Hit], str]]:
    """Title of a column -> what it shows of a record. `asked`: organisations asked about, whose roles are shown;
    `who`: record pk -> those who do its work, named where nobody was asked about."""

    def roles(hit: Hit) -> str:
        found = dict.fromkeys(o.role for o in hit.organisations if o.organisation in asked)
        return words.listed(words(f"role_{role}") for role in found)

    def doers(hit: Hit) -> str:
        named = dict.fromkeys(o.name for o in hit.organisations if o.organisation in who.get(hit.pk, ()))
        return phrases.shortened(words, list(named) or [words("unknown_kind")], 2)

    def places(hit: Hit) -> str:
        named = dict.fromkeys(place.name for place in hit.places)
        return phrases.shortened(words, list(named) or [words("no_place_named")], 3)

    found: dict[str, Callable[[Hit], str]] = (
        {words("column_role"): roles} if asked else {words("focus_column_who"): doers}
    )
    if by_date:
        found[words("focus_column_start")] = lambda hit: words.date(starts_or_ends(hit, "start"))
        found[words("focus_column_end")] = lambda hit: words.date(starts_or_ends(hit, "end"))
    else:
        found[words("column_where")] = places
    found[words("column_when")] = lambda hit: phrases.standing(words, hit, hit.standing(today))
    return found
