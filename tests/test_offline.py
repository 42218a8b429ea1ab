"""The guard itself: without it, "no network after set-up" would be a claim."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable

import httpx
import pytest

from tests.asynchronous import run

REMOTE = ("192.0.2.1", 9)  # RFC 5737: belongs to nobody


def _udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", REMOTE)


def _asynchronous() -> None:
    run(asyncio.wait_for(asyncio.open_connection(*REMOTE), 5))


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: socket.create_connection(REMOTE, timeout=1),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: httpx.get("http://192.0.2.1/", trust_env=False),
        _asynchronous,
        _udp,
    ],
    ids=["connect", "name", "httpx", "asyncio", "datagram"],
)
def test_other_hosts_are_refused(attempt: Callable[[], object]) -> None:
    with pytest.raises((ConnectionRefusedError, httpx.ConnectError), match="may not reach other hosts"):
        attempt()


def test_loopback_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=2):
        pass


def test_processes_started_by_tests_are_guarded() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=1)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert "may not reach other hosts" in ended.stderr
