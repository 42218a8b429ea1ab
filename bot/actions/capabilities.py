"""What each intent does, apart from any framework: a question and its context in, an answer and the new context out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.actions import understanding
from bot.actions.understanding import Ambiguity, Message
from bot.answers import phrases, record, talk, who
from bot.words import Words
from knowledge.access import Audience
from knowledge.finding import Facets
from knowledge.index import Index
from knowledge.reply import Answer, Query
from knowledge.search import search

_TEXT_HITS = 200


@dataclass(slots=True)
class Context:
    """What a conversation remembers: the last question, a clarifying question that is open, what was last listed."""

    query: Query | None = None
    clarification: dict[str, Any] | None = None
    listed: list[str] = field(default_factory=list)


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


Capability = Callable[[Session, Request], Answer]


def who_does_what(session: Session, request: Request) -> Answer:
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
    request.context.query = query
    request.context.clarification = None
    index, pks = request.index, None
    if query.words and not query.themes:
        facets = Facets(
            places=tuple(p.id for p in query.places), organisations=tuple(o.id for o in query.organisations)
        )
        found = search(index.home, session, query.words, facets, request.audience, limit=_TEXT_HITS)
        pks = tuple(item.hit.pk for item in found)
    answer = who.answer(session, query, request.audience, request.words_of, index.today(), kept=kept, pks=pks)
    request.context.listed = [c.record for c in answer.reply.citations if c.record] or request.context.listed
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
        return record.say(request.words_of, Query(intent="refine"), request.words_of("nothing_before"))
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
    options = []
    for value in ambiguity.options:
        title = value["name"]
        if ambiguity.type == "place":
            title = phrases.place(understanding.place(value))
        options.append((title, f"{title} [{value['id']}]" if ambiguity.type == "place" else title))
    return talk.ask_back(words, query, words(f"ask_which_{ambiguity.type}", text=ambiguity.text), options)


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
    return fitting[0] if len(fitting) == 1 else None


def choose(session: Session, request: Request) -> Answer:
    """An answer to a clarifying question, or a pick from the last list."""
    words = request.words_of
    if request.context.clarification is not None:
        if chosen := _chosen(request):
            return _resume(session, request, chosen)
        options = [(o["name"], o["name"]) for o in request.context.clarification["options"]]
        return talk.ask_back(words, Query(intent="choose"), words("choose_again"), options)
    if request.message.ordinals and request.context.listed:
        return describe(session, request)
    if request.message.names_something and request.context.query is not None:
        return refine(session, request)
    return record.say(words, Query(intent="choose"), words("nothing_to_choose"))


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
        return record.say(words, Query(intent="show_more"), words("nothing_before"))
    query = query.model_copy(deep=True)
    query.offset += who.SCREENFUL
    answer = _answer_who(session, request, query)
    size = len(answer.records) if query.organisations else len(answer.organisations)
    if query.offset >= size:
        request.context.query = query.model_copy(update={"offset": query.offset - who.SCREENFUL})
        return record.say(words, query, words("nothing_more"))
    return answer


def describe(session: Session, request: Request) -> Answer:
    request.context.clarification = None
    ids = request.message.records or _listed(request)
    query = Query(intent="describe_record", records=ids)
    answer = record.describe(session, query, request.audience, request.words_of, request.index.today())
    if answer.records:
        request.context.listed = [item.id for item in answer.records]
    return answer


def _listed(request: Request) -> list[str]:
    """The record that "the second one" or "it" means, from what was last listed."""
    listed = request.context.listed
    for number in request.message.ordinals:
        if -len(listed) <= number <= len(listed) and number != 0:
            return [listed[number - 1 if number > 0 else number]]
    return listed[:1] if listed and not request.message.ordinals else []


def provenance(session: Session, request: Request) -> Answer:
    message = request.message
    query = Query(intent="provenance", records=message.records or [], places=message.places)
    if message.ordinals:
        query.records = _listed(request)
    before = request.context.listed
    return record.provenance(session, query, before, request.audience, request.words_of, request.index.today())


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
    request.context.query = request.context.clarification = None
    request.context.listed = []
    return record.say(request.words_of, Query(intent="restart"), request.words_of("restarted"))


def not_built(session: Session, request: Request) -> Answer:
    words = request.words_of
    query, _ = understanding.asked(request.intent, request.message, request.words, None)
    key = f"capability_{request.intent}"
    name = words(key) if words.has(key) else words("capability_other")
    asked = talk.examples(session, request.audience, words)
    return talk.ask_back(words, query, words("not_built", capability=name), [(q, q) for q in asked])


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
