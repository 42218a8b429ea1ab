"""What is said around the answers: greeting, help, thanks, and a yes, a no or a stop to which nothing waits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.actions import steering
from bot.actions.context import Request, with_examples
from bot.actions.following import refine
from bot.answers import record, talk
from knowledge.reply import Answer, Query


def greet(session: Session, request: Request) -> Answer:
    return talk.greet(session, request.audience, request.words_of, Query(intent="greet"))


def thanks(_: Session, request: Request) -> Answer:
    return record.say(request.words_of, Query(intent="thanks"), request.words_of("thanks"))


def help_(session: Session, request: Request) -> Answer:
    return talk.help_answer(session, request.audience, request.words_of, Query(intent="help"))


def out_of_scope(session: Session, request: Request) -> Answer:
    key = "no_data_of_people" if steering.about_people(request) else "out_of_scope"
    return with_examples(session, request, Query(intent="out_of_scope"), request.words_of(key))


def restart(_: Session, request: Request) -> Answer:
    request.context.forget()
    return record.say(request.words_of, Query(intent="restart"), request.words_of("restarted"))


def yes_or_no(session: Session, request: Request) -> Answer:
    """A yes or a no that no question waits for. "No, nutrition" corrects; a bare one drops a clarifying question."""
    if request.message.names_something and request.intent == "deny":
        return refine(session, request)
    key = "choice_dropped" if request.context.clarification else "nothing_waits"
    request.context.clarification = None
    return with_examples(session, request, Query(intent=request.intent), request.words_of(key))


def cancel(session: Session, request: Request) -> Answer:
    """Drops the clarifying question that is open; a form ends by itself."""
    words, context = request.words_of, request.context
    key = "choice_dropped" if context.clarification else "nothing_to_stop"
    context.clarification = None
    return with_examples(session, request, Query(intent="cancel"), words(key))
