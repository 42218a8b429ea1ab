"""A file that somebody sends into a chat: read as a proposal within every limit, and itself kept nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import PurePath

from bot.words import Words
from connectors.channels.asking import language_of
from connectors.channels.rendering import clean, shortened
from connectors.messages import IncomingMessage
from knowledge.overlap.proposals import MOST_BYTES as MOST_BYTES
from knowledge.overlap.proposals import READ_CHARACTERS, UnreadableProposal, text_of_file
from knowledge.overlap.proposals import SUFFIXES as SUFFIXES

_NAME = 80
_TITLE = 200


class NotRead(Exception):
    """The message says, for people, why a file is not read and what to do instead."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`notes` are lines about how the file was read."""

    name: str
    title: str
    text: str
    notes: tuple[str, ...] = ()


def called(name: str) -> str:
    """The name of a file as it is shown."""
    return shortened(clean(PurePath(name.replace("\\", "/")).name), _NAME) or "–"


def check(words: Words, name: str, size: int) -> None:
    """Whether a file may be fetched at all. `size` in bytes, 0 where it is not known. Raises NotRead."""
    if PurePath(name).suffix.casefold() not in SUFFIXES:
        raise NotRead(words("file_kind", name=called(name)))
    if size > MOST_BYTES:
        raise NotRead(words("file_large", name=called(name), most=MOST_BYTES // 1024 // 1024))


async def read(words: Words, name: str, content: bytes) -> Proposal:
    """Raises NotRead."""
    check(words, name, len(content))
    try:
        title, text = await asyncio.to_thread(text_of_file, name, content)
    except UnreadableProposal:
        raise NotRead(words("file_unreadable", name=called(name))) from None
    if not any(character.isalpha() for character in text):
        raise NotRead(words("file_unreadable", name=called(name)))
    title = " ".join(title.split())
    if title and not text.lstrip().startswith(title):
        text = f"{title}\n{text}"
    text = text.strip()
    cut = (words("file_cut", most=READ_CHARACTERS),) if len(text) > READ_CHARACTERS else ()
    notes = (words("file_read", name=called(name)), *cut)
    return Proposal(called(name), shortened(text.partition("\n")[0], _TITLE), text[:READ_CHARACTERS], notes)


def asking(message: IncomingMessage, proposal: Proposal, preferred: str = "") -> IncomingMessage:
    """The message with the file attached; where nothing was written with it, whether anyone does what it says."""
    words = Words(language_of(message.text or proposal.text[: 5 * _TITLE], preferred))
    text = message.text or words("channel_does_anyone", text=proposal.title)
    return replace(message, text=text, attached=proposal.text)
