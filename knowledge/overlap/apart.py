"""The graph made by a process of its own, seen from the one that has it made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from threading import Lock

import orjson

from knowledge.access import Audience
from knowledge.overlap.making import Task

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_WORKERS = 2
_CHECKOUT = Path(__file__).resolve().parents[2]


class Run:
    """One process that makes the graph of an audience from a database into `folder`. `ended`: by us, too early."""

    def __init__(self, database: Path, folder: Path, model: str, audience: Audience) -> None:
        self.folder = folder
        self.ended = False
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        workers = max(1, min(_WORKERS, os.cpu_count() or 1))
        organisations = tuple(sorted(audience.organisations))
        self._task = Task(str(database), str(folder), model, organisations, audience.community, workers)

    def lines(self, on_corpus: Callable[[], None]) -> Iterator[tuple[int, int]]:
        """Runs it: (records compared, all of them) as it goes. `on_corpus` is called once the records are read. Raises
        RuntimeError where it fails."""
        with self._lock:
            if self.ended:
                return
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "knowledge.overlap.making"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=_CHECKOUT,
                # It spreads its work by itself, and forks, which threads would not survive.
                env=os.environ | dict.fromkeys(_THREADS, "1"),
            )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdin.write(orjson.dumps(asdict(self._task)))
            process.stdin.close()
            done = False
            for line in process.stdout:
                match line.decode().split():
                    case ["corpus"]:
                        on_corpus()
                    case ["done"]:
                        done = True
                    case [number, total] if number.isdigit() and total.isdigit():
                        yield int(number), int(total)
                    case _:
                        pass
            said = process.stderr.read().decode(errors="replace").strip().splitlines()
        if not done and not self.ended:
            raise RuntimeError(said[-1] if said else f"it ended with {process.returncode}")

    def end(self) -> None:
        """Ends it where it still runs, and waits until it has."""
        with self._lock:
            self.ended = True
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
