"""Questions of why, how and what about: answered with sentences of records, where a list would be no answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.actions.context import Item, Request
from bot.answers import passages
from knowledge.extracts import cues
from knowledge.reply import Answer

_OF_LISTS = frozenset({"purpose", "about", "manner", "cause"})
_OF_A_RECORD = frozenset({"purpose", "manner", "cause"})


def is_open(request: Request) -> bool:
    """Whether the message asks for words of records: of the one it names, or on topic words that no code stands for."""
    if request.message.ambiguities:
        return False
    wanted = cues.wanted(request.text)
    if request.query.records:
        return wanted in _OF_A_RECORD
    return wanted in _OF_LISTS and bool(cues.topic(request.query.words, "open"))


def answer_open(session: Session, request: Request) -> Answer:
    """The sentences that answer, or why there is none. "The second one" is then the record of the second sentence."""
    context = request.context
    context.query, context.clarification = request.query, None
    answer = passages.answer(
        request.index.home,
        session,
        request.query,
        request.text,
        request.audience,
        request.words_of,
        request.index.today(),
    )
    context.listed = [Item("record", record.id, record.title, record.id) for record in answer.records]
    context.described = answer.records[0].id if len(answer.records) == 1 else ""
    return answer
