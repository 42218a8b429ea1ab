"""What records report of their results: targets and figures side by side, and what evaluations say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.answers.frame import Frame, plain_span
from bot.answers.record import by_ids, say
from bot.words import Words
from knowledge import finding
from knowledge.access import Audience
from knowledge.extracts import cues, evaluations, results
from knowledge.extracts.questions import concept_of_theme, concepts, spelt, theme_spellings
from knowledge.extracts.results import Reading, Results, State
from knowledge.finding import Facets
from knowledge.reply import Answer, Column, Heading, Query, Span, Table
from knowledge.search import mentioning

SCREENFUL = 8
_TITLE = 160


def answer(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    """Of the records that `query` names, else of those that answer its places, themes, organisations and period."""
    query = query.model_copy(update={"words": cues.topic(query.words, "results")})
    made = Frame(session, query, audience, words, today)
    hits = by_ids(session, query.records, audience) if query.records else []
    facets = Facets(
        places=tuple(place.id for place in query.places),
        themes=tuple(theme.id for theme in query.themes),
        organisations=tuple(organisation.id for organisation in query.organisations),
        start=query.period.start,
        end=query.period.end,
        kinds=results.KINDS,
        pks=tuple(hit.pk for hit in hits) if query.records else None,
    )
    if query.records:
        facets = Facets(kinds=results.KINDS, pks=facets.pks)
    elif query.words:
        # A word that no code stands for must be said where it is all that tells what is meant: results of other work
        # would answer another question. Beside a theme or an organisation it tells which results come first.
        each = {
            word.said: set(mentioning(session, spelt([word.said]), facets, audience)) for word in concepts(query.words)
        }
        if not (query.themes or query.organisations):
            facets = replace(facets, pks=tuple(sorted(set.intersection(*each.values())))) if each else facets
        elif unsaid := [said for said, saying in each.items() if not saying]:
            made.note(words("left_out", words=" ".join(unsaid)), warning=True)
    by_text = ""
    if facets.themes and not finding.count(session, facets, audience):
        spellings = [spelling for theme in facets.themes for spelling in theme_spellings(theme)]
        saying = mentioning(session, spellings, replace(facets, themes=()), audience)
        facets = replace(facets, themes=(), pks=saying)
        by_text = words("theme_by_text", themes=phrases.themes(words, query)) if saying else ""
    found = results.find(
        session, facets, [*(concept_of_theme(theme.id) for theme in query.themes), *concepts(query.words)], audience
    )
    if query.offset >= max(1, len(found.readings)):
        return say(words, query, words("nothing_more"))
    if by_text:
        named = any(reading.relevance for reading in found.readings) or not found.readings
        made.note(by_text, "" if named else words("results_unnamed", topic=made.topic))
    if found.readings:
        _found(made, found)
    else:
        _nothing(made, found, hits[0].title if hits else "")
    said = _evaluations(made)
    if found.readings or said:
        made.note(words("results_no_cause"))
    if query.organisations:
        made.offer(words("ask_doing", organisation=query.organisations[0].name))
    elif query.themes:
        made.offer(words("ask_who_theme", topic=phrases.themes(words, query)))
    for reading in found.readings[:1]:
        made.offer(words("ask_describe", id=reading.hit.id))
    answered = made.done(found.records, found=bool(found.readings) or said)
    return made.paged(answered, len(found.readings) - query.offset - SCREENFUL)


def _found(made: Frame, found: Results) -> None:
    words, query = made.words, made.query
    shown = found.readings[query.offset : query.offset + SCREENFUL]
    table = _table(made, shown)
    if query.offset == 0:
        made.say(*_opening(made, found), cites=made.ledger.sources(found.records))
    made.parts.append(table)
    notes = [
        words("results_unread", n=found.unread) if found.unread else "",
        words("results_without", n=found.without) if found.without and not query.records else "",
    ]
    if any(notes) and query.offset == 0:
        made.note(*notes, cites=made.ledger.sources(found.records))


def _opening(made: Frame, found: Results) -> list[str]:
    words, query = made.words, made.query
    reached, below = found.counted(State.REACHED), found.counted(State.BELOW)
    others = len(found.readings) - reached - below
    number = len(found.records)
    if query.records:
        first = words("results_of_record", title=found.records[0].title)
    elif query.organisations:
        first = words("results_of", n=number, organisations=made.organisations, doing=made.doing)
    else:
        first = words("results_found", n=number, doing=made.doing)
    met, missed = words.number(reached), words.number(below)
    relevant = any(reading.relevance for reading in found.readings)
    partly = relevant and not all(reading.relevance for reading in found.readings)
    return [
        first,
        words("results_compared", n=reached + below, reached=met, below=missed) if reached + below else "",
        words("results_open", n=others) if others else "",
        words("results_first", topic=made.topic) if partly and made.topic else "",
    ]


def _nothing(made: Frame, found: Results, title: str) -> None:
    words = made.words
    if made.query.records:
        key = "results_record_none" if title else "record_unknown"
        said = words(key, title=title, date=made.day) if title else words(key, id=made.query.records[0])
    elif found.without:
        said = words("results_none", count=words.number(found.without), date=made.day)
    elif not made.covered.anything and made.query.places:
        said = words("not_covered", places=made.places, date=made.day)
    else:
        said = made.none_fits()
    made.note(said, warning=True)


def _table(made: Frame, shown: Sequence[Reading]) -> Table:
    words = made.words
    return Table(
        caption=words("table_results"),
        columns=[
            Column(title=words("column_indicator")),
            Column(title=words("column_reporter")),
            Column(title=words("column_baseline"), numeric=True),
            Column(title=words("column_target"), numeric=True),
            Column(title=words("column_actual"), numeric=True),
            Column(title=words("column_share")),
            Column(title=words("column_period")),
        ],
        rows=[_row(made, reading) for reading in shown],
    )


def _row(made: Frame, reading: Reading) -> list[list[Span]]:
    words, indicator, hit = made.words, reading.indicator, reading.hit
    cites = [made.ledger.record(hit, *reading.evidence)]
    other = hit.language if hit.language and hit.language != words.language else ""
    reporter = [plain_span(hit.publisher)]
    if hit.secondary:
        reporter.append(plain_span(f" ({words('results_secondary')})"))
    dates = [words.date(day) for day in (indicator.start, indicator.end) if day]
    return [
        [Span(text=phrases.cut(reading.title, _TITLE), lang=other)],
        reporter,
        [plain_span(indicator.baseline)],
        [plain_span(indicator.target)],
        [plain_span(indicator.actual)],
        [plain_span(_compared(words, reading))],
        [plain_span(" – ".join(dates), cites)],
    ]


def _compared(words: Words, reading: Reading) -> str:
    if reading.unchanged:
        return words("results_unchanged")
    if reading.percent is not None:
        return words("results_share", percent=words.number(reading.percent))
    match reading.state:
        case State.REACHED:
            return words("results_less_reached")
        case State.BELOW:
            return words("results_less_below")
        case State.NO_ACTUAL:
            return words("results_no_actual")
        case State.NO_TARGET:
            return words("results_no_target")
        case _:
            return words("results_not_numbers")


def _evaluations(made: Frame) -> bool:
    """Quotes of evaluation documents that speak of the same; whether there are any."""
    query = made.query
    if query.offset or query.records:
        return False
    found = evaluations.find(
        made.session,
        [theme.id for theme in query.themes],
        query.words,
        [place.name for place in query.places],
        [organisation.id for organisation in query.organisations],
        made.audience,
    )
    if found:
        made.parts.append(Heading(text=made.words("results_evaluations")))
    for extract in found:
        made.quote(extract.hit, extract.evidence)
    return bool(found)
