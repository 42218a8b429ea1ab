"""Messages that go on from the one before: corrections, picks, more rows, and what was not understood for sure."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.actions import said, understanding
from bot.actions.asking import answer_who, carry_out, chosen, clarify, options, others, resume
from bot.actions.context import Request, only_rows, pointed_at, with_examples
from bot.actions.describing import describe
from bot.actions.extracting import PAGED
from bot.answers import focus_reading, record, talk, who
from knowledge.reply import Answer, Query

_OF_ONE_RECORD = frozenset({"describe_record", "provenance"})


def refine(session: Session, request: Request) -> Answer:
    """A follow-up: the last question, of whatever intent, with what the message names put in its place."""
    context, message = request.context, request.message
    if context.clarification is not None and (option := chosen(request)):
        return resume(session, request, option)
    before = _before(request)
    if before is None:
        if message.names_something:
            return request.capability("who_does_what")(session, _asking_who(request))
        return with_examples(session, request, Query(intent="who_does_what"), request.words_of("nothing_before"))
    if not message.names_something and said.says(request.text, "who_else"):
        return others(session, request)
    query = understanding.refined(before, message)
    asked = focus_reading.read(request.text, query)
    query.focus = focus_reading.follow(before.focus, asked)
    if not message.names_something and said.says(request.text, "still"):
        return carry_out(session, request, _of_today(request, query))
    if message.ambiguities:
        return clarify(request, query, message.ambiguities[0])
    if message.names_something or message.records or (asked and not request.words):
        return carry_out(session, request, query)
    if query.intent in _OF_ONE_RECORD:
        return carry_out(session, request, query)
    if rows := pointed_at(request) if message.ordinals or only_rows(request) else []:
        return _of_rows(session, request, query, [row.record for row in rows])
    if not request.words or query.intent != "who_does_what":
        if query.intent != "who_does_what":
            return carry_out(session, request, query)
        return with_examples(session, request, query, request.words_of("ask_what"))
    query.themes, query.words = [], request.words
    return carry_out(session, request, query)


def _of_today(request: Request, query: Query) -> Query:
    """ "Is it still running?": of one record what it says, else of all that was asked for how it stands today.

    What is no question ("only those still active") narrows the question before it, whatever that asked.
    """
    if not said.asks(request.text):
        return query
    described = request.context.described
    if described or query.records:
        query.intent, query.records = "describe_record", [described] if described else query.records
    else:
        query.intent = "who_does_what"
    return query


def _before(request: Request) -> Query | None:
    """The question that the message goes on from: a list is narrowed also after one of its records was read."""
    context, message = request.context, request.message
    if context.asked is None:
        return context.query
    aside = context.asked.intent in _OF_ONE_RECORD | {"compare_records"} and context.query is not None
    if aside and (message.names_something and not (context.asked.intent == "provenance" and context.asked.places)):
        return context.query
    return context.asked


def _of_rows(session: Session, request: Request, query: Query, records: list[str]) -> Answer:
    if query.intent == "who_does_what":
        return describe(session, request)
    query.records = records
    return carry_out(session, request, query)


def choose(session: Session, request: Request) -> Answer:
    """An answer to a clarifying question, or a pick from the last list."""
    words, context = request.words_of, request.context
    if context.clarification is not None:
        if option := chosen(request):
            return resume(session, request, option)
        offered = options(words, context.clarification["type"], context.clarification["options"])
        waiting = Query.model_validate(context.clarification["query"])
        return talk.ask_back(words, waiting, words("choose_again"), offered)
    if pointed_at(request):
        return describe(session, request)
    if request.message.names_something:
        return refine(session, request)
    if request.words and not request.message.ordinals:
        return request.capability("who_does_what")(session, _asking_who(request))
    return with_examples(session, request, Query(intent="describe_record"), words("nothing_to_choose"))


def show_more(session: Session, request: Request) -> Answer:
    context, words = request.context, request.words_of
    if said.says(request.text, "who_else"):
        return others(session, request)
    query = context.query
    if query is None:
        return with_examples(session, request, Query(intent="who_does_what"), words("nothing_before"))
    if query.intent in PAGED:
        return carry_out(session, request, query.model_copy(update={"offset": query.offset + PAGED[query.intent]}))
    if query.intent != "who_does_what":
        return record.say(words, query, words("nothing_more"))
    listed = context.listed
    answer = answer_who(session, request, query.model_copy(update={"offset": query.offset + who.SCREENFUL}))
    if not context.listed:
        context.query, context.listed = query, listed
        return record.say(words, query, words("nothing_more"))
    return answer


def _asking_who(request: Request) -> Request:
    request.intent = request.query.intent = "who_does_what"
    return request


def fallback(session: Session, request: Request) -> Answer:
    """Nothing was understood for sure. What names something is still worth an answer; the rest is said honestly."""
    context, message = request.context, request.message
    if context.clarification is not None and chosen(request):
        return choose(session, request)
    if message.records:
        return describe(session, request)
    if message.names_something:
        if message.places or message.organisations or context.query is None:
            return request.capability("who_does_what")(session, _asking_who(request))
        return refine(session, request)
    return with_examples(session, request, Query(intent="fallback"), request.words_of("fallback"))
