"""What is done with what Slack's listeners hear: written down, or looked up and shown besides the inbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.answers import talk
from bot.words import Words
from connectors import keeping
from connectors.channels.asking import language_of, said_from
from connectors.channels.database import ChannelDatabase
from connectors.channels.receipts import Receipts
from connectors.channels.rendering import record_of, shortened
from connectors.identity import person_key
from connectors.keeping import FeedbackRequest
from connectors.slack import views
from connectors.slack.answering import NAME, SlackChannel, records_of
from connectors.slack.incoming import Task, installed_in, team_of
from connectors.slack.installing import Workspaces
from connectors.slack.listening import Json
from connectors.slack.people import People
from connectors.slack.sending import Clients, Sender
from connectors.slack.web import told
from knowledge import feedback, lookups
from knowledge.access import PUBLIC
from knowledge.feedback import FeedbackKind
from knowledge.index import Index
from knowledge.keeping import LONGEST_TEXT, NotKept, Who
from knowledge.settings import Settings

_MOST_PROMPTS = 4
"""That Slack shows."""


class Hearing:
    """The `Ears` of the listeners."""

    def __init__(
        self,
        settings: Settings,
        index: Index,
        channel: SlackChannel,
        people: People,
        sender: Sender,
        clients: Clients,
        workspaces: Workspaces,
        database: ChannelDatabase,
    ) -> None:
        self._settings, self._index, self._channel, self._inbox = settings, index, channel, channel.inbox
        self._people, self._sender, self._clients = people, sender, clients
        self._workspaces, self._database, self._receipts = workspaces, database, Receipts()

    async def ask(self, task: Task, event: str, message: str) -> None:
        heard = self._channel.event(task, event, message)
        if task.private or task.direct:
            await self._inbox.receive(heard)
        else:
            await asyncio.gather(self._inbox.join(heard.lane), self._inbox.receive(heard))

    async def follow(self, task: Task) -> bool:
        return await self._inbox.has_joined(self._channel.lane(task))

    async def quoted(self, task: Task) -> Task:
        if task.file and not task.text:
            return task
        # A message without words is asked for them: so is "does this proposal duplicate an existing project:".
        words = Words(language_of(task.text, ""))
        room = self._settings.max_text - len(words("channel_does_anyone", text=""))
        return replace(task, text=words("channel_does_anyone", text=shortened(task.text, room)), file={}, files=0)

    async def looking(self, task: Task) -> str:
        return Words(language_of(task.text, ""))("channel_looking")

    async def opened_home(self, body: Json) -> None:
        event = body.get("event", {})
        team = installed_in(body)
        task = Task("ask", team, str(event.get("user", "")), team)
        if not task.user:
            return
        if event.get("tab", "home") == "home":
            self._inbox.spawn(self._show_home(replace(task, direct=True)))
        else:
            self._inbox.spawn(self._suggest(replace(task, direct=True, channel=str(event.get("channel", "")))))

    async def _suggest(self, task: Task) -> None:
        """Offers questions that have an answer where a person is about to write one."""
        profile, audience = await self._people.profile(task), await self._people.audience(task)
        words = Words(language_of("", profile.locale))

        def look_up() -> list[str]:
            with self._index.home.database.read() as session:
                return talk.examples(session, audience, words)

        prompts = [{"title": text, "message": text} for text in await asyncio.to_thread(look_up)][:_MOST_PROMPTS]
        asked = await self._clients(task.team)
        if asked is not None and prompts and task.channel:
            title = words("channel_home_examples")
            await told(
                lambda: asked.assistant_threads_setSuggestedPrompts(
                    channel_id=task.channel, prompts=prompts, title=title
                )
            )

    async def _show_home(self, task: Task) -> None:
        profile, audience = await self._people.profile(task), await self._people.audience(task)
        who = Who(audience, person_key(audience, self._channel.person(task)))
        words = Words(language_of("", profile.locale))

        def look_up() -> tuple[list[str], list[str] | None]:
            with self._index.home.database.read() as session:
                examples = talk.examples(session, audience, words)
            try:
                kept = keeping.list_watches(self._index, who)["watches"]
            except NotKept:
                return examples, None
            named = [[one["name"] for part in ("themes", "places", "organisations") for one in w[part]] for w in kept]
            return examples, [words.listed(names) for names in named if names]

        view = views.home(words, *await asyncio.to_thread(look_up))
        asked = await self._clients(task.team)
        if asked is not None:
            await told(lambda: asked.views_publish(user_id=task.user, view=view))

    async def judged(self, body: Json) -> None:
        """The feedback buttons: a good word is kept at once, for a bad one the form opens."""
        action: Json = next(iter(body.get("actions") or ()), {})
        value = str(action.get("value", ""))
        verdict, _, receipt = value.partition(":")
        task = _who(body)
        words = Words(language_of("", self._people.locale(task)))
        if verdict == "good":
            await self._note(task, receipt, FeedbackKind.HELPFUL, "", words)
            return
        asked = await self._clients(task.team)
        trigger, view = str(body.get("trigger_id", "")), views.remark(words, f"{receipt}:{task.channel}")
        if asked is not None:
            self._inbox.spawn(_done(told(lambda: asked.views_open(trigger_id=trigger, view=view))))

    async def remarked(self, body: Json) -> None:
        view = body.get("view") or {}
        receipt, _, channel = str(view.get("private_metadata", "")).partition(":")
        task = replace(_who(body), channel=channel)
        profile = await self._people.profile(task)
        kind, why = views.remarked(view)
        await self._note(task, receipt, kind, why, Words(language_of("", profile.locale)))

    async def _note(self, task: Task, receipt: str, kind: FeedbackKind, why: str, words: Words) -> None:
        earlier = await self._inbox.find(int(receipt)) if receipt.isdecimal() and len(receipt) < 18 else None
        if earlier is None or earlier.answer is None or earlier.event.tenant != task.team:
            self._whisper(task, words("channel_gone"))
            return
        audience = await self._people.of_person(task)
        who = Who(audience, person_key(audience, self._channel.person(task)))
        request = FeedbackRequest(
            kind=kind,
            text=why,
            records=records_of(said_from(earlier.answer), feedback.MOST_RECORDS),
            question=str(earlier.answer.get("question", ""))[:LONGEST_TEXT],
        )
        try:
            await asyncio.to_thread(keeping.note, self._index, who, request)
        except NotKept:
            self._whisper(task, words("channel_feedback_not_kept"))
        else:
            self._whisper(task, words("channel_feedback_thanks"))

    def _whisper(self, task: Task, text: str) -> None:
        self._inbox.spawn(self._sender.whisper(task.team, task.channel, task.user, text))

    async def linked(self, body: Json) -> None:
        """Previews of links to records, of what everybody may see: a preview is seen by the whole channel."""
        event = body.get("event") or {}
        urls = [str(link.get("url", "")) for link in event.get("links") or () if isinstance(link, dict)]
        ours = {url: record for url in urls if (record := record_of(self._settings.public_url, url))}
        if ours:
            self._inbox.spawn(self._preview(installed_in(body), event, ours))

    async def _preview(self, team: str, event: Json, ours: dict[str, str]) -> None:
        def look_up() -> dict[str, Json]:
            found: dict[str, Json] = {}
            with self._index.home.database.read() as session:
                for url, record_id in ours.items():
                    if (known := lookups.find_record(session, record_id, PUBLIC)) is not None:
                        found[url] = views.preview(Words("en"), known[0].title, known[0].publisher)
            return found

        shown = await asyncio.to_thread(look_up)
        asked = await self._clients(team)
        if shown and asked is not None:
            channel, stamp = str(event.get("channel", "")), str(event.get("message_ts", ""))
            await told(lambda: asked.chat_unfurl(channel=channel, ts=stamp, unfurls=shown))

    async def left(self, body: Json) -> None:
        """The workspace removed the app: its token, and what was written down and to be told there, go."""
        event, team = body.get("event") or {}, installed_in(body)
        bots = (event.get("tokens") or {}).get("bot")
        if team and (event.get("type") == "app_uninstalled" or bots):
            await self._workspaces.async_delete_bot(enterprise_id=body.get("enterprise_id"), team_id=team)
            await self._database.do(self._receipts.forget, team, NAME)
            await self._channel.alerts.forget(team)


def _who(body: Json) -> Task:
    """Who pressed a button or sent a form, and where."""
    user = body.get("user") or {}
    channel = str((body.get("channel") or {}).get("id", ""))
    return Task("ask", team_of(body), str(user.get("id", "")), str(user.get("team_id") or team_of(body)), channel)


async def _done(work: Any) -> None:
    await work
