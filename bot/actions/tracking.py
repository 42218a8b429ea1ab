"""What Rasa keeps of a conversation, read into a request and written back as slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from bot.actions import said, steering, understanding
from bot.actions.context import Capability, Context, Item, Request
from bot.actions.turns import Turn, Turns
from bot.answers import focus_reading
from bot.words import Words
from knowledge.index import Index
from knowledge.language import detect
from knowledge.reply import Query
from knowledge.vocabulary import theme_label

_NEIGHBOURS = frozenset(
    {
        *("find_gaps", "find_overlaps", "find_results", "find_partners", "what_changed", "trace_funding"),
        *("describe_record", "nlu_fallback", "fallback"),
    }
)
"""Intents that questions of how many, where and until when are taken for."""
_BRIEF = 4
"""Words of the longest message that is taken to go on from the one before without naming anything."""
_BEYOND_DOUBT = 0.9
"""Confidence from which the intent that was read stands against the words that a question opens with."""
_NAMES = ("place", "organisation", "record")


class UnknownTurn(LookupError):
    """Rasa asks for a turn that is not under way: it was answered, timed out, or never came from this application."""


def turn_of(turns: Turns, tracker: Tracker) -> Turn:
    """The turn that the latest message belongs to. Raises UnknownTurn."""
    metadata = tracker.latest_message.get("metadata") or {}
    turn = turns.get(str(metadata.get("turn", "")))
    if turn is None:
        raise UnknownTurn("no such turn is under way")
    return turn


def request_of(
    index: Index, turn: Turn, tracker: Tracker, capabilities: Mapping[str, Capability], *, whole: bool = False
) -> Request:
    """The latest message of a conversation, understood in the light of what was said before. `whole`: its text is to be
    kept, so that nothing is left out of it."""
    latest = tracker.latest_message
    metadata = latest.get("metadata") or {}
    entities = [entity["value"] for entity in latest.get("entities") or ()]
    # Rasa's text, for whose characters the linker counts; the one typed may begin with marks that Rasa would obey.
    typed = str(latest.get("text") or turn.text)
    filling = bool((tracker.active_loop or {}).get("name"))
    # What answers a form is kept as it is; a question is read without what is no part of it.
    asked = typed if filling or whole else str(metadata.get("asked", typed))
    turn.language = turn.language or _language(asked, entities, metadata, tracker)
    classified = latest.get("intent") or {}
    intent = str(classified.get("name") or "")
    request = Request(
        index=index,
        audience=turn.audience,
        words_of=Words(turn.language),
        intent=intent,
        message=understanding.read(entities, asked, intent),
        words=focus_reading.without(said.topic(str(metadata.get("words") or ""))),
        text=asked,
        sure=float(classified.get("confidence") or 0.0),
        filling=filling,
        person=turn.person,
        tells=turn.tells,
        attached=turn.attached,
        context=_context(tracker, turn.language),
        capabilities=capabilities,
    )
    intent = request.intent = "find_overlaps" if turn.attached else steering.intent(request)
    before = request.context.asked or request.context.query
    if before is not None and before.intent in ("describe_record", "provenance") and request.context.query is not None:
        before = request.context.query
    if intent in ("out_of_scope", "help") and before is not None and _only_steers(request):
        intent = request.intent = "who_does_what"
    request.query, request.kept = understanding.asked(intent, request.message, request.words, before, asked)
    if intent in _NEIGHBOURS or intent in ("who_does_what", "refine"):
        goes_on = before is not None and bool(request.kept or said.goes_on(asked) or said.points_back(asked))
        kept = before.focus if before is not None and goes_on else None
        request.query.focus = focus_reading.follow(kept, focus_reading.read(asked, request.query))
    if _asks_plainly(request):
        request.intent = request.query.intent = "who_does_what"
    return request


def _only_steers(request: Request) -> bool:
    """ "How many?", "where?": nothing but such words, after a question that they can go on from."""
    focus = focus_reading.read(request.text, Query())
    return (
        bool(request.text.strip())
        and not request.words
        and len(request.text.split()) <= _BRIEF
        and focus_reading.decides(request.text, focus)
    )


def _asks_plainly(request: Request) -> bool:
    """ "How many ...", "where ..." ask who does what, also where the intent that was read is a neighbour of that."""
    if request.intent not in _NEIGHBOURS or request.query.records or request.context.described:
        return False
    if request.intent == "find_overlaps" and said.says(request.text, "overlapping"):
        return False
    # Where somebody is, is asked with the words of where nobody is, but for a "no".
    beyond_doubt = request.sure >= _BEYOND_DOUBT and request.intent != "find_gaps"
    if request.message.ordinals or (beyond_doubt and not _only_steers(request)):
        return False
    return focus_reading.decides(request.text, request.query.focus)


def _context(tracker: Tracker, language: str) -> Context:
    stored, last = tracker.get_slot("query"), tracker.get_slot("last_answer") or {}
    return Context(
        query=_query(stored, language),
        asked=_query(last.get("asked"), language),
        clarification=tracker.get_slot("clarification"),
        listed=[Item(**item) for item in last.get("listed", ())],
        earlier=[Item(**item) for item in last.get("earlier", ())],
        described=str(last.get("described", "")),
        cited=[str(record) for record in last.get("cited", ())],
        proposal=str(last.get("proposal", "")),
    )


def _query(stored: Any, language: str) -> Query | None:
    """A question from before, its themes called as they are called in `language`."""
    if not stored:
        return None
    query = Query.model_validate(stored)
    for theme in (*query.themes, *query.excluding.themes):
        theme.name = theme_label(theme.id, language)
    return query


def slots_of(context: Context, turn: Turn) -> list[EventType]:
    """What the conversation remembers, as Rasa keeps it."""
    return [
        SlotSet("query", context.query.model_dump(mode="json") if context.query else None),
        SlotSet("clarification", context.clarification),
        SlotSet(
            "last_answer",
            {
                "listed": [item.as_json() for item in context.listed],
                "earlier": [item.as_json() for item in context.earlier],
                "described": context.described,
                "cited": context.cited,
                "proposal": context.proposal,
                "asked": context.asked.model_dump(mode="json") if context.asked else None,
            },
        ),
        SlotSet("language", turn.language),
    ]


def _language(text: str, entities: Iterable[dict[str, Any]], metadata: dict[str, Any], tracker: Tracker) -> str:
    """The language of what is said around names; names alone leave the conversation in the language it has."""
    for value in entities:
        if value["type"] in _NAMES:
            text = text.replace(value["text"], " ")
    return detect(text, str(tracker.get_slot("language") or metadata.get("language") or "en"))
