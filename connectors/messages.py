"""What every channel hands in. What it gets back is a `knowledge.reply.Answer`; neither knows any channel's words."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.access import Audience


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """`conversation` is the id given with an earlier answer, "" for a new one; `person` counts for the rate limit.

    `tells`: the channel tells there, unasked, what an alert finds that is set with this message. `attached`: the text
    of a file that came with it, which is to be compared as a proposal.
    """

    text: str
    channel: str
    person: str
    audience: Audience
    conversation: str = ""
    language: str = ""
    tells: bool = False
    attached: str = ""
