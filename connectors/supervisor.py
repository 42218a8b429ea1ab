"""Keeps processes running together: starts them, waits until they are ready, restarts one that ends, stops all.

    with Supervisor([ChildSpec("rasa", argv, ready=probe)], logs=folder) as supervisor:   # ready here
        supervisor.watch()                                                             # until stop() or a signal

No child outlives the supervisor, however it ends: see `connectors/ops/launch.py`. On Linux that is bound to the
thread that starts the children, so keep it alive as long as they should live.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.ops.progress import Progress, tail_of

LAUNCHER = Path(__file__).resolve().parent / "ops" / "launch.py"
BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each restart in a row; the last one repeats."""
STEADY = 60.0
"""Seconds a child has to live for the back-off to begin anew."""
POLL = 0.2
GRACE = 10.0
"""Seconds between the request to end and kill -9."""
LOG_LIMIT = 10_000_000


class ChildFailed(Exception):
    """A child did not become ready. The message says which, why, its last words and where its log is."""


@dataclass(frozen=True)
class ChildSpec:
    """`env` is added to the supervisor's own environment. `ready` is asked about 5 times a second and must not block
    for long; it may raise OSError for "not yet"."""

    name: str
    argv: Sequence[str | Path]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    start_timeout: float = 60.0


@dataclass
class _Child:
    spec: ChildSpec
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    log_begin: int = 0
    ready: bool = False
    failures: int = 0
    next_start: float | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Children start together, in the order given, and end in the reverse order."""

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        *,
        logs: Path,
        progress: Progress | None = None,
        backoff: Sequence[float] = BACKOFF,
        way: str = "signal" if sys.platform == "linux" else "watch",
    ) -> None:
        self._progress = progress or Progress()
        self._backoff = tuple(backoff)
        self._way = way
        self._stopping = threading.Event()
        self._pipe: tuple[int, int] | None = None
        self._children = [_Child(spec, logs / f"{spec.name}.log") for spec in specs]

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts every child. Raises ChildFailed when a program cannot be started at all."""
        self._stopping.clear()
        self._pipe = os.pipe()
        for child in self._children:
            self._spawn(child)

    def wait_ready(self) -> None:
        """Returns when every child is ready, or stop was asked for. Raises ChildFailed when one ends or is too slow."""
        while not self._stopping.is_set():
            waiting = [child for child in self._children if not self._is_ready(child)]
            if not waiting:
                return
            for child in waiting:
                age = time.monotonic() - child.started
                if not child.running:
                    raise ChildFailed(self._account(child, f"ended with {_status(child)} before it was ready"))
                if age > child.spec.start_timeout:
                    raise ChildFailed(self._account(child, f"was not ready after {age:.0f} s"))
            names = ", ".join(f"{child.spec.name} ({time.monotonic() - child.started:.0f} s)" for child in waiting)
            self._progress.tick(f"Waiting for {names}")
            self._stopping.wait(POLL)

    def watch(self) -> None:
        """Restarts what ends, with growing pauses, until stop_soon() is called (a signal handler may do it)."""
        while not self._stopping.wait(POLL):
            for child in self._children:
                self._tend(child)

    def stop_soon(self) -> None:
        """Makes wait_ready() and watch() return. Safe in a signal handler and from another thread."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ends all children: politely, and after ten seconds not. Calling it again does nothing."""
        self._stopping.set()
        for child in reversed(self._children):
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in reversed(self._children):
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._progress.say(f"{child.spec.name} did not end within {GRACE:.0f} s; killed")
            # The rest of its group too: whatever the child itself had started.
            _signal(child, signal.SIGKILL, even_if_ended=True)
            child.process.wait()
            child.process = None
        if self._pipe:
            for end in self._pipe:
                os.close(end)
            self._pipe = None

    def pid(self, name: str) -> int | None:
        """The process id of a running child, else None."""
        child = next(child for child in self._children if child.spec.name == name)
        return child.process.pid if child.process and child.running else None

    def _spawn(self, child: _Child) -> None:
        assert self._pipe, "start() comes first"
        spec = child.spec
        child.log.parent.mkdir(parents=True, exist_ok=True)
        if child.log.exists() and child.log.stat().st_size > LOG_LIMIT:
            child.log.replace(child.log.with_suffix(".log.1"))
        reader = self._pipe[0]
        program = [str(part) for part in spec.argv]
        with child.log.open("ab") as log:
            child.log_begin = log.tell()
            try:
                child.process = subprocess.Popen(
                    [sys.executable, "-I", str(LAUNCHER), str(reader), str(os.getpid()), self._way, *program],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **spec.env},
                    cwd=spec.cwd,
                    pass_fds=(reader,),
                    start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the children in order
                )
            except OSError as error:
                raise ChildFailed(f"{spec.name} could not be started: {error}") from None
        child.started = time.monotonic()
        child.ready = False
        child.next_start = None

    def _is_ready(self, child: _Child) -> bool:
        if not child.ready and child.running:
            try:
                child.ready = child.spec.ready()
            except OSError:
                child.ready = False
        return child.ready and child.running

    def _tend(self, child: _Child) -> None:
        now = time.monotonic()
        if child.running:
            if not child.ready and self._is_ready(child):
                self._progress.say(f"{child.spec.name} is ready again")
            elif not child.ready and now - child.started > child.spec.start_timeout:
                self._progress.say(f"{child.spec.name} is not ready after {now - child.started:.0f} s; stopping it")
                _signal(child, signal.SIGKILL)
            return
        if child.next_start is None:
            lived = now - child.started
            child.failures = 1 if lived > STEADY else child.failures + 1
            pause = self._backoff[min(child.failures, len(self._backoff)) - 1]
            child.next_start = now + pause
            self._progress.say(self._account(child, f"ended with {_status(child)}; starting it again in {pause:g} s"))
        elif now >= child.next_start:
            self._spawn(child)

    def _account(self, child: _Child, what: str) -> str:
        words = "".join(f"\n    {line}" for line in tail_of(child.log, child.log_begin))
        return f"{child.spec.name} {what}.{words}\n  Log: {child.log}"


def _signal(child: _Child, number: signal.Signals, even_if_ended: bool = False) -> None:
    """To the child's whole group: it leads one of its own."""
    if child.process is None or not (even_if_ended or child.running):
        return
    try:
        os.killpg(child.process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _status(child: _Child) -> str:
    code = child.process.returncode if child.process else None
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit status {code}"
