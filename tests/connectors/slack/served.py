"""The Slack connector served over loopback HTTP, with a stub for the conversation; and Slack's side of the requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from fastapi import FastAPI

from connectors.channels.starting import channels
from connectors.messages import IncomingMessage
from connectors.serving import free_port
from knowledge.home import Home
from knowledge.index import Index
from knowledge.reply import Answer, Button, Citation, Paragraph, Reply, Span
from knowledge.settings import Settings
from tests.connectors.slack.fake_slack import BOT, TEAM, TOKEN, FakeSlack

SECRET = "a-signing-secret-of-tests"
BASE = "https://ground.example"
Json = dict[str, Any]
Turn = Callable[[IncomingMessage], Awaitable[Answer]]
_ids = itertools.count(1)
_triggers = iter(range(1, 10_000))


def answer(text: str, *, cites: int = 1, buttons: tuple[str, ...] = ()) -> Answer:
    citations = [
        Citation(
            number=n,
            record=f"XX-{n}",
            title=f"Record {n}",
            publisher="P",
            file="f.xml",
            element="",
            href=f"/records/XX-{n}",
        )
        for n in range(1, cites + 1)
    ]
    spans = [Span(text=text, cites=[one.number for one in citations])]
    return Answer(
        reply=Reply(
            parts=[Paragraph(spans=spans)], citations=citations, buttons=[Button(title=b, send=b) for b in buttons]
        )
    )


async def echo(message: IncomingMessage) -> Answer:
    return answer(f"You asked: {message.text}")


class Stub:
    """In place of the conversation. `asked` is what it was asked, in order."""

    def __init__(self, turn: Turn) -> None:
        self.asked: list[IncomingMessage] = []
        self._turn = turn

    async def turn(self, message: IncomingMessage) -> tuple[Answer, dict[str, float]]:
        self.asked.append(message)
        return await self._turn(message), {}


def slack_settings(home: Path, slack: FakeSlack, **more: Any) -> Settings:
    given: Json = {
        "home": home,
        "slack_api_url": slack.api,
        "slack_bot_token": TOKEN,
        "slack_signing_secret": SECRET,
        "public_url": BASE,
        "turns_per_minute": 10_000,
        "tenant_turns_per_minute": 10_000,
    }
    return Settings(**(given | more))


def application(settings: Settings, stub: Stub) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Home(settings) as home:
            async with channels(app, settings, Index(home), stub):  # type: ignore[arg-type]
                yield

    return FastAPI(lifespan=lifespan)


class Side:
    """Slack's side of a running application."""

    def __init__(self, url: str, stub: Stub, client: httpx.Client) -> None:
        self.url, self.stub, self.client = url, stub, client

    def post(
        self,
        body: bytes,
        *,
        kind: str = "application/json",
        stamp: str = "",
        secret: str = SECRET,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        stamp = stamp or str(int(time.time()))
        signed = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        given = {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signed}"}
        return self.client.post(f"{self.url}/slack/events", content=body, headers=given | (headers or {}))

    def event(self, event: Json, **body: Any) -> httpx.Response:
        return self.post(json.dumps(envelope(event, **body)).encode())

    def form(self, values: Json) -> httpx.Response:
        return self.post(urlencode(values).encode(), kind="application/x-www-form-urlencoded")

    def payload(self, payload: Json) -> httpx.Response:
        return self.form({"payload": json.dumps(payload)})


def command(slack: FakeSlack, text: str, user: str = "U1", channel: str = "C1") -> Json:
    return {
        "command": "/commonground", "text": text, "team_id": TEAM, "user_id": user, "channel_id": channel,
        "trigger_id": f"{next(_triggers)}.1", "response_url": slack.response_url,
    }  # fmt: skip


def press(
    slack: FakeSlack, button: Json, *, channel: str = "C1", user: str = "U1", private: bool = False, thread: str = ""
) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": "1763900000.000001",
        "channel_id": channel,
        "is_ephemeral": private,
    }
    return {
        "type": "block_actions", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "api_app_id": "A1",
        "channel": {"id": channel}, "container": container, "trigger_id": f"{next(_triggers)}.2",
        "message": {"ts": "1763900000.000001", "thread_ts": thread}, "response_url": slack.response_url,
        "actions": [button | {"action_ts": f"{next(_triggers)}.3"}],
    }  # fmt: skip


def buttons(message: Json) -> dict[str, Json]:
    found = {}
    for block in message["blocks"]:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            found[element["text"]["text"]] = element
    return found


def envelope(event: Json, **body: Any) -> Json:
    whole: Json = {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event_id": f"Ev{next(_ids):08d}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": event,
    }
    if (team := body.get("team_id")) is not None:
        whole["authorizations"] = [{"team_id": team, "user_id": BOT, "is_bot": True}]
    return whole | body


def new_stamp() -> str:
    return f"1763800000.{next(_ids):06d}"


def mention(text: str = "who does water?", **event: Any) -> Json:
    stamp = new_stamp()
    return {"type": "app_mention", "user": "U1", "channel": "C1", "text": f"<@{BOT}> {text}", "ts": stamp} | event


def direct(text: str = "who does water?", **event: Any) -> Json:
    stamp = new_stamp()
    return {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "text": text, "ts": stamp} | event


def eventually(check: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `check` gives as soon as it is true; fails the test where it never is."""
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
    return found


@contextmanager
def served(settings: Settings, turn: Turn = echo) -> Iterator[Side]:
    stub = Stub(turn)
    port = free_port()
    config = uvicorn.Config(application(settings, stub), port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="application", daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive(), 30)
        assert server.started
        with httpx.Client(timeout=20, trust_env=False) as client:
            yield Side(f"http://127.0.0.1:{port}", stub, client)
    finally:
        server.should_exit = True
        thread.join(30)
