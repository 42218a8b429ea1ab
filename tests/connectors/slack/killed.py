"""The Slack connector as a process of its own, for tests that kill it: HOME, port, address of Slack, seconds a turn.

What was asked is written to a file in the home, so that it outlives the process.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvicorn

from connectors.messages import IncomingMessage
from knowledge.reply import Answer
from tests.connectors.slack.served import Stub, answer, application, slack_settings


def main(home: Path, port: int, api: str, seconds: float) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        with (home / "asked.txt").open("a", encoding="utf-8") as asked:
            asked.write(message.text + "\n")
        await asyncio.sleep(seconds)
        return answer(f"You asked: {message.text}")

    settings = slack_settings(home, cast(Any, SimpleNamespace(api=api)))
    uvicorn.run(application(settings, Stub(turn)), port=port, log_level="error", ws="none")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
