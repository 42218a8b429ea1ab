"""Work spread over processes that see all that this one holds, without copying it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

_work: Callable[[Any], Any] | None = None


def _call(task: Any) -> Any:
    assert _work is not None
    return _work(task)


def _begin(parent: int) -> None:
    """A worker lives too shortly to look for cycles in all that it was forked with; and one whose parent was killed
    would wait for its next task for ever."""
    gc.disable()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def spread(work: Callable[[Any], T], tasks: Iterable[Any], workers: int) -> Iterator[T]:
    """`work` of each task, in their order, by so many processes at a time. One, or where processes cannot be forked:
    by this one. Only for a process without threads; raises BrokenProcessPool where one of them is killed."""
    global _work
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, tasks)
        return
    _work = work
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _begin, (os.getpid(),)) as pool:
            yield from pool.map(_call, tasks)
    finally:
        _work = None
