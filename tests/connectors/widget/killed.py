"""The widget as a process of its own, for tests that kill it: HOME, port, origin of the site, seconds a turn."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn

from connectors.messages import IncomingMessage
from knowledge.reply import Answer
from tests.connectors.widget.served import Stub, application, echo, widget_settings


def main(home: Path, port: int, origin: str, seconds: float) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.sleep(seconds)
        return await echo(message)

    settings = widget_settings(home, port, widget_origins=origin)
    uvicorn.run(application(settings, Stub(turn)), port=port, log_level="error", ws="none")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
