"""One source into the store, inside the caller's transaction: all of it or nothing of it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from knowledge import identity
from knowledge.access import PRIVACY
from knowledge.records import (
    GazetteerPlace,
    Item,
    Level,
    OrganisationMention,
    OrganisationName,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Source,
    ThemeMention,
)
from knowledge.splitting import PassageSplitter
from knowledge.store import models as m
from knowledge.store.mentions import Names
from knowledge.vocabulary import finer_themes, themes_of_sector

READER_VERSION = 3
"""Raised when readers or tables change what is read from the same bytes, so that unchanged files are read again."""

_BATCH = 400
_PROBLEMS_KEPT = 1_000
_SEPARATOR = "\x1f"

Row = dict[str, Any]


@dataclass(slots=True)
class SourceReport:
    """What became of one source. `skipped`: the same bytes were read before with the same permissions."""

    name: str
    format: str
    records: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    names: int = 0
    skipped: bool = False
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
        self._splitter = splitter
        self._names = names or Names(session)
        self._now = datetime.now(UTC).replace(tzinfo=None)
        self._next_pk = (session.scalar(select(func.max(m.RecordRow.pk))) or 0) + 1
        self._seen: set[int] = set()
        self.report = SourceReport(source.name, source.format)

    def write(self, items: Iterable[Item]) -> SourceReport:
        """Raises Refused at the first fatal problem; the caller's transaction then ends without a trace."""
        row = self._session.scalar(select(m.SourceRow).where(m.SourceRow.key == self._source.key))
        if row is not None and self._same(row):
            self.report.skipped = True
            self.report.records = self.report.unchanged = row.records
            self.report.problems = [Problem(**problem) for problem in row.problems]
            return self.report
        row = self._source_row(row)
        self._source_id = row.id
        self._forget_names()
        records = self._checked(items)
        while batch := list(itertools.islice(records, _BATCH)):
            self._write_batch(batch)
        self._retire()
        row.records = self.report.records
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
            and (row.as_of, row.title) == (self._source.as_of, self._source.title)
        )

    def _source_row(self, row: m.SourceRow | None) -> m.SourceRow:
        source = self._source
        if row is None:
            row = m.SourceRow(key=source.key, records=0, problems=[])
            self._session.add(row)
        row.name, row.format, row.sha256, row.reader = source.name, source.format, source.sha256, READER_VERSION
        row.title, row.publisher, row.licence, row.as_of = source.title, source.publisher, source.licence, source.as_of
        row.level, row.owner, row.named = source.access.level.value, source.access.owner, list(source.access.named)
        row.read_at = self._now
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
        known = {
            row.id: row
            for row in self._session.execute(
                select(
                    m.RecordRow.id,
                    m.RecordRow.pk,
                    m.RecordRow.source_id,
                    m.RecordRow.content_hash,
                    m.RecordRow.retired_at,
                    m.RecordRow.reported_on,
                    m.RecordRow.level,
                ).where(m.RecordRow.id.in_([record.id for record in records]))
            )
        }
        # Records first: their children refer to them.
        rows: dict[type[m.Base], list[Row]] = {m.RecordRow: []}
        texts: list[Row] = []
        for record in records:
            self.report.records += 1
            body = orjson.dumps(record)
            content_hash = self._content_hash(body)
            row = known.get(record.id)
            if row is not None and row.source_id != self._source_id and row.retired_at is None:
                if row.content_hash == content_hash:
                    self.report.unchanged += 1
                    continue
                if self._rank(record) < (row.reported_on or date.min, -PRIVACY[Level(row.level)]):
                    self.report.problems.append(self._older(record))
                    continue
            if row is not None and row.content_hash == content_hash and row.retired_at is None:
                self.report.unchanged += 1
                self._seen.add(row.pk)
                continue
            values = self._values(record, body, content_hash)
            if row is None:
                pk, self._next_pk = self._next_pk, self._next_pk + 1
                rows[m.RecordRow].append({"pk": pk, "first_read_at": self._now, **values})
            else:
                pk = row.pk
                self._replace(pk, values)
            self._seen.add(pk)
            if row is None or row.retired_at is not None:
                self.report.added += 1
            else:
                self.report.changed += 1
            self._collect_children(pk, record, rows, texts)
        self._names.write(self._session)
        for table, new in rows.items():
            if new:
                self._session.execute(insert(table), new)
        if texts:
            self._session.execute(
                text("INSERT INTO record_text (rowid, title, body) VALUES (:pk, :title, :body)"), texts
            )

    def _content_hash(self, body: bytes) -> str:
        access = self._source.access
        digest = hashlib.sha256(body)
        digest.update(repr((READER_VERSION, access.level.value, access.owner, access.named)).encode())
        return digest.hexdigest()[:32]

    def _rank(self, record: Record) -> tuple[date, int]:
        """Of two files with the same record the newer stands; of two as new the more open, else the one read last."""
        return record.reported_on or self._source.as_of or date.min, -PRIVACY[self._source.access.level]

    def _older(self, record: Record) -> Problem:
        return Problem(
            self._source.name,
            record.locator.element,
            record.locator.line,
            f"{record.id} is known from another file that is newer or more open, which stays",
            "Remove the older copy, or correct its last-updated-datetime",
        )

    def _values(self, record: Record, body: bytes, content_hash: str) -> Row:
        access = self._source.access
        reporter = next((o.name for o in record.organisations if o.role is Role.REPORTING and o.name), "")
        return {
            "id": record.id,
            "source_id": self._source_id,
            "kind": record.kind.value,
            "title": record.title,
            "language": record.language,
            "publisher": reporter or self._source.publisher or self._source.title or self._source.name,
            "status": record.status,
            "start": record.period.start,
            "end": record.period.end,
            "reported_on": record.reported_on or self._source.as_of,
            "secondary": record.secondary_reporter,
            "element": record.locator.element,
            "line": record.locator.line,
            "level": access.level.value,
            "owner": access.owner or "home",
            "content_hash": content_hash,
            "body": body,
            "changed_at": self._now,
            "retired_at": None,
        }

    def _replace(self, pk: int, values: Row) -> None:
        self._session.execute(update(m.RecordRow).where(m.RecordRow.pk == pk).values(**values))
        for table in (
            m.RecordAudienceRow,
            m.RecordOrganisationRow,
            m.RecordPlaceRow,
            m.RecordThemeRow,
            m.PassageRow,
        ):
            self._session.execute(delete(table).where(table.record_pk == pk))
        self._session.execute(text("DELETE FROM record_text WHERE rowid = :pk"), {"pk": pk})

    def _collect_children(self, pk: int, record: Record, rows: dict[type[m.Base], list[Row]], texts: list[Row]) -> None:
        def add(table: type[m.Base], **values: Any) -> None:
            rows.setdefault(table, []).append({"record_pk": pk, **values})

        for organisation in self._source.access.named:
            add(m.RecordAudienceRow, organisation=organisation)
        countries = {place.country for place in record.places if place.country}
        country = countries.pop() if len(countries) == 1 else ""
        for ordinal, mention in enumerate(record.organisations):
            add(
                m.RecordOrganisationRow,
                ordinal=ordinal,
                mention_id=self._organisation_id(record.kind, mention, country),
                role=mention.role.value,
                activity_id=mention.activity_id,
            )
        for ordinal, place in enumerate(dict.fromkeys(_with_country(place, country) for place in record.places)):
            add(
                m.RecordPlaceRow,
                ordinal=ordinal,
                mention_id=self._place_id(place),
                site=place.site,
                percentage=place.percentage,
                scope=place.scope,
            )
        for ordinal, theme in enumerate(record.themes):
            for theme_id, scope in self._theme_ids(record, theme).items():
                add(
                    m.RecordThemeRow,
                    ordinal=ordinal,
                    theme=theme_id,
                    vocabulary=theme.vocabulary,
                    code=theme.code,
                    name=theme.name,
                    percentage=theme.percentage,
                    scope=scope,
                )
        for ordinal, passage in enumerate(self._splitter.passages(record)):
            add(
                m.PassageRow,
                ordinal=ordinal,
                purpose=passage.purpose,
                heading=passage.heading,
                page=passage.page,
                text=passage.text,
                text_hash=passage.text_hash,
            )
        body = "\n".join(
            [
                *(source.text for source in record.texts),
                *(theme.name for theme in record.themes if theme.name),
                *(f"{o.name} {o.acronym}".strip() for o in record.organisations),
                *(name for place in record.places for name in (*place.names, place.site) if name),
            ]
        )
        texts.append({"pk": pk, "title": record.title, "body": body})

    def _theme_ids(self, record: Record, theme: ThemeMention) -> dict[str, str]:
        """What the mention stands for, with its scope; of a table's row also what its activity column says more
        precisely, with the scope "described"."""
        coarse = themes_of_sector(theme.vocabulary, theme.code, theme.name)
        finer: tuple[str, ...] = ()
        if record.kind is RecordKind.PRESENCE and record.texts:
            finer = finer_themes(record.texts[0].text, coarse)
        return dict.fromkeys(finer, m.DESCRIBED) | dict.fromkeys(coarse or ("",), theme.scope)

    def _organisation_id(self, kind: RecordKind, mention: OrganisationMention, country: str) -> int:
        local = kind is RecordKind.PRESENCE or identity.is_generic(mention.name)
        return self._names.organisations.id_of(
            mention.ref, mention.name, mention.acronym, mention.kind, country if local else ""
        )

    def _place_id(self, place: PlaceMention) -> int:
        return self._names.places.id_of(
            place.country,
            _SEPARATOR.join(place.names),
            place.pcode,
            place.region,
            latitude=place.latitude,
            longitude=place.longitude,
        )

    def _retire(self) -> None:
        """Records that a re-read source no longer holds: kept with the date, no longer answered from."""
        current = self._session.scalars(
            select(m.RecordRow.pk).where(m.RecordRow.source_id == self._source_id, m.RecordRow.retired_at.is_(None))
        ).all()
        gone = [{"gone": pk, "now": self._now} for pk in current if pk not in self._seen]
        if gone:
            self._session.connection().execute(
                update(m.RecordRow.__table__)  # type: ignore[arg-type]
                .where(m.RecordRow.pk == bindparam("gone"))
                .values(retired_at=bindparam("now")),
                gone,
            )
        self.report.retired = len(gone)


def _with_country(place: PlaceMention, country: str) -> PlaceMention:
    return replace(place, country=country) if country and not place.country and not place.region else place


def split_names(names: str) -> tuple[str, ...]:
    """The names of a place mention as the store keeps them."""
    return tuple(names.split(_SEPARATOR)) if names else ()
