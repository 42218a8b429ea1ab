"""Slack in this application: routes and socket, from the settings to the first answer and back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import talk
from bot.words import Words
from connectors import keeping
from connectors.channels.asking import language_of, said_from
from connectors.channels.database import ChannelDatabase
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.limits import Limits
from connectors.channels.receipts import Receipts
from connectors.channels.rendering import record_of, shortened
from connectors.channels.vault import Vault
from connectors.conversation import Conversations
from connectors.identity import person_key
from connectors.keeping import FeedbackRequest
from connectors.slack import guard, listening, views
from connectors.slack.answering import NAME, SlackChannel, records_of
from connectors.slack.incoming import Task, installed_in, team_of
from connectors.slack.installing import Authorize, States, Workspaces
from connectors.slack.listening import Json
from connectors.slack.people import People, Profile, organisations_of
from connectors.slack.sending import Sender
from connectors.slack.web import QUIET, client, told
from knowledge import feedback, lookups
from knowledge.access import PUBLIC
from knowledge.feedback import FeedbackKind
from knowledge.index import Index
from knowledge.keeping import LONGEST_TEXT, NotKept, Who
from knowledge.settings import Settings

logger = logging.getLogger(__name__)

SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands",
    "groups:history", "groups:read", "im:history", "im:read", "im:write", "links:read", "links:write", "mpim:history",
    "mpim:read", "users:read",
)  # fmt: skip
LOOK_UP = 2.0
"""Seconds to learn of a person or a channel; Slack waits three for a button."""
DRAIN_SECONDS = 6.0
"""How long answers under way may take at the end; the supervisor gives ten seconds for everything."""


@asynccontextmanager
async def running(app: FastAPI, settings: Settings, index: Index, conversations: Conversations) -> AsyncIterator[None]:
    """Slack as long as the block runs: routes under /slack/, the socket where there is an app token, the inbox."""
    database = ChannelDatabase(settings.channels_path)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            slack = Slack(settings, index, conversations, database, session)
            app.include_router(slack.router())
            await slack.start()
            try:
                yield
            finally:
                await slack.stop()
    finally:
        database.close()


class Slack:
    """Everything of Slack in one place: what listeners do, and what holds it together."""

    def __init__(
        self,
        settings: Settings,
        index: Index,
        conversations: Conversations,
        database: ChannelDatabase,
        session: aiohttp.ClientSession,
    ) -> None:
        self._settings, self._index, self._session = settings, index, session
        self._secret = settings.slack_signing_secret.get_secret_value()
        opaque = Opaque(settings.home)
        vault = Vault(NAME, sealing_key(settings.home))
        self._workspaces = Workspaces(vault, database)
        self._authorize = Authorize(self._workspaces, settings.slack_bot_token.get_secret_value())
        self._receipts, self._database = Receipts(), database
        self._people = People(
            organisations_of(settings.slack_organisations), settings.organisation, self._profile, self._is_shared
        )
        self._sender = Sender(self.client, session, settings.slack_api_url, settings.public_url, opaque)
        self.channel = SlackChannel(
            conversations, self._people, self._sender, opaque, lambda ident: self.inbox.find(ident), settings.max_text
        )
        limits = Limits(settings.turns_per_minute, settings.tenant_turns_per_minute)
        self.inbox = Inbox(self.channel, database, limits)
        oauth = self._oauth(States(vault, database))
        bare = client("", settings.slack_api_url, session)
        self._bolt = listening.build(self, self._authorize, self._secret, bare, oauth)
        self._socket: AsyncSocketModeHandler | None = None

    async def start(self) -> None:
        resumed = await self.inbox.start()
        if resumed:
            logger.info("Slack: going on with %d events of before", resumed)
        if self._settings.slack_bot_token.get_secret_value():
            self.inbox.spawn(self._introduce(), lasting=True)
        if token := self._settings.slack_app_token.get_secret_value():
            self._socket = AsyncSocketModeHandler(
                self._bolt, token, logger=QUIET, web_client=client("", self._settings.slack_api_url, self._session)
            )
            self.inbox.spawn(self._connect(self._socket), lasting=True)

    async def stop(self) -> None:
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        await self.inbox.drain(DRAIN_SECONDS)

    # --- over HTTP

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/slack", include_in_schema=False)
        handler = AsyncSlackRequestHandler(self._bolt)

        if self._secret:

            @routes.post("/events")
            async def events(request: Request) -> Response:
                try:
                    body = await _read(request)
                    guard.check(dict(request.headers), body, self._secret)
                except guard.Refused as refused:
                    return PlainTextResponse(str(refused), refused.status)
                try:
                    return await handler.handle(request)
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    # Bolt itself stumbles over what is signed and yet not shaped as Slack shapes it.
                    logger.warning("A request of Slack could not be read: %s", type(error).__name__)
                    return PlainTextResponse("not as Slack writes it", 400)

        if self._bolt.oauth_flow is not None:

            @routes.get("/install")
            @routes.get("/oauth_redirect")
            async def install(request: Request) -> Response:
                return await handler.handle(request)

        return routes

    def _oauth(self, states: States) -> AsyncOAuthSettings | None:
        settings = self._settings
        if not (settings.slack_client_id and settings.slack_client_secret.get_secret_value()):
            return None
        return AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret.get_secret_value(),
            scopes=list(SCOPES),
            redirect_uri=f"{settings.address}/slack/oauth_redirect",
            install_page_rendering_enabled=False,
            installation_store=self._workspaces,
            state_store=states,
            logger=QUIET,
        )

    # --- to Slack

    async def client(self, team: str) -> AsyncWebClient | None:
        token, _ = await self._authorize.token(None, team)
        return client(token, self._settings.slack_api_url, self._session) if token else None

    async def _introduce(self) -> None:
        """Learns which workspace the one token is of. Until Slack has told it, requests of any are taken."""
        pause = 1.0
        while True:
            asked = client(
                self._settings.slack_bot_token.get_secret_value(), self._settings.slack_api_url, self._session
            )
            found = await told(asked.auth_test)
            if found is not None:
                if not found.get("is_enterprise_install"):
                    self._authorize.own_team = str(found.get("team_id") or "")
                self._authorize.own_user = str(found.get("user_id") or "")
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, 300.0)

    async def _connect(self, socket: AsyncSocketModeHandler) -> None:
        pause = 1.0
        while True:
            try:
                await socket.connect_async()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001  whatever it is, Slack is asked again later
                logger.warning("Slack's socket could not be opened: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 300.0)
            else:
                return

    async def _profile(self, team: str, user: str) -> Profile | None:
        asked = await self.client(team)
        found = await told(lambda: asked.users_info(user=user, include_locale=True), LOOK_UP) if asked else None
        if found is None:
            return None
        one = found.get("user") or {}
        guest = any(one.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted"))
        return Profile(str(one.get("locale") or ""), bool(guest or one.get("team_id", team) != team))

    async def _is_shared(self, team: str, channel: str) -> bool | None:
        asked = await self.client(team)
        found = await told(lambda: asked.conversations_info(channel=channel), LOOK_UP) if asked else None
        if found is None:
            return None
        one = found.get("channel") or {}
        return any(one.get(mark) for mark in ("is_ext_shared", "is_pending_ext_shared", "is_org_shared"))

    # --- what is heard

    async def ask(self, task: Task, event: str, message: str) -> None:
        heard = self.channel.event(task, event, message)
        if task.private or task.direct:
            await self.inbox.receive(heard)
        else:
            await asyncio.gather(self.inbox.join(heard.lane), self.inbox.receive(heard))

    async def follow(self, task: Task) -> bool:
        return await self.inbox.has_joined(self.channel.lane(task))

    async def quoted(self, task: Task) -> Task:
        words = Words(language_of(task.text, ""))
        room = self._settings.max_text - len(words("channel_does_anyone", text=""))
        return replace(task, text=words("channel_does_anyone", text=shortened(task.text, room)) if task.text else "")

    async def looking(self, task: Task) -> str:
        return Words(language_of(task.text, ""))("channel_looking")

    async def opened_home(self, body: Json) -> None:
        event = body.get("event", {})
        team = installed_in(body)
        task = Task("ask", team, str(event.get("user", "")), team)
        if event.get("tab", "home") == "home" and task.user:
            self.inbox.spawn(self._show_home(replace(task, direct=True)))

    async def _show_home(self, task: Task) -> None:
        profile, audience = await self._people.profile(task), await self._people.audience(task)
        who = Who(audience, person_key(audience, self.channel.person(task)))
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
        asked = await self.client(task.team)
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
        asked = await self.client(task.team)
        trigger, view = str(body.get("trigger_id", "")), views.remark(words, f"{receipt}:{task.channel}")
        if asked is not None:
            self.inbox.spawn(_done(told(lambda: asked.views_open(trigger_id=trigger, view=view))))

    async def remarked(self, body: Json) -> None:
        view = body.get("view") or {}
        receipt, _, channel = str(view.get("private_metadata", "")).partition(":")
        task = replace(_who(body), channel=channel)
        profile = await self._people.profile(task)
        kind, why = views.remarked(view)
        await self._note(task, receipt, kind, why, Words(language_of("", profile.locale)))

    async def _note(self, task: Task, receipt: str, kind: FeedbackKind, why: str, words: Words) -> None:
        earlier = await self.inbox.find(int(receipt)) if receipt.isdecimal() and len(receipt) < 18 else None
        if earlier is None or earlier.answer is None or earlier.event.tenant != task.team:
            self._whisper(task, words("channel_gone"))
            return
        audience = await self._people.of_person(task)
        who = Who(audience, person_key(audience, self.channel.person(task)))
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
        self.inbox.spawn(self._sender.whisper(task.team, task.channel, task.user, text))

    async def linked(self, body: Json) -> None:
        """Previews of links to records, of what everybody may see: a preview is seen by the whole channel."""
        event = body.get("event") or {}
        urls = [str(link.get("url", "")) for link in event.get("links") or () if isinstance(link, dict)]
        ours = {url: record for url in urls if (record := record_of(self._settings.public_url, url))}
        if ours:
            self.inbox.spawn(self._preview(installed_in(body), event, ours))

    async def _preview(self, team: str, event: Json, ours: dict[str, str]) -> None:
        def look_up() -> dict[str, Json]:
            found: dict[str, Json] = {}
            with self._index.home.database.read() as session:
                for url, record_id in ours.items():
                    if (known := lookups.find_record(session, record_id, PUBLIC)) is not None:
                        found[url] = views.preview(Words("en"), known[0].title, known[0].publisher)
            return found

        shown = await asyncio.to_thread(look_up)
        asked = await self.client(team)
        if shown and asked is not None:
            channel, stamp = str(event.get("channel", "")), str(event.get("message_ts", ""))
            await told(lambda: asked.chat_unfurl(channel=channel, ts=stamp, unfurls=shown))

    async def left(self, body: Json) -> None:
        """The workspace removed the app: its token and what was written down for it go."""
        event, team = body.get("event") or {}, installed_in(body)
        bots = (event.get("tokens") or {}).get("bot")
        if team and (event.get("type") == "app_uninstalled" or bots):
            await self._workspaces.async_delete_bot(enterprise_id=body.get("enterprise_id"), team_id=team)
            await self._database.do(self._receipts.forget, team, NAME)


def _who(body: Json) -> Task:
    """Who pressed a button or sent a form, and where."""
    user = body.get("user") or {}
    channel = str((body.get("channel") or {}).get("id", ""))
    return Task("ask", team_of(body), str(user.get("id", "")), str(user.get("team_id") or team_of(body)), channel)


async def _done(work: Any) -> None:
    await work


async def _read(request: Request) -> bytes:
    """The body, of which no more is read than Slack ever sends."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > guard.MOST_BYTES:
            raise guard.Refused(413, "too large")
    # What was read here is what the handler reads.
    request._body = bytes(found)
    return request._body
