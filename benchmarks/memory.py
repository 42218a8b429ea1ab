"""Memory of the process that measures, and of the processes of a server on this machine."""

from __future__ import annotations

import resource
import sys
import threading
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

_PROC = Path("/proc")
_LISTENING = "0A"


def peak_memory() -> float:
    """The most that this process has held so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


class ServerMemory:
    """Looks at the server at `url` every so many seconds as long as the block runs. `megabytes` has what each of its
    processes held, look by look: the one that listens there, and those of the same parent (Rasa). Linux only; nothing
    is found elsewhere."""

    def __init__(self, url: str, seconds: float = 5.0) -> None:
        self.megabytes: dict[str, list[float]] = defaultdict(list)
        self._names = _processes(urlsplit(url).port or 80)
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> ServerMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            for pid, name in self._names.items():
                if held := _status(pid, "VmRSS:"):
                    self.megabytes[name].append(int(held.split()[0]) / 1024)
            if self._over.wait(self._seconds):
                return


def _processes(port: int) -> dict[int, str]:
    """Process -> name, of a server and of what runs beside it."""
    table = Path("/proc/net/tcp")
    if not table.exists():
        return {}
    lines = (line.split() for line in table.read_text().splitlines()[1:])
    sockets = {
        f"socket:[{cell[9]}]" for cell in lines if cell[3] == _LISTENING and int(cell[1].split(":")[1], 16) == port
    }
    pids = [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]
    server = next((pid for pid in pids if sockets & _open(pid)), 0)
    if not server:
        return {}
    parent = _status(server, "PPid:")
    beside = [pid for pid in pids if pid != server and parent != "1" and _status(pid, "PPid:") == parent]
    return {server: "application"} | {pid: "rasa" for pid in beside if "rasa" in _command(pid)}


def _open(pid: int) -> set[str]:
    found = set()
    try:
        for path in (_PROC / str(pid) / "fd").iterdir():
            found.add(str(path.readlink()))
    except OSError:
        pass  # another's process, or one that ended meanwhile
    return found


def _status(pid: int, name: str) -> str:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return ""
    return next((line.removeprefix(name).strip() for line in lines if line.startswith(name)), "")


def _command(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
