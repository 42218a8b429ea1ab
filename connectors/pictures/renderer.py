"""A process of its own that turns charts into pictures.

What is drawn holds texts of strangers, and the renderer ends its whole process at input that it did not foresee. So it
is never loaded into the server: it runs beside it, is started with the first picture, and is replaced when it was lost.

Each request is a line of JSON, `{"kind": "svg", "spec": {...}}`; each answer is eight bytes of length and the picture,
with length 0 where it could not be drawn.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from threading import Lock, Timer
from typing import IO, Final

from connectors.pictures.drawing import Chart, Kind, rendered

_PATIENCE: Final = 30.0
"""Seconds for one picture, the start of the process included."""
_SIZE: Final = 8


class NotDrawn(Exception):
    """A picture could not be drawn. The texts of it are in no message."""


class Renderer:
    """Draws one picture after the other. Thread-safe; to be closed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, chart: Chart, kind: Kind) -> bytes:
        """Raises NotDrawn."""
        request = json.dumps({"kind": kind, "spec": chart}).encode() + b"\n"
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            late = Timer(_PATIENCE, process.kill)
            late.start()
            try:
                process.stdin.write(request)
                process.stdin.flush()
                drawn = _read(process.stdout)
            except OSError:
                drawn = None
            finally:
                late.cancel()
            if drawn is None:
                self._end()
        if not drawn:
            raise NotDrawn("The picture could not be drawn")
        return drawn

    def close(self) -> None:
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "connectors.pictures.renderer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A message of the renderer quotes the text at which it failed.
            stderr=subprocess.DEVNULL,
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _read(pipe: IO[bytes]) -> bytes | None:
    """The answer, None where the process ended in the middle of it."""
    size = pipe.read(_SIZE)
    if len(size) < _SIZE:
        return None
    wanted = int.from_bytes(size, "big")
    drawn = pipe.read(wanted)
    return drawn if len(drawn) == wanted else None


def main() -> None:
    """Draws what is asked for on standard input until that ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not stand among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with answers:
        for line in sys.stdin.buffer:
            asked = json.loads(line)
            try:
                drawn = rendered(asked["spec"], asked["kind"])
            except ValueError:
                drawn = b""
            answers.write(len(drawn).to_bytes(_SIZE, "big") + drawn)
            answers.flush()


if __name__ == "__main__":
    main()
