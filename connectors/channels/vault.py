"""Tokens of connected workspaces and places to tell alerts at, encrypted in the channels' database. The only import of
cryptography."""

from __future__ import annotations

import json
import time
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from connectors.channels.database import sealed


class Vault:
    """Values of one channel by kind and name, each method a piece of work for `ChannelDatabase.do`. What another key
    sealed counts as absent."""

    def __init__(self, channel: str, key: bytes) -> None:
        self._channel, self._cipher = channel, Fernet(key)

    def put(self, connection: Connection, kind: str, name: str, value: dict[str, Any]) -> None:
        row = {"value": self._cipher.encrypt(json.dumps(value).encode()), "sealed_at": time.time()}
        made = insert(sealed).values(channel=self._channel, kind=kind, name=name, **row)
        connection.execute(made.on_conflict_do_update(index_elements=["channel", "kind", "name"], set_=row))

    def get(self, connection: Connection, kind: str, name: str) -> dict[str, Any] | None:
        value = connection.execute(select(sealed.c.value).where(*self._where(kind, name))).scalar_one_or_none()
        return None if value is None else self._opened(value)

    def take(self, connection: Connection, kind: str, name: str, newest: float) -> dict[str, Any] | None:
        """The value, once: it is gone afterwards. None where it is older than `newest` seconds."""
        gone = delete(sealed).where(*self._where(kind, name)).returning(sealed.c.value, sealed.c.sealed_at)
        row = connection.execute(gone).one_or_none()
        return None if row is None or time.time() - row.sealed_at > newest else self._opened(row.value)

    def remove(self, connection: Connection, kind: str, name: str) -> None:
        connection.execute(delete(sealed).where(*self._where(kind, name)))

    def names(self, connection: Connection, kind: str) -> list[str]:
        rows = select(sealed.c.name).where(sealed.c.channel == self._channel, sealed.c.kind == kind)
        return [str(name) for name in connection.scalars(rows.order_by(sealed.c.name))]

    def all(self, connection: Connection, kind: str) -> dict[str, dict[str, Any]]:
        """Every value of a kind by its name, without those that another key sealed."""
        rows = select(sealed.c.name, sealed.c.value).where(sealed.c.channel == self._channel, sealed.c.kind == kind)
        opened = {str(row.name): self._opened(row.value) for row in connection.execute(rows.order_by(sealed.c.name))}
        return {name: value for name, value in opened.items() if value is not None}

    def _where(self, kind: str, name: str) -> tuple[Any, ...]:
        return sealed.c.channel == self._channel, sealed.c.kind == kind, sealed.c.name == name

    def _opened(self, value: bytes) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._cipher.decrypt(value))
        except InvalidToken:
            return None
        return found
