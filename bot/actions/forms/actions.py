"""The actions by which Rasa runs a form: reading what a message gives it, asking for the next slot, ending it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction

from bot.actions import overlapping_judged, tracking
from bot.actions.context import Capability, Request, with_examples
from bot.actions.forms import asking, reading, storing
from bot.actions.forms.form import Field, Form, Step, query_of
from bot.actions.forms.table import FORMS, values_of
from bot.actions.turns import Turn, Turns
from bot.words import Words
from knowledge.index import Index
from knowledge.keeping import NotKept
from knowledge.reply import Answer, PeriodReading, Query


@dataclass(frozen=True, slots=True)
class Desk:
    """What every action of a form needs."""

    index: Index
    turns: Turns
    capabilities: Mapping[str, Capability]

    def request(self, turn: Turn, tracker: Tracker) -> Request:
        return tracking.request_of(self.index, turn, tracker, self.capabilities, whole=True)


class FormReading(FormValidationAction):
    """Reads a message into the slots of one form. A message that asks for something else is rejected: the rule of its
    intent answers it, and Rasa comes back to the form."""

    def __init__(self, form: Form, desk: Desk) -> None:
        self._form, self._desk = form, desk

    def name(self) -> str:
        return f"validate_{self._form.name}"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """None where the form is over, or was never to begin because who speaks may not have anything kept."""
        return [] if tracking.turn_of(self._desk.turns, tracker).over else domain_slots

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = tracking.turn_of(self._desk.turns, tracker)
        started = perf_counter()
        events: list[EventType] = [SlotSet("language", tracker.get_slot("language"))]
        # With an answer given, Rasa comes back from a digression: the message belonged to that.
        if turn.answer is None:
            step, events = await asyncio.to_thread(self._read, turn, tracker)
            if step.elsewhere:
                turn.timed("action", started)
                return [ActionExecutionRejected(self.form_name())]
            turn.notes, turn.confirms, turn.over = step.notes, step.confirms, step.over
        tracker.add_slots(events)
        if following := await self.next_requested_slot(dispatcher, tracker, domain):
            events.append(following)
        turn.timed("action", started)
        return events

    def _read(self, turn: Turn, tracker: Tracker) -> tuple[Step, list[EventType]]:
        form, request = self._form, self._desk.request(turn, tracker)
        values, choice = values_of(form, tracker.slots), tracker.get_slot("form_choice")
        asked = form.field(tracker.get_slot(REQUESTED_SLOT))
        if asked is None or _opens(form, tracker):
            values, choice = dict.fromkeys(values), None
            turn.opened = request.query
            if storing.may_store(request):
                with self._desk.index.home.database.read() as session:
                    step = form.opening(session, request)
            else:
                step = Step(over="refused")
        else:
            step = reading.read(form, request, values, asked, choice)
        values |= step.values
        waits = step.choice or (choice if choice and values.get(choice["slot"]) is None else None)
        if not step.over:
            # "Who else is there?" is about what the form has so far.
            request.context.asked = query_of(form, values)
        slots = [SlotSet(slot, value) for slot, value in {**values, "form_choice": waits}.items()]
        return step, [*slots, *tracking.slots_of(request.context, turn)]


def _opens(form: Form, tracker: Tracker) -> bool:
    """Whether the latest message is the one that opened the form: what stands in its slots is of an earlier one."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "active_loop" and event.get("name") == form.name:
            return True
    return False


class FormQuestion(Action):
    """Asks for one slot of a form; after an answer to something else, beneath that answer."""

    def __init__(self, form: Form, asked: Field, desk: Desk) -> None:
        self._form, self._asked, self._desk = form, asked, desk

    def name(self) -> str:
        return f"action_ask_{self._asked.slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = tracking.turn_of(self._desk.turns, tracker)
        started = perf_counter()
        turn.answer = await asyncio.to_thread(self._ask, turn, tracker)
        turn.timed("action", started)
        dispatcher.utter_message(json_message={"turn": turn.id})
        return []

    def _ask(self, turn: Turn, tracker: Tracker) -> Answer:
        request = self._desk.request(turn, tracker)
        asked = asking.question(
            self._form,
            self._asked,
            request,
            values_of(self._form, tracker.slots),
            notes=turn.notes,
            choice=tracker.get_slot("form_choice"),
            confirms=turn.confirms,
        )
        if turn.opened is not None:
            whole = query_of(self._form, values_of(self._form, tracker.slots))
            organisations = turn.opened.organisations or whole.organisations
            period = whole.period if whole.period != PeriodReading() else turn.opened.period
            asked.query = turn.opened.model_copy(
                update={"intent": self._form.intent, "organisations": organisations, "period": period}
            )
        return asking.joined(turn.answer, asked, request.words_of, self._form) if turn.answer else asked


class FormEnd(Action):
    """Ends a form: stores what was confirmed, or says that nothing was. Its slots are empty afterwards."""

    def __init__(self, form: Form, desk: Desk) -> None:
        self._form, self._desk = form, desk

    def name(self) -> str:
        return f"action_end_{self._form.name}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = tracking.turn_of(self._desk.turns, tracker)
        started = perf_counter()
        request, turn.answer = await asyncio.to_thread(self._end, turn, tracker)
        turn.timed("action", started)
        dispatcher.utter_message(json_message={"turn": turn.id})
        return [*cleared(), *tracking.slots_of(request.context, turn)]

    def _end(self, turn: Turn, tracker: Tracker) -> tuple[Request, Answer]:
        form, request = self._form, self._desk.request(turn, tracker)
        values = values_of(form, tracker.slots)
        if turn.over == "refused":
            request.query.intent = form.intent
            request.context.asked = request.query
            with self._desk.index.home.database.read() as session:
                return request, storing.refused(session, request, request.query)
        request.context.asked = overlapping_judged.spoken_of(values.get("feedback_about"))
        if turn.over or values[form.confirmation.slot] is not True:
            intent, said = _ended(form, turn, request.words_of)
            with self._desk.index.home.database.read() as session:
                asked = request.query if intent == form.intent else Query()
                return request, with_examples(session, request, asked.model_copy(update={"intent": intent}), said)
        try:
            return request, form.store(request, values)
        except NotKept as error:
            return request, storing.not_kept(request, error)


def _ended(form: Form, turn: Turn, words: Words) -> tuple[str, str]:
    """The intent and the text of a form that ends without keeping or sending anything."""
    if turn.over == "no_watches":
        return form.intent, words("no_watches")
    if turn.over == "denied":
        return "deny", words("nothing_stopped") if form.of_kind("watches") else words("form_dropped")
    return "cancel", words("form_dropped")


def cleared() -> list[EventType]:
    """All slots of all forms, empty."""
    slots = [item.slot for form in FORMS.values() for item in form.fields]
    return [SlotSet(slot, None) for slot in (*slots, "form_choice", REQUESTED_SLOT)]


def actions(desk: Desk) -> list[Action]:
    """Every action that the forms need."""
    found: list[Action] = []
    for form in FORMS.values():
        found += [FormReading(form, desk), FormEnd(form, desk)]
        found += [FormQuestion(form, item, desk) for item in form.fields if item.has_question]
    return found
