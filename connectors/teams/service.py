"""Teams in the application: one route, the guard, the SDK, the inbox; what is heard and what it leads to."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import Connection, select

from bot.words import Words
from connectors import keeping
from connectors.channels.alerts import Alerts
from connectors.channels.asking import Said, language_of, said_from
from connectors.channels.database import ChannelDatabase, receipts
from connectors.channels.inbox import Inbox, NotSent, Unsure
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.limits import Limits
from connectors.channels.organisations import organisations_of
from connectors.channels.rendering import shortened
from connectors.channels.vault import Vault
from connectors.conversation import Conversations
from connectors.identity import person_key
from connectors.keeping import FeedbackRequest
from connectors.teams import extension, guard, incoming
from connectors.teams.answering import NAME, TeamsChannel
from connectors.teams.files import Files
from connectors.teams.incoming import Task
from connectors.teams.listening import listen
from connectors.teams.people import People
from connectors.teams.rendering import whole_card
from connectors.teams.sdk import Member, Misshapen, Sdk, handed_over
from connectors.teams.sending import Sender
from connectors.teams.table import NAME as TABLE
from connectors.teams.table import table
from connectors.teams.tokens import Keys, Tokens
from knowledge import feedback, lookups
from knowledge.access import PUBLIC
from knowledge.feedback import FeedbackKind
from knowledge.index import Index
from knowledge.keeping import LONGEST_TEXT, NotKept, Who
from knowledge.lookups import SearchRequest
from knowledge.settings import Settings

logger = logging.getLogger(__name__)

Json = dict[str, Any]
SERVICE = "https://smba.trafficmanager.net/teams"
LOOK_UP = 3.0
"""Seconds to learn who is in a conversation."""
SEARCH = 4.5
"""Seconds that somebody who searches waits; Teams gives up after five."""
INVOKE = 8.0
"""Seconds that somebody who asks about a message waits; Teams gives up after ten."""
DRAIN_SECONDS = 6.0
"""How long answers under way may take at the end; the supervisor gives ten seconds for everything."""
_TYPES = frozenset({"message", "conversationUpdate"})
_INVOKES = frozenset(
    {
        "message/submitAction", "composeExtension/query", "composeExtension/fetchTask", "fileConsent/invoke",
    }
)  # fmt: skip


@asynccontextmanager
async def running(app: FastAPI, settings: Settings, index: Index, conversations: Conversations) -> AsyncIterator[None]:
    """Teams as long as the block runs: the route /teams/messages, and the inbox."""
    database = ChannelDatabase(settings.channels_path)
    try:
        async with httpx.AsyncClient(timeout=httpx.Timeout(20.0, connect=5.0)) as client:
            teams = Teams(settings, index, conversations, database, client)
            app.include_router(teams.router())
            await teams.start()
            try:
                yield
            finally:
                await teams.stop()
    finally:
        database.close()


class Teams:
    """Everything of Teams in one place: what is done with what is heard, and what holds it together."""

    def __init__(
        self,
        settings: Settings,
        index: Index,
        conversations: Conversations,
        database: ChannelDatabase,
        client: httpx.AsyncClient,
    ) -> None:
        self._settings, self._index, self._database = settings, index, database
        app_id, secret = settings.teams_app_id, settings.teams_app_secret.get_secret_value()
        hosts = frozenset(named(settings.teams_service_hosts))
        self._guard = guard.Guard(
            Keys(client, settings.teams_openid_url), app_id, frozenset(named(settings.teams_tenants)), hosts
        )
        tokens = Tokens(client, settings.teams_login_url, settings.teams_app_tenant, app_id, secret)
        self._sdk = Sdk(app_id, SERVICE, tokens, tokens.forget)
        listen(self._sdk, self)
        self._people = People(
            organisations_of(settings.teams_organisations), settings.organisation, self._members, self._member
        )
        self._sender = Sender(self._sdk, settings.public_url)
        self._files = Files(client, hosts)
        opaque = Opaque(settings.home)
        self.channel = TeamsChannel(
            conversations,
            self._people,
            self._sender,
            self._files,
            opaque,
            settings.max_text,
            settings.public_url,
        )
        limits = Limits(settings.turns_per_minute, settings.tenant_turns_per_minute)
        self.inbox = self.channel.inbox = Inbox(self.channel, database, limits)
        vault = Vault(NAME, sealing_key(settings.home))
        self.alerts = self.channel.alerts = Alerts(
            NAME, index, database, vault, self.inbox, opaque, self.channel.readers
        )

    async def start(self) -> None:
        await self._sdk.start()
        resumed = await self.inbox.start()
        if resumed:
            logger.info("Teams: going on with %d events of before", resumed)
        self.alerts.start()

    async def stop(self) -> None:
        await self.inbox.drain(DRAIN_SECONDS)
        await self._sdk.stop()

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/teams", include_in_schema=False)

        @routes.post("/messages")
        async def messages(request: Request) -> Response:
            try:
                passed = await self._guard.check(dict(request.headers), await _read(request))
                if not _listened_to(passed.activity):
                    return Response(status_code=200)
                answer = await self._sdk.take(passed.activity, passed.token)
            except guard.Refused as refused:
                return PlainTextResponse(str(refused), refused.status)
            except Misshapen:
                return PlainTextResponse("not as Teams writes it", 400)
            return Response(status_code=200) if answer is None else JSONResponse(answer)

        return routes

    # --- what is heard

    async def message(self, activity: Json) -> None:
        heard = incoming.heard(activity, guard.tenant_of(activity))
        if heard is None:
            return
        lane = self.channel.lane(heard.task)
        if heard.follows and not await self.inbox.has_joined(lane):
            return
        event = self.channel.event(heard)
        if heard.task.scope == incoming.CHANNEL:
            await asyncio.gather(self.inbox.join(lane), self.inbox.receive(event))
        else:
            await self.inbox.receive(event)

    async def changed(self, activity: Json) -> None:
        task = incoming.whereabouts(activity, guard.tenant_of(activity))
        if task is not None:
            self._people.forget(task)
        arrived = incoming.arrived(activity, guard.tenant_of(activity))
        if arrived is not None:
            await self.inbox.receive(self.channel.event(arrived))

    async def judged(self, activity: Json) -> None:
        task = incoming.whereabouts(activity, guard.tenant_of(activity))
        message = activity.get("replyToId")
        if task is None or not isinstance(message, str):
            return
        value = activity["value"]["actionValue"]
        good = value.get("reaction") == "like"
        kind = FeedbackKind.HELPFUL if good else FeedbackKind.WRONG
        self.inbox.spawn(self._note(task, message, kind, remark(value.get("feedback"))))

    async def _note(self, task: Task, message: str, kind: FeedbackKind, why: str) -> None:
        sent_in = task.conversation.partition(";")[0]
        found = await self._database.do(_answer_under, task.tenant, sent_in, message)
        if found is None:
            # Its id is written down a moment after people see it.
            await asyncio.sleep(1.0)
            found = await self._database.do(_answer_under, task.tenant, sent_in, message)
        earlier = await self.inbox.find(found) if found else None
        words = Words(language_of("", task.locale))
        if earlier is None or earlier.answer is None:
            await self._sender.tell(task, words("channel_gone"))
            return
        audience = await self._people.of_person(task)
        who = Who(audience, person_key(audience, self.channel.person(task)))
        said = said_from(earlier.answer)
        cited = dict.fromkeys(one.record for one in said.answer.reply.citations if one.record)
        request = FeedbackRequest(
            kind=kind,
            text=why,
            records=list(cited)[: feedback.MOST_RECORDS],
            question=str(earlier.answer.get("question", ""))[:LONGEST_TEXT],
        )
        try:
            await asyncio.to_thread(keeping.note, self._index, who, request)
        except NotKept:
            await self._sender.tell(task, words("channel_feedback_not_kept"))
        else:
            # Where others read along, Teams' own thanks are enough.
            if task.direct:
                await self._sender.tell(task, words("channel_feedback_thanks"))

    async def searched(self, activity: Json) -> Json:
        """What is chosen stands where others read it: only what everybody may see is found."""
        words = Words(language_of(wanted := extension.wanted(activity), str(activity.get("locale") or "")))
        asked = SearchRequest(words=wanted[: self._settings.max_text], limit=extension.MOST_FOUND)
        looking = asyncio.to_thread(lookups.search_records, self._index, asked, PUBLIC)
        try:
            found = await asyncio.wait_for(looking, SEARCH)
        except TimeoutError:
            return extension.told(words("channel_too_slow"))
        if not found["results"]:
            return extension.told(words("channel_nothing"))
        return extension.listed(found["results"], words, self._settings.public_url)

    async def pointed_at(self, activity: Json) -> Json:
        task = incoming.whereabouts(activity, guard.tenant_of(activity))
        if task is None:
            raise guard.Refused(400, "not as Teams writes it")
        text = extension.quoted(activity)
        words = Words(language_of(text, task.locale))
        title = words("teams_check_title")
        room = self._settings.max_text - len(words("channel_does_anyone", text=""))
        question = words("channel_does_anyone", text=shortened(text, room)) if text else words("channel_ask_help")
        audience = await self._people.of_person(task)
        said = await self.channel.ask_alone(task, audience, question, INVOKE)
        return extension.shown(whole_card(said, base=self._settings.public_url), title)

    async def consented(self, activity: Json) -> None:
        task = incoming.whereabouts(activity, guard.tenant_of(activity))
        value = activity["value"]
        if task is None or value.get("action") != "accept":
            return
        self.inbox.spawn(self._hand_over(incoming.accepted(task, value), value.get("uploadInfo") or {}))

    async def _hand_over(self, task: Task, where: Json) -> None:
        words = Words(language_of("", task.locale))
        asked = await self.channel.earlier(task, words)
        if isinstance(asked, Said):
            await self._sender.tell(task, words("channel_gone"))
            return
        content = table(said_from(asked).answer, self._settings.public_url)
        url, page = str(where.get("uploadUrl") or ""), str(where.get("contentUrl") or "")
        if not (self._files.is_microsofts(page) and await self._files.hand_over(url, content)):
            await self._sender.tell(task, words("teams_file_failed"))
            return
        name = str(where.get("name") or TABLE)
        await self._sender.give(task, handed_over(name, page, str(where.get("uniqueId") or "")))

    # --- to Teams

    async def _members(self, task: Task) -> list[Member] | None:
        try:
            return await asyncio.wait_for(self._sdk.members(task.service, task.conversation.partition(";")[0]), LOOK_UP)
        except (NotSent, Unsure, TimeoutError):
            return None

    async def _member(self, task: Task) -> Member | None:
        try:
            place = task.conversation.partition(";")[0]
            return await asyncio.wait_for(self._sdk.member(task.service, place, task.account), LOOK_UP)
        except (NotSent, Unsure, TimeoutError):
            return None


def named(setting: str) -> list[str]:
    """Entries of a setting that commas separate, in small letters."""
    return [one.strip().casefold() for one in setting.split(",") if one.strip()]


def remark(sent: Any) -> str:
    """What a person wrote with their thumb: Teams sends it as JSON in a text."""
    if not isinstance(sent, str):
        return ""
    try:
        found = json.loads(sent)
    except (ValueError, RecursionError):
        return sent[:LONGEST_TEXT]
    text = found.get("feedbackText") if isinstance(found, dict) else ""
    return text[:LONGEST_TEXT] if isinstance(text, str) else ""


def _answer_under(connection: Connection, tenant: str, conversation: str, message: str) -> int | None:
    """The receipt whose answer is the message of that id."""
    of = (receipts.c.channel == NAME, receipts.c.tenant == tenant, receipts.c.sent_id.endswith(f"|{message}"))
    for row in connection.execute(select(receipts.c.id, receipts.c.sent_id).where(*of).order_by(receipts.c.id.desc())):
        if incoming.same_place(row.sent_id.rpartition("|")[0], conversation) and row.sent_id.endswith(f"|{message}"):
            return int(row.id)
    return None


def _listened_to(activity: Mapping[str, Any]) -> bool:
    kind = activity.get("type")
    if not isinstance(kind, str):
        raise guard.Refused(400, "not as Teams writes it")
    return kind in _TYPES or (kind == "invoke" and activity.get("name") in _INVOKES)


async def _read(request: Request) -> bytes:
    """The body, of which no more is read than Teams ever sends."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > guard.MOST_BYTES:
            raise guard.Refused(413, "too large")
    return bytes(found)
