"""Slack as the inbox knows it: what an event asks for, and the answer to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.words import Words
from connectors.channels import asking, files
from connectors.channels.alerts import Alerts, Asked, Place
from connectors.channels.asking import Said, language_of, no_answer, said_from, seen_as, seen_by
from connectors.channels.files import NotRead, Proposal
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque
from connectors.channels.receipts import Event, Receipt
from connectors.conversation import Conversations
from connectors.identity import person_key
from connectors.messages import IncomingMessage
from connectors.slack.incoming import Task
from connectors.slack.people import People, within
from connectors.slack.sending import Sender
from knowledge.access import Audience
from knowledge.reply import Notice, Paragraph, Span

NAME = "slack"


class SlackChannel:
    """The `Channel` of Slack. `longest` is the longest text of a turn; `inbox` and `alerts` are set by who makes it."""

    name = NAME
    inbox: Inbox
    alerts: Alerts

    def __init__(
        self, conversations: Conversations, people: People, sender: Sender, opaque: Opaque, longest: int
    ) -> None:
        self._conversations, self._people, self._sender = conversations, people, sender
        self._opaque, self._longest = opaque, longest

    def event(self, task: Task, event: str, message: str = "") -> Event:
        """The task as the inbox takes it."""
        return Event(
            channel=NAME,
            tenant=task.team,
            event=event,
            lane=self.lane(task),
            person=self.person(task),
            message=message,
            payload=task.as_json(),
        )

    def lane(self, task: Task) -> str:
        """The conversation: a thread, a person's messages with us, or a person's commands in one channel."""
        if task.private:
            return self._opaque("slack private", task.team, task.channel, task.user)
        if task.direct:
            return self._opaque("slack direct", task.team, task.user, task.thread)
        return self._opaque("slack thread", task.team, task.channel, task.thread)

    def person(self, task: Task) -> str:
        return self._opaque("slack person", task.home, task.user)

    # --- what the inbox asks

    async def answer(self, receipt: Receipt) -> dict[str, Any]:
        task = Task(**receipt.event.payload)
        if task.kind == "alert":
            told = await self.alerts.answer(receipt)
            return told and told | {"page": 0, "question": ""}
        if task.kind in ("quiet", "stop"):
            return await self._of_alert(task)
        if task.kind != "ask":
            return await self._of_earlier(receipt, task)
        profile = await self._people.profile(task)
        audience = await self._people.audience(task)
        words = Words(language_of(task.text, profile.locale))
        message = IncomingMessage(
            text=task.text,
            channel=NAME,
            person=person_key(audience, receipt.event.person),
            audience=audience,
            conversation=receipt.event.lane,
            tells=True,
        )
        notes: list[str] = []
        if task.file:
            try:
                proposal = await self._proposal(task, words)
            except NotRead as refused:
                return no_answer(words, str(refused)).as_json()
            message = files.asking(message, proposal, profile.locale)
            notes += proposal.notes
            if task.files > 1:
                notes.append(words("file_one", name=proposal.name))
        elif not task.text:
            message = replace(message, text=words("channel_ask_help"))
        said = await asking.ask(self._conversations, message, self._longest, profile.locale)
        if said.answered:
            said.answer.reply.parts[:0] = [Notice(tone="info", spans=[Span(text=" ".join(notes))])] if notes else []
        if said.answer.watch:
            language = said.answer.reply.language
            await self.alerts.keep(said.answer.watch, self._place(task), audience, language)
            if task.private:
                where = Words(language)("watch_told_in_person")
                said.answer.reply.parts.append(Paragraph(spans=[Span(text=where)]))
        return said.as_json() | {"page": 0, "question": message.text, "seen_by": seen_by(audience)}

    async def _proposal(self, task: Task, words: Words) -> Proposal:
        """The file that came with a message, read. Raises NotRead."""
        name = str(task.file.get("name", ""))
        files.check(words, name, int(task.file.get("size", 0)))
        content = await self._sender.fetched(task.team, task.file, files.MOST_BYTES)
        if content is None:
            raise NotRead(words("file_not_fetched", name=files.called(name)))
        return await files.read(words, name, content)

    # --- alerts

    async def readers(self, payload: dict[str, Any]) -> Audience:
        """Who reads what is told at the place of an alert."""
        return await self._people.audience(Task(**payload))

    def _place(self, task: Task) -> Place:
        """Where an alert is told that was set with the task: in its channel, or else in the person's own messages."""
        alone = task.private or task.direct
        where = Task("alert", task.team, task.user, task.home, "" if alone else task.channel, direct=alone)
        name = self._opaque("slack place", task.team, where.channel, task.user if alone else "")
        return Place(task.team, name, where.as_json())

    async def _of_alert(self, task: Task) -> dict[str, Any]:
        """What a button of an alert comes to."""
        profile = await self._people.profile(task)
        words = Words(language_of("", profile.locale))
        done = await self.alerts.ask(task.text, Asked(task.kind), await self._people.of_person(task), words)
        return no_answer(words, done, tone="info").as_json()

    def over_limit(self, receipt: Receipt, seconds: float) -> dict[str, Any]:
        return asking.over_limit(Task(**receipt.event.payload).text, seconds).as_json()

    async def show_progress(self, receipt: Receipt) -> str:
        # Asking Slack for the language would make the wait longer that this is to bridge.
        return await self._sender.show_progress(receipt, self._people.locale(Task(**receipt.event.payload)))

    async def send(self, receipt: Receipt) -> str:
        sent = await self._sender.send(receipt)
        channel, _, stamp = sent.partition(":")
        if receipt.event.payload.get("kind") == "alert" and stamp:
            # What is written beneath it is asked of us.
            await self.inbox.join(self._opaque("slack thread", receipt.event.tenant, channel, stamp))
        return sent

    async def find_sent(self, receipt: Receipt) -> str | None:
        return await self._sender.find_sent(receipt)

    async def tell_cut_off(self, receipt: Receipt) -> str:
        return await self._sender.tell_cut_off(receipt)

    # --- buttons of earlier answers

    async def _of_earlier(self, receipt: Receipt, task: Task) -> dict[str, Any]:
        """A further page of an earlier answer, or a copy of it elsewhere; a reason where that may not be."""
        profile = await self._people.profile(task)
        words = Words(language_of("", profile.locale))
        earlier = await self.inbox.find(task.of)
        if earlier is None or not earlier.answer or earlier.event.channel != NAME:
            return no_answer(words, words("channel_gone")).as_json()
        asked = earlier.answer
        words = Words(str(asked["answer"]["reply"]["language"]))
        if not self._may_turn(receipt, task, earlier):
            return no_answer(words, words("channel_not_yours")).as_json()
        if task.kind == "share" and not within(seen_as(asked), await self._people.of_channel(task)):
            return no_answer(words, words("channel_not_shared")).as_json()
        if task.kind == "page":
            return asked | {"page": task.page, "of": asked.get("of") or earlier.id}
        copy = said_from(asked)
        if task.kind == "share":
            by = Notice(tone="info", spans=[Span(text=words("channel_shared_by"))])
            copy.answer.reply.parts.append(by)
        # Its buttons refer to the copy, which is seen by others than the answer was.
        return {"question": "", "seen_by": asked["seen_by"], "page": 0} | copy.as_json()

    def _may_turn(self, receipt: Receipt, task: Task, earlier: Receipt) -> bool:
        """Whether the button stands where the answer was seen: Slack vouches for who pressed it, and where."""
        if earlier.event.tenant != task.team:
            return False
        if earlier.event.person == receipt.event.person:
            return True
        # A private answer has no place where others could have seen it.
        return earlier.sent_id.partition(":")[0] == task.channel != ""


def records_of(said: Said, most: int) -> list[str]:
    """Identifiers of the records that the answer cites, the first ones."""
    return list(dict.fromkeys(one.record for one in said.answer.reply.citations if one.record))[:most]
