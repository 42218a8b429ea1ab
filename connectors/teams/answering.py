"""Teams as the inbox knows it: what a message asks for, and the answer to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.words import Words
from connectors.channels import asking, files
from connectors.channels.alerts import Alerts, Asked, Place
from connectors.channels.asking import Said, language_of, no_answer, said_from, seen_as, seen_by
from connectors.channels.files import NotRead
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque
from connectors.channels.receipts import Event, Receipt
from connectors.conversation import Conversations
from connectors.identity import person_key
from connectors.messages import IncomingMessage
from connectors.teams.files import Files
from connectors.teams.incoming import CHANNEL, PERSONAL, Heard, Task, beneath, root, same_place
from connectors.teams.people import People, within
from connectors.teams.sending import Sender
from connectors.teams.table import NAME as NAME_OF_TABLE
from connectors.teams.table import table
from knowledge.access import Audience
from knowledge.reply import Notice, Span

NAME = "teams"


class TeamsChannel:
    """The `Channel` of Teams. `longest` is the longest text of a turn, `base` our public address; `inbox` and `alerts`
    are set by who makes it."""

    name = NAME
    inbox: Inbox
    alerts: Alerts

    def __init__(
        self,
        conversations: Conversations,
        people: People,
        sender: Sender,
        handed_in: Files,
        opaque: Opaque,
        longest: int,
        base: str,
    ) -> None:
        self._conversations, self._people, self._sender, self._files = conversations, people, sender, handed_in
        self._opaque, self._longest, self._base = opaque, longest, base

    def event(self, heard: Heard) -> Event:
        """What was heard as the inbox takes it."""
        task = heard.task
        return Event(
            channel=NAME,
            tenant=task.tenant,
            event=heard.event,
            lane=self.lane(task),
            person=self.person(task),
            payload=task.as_json(),
        )

    def lane(self, task: Task) -> str:
        """The conversation: a person's messages with us, a group, or one thread of a channel."""
        if task.direct:
            return self._opaque("teams direct", task.tenant, task.user)
        kind = "teams thread" if task.scope == CHANNEL else "teams group"
        return self._opaque(kind, task.tenant, task.conversation)

    def person(self, task: Task) -> str:
        return self._opaque("teams person", task.tenant, task.user)

    async def ask_alone(self, task: Task, audience: Audience, text: str, seconds: float) -> Said:
        """What somebody asks for their own eyes, outside every conversation. Raises nothing."""
        message = replace(
            self._message(replace(task, scope=PERSONAL), audience, text),
            conversation=self._opaque("teams alone", task.tenant, task.user, text),
        )
        try:
            asked = asking.ask(self._conversations, message, self._longest, task.locale)
            return await asyncio.wait_for(asked, seconds)
        except TimeoutError:
            words = Words(language_of(text, task.locale))
            return no_answer(words, words("channel_too_slow"))

    def _message(self, task: Task, audience: Audience, text: str) -> IncomingMessage:
        return IncomingMessage(
            text=text,
            channel=NAME,
            person=person_key(audience, self.person(task)),
            audience=audience,
            conversation=self.lane(task),
        )

    # --- what the inbox asks

    async def answer(self, receipt: Receipt) -> dict[str, Any]:
        task = Task(**receipt.event.payload)
        words = Words(language_of(task.text if task.kind == "ask" else "", task.locale))
        match task.kind:
            case "alert":
                told = await self.alerts.answer(receipt)
                return told and told | {"page": 0, "question": ""}
            case "quiet" | "stop":
                person = await self._people.of_person(task)
                done = await self.alerts.ask(task.text, Asked(task.kind), person, words)
                return no_answer(words, done, tone="info").as_json()
            case "page" | "offer":
                asked = await self.earlier(task, words)
                if isinstance(asked, Said):
                    return asked.as_json()
                if task.kind == "page":
                    return asked | {"page": task.page, "of": asked.get("of") or task.of}
                return self._offer(asked, task)
        audience = await self._people.audience(task)
        message = replace(self._message(task, audience, task.text), tells=True)
        notes: tuple[str, ...] = ()
        if task.file:
            try:
                proposal = await self._files.read(words, task.name, task.file)
            except NotRead as refused:
                return no_answer(words, str(refused)).as_json()
            message, notes = files.asking(message, proposal, task.locale), proposal.notes
        elif not task.text:
            message = replace(message, text=words("channel_ask_help"))
        said = await asking.ask(self._conversations, message, self._longest, task.locale)
        if said.answered and notes:
            said.answer.reply.parts.insert(0, Notice(tone="info", spans=[Span(text=" ".join(notes))]))
        if said.answer.watch:
            await self.alerts.keep(said.answer.watch, self._place(task), audience, said.answer.reply.language)
        return said.as_json() | {"page": 0, "question": message.text, "seen_by": seen_by(audience)}

    def over_limit(self, receipt: Receipt, seconds: float) -> dict[str, Any]:
        task = Task(**receipt.event.payload)
        return asking.over_limit(task.text, seconds, task.locale).as_json()

    async def show_progress(self, receipt: Receipt) -> str:
        return await self._sender.show_progress(receipt)

    async def send(self, receipt: Receipt) -> str:
        sent = await self._sender.send(receipt)
        place, _, ident = sent.rpartition("|")
        payload = receipt.event.payload
        if payload.get("kind") == "alert" and payload.get("scope") == CHANNEL:
            # What is written beneath it is asked of us.
            thread = replace(Task(**payload), conversation=beneath(place, ident))
            await self.inbox.join(self.lane(thread))
        return sent

    async def find_sent(self, receipt: Receipt) -> str | None:
        return await self._sender.find_sent(receipt)

    async def tell_cut_off(self, receipt: Receipt) -> str:
        return await self._sender.tell_cut_off(receipt)

    # --- alerts, and pages of earlier answers

    async def readers(self, payload: dict[str, Any]) -> Audience:
        """Who reads what is told at the place of an alert."""
        return await self._people.audience(Task(**payload))

    def _place(self, task: Task) -> Place:
        """Where an alert is told that was set with the task: where it was set, in a channel as a message of its own."""
        where = replace(task, kind="alert", conversation=root(task.conversation), text="", file="", name="")
        alone = task.user if task.direct else ""
        return Place(task.tenant, self._opaque("teams place", task.tenant, where.conversation, alone), where.as_json())

    async def earlier(self, task: Task, words: Words) -> dict[str, Any] | Said:
        """The answer that a button of `task` belongs to; where it may not be shown there, why."""
        found = await self.inbox.find(task.of)
        if found is None or not found.answer or found.event.channel != NAME:
            return no_answer(words, words("channel_gone"))
        asked = found.answer
        words = Words(str(asked["answer"]["reply"]["language"]))
        place = found.sent_id.rpartition("|")[0]
        if found.event.tenant != task.tenant or not same_place(place, task.conversation):
            return no_answer(words, words("channel_not_yours"))
        # Others may have come to the conversation since.
        if not within(seen_as(asked), await self._people.audience(task)):
            return no_answer(words, words("channel_not_shared"))
        return asked

    def _offer(self, asked: dict[str, Any], task: Task) -> dict[str, Any]:
        """The records of an earlier answer as a file that the person may have."""
        said = said_from(asked)
        words = Words(said.answer.reply.language)
        content = table(said.answer, self._base)
        about = words("teams_file_about", n=len(said.answer.records))
        offer = {"name": NAME_OF_TABLE, "size": len(content), "about": about}
        return no_answer(words, about, tone="info").as_json() | {"offer": offer, "of": task.of}
