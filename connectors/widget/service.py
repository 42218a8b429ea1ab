"""The widget in this application: its routes, from a page's first request to the last answer."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answers import talk
from bot.words import Words
from connectors import keeping, uploads
from connectors.channels import files
from connectors.channels.asking import language_of
from connectors.channels.database import ChannelDatabase
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.vault import Vault
from connectors.conversation import Conversations, RateLimits
from connectors.keeping import FeedbackRequest
from connectors.overlap_pictures import Pictures
from connectors.pictures.renderer import NotDrawn
from connectors.problems import problem, status_of
from connectors.widget import pages, streaming
from connectors.widget.answering import EachTime, Task, WidgetChannel
from connectors.widget.origins import Origins, cors, preflight
from connectors.widget.outbox import Crowded
from connectors.widget.outbox import Listeners as Streams
from connectors.widget.tokens import NAME, RENEW_SECONDS, TOKEN_SECONDS, Refused, Session, Tokens
from knowledge.access import HOME_OWNER, PUBLIC, Audience
from knowledge.feedback import MOST_RECORDS, FeedbackKind
from knowledge.index import Index
from knowledge.keeping import LONGEST_TEXT, NotKept, Who
from knowledge.settings import Settings

DRAIN_SECONDS = 6.0
"""How long answers under way may take at the end; the supervisor gives ten seconds for everything."""
REMARKS_PER_MINUTE = 30
"""Of all visitors of one site."""
LONGEST_QUESTION = 20_000
"""Characters that are taken in; a question of more than the setting allows is answered with the reason."""

Shape = TypeVar("Shape", bound=BaseModel)
Json = dict[str, Any]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")
    language: str = Field(default="", max_length=35)


class Begin(_Sent):
    """What a page sends to begin a session, or with its token to renew one."""


class Message(_Sent):
    """`id`: the client's own; sent twice it is asked once."""

    id: str = Field(pattern="^[A-Za-z0-9_-]{8,64}$")
    text: str = Field(min_length=1, max_length=LONGEST_QUESTION)


class Remark(_Sent):
    """What a person says of an answer; `receipt` is that of its event."""

    receipt: Annotated[int, Field(ge=1, lt=2**53)]
    kind: FeedbackKind
    text: str = Field(default="", max_length=LONGEST_TEXT)


@asynccontextmanager
async def running(app: FastAPI, settings: Settings, index: Index, conversations: Conversations) -> AsyncIterator[None]:
    """The widget as long as the block runs: /widget.js and routes under /widget/."""
    database = ChannelDatabase(settings.channels_path)
    try:
        widget = Widget(settings, index, conversations, database)
        app.include_router(widget.router())
        with _told_of_the_end(widget.streams.close):
            await widget.inbox.start()
            widget.inbox.spawn(widget.tokens.purge())
            try:
                yield
            finally:
                widget.streams.close()
                await widget.inbox.drain(DRAIN_SECONDS)
    finally:
        database.close()


@contextmanager
def _told_of_the_end(close: Callable[[], None]) -> Iterator[None]:
    """Open streams would hold up the server's end: it waits for them before it ends anything else."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def ended(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(close)
        if callable(handler := before[signal.Signals(number)]):
            handler(number, frame)

    ours = [number for number, handler in before.items() if callable(handler)]
    for number in ours:
        signal.signal(number, ended)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


class Widget:
    def __init__(
        self, settings: Settings, index: Index, conversations: Conversations, database: ChannelDatabase
    ) -> None:
        self._settings, self._index, self._database = settings, index, database
        opaque = Opaque(settings.home)
        self._opaque = opaque
        self._origins = Origins(settings)
        self.tokens = Tokens(opaque, Vault(NAME, sealing_key(settings.home)), database)
        self.streams = Streams()
        self.channel = WidgetChannel(conversations, opaque, self.streams, settings.max_text)
        limits = EachTime(settings.turns_per_minute, settings.tenant_turns_per_minute)
        self.inbox = Inbox(self.channel, database, limits)
        self._begun = RateLimits(settings.tenant_turns_per_minute)
        self._remarks = RateLimits(REMARKS_PER_MINUTE)
        self._pictures: Pictures | None = None

    def router(self) -> APIRouter:
        routes = APIRouter(include_in_schema=False)
        for path, take in (
            ("session", self.session),
            ("messages", self.message),
            ("file", self.file),
            ("feedback", self.feedback),
        ):
            routes.post(f"/widget/{path}")(self._guarded(take))
        routes.get("/widget/events")(self._guarded(self.events))

        @routes.options("/widget/{path}")
        async def may_ask(request: Request, path: str) -> Response:
            origin = self._origins.of(request)
            return Response(status_code=204 if origin else 403, headers=preflight(origin))

        @routes.get("/widget/allowed")
        async def allowed(request: Request) -> Response:
            """Tells a page that may not ask why it hears nothing else: a browser keeps refusals to itself."""
            headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
            told = orjson.dumps({"allowed": bool(self._origin(request))})
            return Response(told, media_type="application/json", headers=headers)

        @routes.get("/widget/pictures/{name}.svg")
        async def picture(request: Request, name: str) -> Response:
            drawn = await asyncio.to_thread(self._drawn, name, request.query_params.multi_items())
            return pages.picture(drawn)

        routes.include_router(pages.router(self._settings))
        return routes

    # --- requests

    async def session(self, request: Request, origin: str) -> Response:
        """A token for a new session, or a new one for the session whose token is shown."""
        shown = request.headers.get("authorization", "")
        asked = await _read(request, Begin)
        if shown:
            session = self.tokens.renew(await self.tokens.read(shown, origin, late=RENEW_SECONDS))
        else:
            if (wait := self._begun.wait(origin)) > 0:
                return _later(wait)
            session = self.tokens.begin(origin)
        words = Words(language_of("", asked.language))
        examples = await asyncio.to_thread(self._examples, words)
        told = {"token": self.tokens.token(session), "seconds": TOKEN_SECONDS, "examples": examples}
        return _json(told | {"longest": self._settings.max_text, "most_bytes": files.MOST_BYTES})

    async def message(self, request: Request, origin: str) -> Response:
        session = await self._session(request, origin)
        asked = await _read(request, Message)
        new = await self.inbox.receive(self.channel.event(session, asked.id, Task(asked.text, asked.language)))
        return _json({"id": asked.id, "known": not new}, 202)

    async def file(self, request: Request, origin: str) -> Response:
        """A form with `id`, `language` and a file. What the file says is read at once; the file is not kept."""
        session = await self._session(request, origin)
        sent = await uploads.sent(request, files.MOST_BYTES)
        fields = {name: value[0] if isinstance(value, list) and value else value for name, value in sent.fields.items()}
        asked = _shaped(Message, {"id": fields.get("id"), "language": fields.get("language", ""), "text": "-"})
        if sent.content is None:
            raise HTTPException(422, "Send a file with it.")
        words = Words(language_of("", asked.language))
        try:
            read = await files.read(words, sent.name, sent.content)
        except files.NotRead as error:
            raise HTTPException(422, str(error)) from None
        new = await self.inbox.receive(self.channel.event(session, asked.id, Task("", asked.language, asdict(read))))
        return _json({"id": asked.id, "known": not new}, 202)

    async def events(self, request: Request, origin: str) -> Response:
        session = await self._session(request, origin)
        seen = request.headers.get("last-event-id", "")
        after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else 0
        language = language_of("", request.headers.get("accept-language", "").split(",")[0])
        lane = self.channel.lane(session)
        parts = streaming.stream(self._database, self.streams, session, lane, after, language)
        try:
            first = await anext(parts)
        except Crowded:
            return _later(5)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_with(first, parts), media_type="text/event-stream", headers=headers)

    async def feedback(self, request: Request, origin: str) -> Response:
        """A remark on an answer of this session, kept for the operator."""
        session = await self._session(request, origin)
        asked = await _read(request, Remark)
        if (wait := self._remarks.wait(origin)) > 0:
            return _later(wait)
        receipt = await self.inbox.find(asked.receipt)
        words = Words(language_of("", asked.language))
        if receipt is None or not receipt.answer or receipt.event.lane != self.channel.lane(session):
            raise HTTPException(404, words("channel_gone"))
        cited = [one["record"] for one in receipt.answer["answer"]["reply"]["citations"] if one["record"]]
        remark = FeedbackRequest(
            kind=asked.kind,
            text=asked.text,
            records=list(dict.fromkeys(cited))[:MOST_RECORDS],
            question=str(receipt.answer.get("question", ""))[:LONGEST_TEXT],
        )
        # Visitors keep nothing of their own; what they say of an answer belongs to the operator, who alone sees it.
        # Its records are those of a public answer.
        keeper = Audience(frozenset({HOME_OWNER}), label=origin)
        try:
            await asyncio.to_thread(_kept, self._index, Who(keeper, receipt.event.person), remark)
        except NotKept as error:
            raise HTTPException(status_of(error), words("widget_remark_failed")) from None
        return _json({"text": words("channel_feedback_thanks")})

    # --- who asks

    def _guarded(self, take: Callable[[Request, str], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """`take` for pages that may ask; they alone can read its response, also where it is a refusal."""

        async def guarded(request: Request) -> Response:
            origin = self._origin(request)
            try:
                if not origin:
                    raise Refused(403, "This page is not among those that may ask here (setting widget_origins).")
                response = await take(request, origin)
            except Refused as refused:
                response = problem(refused.status, "Not allowed", refused.detail)
            except HTTPException as error:
                response = problem(error.status_code, "Not taken", str(error.detail))
            response.headers.update(cors(origin))
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    def _origin(self, request: Request) -> str:
        """The page's origin. A browser leaves it out only where a page of ours gets something from us."""
        if request.headers.get("origin") is None and request.method == "GET":
            ours = f"{request.url.scheme}://{request.headers.get('host', '')}"
            address = self._settings.address if ours not in self._origins.ours else ours
            return pages.origin_of(address)
        return self._origins.of(request)

    async def _session(self, request: Request, origin: str) -> Session:
        return await self.tokens.read(request.headers.get("authorization", ""), origin)

    # --- what is looked up

    def _examples(self, words: Words) -> list[str]:
        with self._index.home.database.read() as session:
            return talk.examples(session, PUBLIC, words)

    def _drawn(self, name: str, parameters: list[tuple[str, str]]) -> bytes | None:
        """A picture of public records."""
        if name not in ("timeline", "matrix"):
            return None
        self._pictures = self._pictures or Pictures(self._index)
        try:
            return self._pictures.draw(name, "svg", parameters, PUBLIC)
        except NotDrawn:
            return None


def _kept(index: Index, who: Who, remark: FeedbackRequest) -> None:
    try:
        keeping.note(index, who, remark)
    except NotKept as error:
        if error.code != "unknown_record":
            raise
        # A record may have left the index since; the remark still tells of the answer.
        keeping.note(index, who, remark.model_copy(update={"records": []}))


async def _read(request: Request, shape: type[Shape]) -> Shape:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "Send JSON.")
    return _shaped(shape, (await uploads.sent(request, 0)).fields)


def _shaped(shape: type[Shape], fields: Json) -> Shape:
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        # Only where and what: the values may be somebody's words.
        first = error.errors(include_input=False)[0]
        raise HTTPException(422, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _json(body: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _later(seconds: float) -> Response:
    response = problem(429, "Too many", "Try again in a moment.")
    response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


async def _with(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(rest):
        yield first
        async for part in rest:
            yield part
