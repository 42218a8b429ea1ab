"""What is said around the answers: greetings, help with examples that work, questions back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.answers.record import say
from bot.words import Words
from knowledge.access import Audience, visible
from knowledge.answers import text
from knowledge.finding import Facets, count
from knowledge.records import RecordKind
from knowledge.reply import Answer, BulletList, Button, Query, Reply, Span
from knowledge.store import models as m
from knowledge.store.remembered import recalled

_EXAMPLES = 3


def examples(session: Session, audience: Audience, words: Words) -> list[str]:
    """Questions that have an answer for this audience: the best reported cells of theme and place, one per country."""
    cells = recalled(session, "examples", audience, lambda: _best_reported(session, audience))
    found: list[str] = []
    countries: set[str] = set()
    themes: set[str] = set()
    for name, country, theme in cells:
        if country not in countries and theme not in themes and len(found) < _EXAMPLES:
            countries.add(country)
            themes.add(theme)
            found.append(words("example_who", theme=phrases.in_sentence(phrases.theme_name(words, theme)), place=name))
    return found


def _best_reported(session: Session, audience: Audience) -> Sequence[tuple[str, str, str]]:
    """(name of the place, its country, theme), those with most records first."""
    place_depth = func.max(m.PlaceRow.level)
    cells = session.execute(
        select(m.PlaceRow.id, m.PlaceRow.name, m.PlaceRow.country, m.RecordThemeRow.theme, func.count(), place_depth)
        .join(m.PlaceMentionRow, m.PlaceMentionRow.place_id == m.PlaceRow.id)
        .join(m.RecordPlaceRow, m.RecordPlaceRow.mention_id == m.PlaceMentionRow.id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordPlaceRow.record_pk)
        .join(m.RecordThemeRow, m.RecordThemeRow.record_pk == m.RecordRow.pk)
        .where(
            visible(audience),
            m.RecordRow.retired_at.is_(None),
            m.PlaceRow.level.between(1, 3),
            m.PlaceRow.id.not_like("%:%"),
            m.RecordThemeRow.theme != "",
        )
        .group_by(m.PlaceRow.id, m.RecordThemeRow.theme)
        .order_by(func.count().desc(), m.PlaceRow.id, m.RecordThemeRow.theme)
        .limit(400)
    )
    return [(name, country, theme) for _, name, country, theme, _, _ in cells]


def help_answer(session: Session, audience: Audience, words: Words, query: Query) -> Answer:
    asked = examples(session, audience, words)
    number = count(session, Facets(kinds=tuple(RecordKind)), audience)
    if not asked:
        return say(words, query, words("help_empty") if not number else words("help_intro", n=number))
    record_id = session.scalar(
        select(m.RecordRow.id).where(visible(audience), m.RecordRow.kind == RecordKind.ACTIVITY.value).limit(1)
    )
    items = [
        words("help_who", example=asked[0]),
        words("help_follow", place="Nairobi", theme=words("example_topic")),
        *([words("help_record", id=record_id)] if record_id else []),
        words("help_source"),
    ]
    return Answer(
        reply=Reply(
            language=words.language,
            parts=[
                text(words("help_intro", n=number)),
                BulletList(items=[[Span(text=item)] for item in items]),
            ],
            buttons=[Button(title=question, send=question) for question in asked],
        ),
        query=query,
    )


def greet(session: Session, audience: Audience, words: Words, query: Query) -> Answer:
    asked = examples(session, audience, words)
    return say(words, query, words("greet"), buttons=[Button(title=q, send=q) for q in asked])


def ask_back(words: Words, query: Query, question: str, options: Sequence[tuple[str, str]]) -> Answer:
    """A clarifying question with its options as buttons: (title, what is sent)."""
    return say(words, query, question, buttons=[Button(title=title, send=send) for title, send in options])
