"""What each intent does, apart from any framework: a question and its context in, an answer and the new context out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.actions import understanding
from bot.actions.understanding import Ambiguity, Message
from bot.answers import phrases, record, talk, texts, who
from bot.words import Words
from knowledge.access import Audience
from knowledge.index import Index
from knowledge.reply import Answer, Query


@dataclass(slots=True)
class Context:
    """What a conversation remembers: the last question, a clarifying question that is open, what was last listed.

    `listed`: one record for each row that was shown. `described`: the record that the last answer was about.
    """

    query: Query | None = None
    clarification: dict[str, Any] | None = None
    listed: list[str] = field(default_factory=list)
    described: str = ""


@dataclass(slots=True)
class Request:
    """One message, understood. `words`: topic words no vocabulary knows."""

    index: Index
    audience: Audience
    words_of: Words
    intent: str
    message: Message
    words: str = ""
    text: str = ""
    context: Context = field(default_factory=Context)


_YES_OR_NO = frozenset({"affirm", "deny", "cancel"})

Capability = Callable[[Session, Request], Answer]


def who_does_what(session: Session, request: Request) -> Answer:
    if chosen := _returned(request):
        return _resume(session, request, chosen)
    query, kept = understanding.asked(request.intent, request.message, request.words, request.context.query)
    if request.message.ambiguities:
        return _clarify(request, query, request.message.ambiguities[0])
    if not (query.places or query.themes or query.organisations or query.words):
        return talk.ask_back(
            request.words_of,
            query,
            request.words_of("ask_what"),
            [(q, q) for q in talk.examples(session, request.audience, request.words_of)],
        )
    return _answer_who(session, request, query, kept)


def _answer_who(session: Session, request: Request, query: Query, kept: Sequence[str] = ()) -> Answer:
    context = request.context
    context.query, context.clarification, context.described = query, None, ""
    asked = texts.found(request.index.home, session, query, request.audience)
    today = request.index.today()
    answer, context.listed = who.answer(session, query, request.audience, request.words_of, today, kept, asked)
    return answer


def refine(session: Session, request: Request) -> Answer:
    """A follow-up: the last question with what the message names put in its place."""
    context = request.context
    if context.clarification is not None and (chosen := _chosen(request)):
        return _resume(session, request, chosen)
    if context.query is None:
        if request.message.names_something:
            request.intent = "who_does_what"
            return who_does_what(session, request)
        return _with_examples(session, request, "refine", "nothing_before")
    query = understanding.refined(context.query, request.message)
    if request.message.ambiguities:
        return _clarify(request, query, request.message.ambiguities[0])
    if not request.message.names_something:
        if not request.words:
            return talk.ask_back(request.words_of, query, request.words_of("ask_what"), [])
        query.themes, query.words = [], request.words
    return _carry_out(session, request, query)


def _carry_out(session: Session, request: Request, query: Query) -> Answer:
    if query.intent in ("who_does_what", "refine", ""):
        query.intent = "who_does_what"
        return _answer_who(session, request, query)
    request.intent = query.intent
    return not_built(session, request)


def _clarify(request: Request, query: Query, ambiguity: Ambiguity) -> Answer:
    words = request.words_of
    request.context.clarification = {
        "type": ambiguity.type,
        "text": ambiguity.text,
        "options": ambiguity.options,
        "query": query.model_dump(mode="json"),
    }
    question = words(f"ask_which_{ambiguity.type}", text=ambiguity.text)
    return talk.ask_back(words, query, question, _options(words, ambiguity.type, ambiguity.options))


def _options(words: Words, kind: str, values: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """(title, what is sent) of each reading; a place is sent with its id, since its name was not enough."""
    if kind != "place":
        return [(value["name"], value["name"]) for value in values]
    titles = [phrases.place(words, understanding.place(value)) for value in values]
    return [(title, f"{title} [{value['id']}]") for title, value in zip(titles, values, strict=True)]


def _returned(request: Request) -> dict[str, Any] | None:
    """The reading of the open question that the message names, and nothing else: its answer after a digression."""
    message, clarification = request.message, request.context.clarification
    if clarification is None or message.themes or message.kinds or message.period or message.ambiguities:
        return None
    named = [place.id for place in message.places] + [organisation.id for organisation in message.organisations]
    return next((option for option in clarification["options"] if [option["id"]] == named), None)


def _chosen(request: Request) -> dict[str, Any] | None:
    """The option of the open question that the message picks, by number or by name."""
    clarification = request.context.clarification
    if clarification is None:
        return None
    options: list[dict[str, Any]] = clarification["options"]
    for number in request.message.ordinals:
        if 1 <= number <= len(options) or number == -1:
            return options[number - 1 if number > 0 else -1]
    places, organisations = request.message.places, request.message.organisations
    named = {place.id for place in places} | {organisation.id for organisation in organisations}
    around = {place.name for place in places}
    fitting = [option for option in options if option["id"] in named] or [
        option for option in options if option.get("country") in named or around & set(option.get("within", ()))
    ]
    return fitting[0] if len(fitting) == 1 else _worded(request.text, options)


def _worded(text: str, options: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The one option whose own words, which no other option has, stand in the text: "the Meridional one"."""
    said = set(re.findall(r"\w+", text.casefold()))
    words = [set(re.findall(r"\w+", option["name"].casefold())) for option in options]
    own = [these - set().union(*(other for other in words if other is not these)) for these in words]
    fitting = [option for option, unique in zip(options, own, strict=True) if unique & said]
    return fitting[0] if len(fitting) == 1 else None


def choose(session: Session, request: Request) -> Answer:
    """An answer to a clarifying question, or a pick from the last list."""
    words = request.words_of
    if request.context.clarification is not None:
        if chosen := _chosen(request):
            return _resume(session, request, chosen)
        options = _options(words, request.context.clarification["type"], request.context.clarification["options"])
        return talk.ask_back(words, Query(intent="choose"), words("choose_again"), options)
    if request.message.ordinals and request.context.listed:
        return describe(session, request)
    if request.message.names_something and request.context.query is not None:
        return refine(session, request)
    return _with_examples(session, request, "choose", "nothing_to_choose")


def _resume(session: Session, request: Request, chosen: dict[str, Any]) -> Answer:
    clarification = request.context.clarification or {}
    query = Query.model_validate(clarification["query"])
    if clarification["type"] == "place":
        query.places = [*query.places, understanding.place(chosen)]
    else:
        query.organisations = [*query.organisations, understanding.organisation(chosen)]
    request.context.clarification = None
    return _carry_out(session, request, query)


def show_more(session: Session, request: Request) -> Answer:
    query, words = request.context.query, request.words_of
    if query is None:
        return _with_examples(session, request, "show_more", "nothing_before")
    listed = request.context.listed
    answer = _answer_who(session, request, query.model_copy(update={"offset": query.offset + who.SCREENFUL}))
    if not request.context.listed:
        request.context.query, request.context.listed = query, listed
        return record.say(words, query, words("nothing_more"))
    return answer


def describe(session: Session, request: Request) -> Answer:
    request.context.clarification = None
    ids = request.message.records or _listed(request)
    query = Query(intent="describe_record", records=ids)
    answer = record.describe(session, query, request.audience, request.words_of, request.index.today())
    if answer.records:
        request.context.described = answer.records[0].id
    return answer


def _listed(request: Request) -> list[str]:
    """The record that "the second one" or "it" means, from what was last shown."""
    listed = request.context.listed
    for number in request.message.ordinals:
        if -len(listed) <= number <= len(listed) and number != 0:
            return [listed[number - 1 if number > 0 else number]]
    if request.message.ordinals:
        return []
    return [request.context.described] if request.context.described else listed[:1]


def provenance(session: Session, request: Request) -> Answer:
    """Of a record or a place, where the message names one; else of the last answer; else of the whole index."""
    message, context = request.message, request.context
    query = Query(intent="provenance", records=message.records or [], places=message.places)
    if message.ordinals:
        query.records = _listed(request)
    named = bool(query.records or query.places)
    if not named and context.described:
        query.records = [context.described]
    elif not named and context.query is not None:
        before = context.query
        asked = texts.found(request.index.home, session, before, request.audience)
        hits = who.findings(session, before, request.audience, request.index.today(), asked).hits
        query.places = before.places
        return record.provenance_of_answer(
            session, query, hits, request.audience, request.words_of, request.index.today()
        )
    return record.provenance(session, query, request.audience, request.words_of, request.index.today())


def greet(session: Session, request: Request) -> Answer:
    return talk.greet(session, request.audience, request.words_of, Query(intent="greet"))


def thanks(_: Session, request: Request) -> Answer:
    return record.say(request.words_of, Query(intent="thanks"), request.words_of("thanks"))


def help_(session: Session, request: Request) -> Answer:
    return talk.help_answer(session, request.audience, request.words_of, Query(intent="help"))


def out_of_scope(session: Session, request: Request) -> Answer:
    return _with_examples(session, request, "out_of_scope", "out_of_scope")


def fallback(session: Session, request: Request) -> Answer:
    """Nothing was understood for sure. What names something is still worth an answer; the rest is said honestly."""
    context, message = request.context, request.message
    if context.clarification is not None and _chosen(request):
        return choose(session, request)
    if message.records:
        return describe(session, request)
    if message.names_something:
        if message.places or message.organisations or context.query is None:
            request.intent = "who_does_what"
            return who_does_what(session, request)
        return refine(session, request)
    return _with_examples(session, request, "fallback", "fallback")


def restart(session: Session, request: Request) -> Answer:
    context = request.context
    context.query, context.clarification, context.listed, context.described = None, None, [], ""
    return record.say(request.words_of, Query(intent="restart"), request.words_of("restarted"))


def not_built(session: Session, request: Request) -> Answer:
    if request.intent in _YES_OR_NO:
        return _yes_or_no(session, request)
    words = request.words_of
    query, _ = understanding.asked(request.intent, request.message, request.words, None)
    key = f"capability_{request.intent}"
    name = words(key) if words.has(key) else words("capability_other")
    asked = [who.question(words, query)] if query.places else talk.examples(session, request.audience, words)
    return talk.ask_back(words, query, words("not_built", capability=name), [(q, q) for q in asked])


def _yes_or_no(session: Session, request: Request) -> Answer:
    """Nothing here waits for a yes or a no; "no, nutrition" is a correction, and a bare one drops the open question."""
    if request.message.names_something:
        return refine(session, request)
    request.context.clarification = None
    return _with_examples(session, request, request.intent, "ask_what")


def _with_examples(session: Session, request: Request, intent: str, key: str) -> Answer:
    asked = talk.examples(session, request.audience, request.words_of)
    return talk.ask_back(request.words_of, Query(intent=intent), request.words_of(key), [(q, q) for q in asked])


CAPABILITIES: dict[str, Capability] = {
    "action_who_does_what": who_does_what,
    "action_describe_record": describe,
    "action_provenance": provenance,
    "action_help": help_,
    "action_greet": greet,
    "action_thanks": thanks,
    "action_out_of_scope": out_of_scope,
    "action_show_more": show_more,
    "action_refine": refine,
    "action_choose": choose,
    "action_restart_conversation": restart,
    "action_fallback": fallback,
    "action_capability": not_built,
}
