"""The Teams connector as a process of its own, for tests that kill it: HOME, port, host of the stand-in for Microsoft,
seconds a turn."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn

from connectors.messages import IncomingMessage
from knowledge.reply import Answer
from knowledge.settings import Settings
from tests.connectors.slack.served import Stub, application, echo
from tests.connectors.teams.fake_teams import settings_for
from tests.connectors.teams.served import NO_LIMITS


def main(home: Path, port: int, host: str, seconds: float) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.sleep(seconds)
        return await echo(message)

    settings = Settings(home=home, **settings_for(host), **NO_LIMITS)
    uvicorn.run(application(settings, Stub(turn)), port=port, log_level="error", ws="none")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
