"""One tidy line per step: what runs, for how long, and where its full output is."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

MARKS = "|/-\\"
TAIL_LINES = 12
PLAIN_INTERVAL = 20.0
"""Seconds between two signs of life where the output is no terminal."""


class StepError(Exception):
    """A step of the set-up failed. The message says what, why and how to mend it."""


class Progress:
    """Shows one line at a time; on a terminal it is rewritten, elsewhere it is repeated now and then."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._terminal = self._out.isatty()
        self._width = 0
        self._last_plain = 0.0
        self._ticks = 0

    def say(self, text: str) -> None:
        """A line that stays."""
        self._out.write(("\r" + text.ljust(self._width) if self._width else text) + "\n")
        self._width = 0
        self._out.flush()

    def tick(self, text: str) -> None:
        """What is going on just now; call it as often as you like."""
        now = time.monotonic()
        if self._terminal:
            self._ticks += 1
            line = f"{MARKS[self._ticks % len(MARKS)]} {text}"
            self._out.write("\r" + line.ljust(self._width))
            self._width = len(line)
            self._out.flush()
        elif now - self._last_plain >= PLAIN_INTERVAL:
            self._last_plain = now
            self.say(f"  {text}")


def run_step(
    progress: Progress,
    title: str,
    argv: Sequence[str | Path],
    log: Path,
    *,
    mend: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Runs `argv` with its output in `log`. Raises StepError with the end of the log when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
        )
        try:
            while True:
                progress.tick(f"{title} ... {time.monotonic() - started:.0f} s")
                try:
                    status = process.wait(timeout=0.25)
                    break
                except subprocess.TimeoutExpired:
                    continue
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if status:
        tail = "\n".join(f"    {line}" for line in tail_of(log, begin))
        raise StepError(f"{title}: failed with exit status {status}.\n{tail}\n  {mend}\n  Full output: {log}")
    progress.say(f"  {title}: done in {time.monotonic() - started:.0f} s")


def tail_of(log: Path, begin: int = 0, lines: int = TAIL_LINES) -> list[str]:
    """The last lines written to `log` since byte `begin`."""
    try:
        with log.open("rb") as written:
            written.seek(begin)
            text = written.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]
