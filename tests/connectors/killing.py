"""A connector as a process of its own (the modules called `killed`), for tests that kill it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.connectors.slack.served import eventually


@contextmanager
def process(module: str, home: Path, port: int, where: str, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """`where`: what the module is told of its platform; `seconds`: how long a turn takes."""
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", module, str(home), str(port), where, str(seconds)]
    running = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        eventually(lambda: up(port) or running.poll() is not None, 60)
        assert running.poll() is None
        yield running
    finally:
        running.kill()
        running.wait()


def up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=1).status_code == 404
    except httpx.HTTPError:
        return False
