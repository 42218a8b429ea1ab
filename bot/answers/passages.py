"""Open questions: what, why and how, answered with sentences of records, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from bot.answers import talk
from bot.answers.frame import Frame
from bot.answers.record import by_ids
from bot.words import Words
from knowledge.access import Audience
from knowledge.extracts import choosing, questions
from knowledge.extracts.choosing import Candidate, Chosen, Extract
from knowledge.extracts.fields import load
from knowledge.extracts.questions import Question, spelt
from knowledge.finding import Facets, Hit
from knowledge.home import Home
from knowledge.records import WORK, RecordKind
from knowledge.reply import Answer, Query
from knowledge.search import mentioning, search
from knowledge.vocabulary import country_names

_READ = 8
_TOLD = (*WORK, RecordKind.CONTRACT, RecordKind.PLAN)
_WRITTEN = (RecordKind.MANDATE, RecordKind.DOCUMENT)
"""Kinds that carry no codes of places and themes: what they are about stands in their text."""
_QUOTES = 3


def answer(
    home: Home, session: Session, query: Query, text: str, audience: Audience, words: Words, today: date
) -> Answer:
    """`text`: the question as it was typed. Sentences of the records that `query` narrows to, or why there is none."""
    question = asked(query, text)
    made = Frame(
        session,
        query.model_copy(update={"words": " ".join(concept.said for concept in question.concepts)}),
        audience,
        words,
        today,
    )
    hits = candidates(home, session, query, question, audience)
    chosen = choosing.choose(question, hits, home.embedder.embed, _QUOTES)
    if chosen.extracts:
        return _quoted(made, chosen.extracts)
    silent = [word for word in chosen.missing if not _anybody_says(session, query, word, audience)]
    return _weak(made, replace(chosen, missing=tuple(silent)), bool(hits))


def _anybody_says(session: Session, query: Query, word: str, audience: Audience) -> bool:
    """Whether any record that the question narrows to says the word, and not only those that were read."""
    if query.records:
        return False
    return any(mentioning(session, spelt([word]), facets, audience) for facets in _narrowed(session, query, audience))


def asked(query: Query, text: str) -> Question:
    return questions.read(
        text,
        [theme.id for theme in query.themes],
        [(place.name, *(country_names(place.country) if place.level == 0 else ())) for place in query.places],
        [organisation.name for organisation in query.organisations],
        query.words,
    )


def candidates(home: Home, session: Session, query: Query, question: Question, audience: Audience) -> list[Candidate]:
    """The records that may answer: those named, else the best that a search in what was asked about finds."""
    if query.records:
        hits = by_ids(session, query.records, audience)
        bodies = load(session, [hit.pk for hit in hits])
        return [Candidate(hit, bodies[hit.pk]) for hit in hits]
    words = question.words or question.text
    coded, written = _narrowed(session, query, audience)
    found = search(home, session, words, coded, audience, _READ)
    found += search(home, session, words, written, audience, _READ // 2)
    bodies = load(session, [item.hit.pk for item in found])
    return [Candidate(item.hit, bodies[item.hit.pk], item.passage, item.hit.kind not in _WRITTEN) for item in found]


def _narrowed(session: Session, query: Query, audience: Audience) -> tuple[Facets, Facets]:
    """What a question narrows to: records by their codes, and documents, which name a place that they are about."""
    places = tuple(place.id for place in query.places)
    organisations = tuple(organisation.id for organisation in query.organisations)
    themes = tuple(theme.id for theme in query.themes)
    coded = Facets(places, themes, organisations, query.period.start, query.period.end, kinds=_TOLD)
    written = Facets(organisations=organisations, kinds=_WRITTEN)
    if places:
        named = mentioning(session, [place.name for place in query.places], written, audience)
        written = replace(written, pks=named)
    return coded, written


def _quoted(made: Frame, extracts: Sequence[Extract]) -> Answer:
    words = made.words
    cites = [made.ledger.sentence(extract.hit, extract.evidence) for extract in extracts]
    made.say(words("extract_found"), cites=cites)
    for extract in extracts:
        made.quote(extract.hit, extract.evidence)
    hits = [extract.hit for extract in extracts]
    for hit in {hit.id: hit for hit in hits}.values():
        made.offer(words("ask_describe", id=hit.id))
    return made.done(hits)


def _weak(made: Frame, chosen: Chosen, read: bool) -> Answer:
    """No sentence answers: why, and the nearest thing known."""
    words, query = made.words, made.query
    if not read and (query.places or query.themes or query.organisations):
        made.note(made.none_fits(), warning=True)
    else:
        missing = words("extract_missing", list=words.listed(chosen.missing)) if chosen.missing else ""
        made.note(words("extract_weak", date=made.day), missing, warning=True)
    nearest: list[Hit] = []
    if chosen.nearest is not None and not chosen.missing:
        extract = chosen.nearest
        cites = [made.ledger.sentence(extract.hit, extract.evidence)]
        made.say(words("extract_nearest"), words("extract_not_answer"), cites=cites)
        made.quote(extract.hit, extract.evidence)
        nearest.append(extract.hit)
        made.offer(words("ask_describe", id=extract.hit.id))
    for organisation in query.organisations[:1]:
        made.offer(words("ask_doing", organisation=organisation.name))
    if not made.buttons:
        made.offer(*talk.examples(made.session, made.audience, words))
    return made.done(nearest, found=False)
