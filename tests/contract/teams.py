"""A person in Teams: activities signed as Microsoft signs them, through the guard and the SDK, answers read back from
the Adaptive Cards that the stand-in for the Bot Connector was sent. What that cannot show is said there."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpx

from bot.words import LANGUAGES, Words
from tests.connectors.slack.served import Stub, echo
from tests.connectors.teams import fake_teams as fake
from tests.connectors.teams.fake_teams import TENANT, FakeTeams, cards, guid
from tests.connectors.teams.served import Side
from tests.contract.driving import MEMBERS, WAIT, Heard, Product, Source, squeezed

Json = dict[str, Any]
_SOURCE = re.compile(r"\s*\[(\d+)\]\s*")
_TONES = {"accent": "info", "warning": "warning", "attention": "error"}
_BULLET = "• "
_COLLEAGUES = 40
"""People of each organisation: everybody has one personal chat with us, and a new conversation needs somebody new."""
_numbers = itertools.count(1)


@lru_cache(maxsize=1)
def _sources() -> frozenset[str]:
    return frozenset(squeezed(Words(language)("channel_sources")) for language in LANGUAGES)


def _waiting() -> frozenset[str]:
    return frozenset(Words(language)("channel_looking") for language in LANGUAGES)


def _said(inlines: list[Json]) -> str:
    return "".join(one["text"] for one in inlines)


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
        self.direction = "ltr"
        self.language = ""
        self.judged = False
        self.pages = 0

    def add(self, message: Json) -> Json | None:
        """Reads one message; the button that turns to the next page, if there is one."""
        self.pages += 1
        self.judged = self.judged or "feedbackLoop" in (message.get("channelData") or {})
        self.links += list(addresses(message))
        more: Json | None = None
        (card,) = cards(message)
        self.direction = "rtl" if card.get("rtl") else "ltr"
        self.language = card["lang"]
        listing = False
        for element in card["body"]:
            if element["type"] == "RichTextBlock":
                line = element["inlines"]
                # A table may have the same caption; the list of sources is set off by a line.
                listing = listing or (squeezed(line[0]["text"]) in _sources() and bool(element.get("separator")))
                self._source(line) if listing else self.text.append(_read(line))
            elif element["type"] == "ActionSet":
                for button in element["actions"]:
                    if button["data"]["commonground"] == "page":
                        more = button
                    elif button["data"]["commonground"] == "ask":
                        self.buttons[button["title"]] = button
            else:
                self._block(element)
        return more

    def _block(self, element: Json) -> None:
        match element["type"]:
            case "Table":
                head, *rows = ([_cell(cell) for cell in row["cells"]] for row in element["rows"])
                self.rows += map(tuple, rows)
                self.text += [*head, *(cell for row in rows for cell in row)]
            case "Image":
                self.pictures.append(element["altText"])
            case "Container":
                (line,) = element["items"]
                tone = _TONES.get(element["style"])
                if tone:
                    self.notices.append(tone)
                self.text.append(_said(line["inlines"][1 if tone else 0 :]))

    def _source(self, line: list[Json]) -> None:
        found = _SOURCE.fullmatch(line[0]["text"].replace("\u200f", ""))
        if found and int(found[1]) not in self.sources:
            url = (line[1].get("selectAction") or {}).get("url", "")
            self.sources[int(found[1])] = Source(int(found[1]), line[1]["text"], url)

    def heard(self, progress: str) -> Heard:
        return Heard(
            text="\n".join(self.text),
            rows=tuple(self.rows),
            sources=tuple(self.sources[number] for number in sorted(self.sources)),
            links=tuple(self.links),
            buttons=tuple(self.buttons),
            pictures=tuple(self.pictures),
            notices=tuple(self.notices),
            language=self.language,
            direction=self.direction,
            pages=self.pages,
            answered=self.judged,
            progress=progress,
        )


def _read(line: list[Json]) -> str:
    """A line without the mark of a list's entry."""
    first = line[0]["text"].replace("\u200f", "")
    return _said(line[1:]) if first == _BULLET else _said(line)


def _cell(cell: Json) -> str:
    return " ".join(_said(one["inlines"]) for one in cell["items"])


def addresses(value: Any) -> Iterator[str]:
    """Every address in what was sent to Teams, wherever a card or a citation takes one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("url", "contentUrl", "thumbnailUrl", "iconUrl") and isinstance(inner, str):
                yield inner
            elif name != "from":
                yield from addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from addresses(inner)


class TeamsPerson:
    """`way`: "direct" in a personal chat, a "mention" in a channel whose thread goes on without one, or "group"."""

    def __init__(self, side: Side, account: str, way: str) -> None:
        self._side, self._teams, self._account, self._way = side, side.teams, account, way
        number = next(_numbers)
        self._place = {"direct": f"a:{account}", "mention": f"19:c{number}@thread.tacv2"}.get(
            way, f"19:g{number}@thread.v2"
        )
        self._asked: Json = {}
        self._message: Json = {}
        self._read = len(self._said())
        self._reading = Reading()

    def say(self, text: str) -> Heard:
        if self._way == "direct":
            activity = self._side.direct(text, self._account)
        elif self._way == "mention" and self._asked:
            thread = self._asked["conversation"]["id"].partition("=")[2]
            activity = self._side.said(text, self._account, self._place.partition(";")[0], thread)
        else:
            activity = self._side.mention(text, self._account, self._place)
        self._place = activity["conversation"]["id"]
        self._asked = activity
        self._send(activity)
        return self._next()

    def press(self, title: str) -> Heard:
        self._send(self._side.press(self._asked, self._message, self._reading.buttons[title]))
        return self._next()

    def rate(self, *, good: bool, reason: str = "") -> str:
        assert self._reading.judged, "nothing to judge"
        before = len(self._said())
        value = {"reaction": "like" if good else "dislike", "feedback": json.dumps({"feedbackText": reason})}
        action = {"actionName": "feedback", "actionValue": value}
        self._send(self._side.invoke(self._asked, "message/submitAction", action, replyToId=self._message["id"]))
        until = time.monotonic() + WAIT
        while len(self._said()) <= before:
            assert time.monotonic() < until, "nobody said anything"
            time.sleep(0.01)
        self._read = before + 1
        return str(self._said()[before]["text"])

    def _send(self, activity: Json) -> None:
        assert self._side.send(activity).status_code == 200

    def _said(self) -> list[Json]:
        return self._teams.every(self._place)

    def _next(self) -> Heard:
        """The answer that comes now, all its pages turned."""
        self._reading = Reading()
        progress = ""
        more: Json | None = {}
        while more is not None:
            if more:
                self._send(self._side.press(self._asked, self._message, more))
            self._message, seen = self._answered()
            progress = progress or seen
            more = self._reading.add(self._message)
        return self._reading.heard(progress)

    def _answered(self) -> tuple[Json, str]:
        """The next message with an answer in it, and what was shown in its place before."""
        until = time.monotonic() + WAIT
        progress = ""
        while True:
            assert self._teams.refused == [], "Teams would refuse this message"
            said = self._said()
            if len(said) > self._read:
                message = dict(said[self._read])
                if cards(message):
                    self._read += 1
                    return message, progress
                assert message["text"] in _waiting(), message["text"]
                progress = message["text"]
            assert time.monotonic() < until, "no answer came"
            time.sleep(0.01)


class TeamsDriver:
    name = "teams"
    knows_members = True
    shows_pictures = True
    tells = True
    hears_visitors = False

    def __init__(self, product: Product, teams: FakeTeams, client: httpx.Client) -> None:
        self.teams = teams
        self._side = Side(product.url, Stub(echo), teams, client)
        self._ways = itertools.cycle(("direct", "mention", "group"))
        self._members = itertools.cycle(range(_COLLEAGUES))

    def person(self, speaks: str = "") -> TeamsPerson:
        if speaks:
            # What is said among several is for all of them; for whom they speak counts where nobody else reads.
            return TeamsPerson(self._side, _member(speaks, next(self._members)), "direct")
        return TeamsPerson(self._side, f"29:v{next(_numbers)}", next(self._ways))

    def addresses(self) -> list[str]:
        return [url for _, _, given in list(self.teams.calls) for url in addresses(given)]


class TeamsSide:
    def __init__(self, teams: FakeTeams) -> None:
        self.teams = teams
        accounts = itertools.product(MEMBERS, range(_COLLEAGUES))
        people = (f"{TENANT}/{guid(_member(name, number))}={name}" for name, number in accounts)
        self.settings = teams.settings | {"teams_organisations": "; ".join(people)}

    @contextmanager
    def driver(self, product: Product) -> Iterator[TeamsDriver]:
        with httpx.Client(timeout=WAIT, trust_env=False) as client:
            yield TeamsDriver(product, self.teams, client)


def _member(name: str, number: int) -> str:
    return f"29:m{MEMBERS.index(name)}-{number}"


@contextmanager
def side(browser: Callable[[], Any]) -> Iterator[TeamsSide]:
    with fake.fake_teams() as teams:
        yield TeamsSide(teams)
