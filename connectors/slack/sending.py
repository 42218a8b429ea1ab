"""Answers out to Slack: one message each, found again where its sending was cut off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.words import Words
from connectors.channels.asking import language_of, said_from, seen_as
from connectors.channels.inbox import NotSent, Unsure
from connectors.channels.keys import Opaque
from connectors.channels.pictures import ChannelPictures
from connectors.channels.receipts import Receipt
from connectors.slack import files, streaming
from connectors.slack.incoming import Task
from connectors.slack.rendering import Page, cut_off, pages
from connectors.slack.web import called, respond, told
from knowledge.access import Audience

METADATA = "commonground_answer"
_PICTURE = "timeline.png"
_STREAMED = "stream"
_BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
_LOOKED_THROUGH = 200
"""Messages of a conversation among which an answer is looked for."""

Clients = Callable[[str], Awaitable[AsyncWebClient | None]]


class Sender:
    """`clients` gives the client of a workspace, None for one that is not connected; `base` is our public address."""

    def __init__(
        self,
        clients: Clients,
        session: aiohttp.ClientSession,
        api: str,
        base: str,
        opaque: Opaque,
        pictures: ChannelPictures,
    ) -> None:
        self._clients, self._session, self._api, self._base, self._opaque = clients, session, api, base, opaque
        self._pictures = pictures
        self._direct: dict[tuple[str, str], str] = {}

    async def show_progress(self, receipt: Receipt, preferred: str) -> str:
        """Channel and timestamp of the message that says so, and whether that is a stream; "" where Slack shows it in
        another way."""
        task = Task(**receipt.event.payload)
        if task.private:
            return ""  # the command was acknowledged with these words
        words = Words(language_of(task.text, preferred))
        client = await self._client(task.team)
        looking = words("channel_looking")
        if task.direct and task.thread:
            if stamp := await streaming.started(client, task, looking):
                return f"{task.channel}:{stamp}:{_STREAMED}"
            status = words("channel_status")
            shown = await told(
                lambda: client.assistant_threads_setStatus(
                    channel_id=task.channel, thread_ts=task.thread, status=status, loading_messages=[looking]
                )
            )
            if shown is not None:
                return ""
        channel = await self._channel(client, task)
        posted = await called(client.chat_postMessage(channel=channel, text=looking, **_thread(task), **_inert()))
        return f"{channel}:{posted.get('ts', '')}"

    async def send(self, receipt: Receipt) -> str:
        """Sends the page that the answer of `receipt` stands at; its channel and timestamp, "" where Slack tells none.

        Raises NotSent or Unsure.
        """
        task = Task(**receipt.event.payload)
        if not receipt.answer:
            raise NotSent("the answer was forgotten", final=True)
        page = self._page(receipt, receipt.answer, task)
        if task.private:
            # What only one person sees takes no file that nobody has seen; its table says the same.
            page.blocks = [block for block in page.blocks if block["type"] != "image"]
            await self._privately(task, page)
            return ""
        client = await self._client(task.team)
        page.blocks = await self._with_pictures(client, page.blocks, seen_as(receipt.answer))
        if receipt.progress_id:
            channel, stamp, *streamed = receipt.progress_id.split(":")
            if streamed:
                looked = Words(said_from(receipt.answer).answer.reply.language)("channel_looked")
                if await streaming.ended(client, channel, stamp, looked, page.blocks):
                    return f"{channel}:{stamp}"
            try:
                await self._shown(
                    lambda blocks: client.chat_update(
                        channel=channel, ts=stamp, text=page.text, blocks=blocks, link_names=False, parse="none"
                    ),
                    page,
                )
            except NotSent as error:
                if str(error) not in ("message_not_found", "cant_update_message", "edit_window_closed"):
                    raise
            else:
                return f"{channel}:{stamp}"
        channel = await self._channel(client, task)
        metadata = {"event_type": METADATA, "event_payload": {"answer": self._mark(receipt)}}
        posted = await self._shown(
            lambda blocks: client.chat_postMessage(
                channel=channel, text=page.text, blocks=blocks, metadata=metadata, **_thread(task), **_inert()
            ),
            page,
        )
        return f"{channel}:{posted.get('ts', '')}"

    async def find_sent(self, receipt: Receipt) -> str | None:
        """See `Channel.find_sent`."""
        task = Task(**receipt.event.payload)
        if receipt.progress_id:
            return None  # an update may be made again: it puts the same words in the same place
        if task.private:
            raise Unsure("Slack keeps no private answers")
        client = await self._client(task.team)
        try:
            channel = await self._channel(client, task)
            asked: dict[str, Any] = {"channel": channel, "limit": _LOOKED_THROUGH, "include_all_metadata": True}
            if task.thread:
                found = await called(client.conversations_replies(ts=task.thread, **asked))
            else:
                found = await called(client.conversations_history(**asked))
        except NotSent as error:
            raise Unsure(str(error)) from None
        mark = self._mark(receipt)
        for message in found.get("messages") or ():
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("answer") == mark:
                return f"{channel}:{message.get('ts', '')}"
        if found.get("has_more"):
            raise Unsure("more messages than are looked through")
        return None

    async def tell_cut_off(self, receipt: Receipt) -> str:
        """See `Channel.tell_cut_off`; channel and timestamp, "" where Slack tells none."""
        task, answer = Task(**receipt.event.payload), receipt.answer or {}
        words = Words(said_from(answer).answer.reply.language)
        page = cut_off(words, _referred(receipt, answer), int(answer.get("page") or 0))
        if task.private:
            await self._privately(task, page)
            return ""
        client = await self._client(task.team)
        channel = await self._channel(client, task)
        posted = await called(
            client.chat_postMessage(channel=channel, text=page.text, blocks=page.blocks, **_thread(task), **_inert())
        )
        return f"{channel}:{posted.get('ts', '')}"

    async def _privately(self, task: Task, page: Page) -> None:
        body = {"response_type": "ephemeral", "replace_original": False, "text": page.text, "blocks": page.blocks}
        await respond(self._session, task.response_url, self._api, body)

    async def fetched(self, team: str, file: dict[str, Any], most: int) -> bytes | None:
        """A file that somebody sent: see `files.fetched`."""
        client = await self._clients(team)
        return await files.fetched(self._session, client, self._api, file, most) if client else None

    async def whisper(self, team: str, channel: str, user: str, text: str) -> None:
        """A line that only `user` sees; nothing hangs on it."""
        client = await self._clients(team)
        if client is not None and channel:
            await told(lambda: client.chat_postEphemeral(channel=channel, user=user, text=text, **_inert()))

    def _page(self, receipt: Receipt, answer: dict[str, Any], task: Task) -> Page:
        of = _referred(receipt, answer)
        alert = str(answer.get("alert") or "")
        found = pages(said_from(answer), base=self._base, receipt=of, private=task.private, alert=alert)
        return found[min(int(answer.get("page") or 0), len(found) - 1)]

    async def _shown(self, call: Callable[[list[dict[str, Any]]], Awaitable[Any]], page: Page) -> dict[str, Any]:
        """The call with the page's blocks; where Slack does not take them, without pictures, else the answer's first
        words."""
        plain = [block for block in page.blocks if block["type"] != "image"]
        for blocks in (page.blocks, plain) if len(plain) < len(page.blocks) else (plain,):
            try:
                return await called(call(blocks))
            except NotSent as error:
                if str(error) not in _BLOCKS_REFUSED:
                    raise
        return await called(call([]))

    async def _with_pictures(
        self, client: AsyncWebClient, blocks: list[dict[str, Any]], audience: Audience
    ) -> list[dict[str, Any]]:
        """The blocks with their pictures uploaded; one that cannot be is left out."""
        found = []
        for block in blocks:
            if block["type"] == "image":
                drawn = await self._pictures.png(block["slack_file"]["id"], audience)
                ident = drawn and await files.uploaded(
                    self._session, client, self._api, _PICTURE, block["alt_text"], drawn
                )
                if not ident:
                    continue
                block = block | {"slack_file": {"id": ident}}
            found.append(block)
        return found

    async def _client(self, team: str) -> AsyncWebClient:
        client = await self._clients(team)
        if client is None:
            raise NotSent("workspace is not connected", final=True)
        return client

    async def _channel(self, client: AsyncWebClient, task: Task) -> str:
        """The task's channel, or else the person's own messages."""
        if task.channel:
            return task.channel
        key = (task.team, task.user)
        if key not in self._direct:
            opened = await called(client.conversations_open(users=task.user))
            self._direct[key] = str((opened.get("channel") or {}).get("id", ""))
        return self._direct[key]

    def _mark(self, receipt: Receipt) -> str:
        return self._opaque("slack answer", str(receipt.id))


def _referred(receipt: Receipt, answer: dict[str, Any]) -> int:
    """The receipt that buttons refer to: those of a further page, or of a shared copy, still to the first."""
    return int(answer.get("of") or receipt.id)


def _thread(task: Task) -> dict[str, Any]:
    return {"thread_ts": task.thread} if task.thread else {}


def _inert() -> dict[str, Any]:
    """Nothing in a text is looked up, linked or previewed."""
    return {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}
