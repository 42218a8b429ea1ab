"""One source into the store, inside the caller's transaction: all of it or nothing of it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from knowledge import personal
from knowledge.records import GazetteerPlace, Item, OrganisationName, Problem, Record, Source
from knowledge.splitting import PassageSplitter
from knowledge.store import copies
from knowledge.store import models as m
from knowledge.store.copies import Copies
from knowledge.store.mentions import Names
from knowledge.store.rows import READER_VERSION, RecordRows, content_hash
from knowledge.store.sql import utc_now

_BATCH = 400
_PROBLEMS_KEPT = 1_000

Row = dict[str, Any]


@dataclass(slots=True)
class SourceReport:
    """What became of one source. `skipped`: the same bytes were read before with the same permissions. `copies`:
    records that another source is shown for; what this one says of them is kept beside it. `undeclared`: nobody said
    who may see it. `personal`: how much personal data was left out, by kind."""

    name: str
    format: str
    records: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    copies: int = 0
    names: int = 0
    skipped: bool = False
    undeclared: bool = False
    personal: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(problem.fatal for problem in self.problems)

    @property
    def touched(self) -> bool:
        return bool(self.added or self.changed or self.retired or self.names)


class Refused(Exception):
    """A fatal problem: the transaction is rolled back and nothing of the file is kept."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class SourceWriter:
    """Writes the items of one source. `splitter` cuts the texts of records into passages."""

    def __init__(self, session: Session, source: Source, splitter: PassageSplitter, names: Names | None = None) -> None:
        self._session = session
        self._source = source
        self._now = utc_now()
        self._rows = RecordRows(session, splitter, names or Names(session), self._now)
        self._next_pk = (session.scalar(select(func.max(m.RecordRow.pk))) or 0) + 1
        self._seen: set[int] = set()
        self.report = SourceReport(source.name, source.format)

    def write(self, items: Iterable[Item]) -> SourceReport:
        """`items` hold each identifier once, as `sources.read` gives them.

        Raises Refused at the first fatal problem; the caller's transaction then ends without a trace.
        """
        row = self._session.scalar(select(m.SourceRow).where(m.SourceRow.key == self._source.key))
        if row is not None and self._same(row):
            self.report.skipped = True
            self.report.records = self.report.unchanged = row.records
            self.report.problems = [Problem(**problem) for problem in row.problems]
            self.report.personal = Counter(row.personal)
            return self.report
        self._rows.history.reread = row is not None and row.sha256 == self._source.sha256
        row = self._source_row(row)
        self._source_id = row.id
        self._copies = Copies(self._session, self._source, row.id, self._rows, self._now)
        self._forget_names()
        records = self._checked(items)
        while batch := list(itertools.islice(records, _BATCH)):
            self._write_batch(batch)
        self._retire()
        copies.reconsider(self._session, self._rows, self._now, source_id=row.id)
        row.records = self.report.records
        row.personal = dict(self.report.personal)
        row.problems = [
            {
                "file": problem.file,
                "element": problem.element,
                "line": problem.line,
                "reason": problem.reason,
                "mend": problem.mend,
                "fatal": problem.fatal,
            }
            for problem in self.report.problems[:_PROBLEMS_KEPT]
        ]
        return self.report

    def _same(self, row: m.SourceRow) -> bool:
        access = self._source.access
        return (
            row.sha256 == self._source.sha256
            and row.reader == READER_VERSION
            and (row.level, row.owner, tuple(row.named)) == (access.level, access.owner, access.named)
            and (row.as_of, row.title, row.hints) == (self._source.as_of, self._source.title, self._source.hints)
        )

    def _source_row(self, row: m.SourceRow | None) -> m.SourceRow:
        source = self._source
        if row is None:
            row = m.SourceRow(key=source.key, records=0, problems=[])
            self._session.add(row)
        row.name, row.format, row.sha256, row.reader = source.name, source.format, source.sha256, READER_VERSION
        row.title, row.publisher, row.licence, row.as_of = source.title, source.publisher, source.licence, source.as_of
        row.level, row.owner, row.named = source.access.level.value, source.access.owner, list(source.access.named)
        row.hints, row.read_at = source.hints, self._now
        self._session.flush()
        return row

    def _forget_names(self) -> None:
        for table in (m.GazetteerRow, m.OrganisationNameRow):
            self._session.execute(delete(table).where(table.source_id == self._source_id))

    def _checked(self, items: Iterable[Item]) -> Iterator[Record]:
        places: list[Row] = []
        names: list[Row] = []
        for item in items:
            match item:
                case Problem():
                    if item.fatal:
                        raise Refused(item)
                    self.report.problems.append(item)
                case GazetteerPlace():
                    places.append(
                        {
                            "source_id": self._source_id,
                            "country": item.country,
                            "pcode": item.pcode,
                            "level": item.level,
                            "name": item.name,
                            "parent": item.parent,
                        }
                    )
                case OrganisationName():
                    names.append(
                        {
                            "source_id": self._source_id,
                            "name": item.name,
                            "country": item.country,
                            "canonical": item.canonical,
                            "acronym": item.acronym,
                            "kind": item.kind,
                        }
                    )
                case _:
                    yield item
        for table, rows in ((m.GazetteerRow, places), (m.OrganisationNameRow, names)):
            if rows:
                self._session.execute(insert(table).prefix_with("OR IGNORE"), rows)
                self.report.names += len(rows)

    def _write_batch(self, records: Sequence[Record]) -> None:
        known = copies.known(self._session, [record.id for record in records])
        for record in records:
            self.report.records += 1
            if record.notes:
                self.report.personal += personal.counts_of(record.notes)
            body = orjson.dumps(record)
            row = known.get(record.id)
            if row is None:
                self._seen.add(self._next_pk)
                self._rows.add(self._next_pk, record, body, self._source, self._source_id)
                self._next_pk += 1
                self.report.added += 1
                continue
            if row.source_id != self._source_id:
                if row.retired_at is None and copies.rank_of(record, self._source) < copies.rank_of_shown(row):
                    self._keep_copy(record, body)
                    continue
                self._copies.displace(row)
            elif row.content_hash == content_hash(body, self._source) and row.retired_at is None:
                self.report.unchanged += 1
                self._seen.add(row.pk)
                continue
            self._seen.add(row.pk)
            self._rows.replace(row.pk, record, body, self._source, self._source_id)
            if row.retired_at is None:
                self.report.changed += 1
            else:
                self.report.added += 1
        self._rows.write()

    def _keep_copy(self, record: Record, body: bytes) -> None:
        self.report.copies += 1
        if self._copies.keep(record, body):
            self.report.changed += 1
        else:
            self.report.unchanged += 1

    def _retire(self) -> None:
        """Records that a re-read source no longer holds: kept with the date, no longer answered from."""
        current = self._session.scalars(
            select(m.RecordRow.pk).where(m.RecordRow.source_id == self._source_id, m.RecordRow.retired_at.is_(None))
        ).all()
        gone = [pk for pk in current if pk not in self._seen]
        if gone:
            self._rows.history.withdrawn(gone)
            self._rows.history.write()
            self._session.connection().execute(
                update(m.RecordRow.__table__)  # type: ignore[arg-type]
                .where(m.RecordRow.pk == bindparam("gone"))
                .values(retired_at=bindparam("now")),
                [{"gone": pk, "now": self._now} for pk in gone],
            )
        self.report.retired = len(gone) + self._copies.withdraw()
