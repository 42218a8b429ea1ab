"""A question and its answer in Microsoft's own agents playground, driven by a browser, with a screenshot.

    python -m benchmarks.playground PICTURE [--ask QUESTION] [--press TITLE] [--home HOME] [--height 1600]

The playground (npm: @microsoft/m365agentsplayground, installed into a temporary folder) renders Adaptive Cards with the
library that Teams uses. It sends activities without Microsoft's tokens, which the application refuses. So the tests'
stand-in for Microsoft stands in between, as the cloud does: it signs what the playground sends, checks what we answer
for the documented limits, and hands it on to the playground. The application is told of the stand-in's address and
keys by its settings, and checks all it would check of Microsoft.

Without --home a stub answers, with every part that an answer has; with it the whole product does, over that home, which
nobody else may have open. Prints what was passed on, which texts of the answer's card stand on the page, and what the
page complains of; ends with 1 where one is missing, with 2 where there is no npm, node, registry or browser. Nothing
but npm leaves this machine. What it cannot show: Teams itself, its fonts and its own citations.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import httpx
from aiohttp import web
from playwright.sync_api import Error, Page, Route, sync_playwright

from benchmarks.npm import Missing, installed
from connectors.messages import IncomingMessage
from connectors.ops import browser
from connectors.serving import free_port
from connectors.teams.rendering import texts
from knowledge.reply import (
    Answer,
    BulletList,
    Button,
    Citation,
    Column,
    Heading,
    Notice,
    Paragraph,
    Part,
    Quote,
    RecordSummary,
    Reply,
    Span,
    Table,
)
from tests.conftest import BROWSER_ARGUMENTS
from tests.connectors.teams.fake_teams import FakeTeams, cards, wrong_message
from tests.connectors.teams.served import BASE, served, teams_settings
from tests.serving import running

PACKAGE = "@microsoft/m365agentsplayground"
VERSION = "0.2.28"
PLAYGROUND_TENANT = "00000000-0000-0000-0000-0000000000001"
"""The tenant of the playground's people, which is one digit too long to be one."""
TENANT = "0e9f8d7c-6b5a-4a3b-8c2d-1e0f9a8b7c6d"
"""What stands in for it."""
WAIT = 120.0
_LOOPBACK = ("127.0.0.1", "localhost")
Json = dict[str, Any]


class Cloud(FakeTeams):
    """The stand-in for Microsoft between the `playground` and the `product`, both addresses that are set once known.
    `passed` is what went through, `answers` the messages with a card, as last changed, in order."""

    def __init__(self) -> None:
        self.product = self.playground = ""
        self.passed: list[str] = []
        self.answers: dict[str, Json] = {}
        super().__init__()

    @property
    def door(self) -> str:
        """Where the playground believes the application to be."""
        return f"http://{self.host}/door"

    def routes(self, router: web.UrlDispatcher) -> None:
        super().routes(router)
        router.add_get("/door", self._knocked)
        router.add_post("/door", self._let_in)

    async def _knocked(self, request: web.Request) -> web.StreamResponse:
        return web.Response()

    async def _let_in(self, request: web.Request) -> web.StreamResponse:
        headers = {"authorization": f"Bearer {self.token()}", "content-type": "application/json"}
        activity = json.loads((await request.text()).replace(PLAYGROUND_TENANT, TENANT))
        status, body = await _call("POST", f"{self.product}/teams/messages", activity, headers)
        self.passed.append(f"{activity.get('type')} to the application: {status}")
        return web.Response(status=status, body=body, content_type="application/json")

    async def _send(self, request: web.Request) -> web.StreamResponse:
        return await self._hand_on("send", request)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        return await self._hand_on("update", request, f"/{quote(request.match_info['activity'])}")

    async def _hand_on(self, what: str, request: web.Request, more: str = "") -> web.StreamResponse:
        conversation, message, _ = await self._called(what, request)
        if wrong := wrong_message(message):
            self.refused += wrong
            return web.json_response({"error": {"code": "BadSyntax"}}, status=400)
        url = f"{self.playground}/_connector/v3/conversations/{quote(conversation, safe='')}/activities{more}"
        status, body = await _call(request.method, url, message)
        if not (body or more):  # It shows a text and its card as two messages, and then tells no identifier.
            body = json.dumps({"id": f"unnamed-{len(self.passed)}"}).encode()
        self.passed.append(f"{what} to the playground: {status}")
        if status < 300 and cards(message):
            self.answers[json.loads(body)["id"]] = message
        elif status >= 300:
            self.refused.append(f"the playground says {status}: {body.decode()[:500]}")
        return web.Response(status=status, body=body, content_type="application/json")


async def _call(method: str, url: str, body: Json, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, url, json=body, headers=headers, allow_redirects=False) as response,
    ):
        return response.status, await response.read()


# --- what is started, and ended


@contextmanager
def product(cloud: Cloud, folder: Path, home: Path | None) -> Iterator[str]:
    """The address of the application: the whole product over `home`, or a stub in place of the conversation."""
    if home is None:
        with served(teams_settings(folder / "home", cloud, teams_tenants=TENANT), cloud, everything) as side:
            yield side.url
        return
    settings = cloud.settings | {"teams_tenants": TENANT, "public_url": BASE}
    with running(home, **{f"COMMONGROUND_{name.upper()}": value for name, value in settings.items()}) as url:
        yield url


@contextmanager
def playground(cloud: Cloud, folder: Path) -> Iterator[str]:
    """The address of the playground. Raises Missing."""
    node = shutil.which("node")
    if not node:
        raise Missing("node is not here")
    installed(folder, PACKAGE, VERSION)
    port = free_port()
    command = [
        node, str(folder / "node_modules" / PACKAGE / "cli.js"), "start", "--app-endpoint", cloud.door,
        "--channel-id", "msteams", "--port", str(port), "--service-url", cloud.service, "--disable-telemetry",
    ]  # fmt: skip
    env = os.environ | {"TEAMSAPPTESTER_BROWSER": "none", "NO_PROXY": ",".join(_LOOPBACK)}
    with (folder / "playground.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > until:
                    raise Missing(f"the playground did not start:\n{(folder / 'playground.log').read_text()[-1000:]}")
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def page(height: int) -> Iterator[Page]:
    """A page in a Chromium that reaches nothing but this machine. Raises Missing."""
    with sync_playwright() as playwright:
        try:
            found = playwright.chromium.launch(executable_path=browser.find(), args=BROWSER_ARGUMENTS)
        except Error as error:
            raise Missing(f"no browser could be started: {error.message.splitlines()[0]}") from None
        try:
            made = found.new_page(viewport={"width": 1400, "height": height})
            made.route(re.compile("^https?:"), _stay)
            # Its cards write into what its own store has frozen, once a button with data for Teams is pressed.
            made.add_init_script("Object.freeze = Object.preventExtensions = thing => thing")
            yield made
        finally:
            found.close()


def _stay(route: Route) -> None:
    if urlsplit(route.request.url).hostname in _LOOPBACK:
        route.continue_()
    else:
        route.abort()


# --- what is asked and seen


def answered(cloud: Cloud, shown: Page, before: int) -> Json:
    """The next message with a card, once its card stands on the page as well. Raises TimeoutError."""
    until = time.monotonic() + WAIT
    while len(cloud.answers) <= before or shown.locator(".ac-adaptiveCard").count() <= before:
        if time.monotonic() > until:
            raise TimeoutError
        shown.wait_for_timeout(200)
    shown.wait_for_timeout(1000)
    return list(cloud.answers.values())[-1]


def missing(message: Json, shown: Page) -> list[str]:
    """Texts of the message's card that cannot be read in the last card of the page, of all the texts it has."""
    seen = squeezed(shown.locator(".ac-adaptiveCard").last.inner_text())
    bodies = [[one for one in card["body"] if one["type"] != "ActionSet"] for card in cards(message)]
    wanted = [squeezed(text) for body in bodies for text in texts(body)]
    titles = re.findall(r"'title': '([^']+)'", str(cards(message)))
    return [text for text in [*wanted, *map(squeezed, titles)] if text not in seen]


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200e\u200f\u2066-\u2069]+", "", text)


async def everything(message: IncomingMessage) -> Answer:
    """A stub: every part that an answer has."""
    sources = [
        Citation(
            number=n, record=f"XX-{n}", title=f"Safe water for district {n}", publisher="Delta Aid", file="plans.xml",
            element="", href=f"/records/XX-{n}"
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    rows = [(f"Organisation {n}", f"{n * 1200:,}", [n]) for n in (1, 2, 3)]
    parts: list[Part] = [
        Paragraph(spans=[Span(text=f"You asked: {message.text} "), Span(text="Three organisations", strong=True),
                         Span(text=" work there, as three records say.", cites=[1, 2, 3])]),
        Heading(text="Who does what"),
        BulletList(items=[[Span(text=f"Organisation {n} drills wells and mends pumps", cites=[n])] for n in (1, 2, 3)]),
        Table(caption="People reached", columns=[Column(title="Organisation"), Column(title="People", numeric=True)],
              rows=[[[Span(text=name, cites=cites)], [Span(text=people)]] for name, people, cites in rows]),
        Quote(text="We drill twelve wells, and train those who keep them.", lang="en", cites=[2]),
        Notice(tone="info", spans=[Span(text="None of this was reported after June.")]),
        Notice(tone="warning", spans=[Span(text="*Stars* and [links](https://evil.example) stay <b>letters</b>.")]),
    ]  # fmt: skip
    buttons = [Button(title=title, send=title) for title in ("Only those that are under way", "As a list")]
    records = [
        RecordSummary(id=one.record, kind="activity", title=one.title, publisher=one.publisher, href=one.href)
        for one in sources
    ]
    return Answer(reply=Reply(parts=parts, citations=sources, buttons=buttons), records=records)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("picture", type=Path)
    arguments.add_argument("--ask", default="Who does water in Somalia?")
    arguments.add_argument("--press", default="", help="a button under the answer that is pressed before the picture")
    arguments.add_argument("--home", type=Path)
    arguments.add_argument("--height", type=int, default=1600)
    given = arguments.parse_args()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="commonground-") as folder,
            closing_cloud() as cloud,
            playground(cloud, Path(folder)) as cloud.playground,
            product(cloud, Path(folder), given.home) as cloud.product,
            page(given.height) as shown,
        ):
            sys.exit(driven(cloud, shown, given))
    except Missing as missed:
        print(missed, file=sys.stderr)
        sys.exit(2)


@contextmanager
def closing_cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    try:
        yield cloud
    finally:
        cloud.close()


def driven(cloud: Cloud, shown: Page, given: argparse.Namespace) -> bool:
    """Asks, looks, takes the picture; whether anything is wrong."""
    complaints: list[str] = []
    shown.on("pageerror", lambda error: complaints.append(f"error on the page: {error.message.splitlines()[0]}"))
    left: list[str] = []
    try:
        shown.goto(cloud.playground)
        answered(cloud, shown, 0)  # we were added to the conversation, which is greeted
        shown.get_by_role("textbox").first.click()
        shown.keyboard.type(given.ask)
        shown.keyboard.press("Enter")
        message = answered(cloud, shown, 1)
        if given.press:
            shown.get_by_role("button", name=given.press).last.click()
            message = answered(cloud, shown, 2)
        left = missing(message, shown)
        kinds = [element["type"] for card in cards(message) for element in card["body"]]
        print(f"The conversation is {'the product' if given.home else 'a stub'}; the card has {', '.join(kinds)}")
        print("In the playground:\n" + shown.locator(".ac-adaptiveCard").last.inner_text())
    except TimeoutError:
        complaints.append("no answer came")
    shown.screenshot(path=given.picture)
    print("Passed on: " + "; ".join(cloud.passed))
    for text in left:
        print(f"MISSING on the page: {text}")
    for complaint in complaints + cloud.refused:
        print(f"WRONG: {complaint}")
    if not (left or complaints or cloud.refused):
        print("Every text of the card stands on the page; nothing was refused")
    return bool(left or complaints or cloud.refused)


if __name__ == "__main__":
    main()
