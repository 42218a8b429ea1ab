"""When records are forgotten, answers that were kept for their further pages go too: they may quote them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, update

from connectors.channels.database import ChannelDatabase, receipts
from connectors.channels.receipts import State
from knowledge.home import Home


def with_records(home: Home) -> None:
    """From now on, forgetting in `home` reaches the channels' database as well."""
    path = home.settings.channels_path
    home.on_forget.append(lambda: forget_answers(path))


def forget_answers(path: Path) -> None:
    """Erases all answers from the file, to the last byte. What waits to be sent is thought about anew."""
    if not path.exists():
        return
    database = ChannelDatabase(path)
    try:
        database.now(_erase)
        database.compact()
    finally:
        database.close()


def _erase(connection: Connection) -> None:
    waiting = receipts.c.state == State.ANSWERED.value
    connection.execute(update(receipts).where(waiting).values(state=State.RECEIVED.value))
    connection.execute(update(receipts).where(receipts.c.answer != "").values(answer=""))
