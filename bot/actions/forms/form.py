"""What a form is: its fields, in the order in which they are asked for, and what is done once they are confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.orm import Session

from bot.actions.context import Request
from knowledge.reply import Answer, OrganisationReading, PeriodReading, PlaceReading, Query, ThemeReading

FORM_INTENTS = frozenset({"register_initiative", "create_watch", "introduce", "feedback", "stop_watch"})
"""Intents that open a form."""

Values = dict[str, Any]
"""Slot -> value as JSON. None is not asked yet; an empty value was skipped."""

Kind = Literal[
    "text", "places", "themes", "organisation", "speaker", "period", "level", "subject", "events", "channel", "watches",
    "about", "confirm",
]  # fmt: skip
"""`organisation` is any of the index, `speaker` one that the person may speak for, `subject` what a watch is about,
`watches` id -> words of some, `about` what feedback judges."""


@dataclass(frozen=True, slots=True)
class Field:
    """One slot. `words` is the key of its question (`ask_...`), its label (`label_...`) and its help (`answer_...`).

    `text_cue`: the line of bot/actions/said.yml whose words name the field in a correction.
    """

    slot: str
    kind: Kind
    words: str
    optional: bool = False
    text_cue: str = ""
    longest: int = 300

    @property
    def has_question(self) -> bool:
        """False for what has a value from the beginning and is only ever changed."""
        return self.kind not in ("level", "channel", "about")


@dataclass(frozen=True, slots=True)
class Form:
    """`opening` gives what the first message and the conversation already said. `store` acts, after confirmation."""

    name: str
    intent: str
    fields: tuple[Field, ...]
    opening: Callable[[Session, Request], Step]
    store: Callable[[Request, Values], Answer]

    @property
    def confirmation(self) -> Field:
        return self.fields[-1]

    def field(self, slot: str | None) -> Field | None:
        return next((item for item in self.fields if item.slot == slot), None)

    def of_kind(self, *kinds: Kind) -> Field | None:
        return next((item for item in self.fields if item.kind in kinds), None)


@dataclass(slots=True)
class Step:
    """What one message does to a form. `elsewhere`: it is no answer, and another capability takes it.

    `notes` are said before the next question. `choice`: a name with several readings that waits for a pick.
    `confirms`: the intent that the message has for the conversation, where it is a yes or a no. `over`: the form ends
    here, and nothing is kept.
    """

    values: Values = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    elsewhere: bool = False
    choice: dict[str, Any] | None = None
    confirms: str = ""
    over: str = ""


def place_json(place: PlaceReading) -> dict[str, Any]:
    return place.model_dump(mode="json")


def query_of(form: Form, values: Mapping[str, Any]) -> Query:
    """What the form has so far, as a question has it: so that a follow-up after it knows what was spoken of."""
    query = Query(intent=form.intent)
    for item in form.fields:
        value = values.get(item.slot)
        if not value:
            continue
        match item.kind:
            case "places":
                query.places = [PlaceReading.model_validate(place) for place in value]
            case "themes":
                query.themes = [ThemeReading.model_validate(theme) for theme in value]
            case "organisation" | "speaker" if value.get("id"):
                query.organisations = [OrganisationReading.model_validate(value)]
            case "period":
                query.period = PeriodReading.model_validate(value)
            case "subject":
                query.places = [PlaceReading.model_validate(place) for place in value.get("places", ())]
                query.themes = [ThemeReading.model_validate(theme) for theme in value.get("themes", ())]
                query.organisations = [OrganisationReading.model_validate(o) for o in value.get("organisations", ())]
            case _:
                pass
    return query
