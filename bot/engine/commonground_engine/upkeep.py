"""Two things Rasa 3.6 does at every turn that cost more than the turn itself, done once instead."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet

SESSION_TURNS = 20
_REMEMBERED = 10_000


def check_action_results_once() -> None:
    """Keeps Rasa's check of what an action returned, with the schema prepared once.

    `jsonschema.validate` also proves the constant schema itself against its metaschema, on each call: 70 % of the time
    of a whole turn when it was measured.
    """
    prepared = Draft202012Validator(RemoteAction.action_response_format_spec())

    def check(_: RemoteAction, result: dict[str, Any]) -> bool:
        prepared.validate(result)
        return True

    RemoteAction._validate_action_result = check


class Sessions:
    """Begins a new Rasa session of a conversation every SESSION_TURNS turns; the slots go over into it.

    Rasa reads, replays and sends every event of the session at each turn, so a session without end makes each turn
    slower than the one before. What follow-ups need stands in the slots. The count is of this process: after a restart
    a session may grow to twice its length, no more.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[str, int] = OrderedDict()

    def due(self, sender: str) -> bool:
        """Counts one turn of `sender`; True when a new session should begin before it."""
        turns = self._turns.pop(sender, 0)
        due = turns >= SESSION_TURNS
        self._turns[sender] = 1 if due else turns + 1
        if len(self._turns) > _REMEMBERED:
            self._turns.popitem(last=False)
        return due

    async def renew(self, agent: Agent, sender: str) -> None:
        async with agent.lock_store.lock(sender):
            tracker = await agent.tracker_store.get_or_create_tracker(sender)
            # Rasa's own session start would carry over every setting a slot ever had; the last one is what counts.
            kept = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value is not None]
            start = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
            # A form that is open stays open: its question is still to be answered.
            form = [ActiveLoop(tracker.active_loop_name)] if tracker.active_loop_name else []
            tracker.update_with_events([*start, *kept, *form, ActionExecuted(ACTION_LISTEN_NAME)], agent.domain)
            await agent.tracker_store.save(tracker)
