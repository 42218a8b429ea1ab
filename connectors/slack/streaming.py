"""A stream of Slack's for an answer that takes its time: it opens with a task under way, and ends as the answer.

Slack ends a stream by itself after some minutes, and takes back none of it. So nothing of an answer goes into one
before it is whole: whoever ends it puts all of the answer there at once, and where Slack has ended it already, the
message is written over as any other.
"""

from __future__ import annotations

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from connectors.channels.inbox import NotSent
from connectors.slack.incoming import Task
from connectors.slack.web import called, told

_TASK = "answer"


async def started(client: AsyncWebClient, task: Task, title: str) -> str:
    """The timestamp of the message that says what is under way; "" where Slack streams nothing here."""
    begun = await told(
        lambda: client.chat_startStream(
            channel=task.channel,
            thread_ts=task.thread,
            recipient_team_id=task.team,
            recipient_user_id=task.user,
            chunks=[_state(title, "in_progress")],
        )
    )
    return str((begun or {}).get("ts", ""))


async def ended(client: AsyncWebClient, channel: str, stamp: str, title: str, blocks: list[dict[str, Any]]) -> bool:
    """Puts the answer at the end of the stream; False where Slack does not take it, and the message can be written
    over. Raises Unsure, and NotSent where it may be tried again."""
    done = [_state(title, "complete")]
    try:
        await called(client.chat_stopStream(channel=channel, ts=stamp, chunks=done, blocks=blocks))
    except NotSent as error:
        if not error.final:
            raise
        # A message that still streams can't be written over.
        await told(lambda: client.chat_stopStream(channel=channel, ts=stamp, chunks=done))
        return False
    return True


def _state(title: str, status: str) -> dict[str, Any]:
    return {"type": "task_update", "id": _TASK, "title": title, "status": status}
