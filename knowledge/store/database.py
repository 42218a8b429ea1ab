"""Opening the store: one SQLite file, write-ahead log, every commit on disk before it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from knowledge.store.remembered import Remembered, changes_records

MIGRATIONS = Path(__file__).parent / "migrations"


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Database:
    """The store of one home. `read()` for queries; `write()` for one transaction, all or nothing."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.engine: Engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
        event.listen(self.engine, "connect", _set_pragmas)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._remembered = Remembered()
        self._changing = local()
        event.listen(self.engine, "before_cursor_execute", self._note)
        self._migrate()

    def _migrate(self) -> None:
        config = migration_config()
        with self.engine.connect() as connection:
            if current_revision(connection) == newest_revision():
                return
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if changes_records(statement):
            self._changing.records = True

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to read in. What it reads of records may be remembered, in `info["remembered"]`."""
        with self._sessions(info={"remembered": self._remembered.now()}) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._changing.records = False
        try:
            with self._sessions.begin() as session:
                yield session
        finally:
            # After the commit: what somebody reads until then is as it was before, and is let go of here.
            if self._changing.records:
                self._remembered.forget()

    def close(self) -> None:
        self.engine.dispose()


def migration_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def current_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(migration_config()).get_current_head()
