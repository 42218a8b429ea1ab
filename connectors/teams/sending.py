"""Answers out to Teams: one message each, in the conversation that asked, never twice."""

from __future__ import annotations

from typing import Any

from bot.words import Words
from connectors.channels.asking import language_of, said_from
from connectors.channels.inbox import NotSent, Unsure
from connectors.channels.receipts import Receipt
from connectors.teams import sdk
from connectors.teams.cards import as_file, turn
from connectors.teams.incoming import PERSONAL, Task
from connectors.teams.rendering import pages, with_button
from connectors.teams.sdk import Sdk

_GONE = ("status 403", "status 404")
"""What Teams answers where a message that is to be replaced was removed."""


class Sender:
    """`base` is our public address."""

    def __init__(self, teams: Sdk, base: str) -> None:
        self._teams, self._base = teams, base

    async def show_progress(self, receipt: Receipt) -> str:
        """Conversation and id of the message that says so."""
        task = Task(**receipt.event.payload)
        words = Words(language_of(task.text, task.locale))
        sent = await self._teams.send(task.service, task.conversation, sdk.message(words("channel_looking")))
        return f"{task.conversation}|{sent}"

    async def send(self, receipt: Receipt) -> str:
        """Sends the page that the answer of `receipt` stands at; its conversation and id. Raises NotSent or Unsure."""
        task = Task(**receipt.event.payload)
        if not receipt.answer:
            raise NotSent("the answer was forgotten", final=True)
        message = self._page(receipt, receipt.answer)
        _, _, shown = receipt.progress_id.rpartition("|")
        if shown:
            try:
                await self._teams.send(task.service, task.conversation, message, shown)
            except Unsure as error:
                # It puts the same words in the same place, however often it is made.
                raise NotSent(str(error)) from None
            except NotSent as error:
                if str(error) not in _GONE:
                    raise
            else:
                return receipt.progress_id
        sent = await self._teams.send(task.service, task.conversation, message)
        return f"{task.conversation}|{sent}"

    async def find_sent(self, receipt: Receipt) -> str | None:
        """See `Channel.find_sent`. Teams has no list of messages to look through."""
        if receipt.progress_id:
            return None  # replaced again: see `send`
        raise Unsure("Teams keeps no list of answers")

    async def tell_cut_off(self, receipt: Receipt) -> str:
        """See `Channel.tell_cut_off`; conversation and id."""
        task, answer = Task(**receipt.event.payload), receipt.answer or {}
        words = Words(said_from(answer).answer.reply.language)
        of, page = _referred(receipt, answer), int(answer.get("page") or 0)
        again = as_file(words("teams_as_file"), of) if answer.get("offer") else turn(words("channel_show"), of, page)
        told = with_button(words("channel_cut_off"), again, words.language)
        sent = await self._teams.send(task.service, task.conversation, told)
        return f"{task.conversation}|{sent}"

    async def tell(self, task: Task, text: str) -> None:
        """A line where the task came from; nothing hangs on it."""
        await self.give(task, sdk.message(text))

    async def give(self, task: Task, message: sdk.Json) -> None:
        """A message where the task came from; nothing hangs on it."""
        try:
            await self._teams.send(task.service, task.conversation, message)
        except (NotSent, Unsure):
            return

    def _page(self, receipt: Receipt, answer: dict[str, Any]) -> sdk.Json:
        of = _referred(receipt, answer)
        if offer := answer.get("offer"):
            return sdk.offered(str(offer["name"]), int(offer["size"]), str(offer["about"]), of)
        direct = receipt.event.payload.get("scope") == PERSONAL
        found = pages(
            said_from(answer), base=self._base, receipt=of, alert=str(answer.get("alert") or ""), direct=direct
        )
        return found[min(int(answer.get("page") or 0), len(found) - 1)]


def _referred(receipt: Receipt, answer: dict[str, Any]) -> int:
    """The receipt that buttons refer to: those of a further page still to the first."""
    return int(answer.get("of") or receipt.id)
