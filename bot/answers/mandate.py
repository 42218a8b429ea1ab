"""Who says it has the mandate for something, and what an organisation says it may do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from bot.answers import frame, phrases, talk
from bot.answers.frame import Frame
from bot.answers.record import say
from bot.words import Words
from knowledge import finding
from knowledge.access import Audience
from knowledge.extracts import cues, mandates
from knowledge.extracts.mandates import Statement
from knowledge.finding import Facets, Hit
from knowledge.reply import Answer, Column, OrganisationReading, Query, Table

SCREENFUL = 8
_DENIED_SHOWN = 4
_THEMES_NAMED = 5


def answer(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    """`query` names organisations, themes, topic words and places; naming only a place it is put back."""
    query = query.model_copy(update={"words": cues.topic(query.words, "mandate")})
    made = Frame(session, query, audience, words, today)
    if query.organisations:
        return _of_organisations(made)
    if query.themes or query.words:
        return _holders(made)
    return talk.ask_back(words, query, words("mandate_ask"), [(q, q) for q in examples(session, audience, words)])


def examples(session: Session, audience: Audience, words: Words) -> list[str]:
    """Questions on mandates that have an answer for this audience."""
    hits = finding.find(session, Facets(kinds=mandates.KINDS), audience, limit=3)
    names = dict.fromkeys(part.name for hit in hits for part in hit.organisations[:1])
    return [words("ask_mandate_of", organisation=name) for name in names]


def _of_organisations(made: Frame) -> Answer:
    hits: list[Hit] = []
    found = False
    for organisation in made.query.organisations:
        themes = [theme.id for theme in made.query.themes]
        asked = bool(themes or made.query.words)
        own = mandates.of_organisation(made.session, organisation.id, themes, made.query.words, made.audience)
        if own:
            key = "mandate_of_topic" if asked else "mandate_of"
            _quotes(made, own, made.words(key, organisation=organisation.name, topic=made.topic))
            found = True
        else:
            general = (
                mandates.of_organisation(made.session, organisation.id, [], "", made.audience, limit=2) if asked else []
            )
            hits += _without(made, organisation, general)
            own = general
        hits += [statement.hit for statement in own]
        made.offer(made.words("ask_doing", organisation=organisation.name))
        made.offer(made.words("ask_results_of", organisation=organisation.name))
        made.offer(made.words("ask_who_mandate", topic=made.topic) if made.query.themes else "")
    if any(citation.evidence for citation in made.ledger.citations):
        made.note(made.words("mandate_own_word"))
    return made.done(hits, found=found)


def _quotes(made: Frame, statements: Sequence[Statement], opening: str) -> None:
    own = [statement for statement in statements if not statement.denies]
    denied = [statement for statement in statements if statement.denies]
    for said, kept in ((opening, own), (made.words("mandate_of_denied") if own else opening, denied)):
        if kept:
            cites = [made.ledger.sentence(statement.hit, statement.evidence) for statement in kept]
            made.say(said, cites=cites)
        for statement in kept:
            made.quote(statement.hit, statement.evidence)


def _without(made: Frame, organisation: OrganisationReading, general: Sequence[Statement]) -> list[Hit]:
    """Nothing on what was asked: why, and what the organisation says otherwise, else what its records show, which are
    returned."""
    words, name = made.words, organisation.name
    if general:
        made.note(words("mandate_no_topic", organisation=name, topic=made.topic, date=made.day), warning=True)
        _quotes(made, general, words("mandate_of", organisation=name))
        return []
    if not mandates.has_text(made.session, organisation.id, made.audience):
        said = words("mandate_no_text", organisation=name, date=made.day)
    elif made.topic:
        said = words("mandate_no_topic", organisation=name, topic=made.topic, date=made.day)
    else:
        said = words("mandate_no_sentence", organisation=name, date=made.day)
    made.note(said, warning=True)
    hits = finding.find(made.session, Facets(organisations=(organisation.id,)), made.audience)
    counted = Counter(theme for hit in hits for theme in hit.themes)
    if counted:
        shown = [
            f"{phrases.theme_name(words, theme)} ({words.number(number)})"
            for theme, number in counted.most_common(_THEMES_NAMED)
        ]
        made.say(words("mandate_records_show", list=words.listed(shown)), cites=made.ledger.sources(hits))
    return hits


def _holders(made: Frame) -> Answer:
    words, query = made.words, made.query
    stated = mandates.holders(
        made.session,
        [theme.id for theme in query.themes],
        query.words,
        [place.id for place in query.places],
        made.audience,
        [place.name for place in query.places],
    )
    if not stated.own and not stated.denied:
        made.note(words("mandate_none", topic=made.topic, date=made.day), warning=True)
        made.offer(words("ask_who_theme", topic=made.topic) if query.themes else "")
        made.offer(*examples(made.session, made.audience, words)[:2])
        return made.done(found=False)
    if query.offset >= max(1, len(stated.own)):
        return say(words, query, words("nothing_more"))
    shown = stated.own[query.offset : query.offset + SCREENFUL]
    table = _table(made, shown, words("table_mandates")) if shown else None
    if stated.own and query.offset == 0:
        cites = made.ledger.sources(statement.hit for statement in stated.own)
        near = bool(query.places) and not stated.wider
        number = len(stated.own)
        if near:
            found = words("mandate_found_place", n=number, topic=made.topic, places=made.places)
        else:
            found = words("mandate_found", n=number, topic=made.topic)
        made.say(words("mandate_wider", places=made.places) if stated.wider else "", found, cites=cites)
    if table:
        made.parts.append(table)
    if stated.denied and query.offset == 0:
        denied = _table(made, stated.denied[:_DENIED_SHOWN], words("table_denied"))
        cites = [number for row in denied.rows for number in row[1][0].cites]
        made.say(words("mandate_denied", topic=made.topic), cites=cites)
        made.parts.append(denied)
    made.note(words("mandate_own_word"))
    for statement in shown[:2]:
        made.offer(words("ask_mandate_of", organisation=statement.organisation.name))
    made.offer(words("ask_who_theme", topic=made.topic) if query.themes else "")
    everyone = [*stated.own, *stated.denied]
    answered = made.done(
        (statement.hit for statement in everyone),
        [frame.of_organisation(statement.organisation, [statement.hit]) for statement in stated.own],
    )
    return made.paged(answered, len(stated.own) - query.offset - SCREENFUL)


def _table(made: Frame, statements: Sequence[Statement], caption: str) -> Table:
    words = made.words
    rows = []
    for statement in statements:
        said = made.quoted(statement.hit, statement.evidence)
        citation = made.ledger.citations[said.cites[0] - 1]
        stands = ", ".join(dict.fromkeys(part for part in (citation.title, citation.element) if part))
        day = words.date(statement.hit.reported_on) if statement.hit.reported_on else ""
        rows.append(
            [
                frame.name_of(words, statement.organisation),
                [said],
                [frame.plain_span(f"{stands} ({day})" if day else stands, said.cites)],
            ]
        )
    return Table(
        caption=caption,
        columns=[
            Column(title=words("column_organisation")),
            Column(title=words("column_says")),
            Column(title=words("column_stands")),
        ],
        rows=rows,
    )
