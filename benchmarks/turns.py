"""How long a chat turn takes on a running server, and where the time goes.

    python -m benchmarks.turns [URL] [--turns 200] [--people 20 --every 5 [--minutes 10]]

One turn after the other, as one person would; or several people at once, each of whom asks every so many seconds in a
conversation of their own. Each conversation is a question with its follow-ups, a look at a record and at its source;
among them are questions of how many, where, when and the most, and of mandates, results and contacts. Every turn is a
different text until the list begins anew. "wall" is what the client waits; the rest is the server's own account (its
Server-Timing header): "rasa" is Rasa's share without its two call-backs, "link" reads the names in the text, "action"
finds the records and composes the answer. Takes about half a minute. What comes from one address counts as one person:
for --people the server needs COMMONGROUND_TURNS_PER_MINUTE=10000. Where it runs on this machine (Linux), what its
processes hold in memory is told as well: before, after the first fifth, and at the end.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from statistics import quantiles

import httpx

from benchmarks.counting import COUNTED
from benchmarks.memory import ServerMemory
from benchmarks.questions import QUESTIONS

_THEMES = ("health", "WASH", "nutrition", "education", "protection", "food security", "agriculture", "shelter")
_PLACES = (
    "Ethiopia",
    "Chad",
    "Kenya",
    "Uganda",
    "Nepal",
    "Bangladesh",
    "Tigray",
    "Afar",
    "Metekel",
    "Ouaddaï",
    "Kanem",
)
_AFTER = (
    "only national NGOs",
    "and in Ethiopia?",
    "show more",
    "tell me about the first one",
    "where does this come from?",
)
_STAGE = re.compile(r"(\w+);dur=([\d.]+)")


_OTHERS = (
    ("What is the mandate of UNICEF?", "and of UNHCR?"),
    ("Who has the mandate for mine action?",),
    ("Did the nutrition projects in Ethiopia reach their targets?",),
    ("How do I contact Oxfam?",),
    ("What changed in Kenya since January?",),
    ("Why do girls drop out of school in Uganda?",),
)


def conversations() -> Iterator[tuple[str, ...]]:
    """Conversations without end: real questions first, then themes crossed with places."""
    while True:
        for number, question in enumerate(QUESTIONS):
            yield (*question.turns, "show more", "where does this come from?")
            if number < len(COUNTED):
                yield COUNTED[number].question.turns
            if number % 5 == 0:
                yield _OTHERS[number // 5 % len(_OTHERS)]
        for number, place in enumerate(_PLACES):
            for theme in _THEMES:
                yield f"Who is doing {theme} in {place}?", _AFTER[number % len(_AFTER)]


def texts(number: int, skipped: int = 0) -> Iterator[tuple[int, str]]:
    """(number of the conversation, text) of as many turns, without the first conversations."""
    given = 0
    for conversation, turns in enumerate(islice(conversations(), skipped, None)):
        for text in turns:
            if given == number:
                return
            given += 1
            yield conversation, text


Measured = tuple[dict[str, list[float]], list[str], list[tuple[float, str]]]


def measure(client: httpx.Client, number: int, skipped: int = 0, every: float = 0.0) -> Measured:
    """(stage -> milliseconds of each turn, failures in words, (milliseconds, text) of each turn).

    `every`: seconds from one question to the next, the first at any time within.
    """
    spent: dict[str, list[float]] = defaultdict(list)
    failures: list[str] = []
    slow: list[tuple[float, str]] = []
    identifiers: dict[int, str] = {}
    due = time.perf_counter() + random.Random(skipped).uniform(0, every)
    for conversation, text in texts(number, skipped):
        time.sleep(max(0.0, due - time.perf_counter()))
        due += every
        started = time.perf_counter()
        response = client.post("/api/v1/chat", json={"text": text, "conversation": identifiers.get(conversation, "")})
        wall = (time.perf_counter() - started) * 1000
        if response.status_code != 200:
            failures.append(f"{response.status_code} for {text!r}")
            continue
        identifiers[conversation] = response.json()["conversation"]
        spent["wall"].append(wall)
        slow.append((wall, text))
        for stage, milliseconds in _STAGE.findall(response.headers.get("server-timing", "")):
            spent[stage].append(float(milliseconds))
    return spent, failures, slow


def at_once(url: str, people: int, number: int, every: float) -> Measured:
    """`measure` for several people at the same time, each from another conversation on."""

    def person(which: int) -> Measured:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            return measure(client, number, 7 * which, every)

    spent: dict[str, list[float]] = defaultdict(list)
    failures: list[str] = []
    slow: list[tuple[float, str]] = []
    with ThreadPoolExecutor(people) as pool:
        for stages, failed, turns in pool.map(person, range(people)):
            failures += failed
            slow += turns
            for stage, values in stages.items():
                spent[stage] += values
    return spent, failures, slow


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    arguments.add_argument("--turns", type=int, default=200)
    arguments.add_argument("--people", type=int, default=1, help="how many ask at the same time")
    arguments.add_argument("--every", type=float, default=0.0, help="seconds between the questions of one person")
    arguments.add_argument("--minutes", type=float, default=0.0, help="how long, in place of a number of turns")
    arguments.add_argument("--slowest", type=int, default=0, help="print so many of the slowest turns")
    given = arguments.parse_args()
    if given.minutes and not given.every:
        arguments.error("--minutes needs --every")
    number = int(given.people * given.minutes * 60 / given.every) if given.minutes else given.turns
    with httpx.Client(base_url=given.url, timeout=60, trust_env=False) as client:
        try:
            measure(client, 6)  # warm
            started = time.perf_counter()
            with ServerMemory(given.url) as memory:
                spent, failures, slow = (
                    at_once(given.url, given.people, -(-number // given.people), given.every)
                    if given.people > 1
                    else measure(client, number, every=given.every)
                )
            seconds = time.perf_counter() - started
        except httpx.HTTPError as error:
            sys.exit(f"{given.url}: {type(error).__name__}. Start a server (commonground serve) or name its address")
    print(f"{len(spent['wall'])} turns in {seconds:.1f} s, {len(failures)} failed")
    print(f"{'stage':8s} {'p50':>8s} {'p95':>8s} {'worst':>8s}  ms")
    for stage in sorted(spent, key=lambda stage: (stage not in ("wall", "total"), stage)):
        cuts = quantiles(spent[stage], n=20, method="inclusive")
        print(f"{stage:8s} {cuts[9]:8.1f} {cuts[18]:8.1f} {max(spent[stage]):8.1f}")
    for name, held in sorted(memory.megabytes.items()):
        print(f"{name}: {held[0]:.0f} MB before, {held[len(held) // 5]:.0f} after a fifth, {held[-1]:.0f} after all")
    for milliseconds, text in sorted(slow, reverse=True)[: given.slowest]:
        print(f"{milliseconds:8.0f}  {text}")
    for failure in failures[:10]:
        print(failure)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
