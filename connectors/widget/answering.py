"""The widget as the inbox knows it: what a session asks for, and the answer into what its browser reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.words import Words
from connectors.channels import asking, files
from connectors.channels.asking import language_of, no_answer
from connectors.channels.files import Proposal
from connectors.channels.keys import Opaque
from connectors.channels.limits import Limits
from connectors.channels.receipts import Event, Receipt
from connectors.conversation import Conversations
from connectors.messages import IncomingMessage
from connectors.widget.outbox import Json, Listeners, event_id, message_of
from connectors.widget.tokens import NAME, Session
from knowledge.access import PUBLIC
from knowledge.reply import Notice, Span


@dataclass(frozen=True, slots=True)
class Task:
    """`text` of a question; or `file`, the fields of a proposal as it was read. `language` is that of the page."""

    text: str
    language: str = ""
    file: dict[str, Any] = field(default_factory=dict)

    @property
    def proposal(self) -> Proposal | None:
        return Proposal(**self.file | {"notes": tuple(self.file["notes"])}) if self.file else None

    @property
    def shown(self) -> str:
        """What stands above the answer. Of a proposal no more than the name is kept."""
        return self.proposal.name if self.proposal else self.text


class EachTime(Limits):
    """Limits that are told at every message: each stands on the page by itself and waits for its answer."""

    def tell(self, person: str, wait: float) -> bool:
        return True


class WidgetChannel:
    """The `Channel` of the widget. `longest` is the longest text of a turn. Everybody on it is a visitor."""

    name = NAME

    def __init__(self, conversations: Conversations, opaque: Opaque, listeners: Listeners, longest: int) -> None:
        self._conversations, self._opaque = conversations, opaque
        self._listeners, self._longest = listeners, longest

    def event(self, session: Session, message: str, task: Task) -> Event:
        """The task as the inbox takes it; `message` is the client's id of it."""
        return Event(
            channel=NAME,
            tenant=session.origin,
            event=event_id(session.ident, message),
            lane=self.lane(session),
            person=self._opaque("widget person", session.ident),
            payload=asdict(task),
        )

    def lane(self, session: Session) -> str:
        """The conversation, under an id that does not give the session away."""
        return self._opaque("widget conversation", session.ident)

    # --- what the inbox asks

    async def answer(self, receipt: Receipt) -> dict[str, Any]:
        task = Task(**receipt.event.payload)
        message = IncomingMessage(
            text=task.text,
            # Rasa knows it as the page: it is one, on another site.
            channel="web",
            person=receipt.event.person,
            audience=PUBLIC,
            conversation=receipt.event.lane,
            language=task.language if task.proposal else "",
        )
        if task.proposal:
            message = files.asking(message, task.proposal)
        said = await asking.ask(self._conversations, message, self._longest, task.language)
        if task.proposal and said.answered:
            notes = [Notice(tone="info", spans=[Span(text=note)]) for note in task.proposal.notes]
            said.answer.reply.parts[:0] = notes
        return said.as_json() | {"question": task.shown}

    def over_limit(self, receipt: Receipt, seconds: float) -> dict[str, Any]:
        task = Task(**receipt.event.payload)
        return asking.over_limit(task.text, seconds, task.language).as_json() | {"question": task.shown}

    async def show_progress(self, receipt: Receipt) -> str:
        task = Task(**receipt.event.payload)
        words = Words(language_of(task.text, task.language))
        told = {"event": "progress", "id": message_of(receipt), "text": words("channel_looking")}
        self._listeners.tell(receipt.event.lane, told)
        return ""

    async def send(self, receipt: Receipt) -> str:
        # The receipt itself is what the browser reads from.
        self._listeners.tell(receipt.event.lane)
        return str(receipt.id)

    async def find_sent(self, receipt: Receipt) -> str | None:
        return str(receipt.id)

    async def tell_cut_off(self, receipt: Receipt) -> str:
        return str(receipt.id)  # never: it is always known what stands in a receipt


def waiting_json(receipt: Receipt) -> Json:
    """A message that has no answer yet, for who comes back to the page."""
    return {"id": message_of(receipt), "question": Task(**receipt.event.payload).shown}


def answer_json(receipt: Receipt, language: str) -> Json:
    """An answer as the browser gets it. Where it is not kept any more, that is said in `language`."""
    kept = receipt.answer
    if not kept:
        words = Words(language)
        kept = no_answer(words, words("channel_gone")).as_json()
    return {
        "id": message_of(receipt),
        "receipt": receipt.id,
        "question": kept.get("question", ""),
        "answered": kept["answered"],
        "reply": kept["answer"]["reply"],
    }
