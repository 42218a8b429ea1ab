"""The actions as Rasa calls them: rasa_sdk's executor, run inside the application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.actions import understanding
from bot.actions.capabilities import CAPABILITIES, Capability, Context, Request
from bot.actions.turns import Turn, Turns
from bot.words import Words
from knowledge.answers import text
from knowledge.index import Index
from knowledge.language import detect
from knowledge.phrasing import Phraser
from knowledge.reply import Query

_NAMES = ("place", "organisation", "record")


class UnknownTurn(LookupError):
    """Rasa asks for a turn that is not under way: it was answered, timed out, or never came from this application."""


class CapabilityAction(Action):
    """One capability under the name that the dialogue's rules use."""

    def __init__(self, name: str, capability: Capability, index: Index, turns: Turns, phraser: Phraser) -> None:
        self._name, self._capability, self._index, self._turns = name, capability, index, turns
        self._phraser = phraser

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        metadata = tracker.latest_message.get("metadata") or {}
        turn = self._turns.get(str(metadata.get("turn", "")))
        if turn is None:
            raise UnknownTurn("no such turn is under way")
        started = perf_counter()
        context = await asyncio.to_thread(self._answer, turn, tracker, metadata)
        turn.timed("action", started)
        # Rasa carries only the turn's name; the answer itself never leaves the application.
        dispatcher.utter_message(json_message={"turn": turn.id})
        return [
            SlotSet("query", context.query.model_dump(mode="json") if context.query else None),
            SlotSet("clarification", context.clarification),
            SlotSet("last_answer", {"listed": context.listed, "described": context.described}),
            SlotSet("language", turn.language),
        ]

    def _answer(self, turn: Turn, tracker: Tracker, metadata: dict[str, Any]) -> Context:
        latest = tracker.latest_message
        turn.language = turn.language or _language(turn.text, latest.get("entities", ()), metadata, tracker)
        stored, last = tracker.get_slot("query"), tracker.get_slot("last_answer") or {}
        context = Context(
            query=Query.model_validate(stored) if stored else None,
            clarification=tracker.get_slot("clarification"),
            listed=list(last.get("listed", ())),
            described=str(last.get("described", "")),
        )
        request = Request(
            index=self._index,
            audience=turn.audience,
            words_of=Words(turn.language),
            intent=str((latest.get("intent") or {}).get("name") or ""),
            message=understanding.read([entity["value"] for entity in latest.get("entities", ())]),
            words=str(metadata.get("words") or ""),
            text=turn.text,
            context=context,
        )
        with self._index.home.database.read() as session:
            answer = self._capability(session, request)
        if metadata.get("link_failed"):
            answer.reply.parts.insert(0, text(request.words_of("link_failed")))
        answer.reply = self._phraser.rephrase(answer.reply)
        turn.answer = answer
        return context


def _language(text: str, entities: Iterable[dict[str, Any]], metadata: dict[str, Any], tracker: Tracker) -> str:
    """The language of what is said around names; names alone leave the conversation in the language it has."""
    for value in (entity["value"] for entity in entities):
        if value["type"] in _NAMES:
            text = text.replace(value["text"], " ")
    return detect(text, str(tracker.get_slot("language") or metadata.get("language") or "en"))


def build(index: Index, turns: Turns) -> ActionExecutor:
    """An executor with every capability registered."""
    executor = ActionExecutor()
    phraser = Phraser(index.settings)
    for name, capability in CAPABILITIES.items():
        executor.register_action(CapabilityAction(name, capability, index, turns, phraser))
    return executor
