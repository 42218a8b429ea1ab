"""Turns under way: what the application knows of a message while Rasa reads it, and the answer that comes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from time import perf_counter

from knowledge.access import Audience
from knowledge.reply import Answer, Query


@dataclass(slots=True)
class Turn:
    """One message. Rasa sees only `id` and `text`; who asks and what is answered never leave the application.

    `person` is an opaque key of who asks. `tells`: what an alert finds is told where this was said. `notes`, `confirms`
    and `over` are what the reading of a form has to say to whatever asks its next question or ends it; `opened` is the
    whole reading of the message that opened it. `attached` is the text of a file that came with it, a proposal.
    """

    text: str
    audience: Audience
    language: str = ""
    person: str = ""
    tells: bool = False
    attached: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    answer: Answer | None = None
    notes: list[str] = field(default_factory=list)
    confirms: str = ""
    over: str = ""
    opened: Query | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, stage: str, since: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - since


class Turns:
    """The turns under way, by id. A turn is forgotten as soon as its message is answered."""

    def __init__(self) -> None:
        self._open: dict[str, Turn] = {}

    def begin(self, turn: Turn) -> Turn:
        self._open[turn.id] = turn
        return turn

    def get(self, turn_id: str) -> Turn | None:
        return self._open.get(turn_id)

    def end(self, turn: Turn) -> None:
        self._open.pop(turn.id, None)
