"""Long work over HTTP: one JSON object a line, progress first, then the report or the error."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

from fastapi.responses import StreamingResponse

from connectors.client import CommandError
from knowledge.index import Index

MEDIA_TYPE = "application/x-ndjson"
logger = logging.getLogger(__name__)


class Lines:
    """Progress as lines of JSON, from the thread that works to the response that streams."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[dict[str, Any] | None] = SimpleQueue()

    def put(self, line: dict[str, Any]) -> None:
        self._queue.put(line)

    def start(self, stage: str, total: int) -> None:
        self.put({"stage": stage, "total": total})

    def advance(self, by: int = 1) -> None:
        self.put({"advance": by})

    def finish(self) -> None:
        self.put({"finish": True})

    def end(self) -> None:
        self._queue.put(None)

    async def stream(self) -> AsyncIterator[bytes]:
        while (line := await asyncio.to_thread(self._queue.get)) is not None:
            yield json.dumps(line).encode() + b"\n"


def streamed(name: str, index: Index, work: Callable[[Lines], dict[str, Any]]) -> StreamingResponse:
    """Runs `work` on `index` in a thread of this `name`, whether or not anybody stays to read. What it returns is the
    report; after it the index is made ready for questions again, which may have to read its names anew."""
    lines = Lines()

    def run() -> None:
        try:
            lines.put({"report": work(lines)})
        except CommandError as error:
            lines.put({"error": str(error), "code": error.code})
        except Exception as error:
            logger.exception("%s failed", name)
            lines.put({"error": f"{type(error).__name__}: {error}"})
        lines.end()
        try:
            index.warm()
        except Exception:
            logger.exception("Warming up after %s failed; the next question will say why", name)

    Thread(target=run, name=name, daemon=True).start()
    return StreamingResponse(lines.stream(), media_type=MEDIA_TYPE)
