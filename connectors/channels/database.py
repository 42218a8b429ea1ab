"""The database of the channels: its own file in the home, so that no ingest ever makes an event wait to be written."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    text,
)

P = ParamSpec("P")
T = TypeVar("T")

VERSION = 1
"""Of the tables below; a file of another version is refused rather than guessed at."""
MOST_TOGETHER = 200
"""Pieces of work in one transaction."""

_tables = MetaData()

receipts = Table(
    "receipts",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("channel", String, nullable=False),
    Column("tenant", String, nullable=False),
    Column("event", String, nullable=False),
    Column("message", String),
    Column("lane", String, nullable=False),
    Column("person", String, nullable=False),
    Column("state", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("answer", Text, nullable=False, server_default=""),
    Column("progress_id", String, nullable=False, server_default=""),
    Column("sent_id", String, nullable=False, server_default=""),
    Column("received_at", Float, nullable=False),
    Column("settled_at", Float),
    UniqueConstraint("channel", "tenant", "event"),
    UniqueConstraint("channel", "tenant", "message"),
    Index("receipts_open", "channel", "settled_at"),
    sqlite_autoincrement=True,
)
"""`event` is the channel's own id of an event, `message` that of the message it tells of (NULL where it tells of
none): two events may tell of one message. Times are seconds since 1970."""

joined = Table(
    "joined",
    _tables,
    Column("lane", String, primary_key=True),
    Column("joined_at", Float, nullable=False),
)
"""Conversations among several people that the assistant was called into."""

sealed = Table(
    "sealed",
    _tables,
    Column("channel", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("sealed_at", Float, nullable=False),
)
"""Tokens and the like, encrypted."""


class WrongVersion(RuntimeError):
    """The file was written by another version of the application."""


class ChannelDatabase:
    """Opens `path`, which only its owner may read. One thread does all reading and writing, in the order asked.

    What is asked while it writes becomes one transaction together: a disk takes hundreds of them in a second, a storm
    brings thousands of events. Each piece of work takes the connection first, and fails alone.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        # Values may be somebody's words: no error may name them.
        self._engine: Engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="channels")
        self._waiting: deque[_Work] = deque()
        event.listen(self._engine, "connect", _durable)
        event.listen(self._engine, "begin", _begun)
        try:
            self.now(_made, path)
        except BaseException:
            self.close()
            raise

    def now(self, work: Callable[Concatenate[Connection, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of `work`, written through when this returns."""
        with self._engine.begin() as connection:
            return work(connection, *arguments, **named)

    async def do(self, work: Callable[Concatenate[Connection, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of `work`, written through when this returns."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Work(lambda connection: work(connection, *arguments, **named), future))
        self._thread.submit(self._together)
        return await future

    def compact(self) -> None:
        """Takes what was erased from the disk as well."""
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()

    def _together(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
        if not batch:
            return
        outcomes: list[tuple[Any, Exception | None]] = []
        try:
            with self._engine.begin() as connection:
                for one in batch:
                    try:
                        with connection.begin_nested():
                            outcomes.append((one.work(connection), None))
                    except Exception as error:  # noqa: BLE001  whoever asked for it is told
                        outcomes.append((None, error))
        except Exception as error:  # noqa: BLE001  nothing of the batch was written
            outcomes = [(None, error)] * len(batch)
        for one, (result, failure) in zip(batch, outcomes, strict=True):
            one.tell(result, failure)


@dataclass(slots=True)
class _Work:
    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]

    def tell(self, result: Any, failure: Exception | None) -> None:
        def settle() -> None:
            if self.future.done():
                return
            if failure is not None:
                self.future.set_exception(failure)
            else:
                self.future.set_result(result)

        with suppress(RuntimeError):  # whoever asked is gone, with the loop
            self.future.get_loop().call_soon_threadsafe(settle)


def _made(connection: Connection, path: Path) -> None:
    found = int(connection.execute(text("PRAGMA user_version")).scalar_one())
    if found not in (0, VERSION):
        raise WrongVersion(
            f"{path} has version {found}, this application writes {VERSION}. Use the one that wrote it, "
            "or move the file away: unanswered messages and connected workspaces stand in it"
        )
    _tables.create_all(connection)
    connection.execute(text(f"PRAGMA user_version = {VERSION}"))


def _durable(connection: Any, _: Any) -> None:
    # The driver's own transactions would not hold savepoints; `_begun` begins them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # What was acknowledged must outlast a power cut as well.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 5000")
    # What is erased is written over, so that forgetting records reaches the answers that quoted them.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begun(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
