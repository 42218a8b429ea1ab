"""Questions about who does what where, the clarifying questions they lead to, and what is not built yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot.actions import said, understanding
from bot.actions.context import Request, items, with_examples
from bot.actions.forms import storing
from bot.actions.forms.form import FORM_INTENTS
from bot.actions.open_questions import answer_open, is_open
from bot.actions.understanding import Ambiguity
from bot.answers import phrases, talk, texts, who
from bot.words import Words
from knowledge.answers import text
from knowledge.reply import Answer, Button, PeriodReading, Query

_EXAMPLES_OFFERED = 4


def who_does_what(session: Session, request: Request) -> Answer:
    if chosen := returned(request):
        return resume(session, request, chosen)
    query = request.query
    if said.says(request.text, "who_else") and not (request.message.names_something or request.message.records):
        return others(session, request)
    if query.records:
        return request.capability("describe_record")(session, request)
    if request.message.ambiguities:
        return clarify(request, query, request.message.ambiguities[0])
    if not (query.places or query.themes or query.organisations or query.words):
        return with_examples(session, request, query, request.words_of("ask_what"))
    if is_open(request):
        return answer_open(session, request)
    return answer_who(session, request, query, request.kept)


def answer_who(session: Session, request: Request, query: Query, kept: Sequence[str] = ()) -> Answer:
    context = request.context
    before = context.query
    context.query, context.clarification, context.described = query, None, ""
    asked = texts.found(request.index.home, session, query, request.audience)
    today = request.index.today()
    answer, shown = who.answer(session, query, request.audience, request.words_of, today, kept, asked)
    context.listed, context.earlier = items(answer, shown), []
    if not answer.records and not answer.reply.buttons:
        asks = talk.examples(session, request.audience, request.words_of)
        answer.reply.buttons = [Button(title=question, send=question) for question in asks]
    if names_nobody(answer) and before is not None:
        context.query = before
    return answer


def names_nobody(answer: Answer) -> bool:
    """Whether the answer is that a name is not known: the question before it is then still the one to go on from."""
    query = answer.query
    known = query.places or query.themes or query.organisations or query.records or answer.records
    return not known and query.words != query.words.casefold()


def others(session: Session, request: Request) -> Answer:
    """ "Who else works there?": the rest of the list; after its end all of it again, said to be all there is."""
    context, words = request.context, request.words_of
    before = context.asked or context.query
    if before is None:
        return with_examples(session, request, Query(intent="who_does_what"), words("nothing_before"))
    query = understanding.refined(before, request.message)
    query.intent, query.records = "who_does_what", []
    if before.intent != "who_does_what":
        query.organisations = []
        return answer_who(session, request, query)
    rest = answer_who(session, request, query.model_copy(update={"offset": before.offset + who.SCREENFUL}))
    if context.listed:
        return rest
    answer = answer_who(session, request, query)
    answer.reply.parts.insert(0, text(words("nothing_else", date=words.date(request.index.today()))))
    if query.places and (query.themes or query.words):
        wider = who.question(words, query.model_copy(update={"themes": [], "organisations": []}))
        answer.reply.buttons.insert(0, Button(title=wider, send=wider))
    return answer


def carry_out(session: Session, request: Request, query: Query) -> Answer:
    """The question as it stands after a follow-up, by whatever capability it belongs to."""
    request.query, request.continued = query, True
    if query.intent in ("who_does_what", "refine", ""):
        query.intent = request.intent = "who_does_what"
        return answer_who(session, request, query)
    request.intent = query.intent
    # A capability of its own may read the message: it gets the whole reading, not only what the follow-up named.
    request.message.places, request.message.themes = query.places, query.themes
    request.message.organisations, request.message.kinds = query.organisations, query.organisation_kinds
    request.message.period = query.period if query.period != PeriodReading() else None
    request.message.records, request.message.excluding = query.records, query.excluding
    request.message.ambiguities, request.message.ordinals = [], []
    request.words = query.words
    return request.capability(query.intent)(session, request)


def clarify(request: Request, query: Query, ambiguity: Ambiguity) -> Answer:
    """Asks which of its readings a name has; the question waits in the context."""
    words = request.words_of
    request.context.clarification = {
        "type": ambiguity.type,
        "text": ambiguity.text,
        "options": ambiguity.options,
        "query": query.model_dump(mode="json"),
    }
    question = words(f"ask_which_{ambiguity.type}", text=ambiguity.text)
    return talk.ask_back(words, query, question, options(words, ambiguity.type, ambiguity.options))


def options(words: Words, kind: str, values: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """(title, what is sent) of each reading; a place is sent with its id, since its name was not enough."""
    if kind != "place":
        return [(value["name"], value["name"]) for value in values]
    titles = [phrases.place(words, understanding.place(value)) for value in values]
    return [(title, f"{title} [{value['id']}]") for title, value in zip(titles, values, strict=True)]


def returned(request: Request) -> dict[str, Any] | None:
    """The reading of the open question that the message names, and nothing else: its answer after a digression."""
    message, clarification = request.message, request.context.clarification
    if clarification is None or message.themes or message.kinds or message.period or message.ambiguities:
        return None
    named = [place.id for place in message.places] + [organisation.id for organisation in message.organisations]
    return next((option for option in clarification["options"] if [option["id"]] == named), None)


def chosen(request: Request) -> dict[str, Any] | None:
    """The option of the open question that the message picks, by number or by name."""
    clarification = request.context.clarification
    if clarification is None:
        return None
    return picked(request, clarification["options"])


def picked(request: Request, offered: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    for number in request.message.ordinals:
        if 1 <= number <= len(offered) or number == -1:
            return offered[number - 1 if number > 0 else -1]
    places, organisations = request.message.places, request.message.organisations
    named = {place.id for place in places} | {organisation.id for organisation in organisations}
    around = {place.name for place in places}
    fitting = [option for option in offered if option["id"] in named] or [
        option for option in offered if option.get("country") in named or around & set(option.get("within", ()))
    ]
    return fitting[0] if len(fitting) == 1 else _worded(request.text, offered)


def _worded(text: str, offered: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The one option whose own words, which no other option has, stand in the text: "the Meridional one"."""
    said = set(re.findall(r"\w+", text.casefold()))
    words = [set(re.findall(r"\w+", option["name"].casefold())) for option in offered]
    own = [these - set().union(*(other for other in words if other is not these)) for these in words]
    fitting = [option for option, unique in zip(offered, own, strict=True) if unique & said]
    return fitting[0] if len(fitting) == 1 else None


def resume(session: Session, request: Request, option: dict[str, Any]) -> Answer:
    """The question that waited for this reading."""
    clarification = request.context.clarification or {}
    query = Query.model_validate(clarification["query"])
    if clarification["type"] == "place":
        query.places = [*query.places, *understanding.places(option)]
    else:
        query.organisations = [*query.organisations, understanding.organisation(option)]
    request.context.clarification = None
    return carry_out(session, request, query)


def not_built(session: Session, request: Request) -> Answer:
    """Says plainly that this cannot be done yet, and offers questions about the same that have an answer."""
    words, query, context = request.words_of, request.query, request.context
    if query.intent in FORM_INTENTS:
        return storing.refused(session, request, query)
    if request.message.ambiguities:
        return clarify(request, query, request.message.ambiguities[0])
    context.query, context.clarification, context.described = query, None, ""
    key = f"capability_{query.intent}"
    name = words(key) if words.has(key) else words("capability_other")
    said = words("not_built", capability=name)
    return talk.ask_back(words, query, said, _instead(session, request, query))


def _instead(session: Session, request: Request, query: Query) -> list[tuple[str, str]]:
    """What can be asked instead, of the same place, organisation or record; else questions that have answers."""
    words = request.words_of
    found: list[str] = []
    if query.places:
        found.append(who.question(words, query))
    found += [words("send_describe", id=record) for record in query.records[:2]]
    if query.places:
        found.append(words("example_source_place", place=query.places[0].name))
    if not query.places:
        found += talk.examples(session, request.audience, words)
    return [(question, question) for question in found[:_EXAMPLES_OFFERED]]
