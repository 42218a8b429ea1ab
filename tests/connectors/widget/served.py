"""The widget served over loopback HTTP, with a stub for the conversation; and a browser's side of the requests."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from connectors.channels.starting import channels
from connectors.messages import IncomingMessage
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from knowledge.reply import Answer, Button, Citation, Column, Notice, Paragraph, Reply, Span, Table
from knowledge.settings import Settings

Json = dict[str, Any]
Turn = Callable[[IncomingMessage], Awaitable[Answer]]
SITE = "https://www.example.org"
"""A site that may embed the chat."""
_ids = itertools.count(1)


def answer(text: str, *, cites: int = 1, buttons: tuple[str, ...] = (), language: str = "en") -> Answer:
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
    numbers = [one.number for one in citations]
    table = Table(
        caption="Who",
        columns=[Column(title="Organisation"), Column(title="Projects", numeric=True)],
        rows=[[[Span(text="=Lanternway", cites=numbers[:1])], [Span(text="3")]]],
    )
    parts = [
        Paragraph(spans=[Span(text=text, cites=numbers)]),
        table,
        Notice(tone="info", spans=[Span(text="As of today.")]),
    ]
    shown = [Button(title=title, send=title) for title in buttons]
    return Answer(reply=Reply(language=language, parts=parts, citations=citations, buttons=shown))


async def echo(message: IncomingMessage) -> Answer:
    return answer(f"You asked: {message.text}", buttons=("And in Kenya?",))


class Stub:
    """In place of the conversation. `asked` is what it was asked, in order; `turn` may be replaced."""

    def __init__(self, turn: Turn) -> None:
        self.asked: list[IncomingMessage] = []
        self.turned = turn

    async def turn(self, message: IncomingMessage) -> tuple[Answer, dict[str, float]]:
        self.asked.append(message)
        return await self.turned(message), {}


def widget_settings(home: Path, port: int, **more: Any) -> Settings:
    given: Json = {
        "home": home,
        "port": port,
        "widget_origins": SITE,
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

    app = FastAPI(lifespan=lifespan)
    add_handlers(app)
    return app


class Visit:
    """A browser with a page of `origin` open, in one session."""

    def __init__(self, url: str, client: httpx.Client, origin: str = SITE) -> None:
        self.url, self.client, self.origin = url, client, origin
        self.token = ""

    def post(self, path: str, body: Any = None, *, token: str | None = None, **options: Any) -> httpx.Response:
        headers = {"origin": self.origin} | options.pop("headers", {})
        if shown := self.token if token is None else token:
            headers["authorization"] = f"Bearer {shown}"
        if body is not None:
            options["json"] = body
        headers = {name: value for name, value in headers.items() if value}
        return self.client.post(f"{self.url}/widget/{path}", headers=headers, **options)

    def begin(self) -> Visit:
        response = self.post("session", {}, token="")
        assert response.status_code == 200, response.text
        self.token = response.json()["token"]
        return self

    def ask(self, text: str, ident: str = "") -> httpx.Response:
        return self.post("messages", {"id": ident or f"message-{next(_ids)}", "text": text})

    def headers(self, seen: int = 0) -> Json:
        given = {"origin": self.origin}
        given |= {"authorization": f"Bearer {self.token}"} if self.token else {}
        return given | ({"last-event-id": str(seen)} if seen else {})

    def events(self, number: int, seen: int = 0, *, names: tuple[str, ...] = ("answer",)) -> list[Json]:
        """The first events of these names after `seen`."""
        found: list[Json] = []
        with self.client.stream("GET", f"{self.url}/widget/events", headers=self.headers(seen)) as response:
            assert response.status_code == 200, response.read()
            for event in read_events(response):
                if event["event"] in names:
                    found.append(event)
                if len(found) == number:
                    break
        return found


def read_events(response: httpx.Response) -> Iterator[Json]:
    rest = ""
    for text in response.iter_text():
        *whole, rest = (rest + text).split("\n\n")
        for one in whole:
            fields = dict(line.split(": ", 1) for line in one.split("\n") if not line.startswith(":"))
            if "data" in fields:
                yield json.loads(fields["data"]) | {"event": fields["event"], "seen": int(fields.get("id", 0))}


def eventually(check: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What `check` gives as soon as it is true; fails the test where it never is."""
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
    return found


class Running:
    """A served application that can be ended, and begun again at the same address."""

    def __init__(self, home: Path, stub: Stub, **more: Any) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._listener.close()
        self.url, self.stub = f"http://127.0.0.1:{self.port}", stub
        self.home = home
        self._settings = widget_settings(home, self.port, **more)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        app = application(self._settings, self.stub)
        config = uvicorn.Config(app, port=self.port, log_level="error", ws="none", timeout_graceful_shutdown=1)
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="application", daemon=True)
        self._thread.start()
        eventually(lambda: server.started or not self._thread_alive(), 30)
        assert server.started

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(30)

    def _thread_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()


@contextmanager
def served(home: Path, turn: Turn = echo, **more: Any) -> Iterator[Running]:
    running = Running(home, Stub(turn), **more)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, trust_env=False) as made:
        yield made
