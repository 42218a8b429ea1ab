"""Phrases that several answers share: names of places and themes, dates and standings in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.words import Words
from knowledge.finding import Hit
from knowledge.records import RecordKind
from knowledge.reply import Coverage, Excluding, PlaceReading, Query
from knowledge.timing import Standing, Timing
from knowledge.vocabulary import kind_label, status_code, theme
from knowledge.whowhatwhere import CoveredBy

_TABLES_NAMED = 4
_IN_YEARS = 24


def places(words: Words, readings: Iterable[PlaceReading]) -> str:
    return words.listed(place(words, reading) for reading in readings)


def place(words: Words, reading: PlaceReading) -> str:
    """The place with what lies above it: "Dibate (Metekel, Ethiopia)"; the country in the reply's language."""
    if reading.level == 0:
        return words.country(reading.country, reading.name)
    within = [name for name in reading.within[:-1] if name != reading.name]
    within += [words.country(reading.country, name) for name in reading.within[-1:]]
    return f"{reading.name} ({', '.join(within)})" if within else reading.name


def theme_name(words: Words, theme_id: str) -> str:
    labels = theme(theme_id).labels
    return labels.get(words.language) or labels["en"]


def in_sentence(name: str) -> str:
    """A label as it stands inside a sentence: "Health" -> "health", "WASH" and "GBV" as they are."""
    return name[0].lower() + name[1:] if len(name) > 1 and not name[1].isupper() else name


def themes(words: Words, query: Query) -> str:
    return words.listed(in_sentence(theme_name(words, reading.id)) for reading in query.themes)


def excluded(words: Words, out: Excluding) -> str:
    """What is left out, as a list: "United Nations agency and education"."""
    names = [place(words, reading) for reading in out.places]
    names += [in_sentence(theme_name(words, reading.id)) for reading in out.themes]
    names += [organisation.name for organisation in out.organisations]
    return words.listed([*names, *(kind(words, kind_id) for kind_id in out.organisation_kinds)])


def readings(words: Words, query: Query, kept: Sequence[str]) -> list[str]:
    """How a question was read, where a person may want to contradict: what was kept from the one before (by `kept`,
    names), what is left out, and the days that a period was taken for."""
    period = query.period
    said = [words("kept_from_before", list=words.listed(kept))] if kept else []
    if query.excluding:
        said.append(words("left_out_facets", list=excluded(words, query.excluding)))
    if period.start != period.end and (period.start or period.end):
        start = words.date(period.start) if period.start else words("open_start")
        end = words.date(period.end) if period.end else words("open_end")
        said.append(words("read_period", words=period.words, start=start, end=end))
    return said


def doing(words: Words, query: Query) -> str:
    """What is asked, as the end of a sentence: "working on WASH in Dibate"."""
    topic, where = themes(words, query), places(words, query.places)
    if topic and where:
        return words("doing_theme_place", themes=topic, places=where)
    if topic:
        return words("doing_theme", themes=topic)
    return words("doing_place", places=where) if where else words("doing_anything")


def kind(words: Words, kind_id: str) -> str:
    return kind_label(kind_id, words.language) if kind_id else words("unknown_kind")


def months(words: Words, number: int) -> str:
    """A span of months; from two years on in years, which is all that such an age tells."""
    if number >= _IN_YEARS:
        return words("years", n=number // 12)
    return words("months", n=number) if number else words("months_zero")


def standing(words: Words, hit: Hit, stands: Standing) -> str:
    """How a record stands in time, never just "active"."""
    if hit.kind is RecordKind.PRESENCE:
        as_of, reported = hit.end or hit.reported_on, hit.reported_on
        if stands.timing is Timing.PLANNED and hit.start and reported and hit.start > reported:
            return words("standing_planned", start=words.date(hit.start))
        if stands.timing is Timing.CURRENT and hit.end and reported and hit.end > reported:
            return words("standing_current_presence_to", month=words.month(reported), end=words.date(hit.end))
        if stands.timing is Timing.STALE and hit.end and reported and hit.end < reported.replace(day=1):
            return words("standing_stale", months=months(words, stands.months))
        key = {Timing.ENDED: "ended", Timing.PLANNED: "planned", Timing.CURRENT: "current"}.get(stands.timing, "stale")
        if stands.timing in (Timing.SUSPENDED, Timing.CANCELLED):
            return words(f"standing_{stands.timing}")
        if as_of is None:
            return words("standing_undated_presence")
        return words(f"standing_{key}_presence", month=words.month(as_of), months=months(words, stands.months))
    closed = status_code(hit.status) in ("3", "4")
    match stands.timing:
        case Timing.CURRENT:
            return words("standing_current", end=words.date(hit.end))
        case Timing.PLANNED:
            return words("standing_planned", start=words.date(hit.start))
        case Timing.STALE | Timing.ENDED if hit.end is not None and (stands.months or not closed):
            return words(f"standing_{stands.timing}", months=months(words, stands.months))
        case Timing.ENDED:
            return words("standing_ended_reported")
        case Timing.UNDATED if not hit.status:
            return words("standing_open", reported=words.date(hit.reported_on))
        case Timing.UNDATED:
            return words("standing_undated", reported=words.date(hit.reported_on))
        case _:
            return words(f"standing_{stands.timing}")


def shortened(words: Words, items: Sequence[str], limit: int, between: str = ", ") -> str:
    """The first `limit` items and how many more there are."""
    shown = between.join(items[:limit])
    rest = len(items) - limit
    return f"{shown} {words('and_more', n=rest)}" if rest > 0 else shown


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended between words: half of "2017-2020" would state another year."""
    if len(text) <= limit:
        return text
    end = text.rfind(" ", limit // 2, limit)
    return text[: end if end > 0 else limit - 1].rstrip(" ,;:-\u2013") + "…"


def coverage(words: Words, covered: CoveredBy, today: date) -> Coverage:
    """What was searched, in words and as data. `state` is set by the answer."""
    listed = [
        words("table_as_of", title=title, date=words.date(as_of)) for title, as_of in covered.tables[:_TABLES_NAMED]
    ]
    if more := len(covered.tables) - _TABLES_NAMED:
        listed += [words("and_more", n=more)] if more > 0 else []
    if covered.publishers:
        listed.append(words("publishers", n=covered.publishers, date=words.date(covered.newest)))
    text = words("searched", list="; ".join(listed)) if listed else words("searched_none")
    return Coverage(as_of=today, sources=listed, text=text)
