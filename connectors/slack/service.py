"""Slack in this application: routes and socket, from the settings to the first answer and back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from connectors.channels.alerts import Alerts
from connectors.channels.database import ChannelDatabase
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.limits import Limits
from connectors.channels.organisations import organisations_of
from connectors.channels.pictures import ChannelPictures
from connectors.channels.vault import Vault
from connectors.conversation import Conversations
from connectors.slack import guard, listening
from connectors.slack.answering import NAME, SlackChannel
from connectors.slack.hearing import Hearing
from connectors.slack.installing import Authorize, States, Workspaces
from connectors.slack.lookups import Lookups
from connectors.slack.people import People
from connectors.slack.sending import Sender
from connectors.slack.web import QUIET, client, told
from knowledge.index import Index
from knowledge.settings import Settings

logger = logging.getLogger(__name__)

SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands", "files:read",
    "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write", "links:read", "links:write",
    "mpim:history", "mpim:read", "users:read",
)  # fmt: skip
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
    """What holds Slack together: its parts, its routes and socket, its clients."""

    def __init__(
        self,
        settings: Settings,
        index: Index,
        conversations: Conversations,
        database: ChannelDatabase,
        session: aiohttp.ClientSession,
    ) -> None:
        self._settings, self._session = settings, session
        self._secret = settings.slack_signing_secret.get_secret_value()
        opaque, api = Opaque(settings.home), settings.slack_api_url
        vault = Vault(NAME, sealing_key(settings.home))
        workspaces = Workspaces(vault, database)
        self._authorize = Authorize(workspaces, settings.slack_bot_token.get_secret_value())
        lookups = Lookups(self.client)
        people = People(
            organisations_of(settings.slack_organisations), settings.organisation, lookups.profile, lookups.is_open
        )
        sender = Sender(self.client, session, api, settings.public_url, opaque, ChannelPictures(index))
        self.channel = SlackChannel(conversations, people, sender, opaque, settings.max_text)
        limits = Limits(settings.turns_per_minute, settings.tenant_turns_per_minute)
        self.inbox = self.channel.inbox = Inbox(self.channel, database, limits)
        self.alerts = self.channel.alerts = Alerts(
            NAME, index, database, vault, self.inbox, opaque, self.channel.readers
        )
        ears = Hearing(settings, index, self.channel, people, sender, self.client, workspaces, database)
        oauth = self._oauth(workspaces, States(vault, database))
        self._bolt = listening.build(ears, self._authorize, self._secret, client("", api, session), oauth)
        self._socket: AsyncSocketModeHandler | None = None

    async def start(self) -> None:
        resumed = await self.inbox.start()
        if resumed:
            logger.info("Slack: going on with %d events of before", resumed)
        self.alerts.start()
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
                try:
                    return await handler.handle(request)
                except (aiohttp.ClientError, TimeoutError) as error:
                    logger.warning("An installation of Slack's app was not finished: %s", type(error).__name__)
                    return PlainTextResponse("Slack did not finish this. Begin again at /slack/install", 424)

        return routes

    def _oauth(self, workspaces: Workspaces, states: States) -> AsyncOAuthSettings | None:
        settings = self._settings
        if not (settings.slack_client_id and settings.slack_client_secret.get_secret_value()):
            return None
        return AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret.get_secret_value(),
            scopes=list(SCOPES),
            redirect_uri=f"{settings.address}/slack/oauth_redirect",
            install_page_rendering_enabled=False,
            installation_store=workspaces,
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
