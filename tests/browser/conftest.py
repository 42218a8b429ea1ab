"""A real browser against the page's router, served on loopback with canned answers."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from connectors.web import cell_pages, overlap_pages
from connectors.web.cell_pages import CellPages, CellsForm, CellsView, JudgementsView
from connectors.web.overlap_pages import OverlapPages
from connectors.web.overlap_views import CompareView, OverlapForm, OverlapsView, QueueView
from connectors.web.pages import router
from connectors.web.views import RecordView, SourceView
from knowledge.records import (
    Access,
    Document,
    Indicator,
    Level,
    Link,
    Locator,
    Money,
    Note,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Source,
    Text,
    ThemeMention,
)
from knowledge.reply import Answer, Reply

OpenPage = Callable[..., Page]


PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="880" height="200" viewBox="0 0 880 200">'
    b'<rect width="880" height="200" fill="#0b6072"/></svg>'
)


class Desk:
    """What the served page answers. Tests set it; `asked` keeps what came in as (text, conversation)."""

    def __init__(self, replies: dict[str, Reply]) -> None:
        self._canned = replies
        self.reset()

    def reset(self) -> None:
        self.replies = dict(self._canned)
        self.default = next(iter(self._canned.values()))
        self.records: dict[str, RecordView] = {}
        self.sources: list[SourceView] = []
        self.examples = list(self._canned)[:3]
        self.delay = 0.0
        self.problem: tuple[int, str] | None = None
        self.asked: list[tuple[str, str]] = []
        self.overlaps = OverlapsView(OverlapForm())
        self.comparison = CompareView()
        self.waiting = QueueView()
        self.busiest, self.said = CellsView(CellsForm()), JudgementsView()
        self.judged: list[dict[str, str]] = []

    async def find_overlaps(self, form: OverlapForm, request: Request) -> OverlapsView:
        return replace(self.overlaps, form=form)

    async def compare(self, a: str, b: str, request: Request) -> CompareView:
        return self.comparison if a and b else CompareView(a, b)

    async def queue(self, offset: int, request: Request) -> QueueView:
        return self.waiting

    async def cells(self, request: Request) -> CellsView:
        return self.busiest

    async def cells_csv(self, request: Request) -> str:
        return "place,theme\n"

    async def judgements(self, offset: int, request: Request) -> JudgementsView:
        return self.said

    async def judge(self, fields: Mapping[str, str], request: Request) -> str:
        self.judged.append(dict(fields))
        return "saved"

    async def picture(self, name: str, kind: str, request: Request) -> bytes | None:
        return PICTURE

    async def ask(self, text: str, conversation: str, request: Request) -> Answer:
        self.asked.append((text, conversation))
        await asyncio.sleep(self.delay)
        if self.problem:
            raise HTTPException(*self.problem)
        return Answer(reply=self.replies.get(text, self.default), conversation=conversation or "c-new")

    async def record(self, record_id: str, request: Request) -> RecordView | None:
        if record_id == "secret":
            raise HTTPException(403, "Shared with named organisations only; Dawn Relief is not among them.")
        return self.records.get(record_id)

    async def list_sources(self, request: Request) -> list[SourceView]:
        return self.sources

    async def list_examples(self, language: str, request: Request) -> list[str]:
        return self.examples

    def app(self) -> FastAPI:
        app = FastAPI()
        views = OverlapPages(self.find_overlaps, self.compare, self.queue, self.judge, self.picture)
        app.include_router(overlap_pages.router(views))
        app.include_router(cell_pages.router(CellPages(self.cells, self.cells_csv, self.judgements)))
        app.include_router(router(self.ask, self.record, self.list_sources, self.list_examples))

        @app.post("/api/v1/chat")
        async def chat(request: Request) -> Response:
            body: dict[str, Any] = await request.json()
            try:
                answer = await self.ask(body["text"], body.get("conversation", ""), request)
            except HTTPException as error:
                problem = {"title": "Refused", "detail": error.detail, "status": error.status_code}
                return JSONResponse(problem, error.status_code, media_type="application/problem+json")
            return Response(answer.model_dump_json(), media_type="application/json")

        return app


@pytest.fixture(scope="session")
def replies() -> dict[str, Reply]:
    """The canned answers by their question."""
    canned = json.loads((Path(__file__).parent / "answers.json").read_text(encoding="utf-8"))
    return {question: Reply.model_validate(reply) for question, reply in canned.items()}


@pytest.fixture(scope="session")
def served(replies: dict[str, Reply]) -> Iterator[tuple[Desk, str]]:
    desk = Desk(replies)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(desk.app(), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started, "the test server did not start within 10 s"
    yield desk, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def desk(served: tuple[Desk, str]) -> Desk:
    """The served desk, put back to its first state."""
    served[0].reset()
    return served[0]


@pytest.fixture
def address(desk: Desk, served: tuple[Desk, str]) -> str:
    return served[1]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens a path in a context of its own. Fails the test when anything on the page breaks the CSP or throws."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_(path: str = "/", **options: Any) -> Page:
        contexts.append(browser.new_context(base_url=address, **{"locale": "en-GB", **options}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
        page.goto(path)
        if options.get("java_script_enabled", True) and page.locator("#composer").count():
            page.locator("html.ready").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults


def _is_fault(message: ConsoleMessage) -> bool:
    # The browser writes refused and failed requests to the console by itself; tests of those look at the page.
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.fixture
def activity() -> Record:
    """An activity that fills every section of the record view."""
    metekel = ("Benishangul Gumz", "Metekel")
    return Record(
        id="xx-dawn-24/WASH",
        kind=RecordKind.ACTIVITY,
        title="Safe water for displaced families",
        locator=Locator("iati-activity[12]", 418),
        language="en",
        texts=(Text("general", "Water trucking and latrines.", "en"), Text("target_groups", "12,000 people", "en")),
        organisations=(
            OrganisationMention(Role.REPORTING, "Dawn Relief", "DR", "XX-DAWN"),
            OrganisationMention(Role.IMPLEMENTING, "Abbay Community Development"),
        ),
        places=(
            PlaceMention("ET", (*metekel, "Dibate"), "ET060205", percentage=60, scope="location"),
            *(PlaceMention("ET", (*metekel, f"Kebele {number}")) for number in range(14)),
        ),
        themes=(ThemeMention("1", "14030", "Basic water", 70), ThemeMention("1", "14032", "", 30, "transaction")),
        period=Period(planned_start=date(2024, 1, 1), planned_end=date(2025, 8, 31)),
        status="2",
        reported_on=date(2025, 9, 14),
        money=(Money("budget", 1_200_000, "USD"), Money("3", 2.5, "?", provider="Riverbend", receiver="Dawn Relief")),
        links=(Link("parent", "xx-dawn 24/é"),),
        indicators=(Indicator("Safe water", "Families reached", baseline="800", target="2,400", actual="2,150"),),
        documents=(Document("Report", "https://example.org/r.pdf"), Document("Odd", "javascript:alert(1)")),
        notes=(Note("pct", "Give recipient-country percentages that sum to 100."),),
        extra=(("humanitarian", "1"),),
    )


@pytest.fixture
def source() -> Source:
    return Source(
        key="dawn",
        name="dawn-relief.xml",
        format="iati",
        sha256="0" * 64,
        licence="CC BY 4.0",
        as_of=date(2025, 8, 31),
        access=Access(Level.COMMUNITY),
    )


def ask(page: Page, question: str) -> None:
    """Types a question, sends it with Enter and waits for its answer."""
    before = page.locator(".turn .reply").count()
    page.locator("#q").fill(question)
    page.locator("#q").press("Enter")
    page.locator(".turn .reply").nth(before).wait_for()


@pytest.fixture(name="ask")
def ask_() -> Callable[[Page, str], None]:
    return ask
