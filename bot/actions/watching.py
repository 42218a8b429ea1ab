"""What changed, and the alerts of the person's organisation."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.actions.asking import clarify, resume, returned
from bot.actions.context import Item, Request
from bot.actions.forms import storing
from bot.answers import kept
from bot.answers.record import say
from knowledge import watches
from knowledge.reply import Answer


def what_changed(session: Session, request: Request) -> Answer:
    if option := returned(request):
        return resume(session, request, option)
    if request.message.ambiguities:
        return clarify(request, request.query, request.message.ambiguities[0])
    context = request.context
    # What is left of such a question is how it is asked; it looks for nothing in texts.
    request.query.words = ""
    context.query, context.clarification = request.query, None
    answer = kept.what_changed(session, storing.who(request), request.query, request.words_of, request.index.today())
    if answer.records:
        context.listed = [Item("record", record.id, record.title, record.id) for record in answer.records]
        context.described = ""
    return answer


def list_watches(session: Session, request: Request) -> Answer:
    if not storing.may_store(request):
        words = request.words_of
        return say(words, request.query, words("not_a_member", form=words("form_create_watch")), tone="warning")
    who = storing.who(request)
    answer = kept.list_watches(session, who, request.query, request.words_of, request.index.today())
    rows = watches.list_(session, who)
    about = [kept.in_words(request.words_of, kept.reading(session, row.watch)) for row in rows]
    request.context.listed = [Item("watch", row.id, name) for row, name in zip(rows, about, strict=True)]
    # While a large file is written the look is not noted: the same is then counted again the next time.
    with suppress(OperationalError), request.index.home.database.write() as writing:
        for row in rows:
            watches.looked(writing, who, row.id)
    return answer
