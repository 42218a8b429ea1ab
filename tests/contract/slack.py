"""A person in Slack: real requests through bolt over HTTP and Socket Mode, answers read back from the Block Kit that
the stand-in for Slack was sent. What that cannot show is said there."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpx

from bot.words import LANGUAGES, Words
from tests.connectors.slack.fake_slack import TEAM, TOKEN, FakeSlack, fake_slack
from tests.connectors.slack.served import SECRET, Side, Stub, direct, echo, envelope, eventually, mention, new_stamp
from tests.contract.driving import MEMBERS, WAIT, Heard, Product, Source, squeezed

Json = dict[str, Any]
_SOURCE = re.compile(r"\[(\d+)\]")
_numbers = itertools.count(1)
_ADDRESSES = frozenset({"url", "image_url", "thumb_url", "title_link", "author_link", "from_url", "slack_file"})


@lru_cache(maxsize=1)
def _openings() -> tuple[frozenset[str], dict[str, str], frozenset[str]]:
    """What we say around answers, in all languages: the word for sources, tones of notices, the words of waiting."""
    spoken = [Words(language) for language in LANGUAGES]
    tones = {squeezed(words(f"channel_tone_{tone}") + ":"): tone for words in spoken for tone in _TONES}
    sources = frozenset(squeezed(words("channel_sources")) for words in spoken)
    return sources, tones, frozenset(words("channel_looking") for words in spoken)


_TONES = ("info", "warning", "error")


def _said(elements: list[Json]) -> str:
    """The text of one line of rich text, with marks of citations as they stand there."""
    return "".join(element["text"] for element in elements)


def _lines(block: Json) -> Iterator[list[Json]]:
    """The lines of a block of rich text: its sections and the entries of its lists."""
    for part in block["elements"]:
        yield from (
            (section["elements"] for section in part["elements"])
            if part["type"] == "rich_text_list"
            else (part["elements"],)
        )


def _cell(cell: Json) -> str:
    return " ".join(map(_said, _lines(cell))) if cell["type"] == "rich_text" else str(cell["text"])


class Reading:
    """Messages of one answer, read in order."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.rows: list[tuple[str, ...]] = []
        self.sources: dict[int, Source] = {}
        self.links: list[str] = []
        self.buttons: dict[str, Json] = {}
        self.pictures: list[str] = []
        self.notices: list[str] = []
        self.judge: Json | None = None
        self.pages = 0

    def add(self, message: Json) -> Json | None:
        """Reads one message; the button that turns to the next page, if there is one."""
        self.pages += 1
        more: Json | None = None
        listing = False
        for block in message["blocks"]:
            self.links += list(addresses(block))
            match block["type"]:
                case "header":
                    self.text.append(block["text"]["text"])
                case "table":
                    head, *rows = block["rows"]
                    self.rows += (read := [tuple(map(_cell, row)) for row in rows])
                    self.text += [*map(_cell, head), *(cell for row in read for cell in row)]
                case "image":
                    self.pictures.append(block["alt_text"])
                case "rich_text":
                    for line in _lines(block):
                        listing = listing or _begins_sources(line)
                        self._source(line) if listing else self._line(line)
                case "actions":
                    for element in block["elements"]:
                        if element["action_id"].startswith("cg_ask"):
                            self.buttons[element["text"]["text"]] = element
                        elif element["action_id"] == "cg_page":
                            more = element
                case "context_actions":
                    self.judge = block["elements"][0]
        return more

    def _line(self, line: list[Json]) -> None:
        tone = _openings()[1].get(squeezed(line[0]["text"])) if _is_bold(line[0]) else None
        if tone:
            self.notices.append(tone)
        self.text.append(_said(line[1:] if tone else line))

    def _source(self, line: list[Json]) -> None:
        number = 0
        for element in line:
            if found := _SOURCE.fullmatch(squeezed(element["text"])):
                number = int(found[1])
            elif number and number not in self.sources:
                self.sources[number] = Source(number, element["text"], element.get("url", ""))

    def heard(self, progress: str) -> Heard:
        return Heard(
            text="\n".join(self.text),
            rows=tuple(self.rows),
            sources=tuple(self.sources[number] for number in sorted(self.sources)),
            links=tuple(self.links),
            buttons=tuple(self.buttons),
            pictures=tuple(self.pictures),
            notices=tuple(self.notices),
            direction="rtl" if "".join(self.text).startswith("\u200f") else "ltr",
            pages=self.pages,
            answered=self.judge is not None,
            progress=progress,
        )


def _begins_sources(line: list[Json]) -> bool:
    opens = _is_bold(line[0]) and squeezed(line[0]["text"]) in _openings()[0]
    return opens and len(line) > 1 and _SOURCE.fullmatch(squeezed(line[1]["text"])) is not None


def _is_bold(element: Json) -> bool:
    return bool((element.get("style") or {}).get("bold"))


def addresses(value: Any) -> Iterator[str]:
    """Every address in what was sent to Slack, wherever a field of Slack's takes one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in _ADDRESSES and isinstance(inner, str):
                yield inner
            else:
                yield from addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from addresses(inner)


class SlackPerson:
    """`way`: "direct" messages over HTTP, a "mention" in a channel whose thread goes on without one, or "socket":
    direct messages through Socket Mode."""

    def __init__(self, side: Side, slack: FakeSlack, user: str, way: str) -> None:
        self._side, self._slack, self._user, self._way = side, slack, user, way
        number = next(_numbers)
        self._channel = f"C{number:08d}" if way == "mention" else f"D{number:08d}"
        self._thread = ""
        self._read = 0
        self._reading = Reading()
        self._stamp = ""

    def say(self, text: str) -> Heard:
        # Slack sends these three as entities.
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        where = {"user": self._user, "channel": self._channel}
        if self._way == "mention" and not self._thread:
            event = mention(text, **where)
            self._thread = event["ts"]
        elif self._way == "mention":
            event = direct(text, **where) | {"channel_type": "channel", "thread_ts": self._thread}
        else:
            # A thread of direct messages is a conversation of its own.
            self._thread = self._thread or new_stamp()
            event = direct(text, **where, thread_ts=self._thread)
        self._send(event)
        return self._next()

    def press(self, title: str) -> Heard:
        button = next(one for name, one in self._reading.buttons.items() if name == title)
        self._press(button)
        return self._next()

    def rate(self, *, good: bool, reason: str = "") -> str:
        assert self._reading.judge is not None, "nothing to judge"
        before = self._slack.count("chat.postEphemeral")
        opened = self._slack.count("views.open")
        chosen = self._reading.judge["positive_button" if good else "negative_button"]
        self._press({"type": "feedback_buttons", "action_id": "cg_feedback", "value": chosen["value"]})
        if not good:
            eventually(lambda: self._slack.count("views.open") > opened, WAIT)
            view = [given["view"] for name, given in list(self._slack.calls) if name == "views.open"][-1]
            values = {"kind": {"kind": {"selected_option": {"value": "wrong"}}}, "why": {"why": {"value": reason}}}
            form = {"type": "modal", "callback_id": view["callback_id"], "private_metadata": view["private_metadata"]}
            self._payload({"type": "view_submission", "view": form | {"state": {"values": values}}})
        eventually(lambda: self._slack.count("chat.postEphemeral") > before, WAIT)
        told = [given for name, given in list(self._slack.calls) if name == "chat.postEphemeral"][-1]
        assert (told["user"], told["channel"]) == (self._user, self._channel)
        return str(told["text"])

    def _send(self, event: Json) -> None:
        if self._way != "socket":
            assert self._side.event(event).status_code == 200
            return
        body = envelope(event)
        self._slack.push(
            {
                "envelope_id": body["event_id"],
                "type": "events_api",
                "payload": body,
                "accepts_response_payload": False,
            }
        )
        eventually(lambda: {"envelope_id": body["event_id"]} in self._slack.acknowledged, WAIT)

    def _press(self, button: Json) -> None:
        number = next(_numbers)
        container = {"type": "message", "message_ts": self._stamp, "channel_id": self._channel, "is_ephemeral": False}
        message = {"ts": self._stamp} | ({"thread_ts": self._thread} if self._thread else {})
        action = button | {"action_ts": f"{number}.3"}
        self._payload(
            {
                "type": "block_actions", "channel": {"id": self._channel}, "container": container, "message": message,
                "response_url": self._slack.response_url, "actions": [action], "trigger_id": f"{number}.2",
            }
        )  # fmt: skip

    def _payload(self, payload: Json) -> None:
        whole = payload | {"team": {"id": TEAM}, "user": {"id": self._user, "team_id": TEAM}, "api_app_id": "A1"}
        assert self._side.payload(whole).status_code == 200

    def _next(self) -> Heard:
        """The answer that comes now, all its pages turned."""
        self._reading = Reading()
        progress = ""
        more: Json | None = {}
        while more is not None:
            if more:
                self._press(more)
            message, seen = self._message()
            progress = progress or seen
            more = self._reading.add(message)
        return self._reading.heard(progress)

    def _message(self) -> tuple[Json, str]:
        """The next message with an answer in it, and what was shown in its place before."""
        until = time.monotonic() + WAIT
        progress = ""
        while True:
            assert self._slack.refused == [], "Slack would refuse these blocks"
            said = [one for one in self._slack.said(self._channel) if self._in_thread(one)]
            if len(said) > self._read:
                message = said[self._read]
                if message.get("blocks"):
                    self._read += 1
                    self._stamp = message["ts"]
                    return message, progress
                progress = message["tasks"][0]["title"] if message.get("streams") else message["text"]
                assert progress in _openings()[2], progress
            if self._shows_status():
                progress = progress or "status"
            assert time.monotonic() < until, "no answer came"
            time.sleep(0.01)

    def _in_thread(self, message: Json) -> bool:
        return not self._thread or message.get("thread_ts") == self._thread

    def _shows_status(self) -> bool:
        """Whether Slack was asked to show in the thread that something is on its way."""
        return any(
            name == "assistant.threads.setStatus" and given.get("channel_id") == self._channel
            for name, given in list(self._slack.calls)
        )


class SlackDriver:
    name = "slack"
    knows_members = True
    shows_pictures = True
    tells = True
    hears_visitors = False

    def __init__(self, product: Product, slack: FakeSlack, client: httpx.Client) -> None:
        self.slack = slack
        self._side = Side(product.url, Stub(echo), client)
        self._ways = itertools.cycle(("direct", "mention", "socket"))

    def person(self, speaks: str = "") -> SlackPerson:
        if speaks:
            # What is said in a channel is for the channel; for whom they speak counts where nobody else reads.
            return SlackPerson(self._side, self.slack, f"UMEMBER{MEMBERS.index(speaks)}", "direct")
        return SlackPerson(self._side, self.slack, f"U{next(_numbers):08d}", next(self._ways))

    def addresses(self) -> list[str]:
        return [
            url
            for given in [*(given for _, given in self.slack.calls), *self.slack.responses]
            for url in addresses(given)
        ]


class SlackSide:
    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        people = (f"{TEAM}/UMEMBER{number}={name}" for number, name in enumerate(MEMBERS))
        self.settings = {
            "slack_api_url": slack.api,
            "slack_bot_token": TOKEN,
            "slack_signing_secret": SECRET,
            "slack_app_token": "xapp-a-token-of-tests",
            "slack_organisations": "; ".join(people),
        }

    @contextmanager
    def driver(self, product: Product) -> Iterator[SlackDriver]:
        eventually(lambda: self.slack.connected, WAIT)
        with httpx.Client(timeout=WAIT, trust_env=False) as client:
            yield SlackDriver(product, self.slack, client)


@contextmanager
def side(browser: Callable[[], Any]) -> Iterator[SlackSide]:
    with fake_slack() as slack:
        yield SlackSide(slack)
