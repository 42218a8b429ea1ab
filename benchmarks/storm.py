"""A storm of events at a chat channel: repeated, sent again and out of order, with the application killed in between.

    python -m benchmarks.storm [slack|teams|widget] [--events 10000] [--kills 20]

Events go over HTTP to the channel of the real application, which runs as a process of its own with a stub in place of
the conversation, so that what is measured is receipt, order and delivery. The far side is the tests' stand-in: it
speaks the platform's protocol on loopback, verifies what it is sent, and holds the messages. On Slack each message
comes as the two events that Slack tells it by, and each of these twice, the second time marked as a retry; on Teams
each and by pages with the widget each comes four times. All are shuffled. As platforms and pages do, the sender goes on
until an event is acknowledged. Of the widget the far side is 97 open pages, each of which reads its stream and goes on
after the last event it saw when the stream is cut.

With --kills the application is killed with SIGKILL so often at random moments of the storm, and started again each
time. Prints how quickly events were acknowledged, and whether each message was answered exactly once. Without kills
10,000 events take about two minutes, and each kill adds some seconds.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any, Protocol

import httpx

from bot.words import Words
from connectors.serving import free_port

Json = dict[str, Any]
TIMES = 4
"""How often each message is told of."""
SENDERS = 16
MOST_P99 = 500
"""Milliseconds within which an event has to be acknowledged."""
_ASKED = re.compile(r"You asked: (question \d+)")
_PATIENCE = 30.0
"""Seconds without one more answer after which none is waited for."""


class Far(Protocol):
    """The platform: `module` runs the application as a process, which is told `where` the platform is."""

    name: str
    module: str
    where: str
    taken: int
    """The status that acknowledges an event."""

    def events(self, messages: int) -> list[tuple[str, Json, bool]]:
        """(message, body, whether it is sent again) of each event, still in order."""

    def post(self, client: httpx.Client, url: str, body: Json, again: bool) -> httpx.Response: ...

    def shown(self) -> list[str]:
        """The text of each message of ours that stands in a conversation, as often as it came there."""

    def ask_again(self, client: httpx.Client, url: str) -> int:
        """Presses every button under a message that says an answer may not have arrived; how many there were."""


class Slack:
    name, module = "slack", "tests.connectors.slack.killed"
    taken = 200

    def __init__(self, fake: Any) -> None:
        self._fake, self.where = fake, fake.api

    def events(self, messages: int) -> list[tuple[str, Json, bool]]:
        from tests.connectors.slack.served import envelope, mention

        found = []
        for number in range(messages):
            text = f"question {number}"
            event = mention(text, channel=f"C{number % 97}", user=f"U{number % 41}")
            twin = event | {"type": "message", "channel_type": "channel"}
            found += [(text, body, again) for body in (envelope(event), envelope(twin)) for again in (False, True)]
        return found

    def post(self, client: httpx.Client, url: str, body: Json, again: bool) -> httpx.Response:
        from tests.connectors.slack.served import Side, Stub, echo

        retried = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"} if again else None
        return Side(url, Stub(echo), client).post(json.dumps(body).encode(), headers=retried)

    def shown(self) -> list[str]:
        from tests.connectors.slack.fake_slack import shown

        said = [one for found in list(self._fake.messages.values()) for one in list(found) if one.get("blocks")]
        return [shown(one["blocks"]) for one in said]

    def ask_again(self, client: httpx.Client, url: str) -> int:
        return 0  # what was cut off is looked for


class Teams:
    name, module = "teams", "tests.connectors.teams.killed"
    taken = 200

    def __init__(self, fake: Any) -> None:
        self._fake, self.where, self._token = fake, fake.host, fake.token()

    def events(self, messages: int) -> list[tuple[str, Json, bool]]:
        from tests.connectors.slack.served import Stub, echo
        from tests.connectors.teams.served import Side

        with httpx.Client() as client:
            side = Side("", Stub(echo), self._fake, client)
            told = [
                (f"question {n}", side.direct(f"question {n}", user=f"29:person-{n % 97}")) for n in range(messages)
            ]
        return [(text, body, again > 0) for text, body in told for again in range(TIMES)]

    def post(self, client: httpx.Client, url: str, body: Json, again: bool) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._token}"}
        return client.post(f"{url}/teams/messages", json=body, headers=headers)

    def shown(self) -> list[str]:
        from tests.connectors.teams.fake_teams import shown

        return [shown(one) for found in list(self._fake.messages.values()) for one in list(found)]

    def ask_again(self, client: httpx.Client, url: str) -> int:
        from tests.connectors.slack.served import Stub, echo
        from tests.connectors.teams.fake_teams import actions, shown
        from tests.connectors.teams.served import Side

        side, pressed = Side(url, Stub(echo), self._fake, client), 0
        cut_off = Words("en")("channel_cut_off")
        for place, found in list(self._fake.messages.items()):
            for one in [one for one in list(found) if cut_off in shown(one)]:
                asked = side.direct("", user=place.removeprefix("a:"))
                side.send(side.press(asked, one, actions(one)[0]))
                pressed += 1
        return pressed


class Widget:
    """Pages that are open all the time, each with a session of its own."""

    name, module = "widget", "tests.connectors.widget.killed"
    taken = 202
    PAGES = 97

    def __init__(self) -> None:
        from tests.connectors.widget.served import SITE

        self.where = SITE
        self._pages: dict[int, tuple[Any, Any]] = {}
        self._opening = threading.Lock()

    def events(self, messages: int) -> list[tuple[str, Json, bool]]:
        told = [(f"question {n}", {"page": n % self.PAGES}) for n in range(messages)]
        return [(text, body | {"text": text}, again > 0) for text, body in told for again in range(TIMES)]

    def post(self, client: httpx.Client, url: str, body: Json, again: bool) -> httpx.Response:
        visit, _ = self._page(client, url, body["page"])
        response: httpx.Response = visit.ask(body["text"], body["text"].replace(" ", "-"))
        return response

    def shown(self) -> list[str]:
        return [f"You asked: {one['question']}" for _, page in self._pages.values() for one in list(page.answers)]

    def ask_again(self, client: httpx.Client, url: str) -> int:
        return 0  # what stands in a receipt is read again

    def close(self) -> None:
        for _, page in self._pages.values():
            page.stop()

    def _page(self, client: httpx.Client, url: str, number: int) -> tuple[Any, Any]:
        from tests.connectors.widget.reading import Reader
        from tests.connectors.widget.served import Visit

        with self._opening:
            if number not in self._pages:
                visit = Visit(url, client).begin()
                self._pages[number] = (visit, Reader(visit))
        return self._pages[number]


@contextmanager
def far(name: str) -> Iterator[Far]:
    if name == "slack":
        from tests.connectors.slack.fake_slack import fake_slack

        with fake_slack() as slack:
            yield Slack(slack)
    elif name == "teams":
        from tests.connectors.teams.fake_teams import fake_teams

        with fake_teams() as teams:
            yield Teams(teams)
    else:
        widget = Widget()
        try:
            yield widget
        finally:
            widget.close()


class Application:
    """The application as a process, started again whenever it was killed."""

    def __init__(self, module: str, home: Path, where: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0
        self._command = [sys.executable, "-m", module, str(home), str(self.port), where, "0.01"]
        self._process = self._started()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.kills += 1
        self._process = self._started()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command)
        until = time.monotonic() + 120
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                sys.exit("The application did not start")
            time.sleep(0.05)
        return process

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url, trust_env=False, timeout=1).status_code == 404
        except httpx.HTTPError:
            return False


class Storm:
    def __init__(self, platform: Far, application: Application, client: httpx.Client) -> None:
        self._platform, self._application, self._client = platform, application, client
        self.milliseconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.sent = 0
        self._lock = threading.Lock()

    def send(self, event: tuple[str, Json, bool]) -> None:
        """Sends the event until it is acknowledged."""
        _, body, again = event
        pause = 0.2
        while True:
            began = time.perf_counter()
            try:
                status = self._platform.post(self._client, self._application.url, body, again).status_code
            except httpx.HTTPError:
                status = 0
            spent = (time.perf_counter() - began) * 1000
            with self._lock:
                self.statuses[status] += 1
                if status == self._platform.taken:
                    self.milliseconds.append(spent)
                    self.sent += 1
            if status == self._platform.taken:
                return
            again = True
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def kill(self, number: int, events: int, chance: random.Random) -> None:
        """Kills so often, each time after another share of the events; more than one may fall into a busy moment."""
        for due in sorted(chance.uniform(0.02, 0.98) * events for _ in range(number)):
            while self.sent < due:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.2))
            self._application.kill()
            print(f"\r{self._application.kills} kills", end="", file=sys.stderr, flush=True)


def answered(platform: Far, messages: int) -> Counter[str]:
    """How often each message was answered, as soon as all are or nothing more comes."""
    found: Counter[str] = Counter()
    last = time.monotonic()
    while len(found) < messages and time.monotonic() - last < _PATIENCE:
        time.sleep(0.5)
        before, found = found, _counted(platform)
        if found != before:
            last = time.monotonic()
    time.sleep(3)
    return _counted(platform)


def _counted(platform: Far) -> Counter[str]:
    return Counter(asked[1] for text in platform.shown() if (asked := _ASKED.search(text)))


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("platform", nargs="?", choices=("slack", "teams", "widget"), default="slack")
    arguments.add_argument("--events", type=int, default=10_000)
    arguments.add_argument("--kills", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    if given.kills:
        # The far side would print every request that a kill cuts off.
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    chance = random.Random(given.seed)
    messages = -(-given.events // TIMES)
    with (
        far(given.platform) as platform,
        tempfile.TemporaryDirectory(prefix="commonground-") as folder,
        httpx.Client(timeout=20, trust_env=False, limits=httpx.Limits(max_connections=SENDERS)) as client,
    ):
        events = platform.events(messages)
        chance.shuffle(events)
        home = Path(folder) / "home"
        home.mkdir()
        application = Application(platform.module, home, platform.where)
        storm = Storm(platform, application, client)
        try:
            killing = threading.Thread(target=storm.kill, args=(given.kills, len(events), chance))
            began = time.monotonic()
            killing.start()
            with ThreadPoolExecutor(SENDERS) as threads:
                list(threads.map(storm.send, events))
            took = time.monotonic() - began
            killing.join()
            counts = answered(platform, messages)
            ended = time.monotonic() - began - 3
            missing = set(range(messages)) - {int(asked.split()[1]) for asked in counts}
            pressed = platform.ask_again(client, application.url) if missing else 0
            lost = messages - len(answered(platform, messages)) if pressed else len(missing)
        finally:
            application.end()
    doubled = sum(1 for number in counts.values() if number > 1)
    print(
        f"\n{platform.name}: {len(events):,} events of {messages:,} messages in {took:.1f} s, {application.kills} kills"
    )
    wrong = told(platform, storm, len(events), took)
    print(f"answered: {len(counts):,} messages after {ended:.1f} s; answered more than once {doubled}")
    if missing:
        print(f"cut off while they were sent: {len(missing)}; {pressed} buttons bring such answers again")
    print(f"lost: {lost}")
    sys.exit(wrong or bool(lost or doubled))


def told(platform: Far, storm: Storm, events: int, took: float) -> bool:
    """Prints how events were acknowledged; whether anything of it is wrong."""
    cuts = quantiles(storm.milliseconds, n=100, method="inclusive")
    others = {status: number for status, number in sorted(storm.statuses.items()) if status not in (0, platform.taken)}
    spent = (
        f"p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms, worst {max(storm.milliseconds):.0f} ms"
    )
    print(f"acknowledged: {spent}, {events / took:.0f} a second")
    print(f"not acknowledged and sent again: {storm.statuses[0]} cut off, other answers {others or 'none'}")
    slow = cuts[98] >= MOST_P99
    print(f"p99 of an acknowledgement {'is not' if slow else 'is'} below {MOST_P99} ms")
    return bool(others or slow)


if __name__ == "__main__":
    main()
