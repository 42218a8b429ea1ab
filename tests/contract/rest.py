"""The reference: what the API answers, as a person would see it who reads the Reply from its first part to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from connectors.channels.rendering import is_right_to_left
from connectors.identity import read_server_file
from knowledge.reply import BulletList, Heading, Notice, Paragraph, Part, Picture, Quote, Reply, Span, Table
from knowledge.settings import Settings
from tests.contract.driving import MEMBERS, WAIT, Heard, Product, Source

Json = dict[str, Any]


def line(spans: list[Span]) -> str:
    return "".join(span.text + "".join(f"[{number}]" for number in span.cites) for span in spans)


def _parts(part: Part) -> list[str]:
    match part:
        case Paragraph(spans=spans) | Notice(spans=spans):
            return [line(spans)]
        case Heading(text=text):
            return [text]
        case BulletList(items=items):
            return [line(item) for item in items]
        case Table():
            cells = [line(cell) for row in part.rows for cell in row]
            return [part.caption, *(column.title for column in part.columns), *cells]
        case Quote(text=text, cites=cites):
            return [line([Span(text=text, cites=cites)])]
        case Picture():
            return []


def heard(reply: Reply) -> Heard:
    """What a Reply says."""
    parts = [text for part in reply.parts for text in _parts(part)]
    tables = [part for part in reply.parts if isinstance(part, Table)]
    return Heard(
        text="\n".join(parts),
        rows=tuple(tuple(map(line, row)) for table in tables for row in table.rows),
        sources=tuple(Source(one.number, one.title or one.record, one.href) for one in reply.citations),
        links=tuple(one.href for one in reply.citations),
        buttons=tuple(button.title for button in reply.buttons),
        pictures=tuple(part.alt for part in reply.parts if isinstance(part, Picture)),
        notices=tuple(part.tone for part in reply.parts if isinstance(part, Notice)),
        language=reply.language,
        direction="rtl" if is_right_to_left(reply.language) else "ltr",
        parts=tuple(parts),
    )


class Caller:
    """A program that asks for somebody. `last` is the latest answer whole, None where there was none."""

    def __init__(self, client: httpx.Client, speaks: str) -> None:
        self._client, self._speaks = client, speaks
        self._conversation = self._asked = ""
        self.last: Json | None = None

    def say(self, text: str) -> Heard:
        body = {"text": text, "conversation": self._conversation, "as": self._speaks or "public"}
        response = self._client.post("/api/v1/chat", json=body)
        assert response.status_code < 500 or response.headers["content-type"] == "application/problem+json"
        self.last = None
        if response.status_code != 200:
            detail = str(response.json()["detail"])
            return Heard(detail, answered=False, parts=(detail,))
        self.last, self._asked = response.json(), text
        self._conversation = self.last["conversation"]
        return heard(Reply.model_validate(self.last["reply"]))

    def press(self, title: str) -> Heard:
        assert self.last is not None
        return self.say({button["title"]: button["send"] for button in self.last["reply"]["buttons"]}[title])

    def rate(self, *, good: bool, reason: str = "") -> str:
        assert self.last is not None
        body: Json = {"kind": "helpful" if good else "wrong", "text": reason, "question": self._asked}
        body["records"] = list(dict.fromkeys(one["record"] for one in self.last["reply"]["citations"]))[:20]
        body["as"] = self._speaks or "public"
        response = self._client.post("/api/v1/feedback", json=body)
        assert response.status_code < 500
        return "kept" if response.is_success else str(response.json()["detail"])


class Rest:
    name = "rest"
    knows_members = True
    shows_pictures = True
    tells = False
    hears_visitors = False

    def __init__(self, product: Product) -> None:
        kept = read_server_file(Settings(home=product.home).server_path)
        # The operator's token: a public address means that loopback alone proves nothing.
        token = {"authorization": f"Bearer {kept[1]}"} if kept else {}
        self.client = httpx.Client(base_url=product.url, headers=token, timeout=WAIT, trust_env=False)

    def person(self, speaks: str = "") -> Caller:
        assert speaks in ("", *MEMBERS)
        return Caller(self.client, speaks)

    def addresses(self) -> list[str]:
        """The API calls nobody."""
        return []

    def feedback(self) -> list[Json]:
        """All feedback that is kept, as the operator sees it."""
        found: list[Json] = self.client.get("/api/v1/feedback").json()["feedback"]
        return found


class RestSide:
    def __init__(self) -> None:
        self.settings: dict[str, str] = {}

    @contextmanager
    def driver(self, product: Product) -> Iterator[Rest]:
        rest = Rest(product)
        try:
            yield rest
        finally:
            rest.client.close()


@contextmanager
def side(browser: Callable[[], Any]) -> Iterator[RestSide]:
    yield RestSide()
