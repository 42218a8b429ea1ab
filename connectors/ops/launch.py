"""Becomes another program, having made sure that it ends when the one that started it does: even by kill -9.

`python launch.py PIPE PARENT WAY PROGRAM ARGUMENT...` where PIPE is the inherited read end of a pipe whose write end
only the parent holds, and WAY is "signal" (Linux: the kernel tells the child) or "watch" (elsewhere: a small watcher
does, when the pipe closes). It is run as a file, with nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
WATCH_INTERVAL = 1.0
GRACE = 5.0


def main(arguments: list[str]) -> None:
    pipe, parent, way, program = int(arguments[0]), int(arguments[1]), arguments[2], arguments[3:]
    if way == "signal":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the kernel was asked
            sys.exit(1)
        os.close(pipe)
    else:
        _watch(pipe, os.getpid())
    os.execvp(program[0], program)


def _watch(pipe: int, child: int) -> None:
    """Forks a watcher that ends `child` when `pipe` closes, and itself when `child` is gone."""
    if os.fork():
        os.close(pipe)
        return
    os.set_inheritable(pipe, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while os.getppid() == child:
        readable, _, _ = select.select([pipe], [], [], WATCH_INTERVAL)
        if readable:
            _end(child)
            break
    os._exit(0)


def _end(child: int) -> None:
    os.kill(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while os.getppid() == child:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
