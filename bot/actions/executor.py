"""The actions as Rasa calls them: rasa_sdk's executor, run inside the application."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from sqlalchemy.orm import Session

from bot.actions import overlapping, referring, tracking
from bot.actions.asking import names_nobody, not_built
from bot.actions.capabilities import CAPABILITIES
from bot.actions.context import CITED, Capability, Request
from bot.actions.forms.actions import Desk, actions, cleared
from bot.actions.tracking import UnknownTurn
from bot.actions.turns import Turn, Turns
from bot.actions.understanding import STANDS_ALONE
from bot.words import Words
from knowledge.answers import text
from knowledge.index import Index
from knowledge.phrasing import Phraser
from knowledge.reply import Answer

__all__ = ["UnknownTurn", "build"]

_ENDS_FORMS = "restart_conversation"
_NO_QUESTION = STANDS_ALONE | {"", "fallback", "choose", "refine", "restart"}


class CapabilityAction(Action):
    """One capability under the name that the dialogue's rules use."""

    def __init__(self, name: str, capability: Capability, index: Index, turns: Turns, phraser: Phraser) -> None:
        self._name, self._capability, self._index, self._turns = name, capability, index, turns
        self._phraser = phraser

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = tracking.turn_of(self._turns, tracker)
        started = perf_counter()
        request = await asyncio.to_thread(self._answer, turn, tracker)
        if turn.answer is not None and self._phraser.active:
            reply = turn.answer.reply
            turn.answer.reply = await self._phraser.phrase(turn.answer, Words(reply.language)("phrased_by_model"))
        turn.timed("action", started)
        # Rasa carries only the turn's name; the answer itself never leaves the application.
        dispatcher.utter_message(json_message={"turn": turn.id})
        ended = [ActiveLoop(None), *cleared()] if request.intent == _ENDS_FORMS else []
        return [*ended, *tracking.slots_of(request.context, turn)]

    def _answer(self, turn: Turn, tracker: Tracker) -> Request:
        request = tracking.request_of(self._index, turn, tracker, CAPABILITIES)
        with self._index.home.database.read() as session:
            referring.resolve(session, request)
            answer = self._carried_out(session, request, tracker)
        context = request.context
        # "Where does this come from?" is a question aside: what follows goes on from the one before it.
        aside = answer.query.intent == "provenance" and not (request.message.places or request.message.records)
        unknown = names_nobody(answer) and context.asked is not None
        if answer.query.intent not in _NO_QUESTION and not aside and not unknown:
            context.asked = answer.query
            context.cited = [record.id for record in answer.records[:CITED]]
        if (tracker.latest_message.get("metadata") or {}).get("link_failed"):
            answer.reply.parts.insert(0, text(request.words_of("link_failed")))
        turn.answer = answer
        return request

    def _carried_out(self, session: Session, request: Request, tracker: Tracker) -> Answer:
        """What Rasa's rule leads to, unless the words of the message steered it elsewhere."""
        classified = (tracker.latest_message.get("intent") or {}).get("name") or ""
        if capability := overlapping.following(request):
            return capability(session, request)
        steered = request.intent != classified or self._capability is not_built
        capability = request.capability(request.intent) if steered else self._capability
        return capability(session, request)


def build(index: Index, turns: Turns) -> ActionExecutor:
    """An executor with every capability and every form registered."""
    executor = ActionExecutor()
    phraser = Phraser(index.settings)
    for name, capability in CAPABILITIES.items():
        executor.register_action(CapabilityAction(name, capability, index, turns, phraser))
    for action in actions(Desk(index, turns, CAPABILITIES)):
        executor.register_action(action)
    return executor
