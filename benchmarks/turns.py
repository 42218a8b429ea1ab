"""How long a chat turn takes on a running server, and where the time goes.

    python -m benchmarks.turns [URL] [--turns 200]

One turn after the other, as one person would; each conversation is a question with its follow-ups, a look at a record
and at its source. Every turn is a different text until the list begins anew. "wall" is what the client waits; the rest
is the server's own account (its Server-Timing header): "rasa" is Rasa's share without its two call-backs, "link" reads
the names in the text, "action" finds the records and composes the answer. Takes about half a minute.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from statistics import quantiles

import httpx

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


def conversations() -> Iterator[tuple[str, ...]]:
    """Conversations without end: real questions first, then themes crossed with places."""
    while True:
        for question in QUESTIONS:
            yield (*question.turns, "show more", "where does this come from?")
        for number, place in enumerate(_PLACES):
            for theme in _THEMES:
                yield f"Who is doing {theme} in {place}?", _AFTER[number % len(_AFTER)]


def texts(number: int) -> Iterator[tuple[int, str]]:
    """(number of the conversation, text) of as many turns."""
    given = 0
    for conversation, turns in enumerate(conversations()):
        for text in turns:
            if given == number:
                return
            given += 1
            yield conversation, text


def measure(client: httpx.Client, number: int) -> tuple[dict[str, list[float]], list[str]]:
    """(stage -> milliseconds of each turn, failures in words)."""
    spent: dict[str, list[float]] = defaultdict(list)
    failures: list[str] = []
    identifiers: dict[int, str] = {}
    for conversation, text in texts(number):
        started = time.perf_counter()
        response = client.post("/api/v1/chat", json={"text": text, "conversation": identifiers.get(conversation, "")})
        wall = (time.perf_counter() - started) * 1000
        if response.status_code != 200:
            failures.append(f"{response.status_code} for {text!r}")
            continue
        identifiers[conversation] = response.json()["conversation"]
        spent["wall"].append(wall)
        for stage, milliseconds in _STAGE.findall(response.headers.get("server-timing", "")):
            spent[stage].append(float(milliseconds))
    return spent, failures


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    arguments.add_argument("--turns", type=int, default=200)
    given = arguments.parse_args()
    with httpx.Client(base_url=given.url, timeout=60, trust_env=False) as client:
        try:
            measure(client, 6)  # warm
            started = time.perf_counter()
            spent, failures = measure(client, given.turns)
            seconds = time.perf_counter() - started
        except httpx.HTTPError as error:
            sys.exit(f"{given.url}: {type(error).__name__}. Start a server (commonground serve) or name its address")
    print(f"{len(spent['wall'])} turns in {seconds:.1f} s, {len(failures)} failed")
    print(f"{'stage':8s} {'p50':>8s} {'p95':>8s} {'worst':>8s}  ms")
    for stage in sorted(spent, key=lambda stage: (stage not in ("wall", "total"), stage)):
        cuts = quantiles(spent[stage], n=20, method="inclusive")
        print(f"{stage:8s} {cuts[9]:8.1f} {cuts[18]:8.1f} {max(spent[stage]):8.1f}")
    for failure in failures[:10]:
        print(failure)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
