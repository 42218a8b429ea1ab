"""Numbers for the distinct ways in which organisations and places are written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from knowledge.store import models as m

Row = dict[str, Any]


class Mentions:
    """Ids of all distinct mentions of one kind, held in memory over a run so that no mention costs a query.

    Make a new one after a transaction that was rolled back: what it numbered is not there.
    """

    def __init__(self, session: Session, table: type[m.OrganisationMentionRow | m.PlaceMentionRow], *key: str) -> None:
        self.table = table
        self._key = key
        columns = [table.id, *(getattr(table, name) for name in key)]
        self._ids: dict[tuple[str, ...], int] = {tuple(row[1:]): row[0] for row in session.execute(select(*columns))}
        self._next = max(self._ids.values(), default=0) + 1
        self.new: list[Row] = []

    def id_of(self, *key: str, **other: Any) -> int:
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = self._next
            self._next += 1
            self.new.append({"id": found, **dict(zip(self._key, key, strict=True)), **other})
        return found

    def write(self, session: Session) -> None:
        """Writes the mentions that are new since the last call."""
        if self.new:
            session.connection().execute(insert(self.table.__table__), self.new)  # type: ignore[arg-type]
            self.new = []


class Names:
    """The mentions of organisations and of places."""

    def __init__(self, session: Session) -> None:
        self.organisations = Mentions(session, m.OrganisationMentionRow, "ref", "name", "acronym", "kind", "country")
        self.places = Mentions(session, m.PlaceMentionRow, "country", "names", "pcode", "region")

    def write(self, session: Session) -> None:
        self.organisations.write(session)
        self.places.write(session)
