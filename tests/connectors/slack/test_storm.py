"""Storms of repeated events, and the process killed in the midst of them: each message is answered exactly once."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from connectors.serving import free_port
from tests.connectors.killing import process
from tests.connectors.slack.fake_slack import FakeSlack, shown
from tests.connectors.slack.served import Side, Stub, direct, echo, envelope, eventually, mention

Json = dict[str, Any]
_KILLED = "tests.connectors.slack.killed"


def storm(number: int, seed: int, *, copies: int = 3) -> list[Json]:
    """Events of `number` messages, each several times and in both of Slack's forms, in an order of chance."""
    found: list[Json] = []
    for n in range(number):
        event = mention(f"question {n}", channel=f"C{n % 7}", user=f"U{n % 11}")
        twin = event | {"type": "message", "channel_type": "channel"}
        one, other = envelope(event), envelope(twin)
        found += [one] * copies + [other] * copies
    random.Random(seed).shuffle(found)
    return found


def told(slack: FakeSlack) -> Counter[str]:
    """How often each question was answered."""
    texts = [shown(one["blocks"]) for found in list(slack.messages.values()) for one in found if one.get("blocks")]
    return Counter(text.split("You asked: ")[1].split("[")[0].strip() for text in texts if "You asked: " in text)


def test_a_storm_of_repetitions_is_answered_once_each_and_acknowledged_quickly(side: Side, slack: FakeSlack) -> None:
    events = storm(60, 1)

    def post(body: Json) -> tuple[int, float]:
        began = time.monotonic()
        status = side.post(json.dumps(body).encode(), headers={"x-slack-retry-num": "2"}).status_code
        return status, time.monotonic() - began

    with ThreadPoolExecutor(8) as threads:
        answered = list(threads.map(post, events))
    assert {status for status, _ in answered} == {200}
    expected = {f"question {n}": 1 for n in range(60)}
    eventually(lambda: len(told(slack)) == 60, 60)
    time.sleep(0.3)
    assert told(slack) == expected
    assert len(side.stub.asked) == 60
    # Slack waits three seconds.
    assert sorted(seconds for _, seconds in answered)[-4] < 2


def test_killed_in_the_storm_nothing_acknowledged_is_lost_and_nothing_doubled(slack: FakeSlack, tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    events = storm(24, 2, copies=1)
    acknowledged: set[str] = set()
    with httpx.Client(timeout=5, trust_env=False) as client:
        side = Side(f"http://127.0.0.1:{port}", Stub(echo), client)
        for part in (events[:24], events[24:]):
            # Killed between receipt and answer, and between answer and Slack's word that it has it.
            slack.failures["chat.postMessage"] = ["cut"]
            with process(_KILLED, home, port, slack.api, 0.05) as running:
                for body in part:
                    if side.post(json.dumps(body).encode()).status_code == 200:
                        acknowledged.add(body["event"]["text"].partition("> ")[2])
                running.kill()
        slack.failures.clear()
        with process(_KILLED, home, port, slack.api, 0):
            eventually(lambda: set(told(slack)) >= acknowledged, 60)
            last = direct("last")
            side.event(last)
            eventually(lambda: slack.said("D1"), 20)
    assert len(acknowledged) == 24
    counts = told(slack)
    assert {question: n for question, n in counts.items() if n != 1} == {}
