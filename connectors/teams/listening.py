"""What the SDK hears: each activity is written down, or answered at once where Teams waits for it."""

from __future__ import annotations

from typing import Any, Protocol

from connectors.teams.sdk import Sdk

Json = dict[str, Any]


class Ears(Protocol):
    """What is to be done with activities, as Teams wrote them. All of it returns quickly."""

    async def message(self, activity: Json) -> None:
        """Somebody wrote to us or where we are, or pressed a button of ours."""

    async def changed(self, activity: Json) -> None:
        """Somebody came to a conversation or left it."""

    async def judged(self, activity: Json) -> None:
        """Thumbs under an answer."""

    async def searched(self, activity: Json) -> Json:
        """Somebody looks for records from where they write."""

    async def pointed_at(self, activity: Json) -> Json:
        """Somebody asks about a message."""

    async def consented(self, activity: Json) -> None:
        """Somebody takes a file that was offered, or does not."""


def listen(sdk: Sdk, ears: Ears) -> None:
    sdk.listen("message", ears.message)
    sdk.listen("conversation_update", ears.changed)
    sdk.listen("message_submit_feedback", ears.judged)
    sdk.listen("message_ext_query", ears.searched)
    sdk.listen("message_ext_open", ears.pointed_at)
    sdk.listen("file_consent", ears.consented)
