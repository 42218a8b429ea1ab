"""The one path every channel shares: limits, Rasa, answer."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict, deque
from pathlib import Path
from time import perf_counter

import httpx

from bot.actions.turns import Turn, Turns
from connectors.identity import person_key
from connectors.messages import IncomingMessage
from knowledge.plain_text import visible
from knowledge.reply import Answer
from knowledge.settings import Settings

logger = logging.getLogger(__name__)

_CONVERSATION = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PEOPLE_KEPT = 10_000
_KEY_BYTES = 32


class TurnError(Exception):
    """A turn that gets no answer. `status` is the HTTP status, `title` and `detail` are for people."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail


class Conversations:
    """Takes messages to Rasa and brings answers back."""

    def __init__(self, settings: Settings, turns: Turns, client: httpx.AsyncClient) -> None:
        self._settings, self._turns, self._client = settings, turns, client
        self._key = conversation_key(settings.home)
        self._limits = RateLimits(settings.turns_per_minute)

    async def turn(self, message: IncomingMessage) -> tuple[Answer, dict[str, float]]:
        """The answer to one message, and where the time went in seconds. Raises TurnError."""
        started = perf_counter()
        text = visible(message.text).strip()
        self._check(message, text)
        conversation = message.conversation or secrets.token_urlsafe(18)
        person = person_key(message.audience, message.person)
        heard = Turn(text, message.audience, message.language, person, message.tells, message.attached)
        turn = self._turns.begin(heard)
        try:
            asked = perf_counter()
            await self._ask_engine(message, conversation, turn)
            turn.timed("engine", asked)
            if turn.answer is None:
                raise TurnError(
                    502, "No answer", "The dialogue engine ended this turn without an answer. Please ask again."
                )
            answer = turn.answer
            answer.conversation = conversation
        finally:
            self._turns.end(turn)
        # Rasa's own share is what is left of its turn without our two call-backs.
        inner = turn.seconds.get("link", 0.0) + turn.seconds.get("action", 0.0)
        turn.seconds["rasa"] = max(0.0, turn.seconds.pop("engine", 0.0) - inner)
        turn.seconds["total"] = perf_counter() - started
        return answer, turn.seconds

    def _check(self, message: IncomingMessage, text: str) -> None:
        if not text:
            raise TurnError(400, "Empty message", "Write a question, for example: who works on nutrition in Turkana?")
        if len(text) > self._settings.max_text:
            limit = self._settings.max_text
            raise TurnError(
                413, "Message too long", f"Keep a message under {limit} characters; this one has {len(text)}."
            )
        if message.conversation and not _CONVERSATION.fullmatch(message.conversation):
            raise TurnError(400, "Unknown conversation", "Leave `conversation` out to start a new one.")
        if message.person and (wait := self._limits.wait(message.person)) > 0:
            raise TurnError(429, "Too many messages", f"Please wait {wait:.0f} seconds and ask again.")

    async def _ask_engine(self, message: IncomingMessage, conversation: str, turn: Turn) -> None:
        body = {
            "sender": self._sender(message, conversation),
            "text": turn.text,
            "turn": turn.id,
            "channel": message.channel,
        }
        try:
            response = await self._client.post("/webhooks/gateway/turn", json=body)
        except httpx.TimeoutException:
            raise TurnError(
                504, "Too slow", "The answer took too long. Please ask again, or ask for less at once."
            ) from None
        except httpx.HTTPError:
            detail = "The dialogue engine does not answer. It is restarted by itself; please ask again in a minute."
            raise TurnError(503, "Not ready", detail) from None
        if response.status_code != 200:
            logger.error("The dialogue engine answered %s for turn %s", response.status_code, turn.id)
            raise TurnError(502, "No answer", "Something failed while this was answered. Please ask again.")

    def _sender(self, message: IncomingMessage, conversation: str) -> str:
        """Opaque, and bound to who asks: a conversation id taken from somebody else opens an empty conversation."""
        identity = "\x1f".join((message.audience.label, *sorted(message.audience.organisations), conversation))
        digest = hmac.new(self._key, identity.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def conversation_key(home: Path) -> bytes:
    """The secret that makes conversation ids opaque; made once per home and readable by its owner only."""
    path = home / "conversation.key"
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) < _KEY_BYTES:  # none yet, or a start that was killed before it was written
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        key = secrets.token_bytes(_KEY_BYTES)
        path.write_bytes(key)
    return key


class RateLimits:
    """Turns per person in a sliding minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._turns: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, person: str) -> float:
        """Seconds until `person` may ask again; 0 counts this turn."""
        now = time.monotonic()
        turns = self._turns.setdefault(person, deque())
        self._turns.move_to_end(person)
        while len(self._turns) > _PEOPLE_KEPT:
            self._turns.popitem(last=False)
        while turns and now - turns[0] >= 60:
            turns.popleft()
        if len(turns) >= self._per_minute:
            return 60 - (now - turns[0])
        turns.append(now)
        return 0.0
