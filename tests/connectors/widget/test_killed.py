"""Killed while pages ask and read: what was acknowledged is answered once, on every page that comes back."""

from __future__ import annotations

import random
from pathlib import Path

import httpx

from connectors.serving import free_port
from tests.connectors.killing import process
from tests.connectors.widget.reading import Reader
from tests.connectors.widget.served import SITE, Visit, eventually

_KILLED = "tests.connectors.widget.killed"


def test_killed_while_pages_ask_nothing_is_lost_and_nothing_comes_twice(http: httpx.Client, tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    url = f"http://127.0.0.1:{port}"
    visits = [Visit(url, http) for _ in range(3)]
    asked = [(number % 3, f"question {number}") for number in range(24)]
    # Each is sent again after the kill, as a page does that heard nothing.
    again = asked[:12] + asked[6:]
    readers: list[Reader] = []
    try:
        for part in (again[:15], again[15:]):
            random.Random(1).shuffle(part)
            with process(_KILLED, home, port, SITE, 0.05) as running:
                if not readers:
                    readers = [Reader(visit.begin()) for visit in visits]
                for visit, text in part:
                    assert visits[visit].ask(text, text.replace(" ", "-")).status_code == 202
                running.kill()
        with process(_KILLED, home, port, SITE, 0):
            eventually(lambda: sum(len(reader.answers) for reader in readers) >= len(asked), 60)
            for reader in readers:
                reader.stop()
        for reader in readers:
            reader.join()
    finally:
        for reader in readers:
            reader.stop()
    for number, reader in enumerate(readers):
        told = [answer["question"] for answer in reader.answers]
        assert sorted(told) == sorted(text for visit, text in asked if visit == number)
        assert [answer["seen"] for answer in reader.answers] == sorted(answer["seen"] for answer in reader.answers)
