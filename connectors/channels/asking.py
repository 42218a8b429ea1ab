"""A question of a channel taken through the conversation: an answer, or the reason why there is none in plain words."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from bot.words import LANGUAGES, Words
from connectors.conversation import Conversations, TurnError
from connectors.messages import IncomingMessage
from knowledge.access import PUBLIC, Audience
from knowledge.language import detect
from knowledge.reply import Answer, Notice, Reply, Span

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """`answered` is false where the reply only says why there is no answer."""

    answer: Answer
    answered: bool

    def as_json(self) -> dict[str, Any]:
        return {"answer": self.answer.model_dump(mode="json"), "answered": self.answered}


def said_from(kept: dict[str, Any]) -> Said:
    """What `as_json` gave."""
    return Said(Answer.model_validate(kept["answer"]), bool(kept["answered"]))


def seen_by(audience: Audience) -> dict[str, Any]:
    """Who an answer was made for, as it is kept with it."""
    return {"organisations": sorted(audience.organisations), "community": audience.community}


def seen_as(kept: dict[str, Any]) -> Audience:
    """The audience of a kept answer under "seen_by"; PUBLIC where it says nothing."""
    seen = kept.get("seen_by") or {}
    if not seen:
        return PUBLIC
    return Audience(frozenset(seen["organisations"]), bool(seen["community"]))


def language_of(text: str, preferred: str) -> str:
    """The language to speak where no answer brings its own: that of the text, else the person's, else English."""
    known = preferred.replace("_", "-").split("-")[0].lower()
    return detect(text, known if known in LANGUAGES else "en")


async def ask(conversations: Conversations, message: IncomingMessage, most: int, preferred: str = "") -> Said:
    """Never raises: whatever fails becomes a reply that says so. `most` is the longest text, for the words about it."""
    words = Words(language_of(message.text, preferred))
    try:
        answer, _ = await conversations.turn(message)
    except TurnError as error:
        if error.status == 413:
            return no_answer(words, words("channel_too_long", most=most))
        return no_answer(words, reason(words, error.status))
    except Exception as error:  # noqa: BLE001  whoever asked is told, whatever it was
        # The type alone: the text of an error may hold somebody's words.
        logger.error("A turn over %s failed: %s", message.channel, type(error).__name__)
        return no_answer(words, reason(words, 500))
    return Said(answer, True)


def reason(words: Words, status: int) -> str:
    """Why there is no answer, for the HTTP status that the conversation gave it."""
    match status:
        case 400:
            return words("channel_empty")
        case 429:
            return words("channel_wait_a_moment")
        case 503:
            return words("channel_not_ready")
        case 504:
            return words("channel_too_slow")
        case _:
            return words("channel_failed")


def over_limit(text: str, seconds: float, preferred: str = "") -> Said:
    words = Words(language_of(text, preferred))
    return no_answer(words, words("channel_too_many", n=max(1, ceil(seconds))))


def no_answer(words: Words, why: str, tone: Literal["info", "warning", "error"] = "warning") -> Said:
    part = Notice(tone=tone, spans=[Span(text=why)])
    return Said(Answer(reply=Reply(language=words.language, parts=[part])), False)
