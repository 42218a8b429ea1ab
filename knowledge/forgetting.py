"""Forgetting for real: a record, a source, or all of an organisation, out of the tables, the indexes and the disk.

    found = selected(session, Wanted(records=("XX-1",)))     # what would go
    report = forget(home, Wanted(records=("XX-1",)))         # it goes

The rows go in one transaction, which also marks what may not come back and what is still owed: a run that is killed
before or after it is done again or goes on. `knowledge.purging` then takes the bytes from the disk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from knowledge import indexing, initiatives, keeping, purging, tombstones
from knowledge.access import organisation_key
from knowledge.home import Home
from knowledge.progress import NoProgress, Progress
from knowledge.records import Role
from knowledge.sources import guard
from knowledge.store import copies, state
from knowledge.store import models as m
from knowledge.store.mentions import Names
from knowledge.store.rows import RecordRows
from knowledge.store.sql import in_parts, reached, utc_now

_SHOWN = 50
_REASON = 200
_LEFT = (
    "Copies of the data folder that you or a backup made are not reached",
    "Records of others that name an erased one, as parent or as funder, still name it",
    "What people decided of an organisation's names is theirs and stays",
    "Conversations in which it was spoken of are in Rasa's own memory (dialogue.db) until that file is removed",
)


class Unknown(Exception):
    """Nothing, or not one thing only, is of this name. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to forget: records by id, or one source by key or name, or what an organisation owns or reports."""

    records: tuple[str, ...] = ()
    source: str = ""
    organisation: str = ""


@dataclass(slots=True)
class Selection:
    """What would go. `kept`: records of the source that other sources hold too, and which these stand for then.
    `for_people`: alerts, initiatives, introductions, feedback and judgements of the organisation."""

    records: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    kept: int = 0
    copies: int = 0
    for_people: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "records": len(self.records),
            "ids": self.records[:_SHOWN],
            "kinds": self.kinds,
            "sources": self.sources,
            "kept": self.kept,
            "copies": self.copies,
            "for_people": self.for_people,
        }


@dataclass(slots=True)
class ForgetReport:
    """What was done: rows per table, vectors, copies of fetched files; `left` is what could not be erased and why.

    `unfinished` names what still holds bytes on this disk; the next run takes them."""

    records: int = 0
    sources: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    vectors: int = 0
    files: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unfinished: str = ""
    version: int = 0


def selected(session: Session, wanted: Wanted) -> Selection:
    """What `forget` would erase. Raises Unknown."""
    source = _source(session, wanted.source) if wanted.source else None
    ids = _ids(session, wanted, source)
    found = Selection(records=sorted(ids), sources=[source.name] if source else [])
    for part in in_parts(sorted(ids)):
        kinds = select(m.RecordRow.kind, func.count()).where(m.RecordRow.id.in_(part)).group_by(m.RecordRow.kind)
        for kind, number in session.execute(kinds):
            found.kinds[kind] = found.kinds.get(kind, 0) + number
        held = select(func.count()).select_from(m.RecordCopyRow).where(m.RecordCopyRow.record_id.in_(part))
        found.copies += session.scalar(held) or 0
    if wanted.organisation:
        found.for_people = keeping.kept_for(session, organisation_key(wanted.organisation))
    if source is not None:
        shared = select(func.count()).select_from(m.RecordCopyRow).where(m.RecordCopyRow.source_id == source.id)
        found.kept = len(_also_elsewhere(session, source.id)) + (session.scalar(shared) or 0)
    return found


def forget(home: Home, wanted: Wanted, *, reason: str = "", progress: Progress | None = None) -> ForgetReport:
    """Erases it, publishes, and rewrites the files that held it. Raises Unknown where there is nothing to erase."""
    progress = progress or NoProgress()
    report = ForgetReport()
    with home.ingesting, home.database.write() as session:
        session.execute(text("PRAGMA secure_delete = ON"))
        _erase(home, session, wanted, guard.one_line(reason)[:_REASON], report)
        state.owe(session, "resolve", "embed", purging.PURGE)
        state.publish(session)
    finished = indexing.finish(home, progress=progress)
    report.version, report.unfinished = finished.version, finished.unfinished
    report.left += _LEFT
    return report


def allow_again(home: Home, wanted: Wanted) -> int:
    """Lets records, or a source with all it held, in again at the next reading; returns how many marks were lifted."""
    with home.ingesting, home.database.write() as session:
        lifted = sum(tombstones.lift(session, tombstones.RECORD, record) for record in wanted.records)
        if wanted.source:
            key = wanted.source if "://" in wanted.source else str(Path(wanted.source).resolve())
            lifted += tombstones.lift(session, tombstones.SOURCE, key)
        if lifted:
            # Their bytes have not changed, yet more of them is wanted now.
            session.execute(update(m.SourceRow).values(reader=0))
    return lifted


def _source(session: Session, name: str) -> m.SourceRow:
    path = str(Path(name).resolve()) if "://" not in name else name
    rows = session.scalars(
        select(m.SourceRow)
        .where(or_(m.SourceRow.key.in_([name, path]), m.SourceRow.name == name, m.SourceRow.title == name))
        .order_by(m.SourceRow.key)
    ).all()
    exact = [row for row in rows if row.key in (name, path)]
    if len(rows) == 1 or exact:
        return (exact or rows)[0]
    if rows:
        raise Unknown(f"{len(rows)} sources are called {name}. Name one by its key: " + "; ".join(r.key for r in rows))
    raise Unknown(f"No source {name}. Name it by its path, its address, its file name or its title")


def _ids(session: Session, wanted: Wanted, source: m.SourceRow | None) -> set[str]:
    ids = set(_known(session, wanted.records))
    if source is not None:
        own = set(session.scalars(select(m.RecordRow.id).where(m.RecordRow.source_id == source.id)))
        ids |= own - _also_elsewhere(session, source.id)
    if wanted.organisation:
        ids |= _of_organisation(session, wanted.organisation)
    return ids


def _known(session: Session, records: Sequence[str]) -> Iterator[str]:
    for record in records:
        found = list(session.scalars(select(m.RecordRow.id).where(m.RecordRow.id == record)))
        if not found:
            # Nothing by this spelling: a look at all of them is worth it.
            found = list(session.scalars(select(m.RecordRow.id).where(func.lower(m.RecordRow.id) == record.lower())))
        if not found:
            date = tombstones.Tombstones(session).date_of(tombstones.RECORD, record)
            raise Unknown(
                f"{record} was forgotten on {date:%Y-%m-%d}" if date else f"No record {record}. Check the identifier"
            )
        yield from found


def _also_elsewhere(session: Session, source_id: int) -> set[str]:
    """Records shown from this source of which another one has a standing statement."""
    return set(
        session.scalars(
            select(m.RecordRow.id)
            .join(m.RecordCopyRow, m.RecordCopyRow.record_id == m.RecordRow.id)
            .where(
                m.RecordRow.source_id == source_id,
                m.RecordCopyRow.source_id != source_id,
                m.RecordCopyRow.retired_at.is_(None),
            )
        )
    )


def _of_organisation(session: Session, name: str) -> set[str]:
    """Records that the organisation owns, or reports under any name that the index takes to be its."""
    key = organisation_key(name)
    resolved = {
        row.id
        for row in session.scalars(select(m.OrganisationRow))
        if row.id == name or key in {organisation_key(one) for one in (row.name, row.acronym, *row.aliases, *row.refs)}
    }
    mentions = [
        mention.id
        for mention in session.scalars(select(m.OrganisationMentionRow))
        if mention.organisation_id in resolved or key in {organisation_key(mention.name), organisation_key(mention.ref)}
    ]
    ids = set(session.scalars(select(m.RecordRow.id).where(m.RecordRow.owner == key)))
    for ids_of_mentions in in_parts(mentions):
        ids.update(
            session.scalars(
                select(m.RecordRow.id)
                .join(m.RecordOrganisationRow, m.RecordOrganisationRow.record_pk == m.RecordRow.pk)
                .where(
                    m.RecordOrganisationRow.mention_id.in_(ids_of_mentions),
                    m.RecordOrganisationRow.role == Role.REPORTING.value,
                )
            )
        )
    publishers = session.scalars(select(m.RecordRow.publisher).distinct()).all()
    for part in in_parts([publisher for publisher in publishers if organisation_key(publisher) == key]):
        ids.update(session.scalars(select(m.RecordRow.id).where(m.RecordRow.publisher.in_(part))))
    if not key or not (ids or keeping.kept_for(session, key)):
        raise Unknown(f"{name} owns and reports no record here. `commonground link` finds how a name is written")
    return ids


def _erase(home: Home, session: Session, wanted: Wanted, reason: str, report: ForgetReport) -> None:
    counted: Counter[str] = Counter()
    source = _source(session, wanted.source) if wanted.source else None
    ids = sorted(_ids(session, wanted, source))
    outside: set[str] = set()
    if source is not None:
        _hand_over(home, session, source.id)
        within = source.key
        tombstones.bury(session, tombstones.SOURCE, [source.key, source.sha256], reason, within)
        tombstones.bury(session, tombstones.RECORD, ids, reason, within)
    else:
        tombstones.bury(session, tombstones.RECORD, ids, reason)
    _drop_copies(session, ids, source, outside, report)
    _drop_records(session, ids, counted, report)
    if wanted.organisation:
        counted.update(keeping.erase_organisation(session, organisation_key(wanted.organisation)))
    counted["source"] += initiatives.drop_empty_sources(session)
    if source is not None:
        for table in (m.GazetteerRow, m.OrganisationNameRow, m.RecordCopyRow, m.RecordChangeRow):
            counted[table.__tablename__] += reached(session, delete(table).where(table.source_id == source.id))
        counted["fetch"] += reached(session, delete(m.FetchRow).where(m.FetchRow.key == source.key))
        counted["source"] += reached(session, delete(m.SourceRow).where(m.SourceRow.id == source.id))
        report.sources = 1
    report.records = counted["record"]
    report.rows = {str(table): number for table, number in sorted(counted.items()) if number}
    report.left += [
        f"The file itself is not this installation's and still holds it: {name}" for name in sorted(outside)
    ]


def _hand_over(home: Home, session: Session, source_id: int) -> None:
    """What another source says too is shown from there on."""
    now = utc_now()
    session.execute(update(m.RecordRow).where(m.RecordRow.source_id == source_id).values(retired_at=now))
    copies.reconsider(session, RecordRows(session, home.splitter(), Names(session), now), now, source_id=source_id)


def _drop_copies(
    session: Session, ids: Sequence[str], source: m.SourceRow | None, outside: set[str], report: ForgetReport
) -> None:
    """Lets go of fetched files that hold an erased record, and of what was noted of it when its file was read."""
    erased: dict[int, set[str]] = {}
    for part in in_parts(ids):
        for statements in (
            select(m.RecordRow.source_id, m.RecordRow.element).where(m.RecordRow.id.in_(part)),
            select(m.RecordCopyRow.source_id, m.RecordCopyRow.element).where(m.RecordCopyRow.record_id.in_(part)),
        ):
            for source_id, element in session.execute(statements):
                erased.setdefault(source_id, set()).add(element)
    if source is not None:
        erased.setdefault(source.id, set())
    named = set(ids)
    for row in session.scalars(select(m.SourceRow)):
        row.problems = [problem for problem in row.problems if not _names(problem, named, erased.get(row.id, set()))]
        if row.id not in erased:
            continue
        row.records = max(0, row.records - len(erased[row.id]))
        # Read again although its bytes are the same: it is to say what it leaves out from now on.
        row.reader = 0
        fetched = session.get(m.FetchRow, row.key)
        if "://" not in row.key:
            outside.add(row.key)
        elif fetched is not None and fetched.file:
            report.files.append(fetched.file)
            # Without its validators the next sync takes the whole file again, and leaves out what was forgotten.
            fetched.file = fetched.etag = fetched.modified = ""
    session.flush()


def _names(problem: dict[str, Any], ids: set[str], elements: set[str]) -> bool:
    words = re.split(r"[\s,;()'\"]+", f"{problem['reason']} {problem['mend']}")
    return problem["element"] in elements or any(word.rstrip(".:") in ids for word in words)


def _drop_records(session: Session, ids: Sequence[str], counted: Counter[str], report: ForgetReport) -> None:
    """The records with everything that hangs on them, and whatever nothing else hangs on then."""
    by_pk = [table for table in m.Base.metadata.sorted_tables if _refers_to_record(table)]
    by_id = [table for table in m.Base.metadata.sorted_tables if "record_id" in table.c]
    organisations: set[int] = set()
    places: set[int] = set()
    texts: set[str] = set()
    for part in in_parts(ids):
        pks = session.scalars(select(m.RecordRow.pk).where(m.RecordRow.id.in_(part))).all()
        for found, column, row in (
            (organisations, m.RecordOrganisationRow.mention_id, m.RecordOrganisationRow),
            (places, m.RecordPlaceRow.mention_id, m.RecordPlaceRow),
            (texts, m.PassageRow.text_hash, m.PassageRow),
        ):
            found.update(session.scalars(select(column).where(row.record_pk.in_(pks))))
        for table in by_pk:
            counted[table.name] += reached(session, delete(table).where(_record_column(table).in_(pks)))
        # Its words may repeat what the record said.
        counted.update(keeping.erase_about(session, part))
        for pk in pks:
            counted["record_text"] += reached(
                session, text("DELETE FROM record_text WHERE rowid = :pk").bindparams(pk=pk)
            )
        for table in by_id:
            counted[table.name] += reached(session, delete(table).where(table.c.record_id.in_(part)))
        counted["record"] += reached(session, delete(m.RecordRow).where(m.RecordRow.pk.in_(pks)))
    used_names, used_places = select(m.RecordOrganisationRow.mention_id), select(m.RecordPlaceRow.mention_id)
    names, places_ = m.OrganisationMentionRow, m.PlaceMentionRow
    for numbers in in_parts(sorted(organisations)):
        counted["organisation_mention"] += reached(
            session, delete(names).where(names.id.in_(numbers), names.id.not_in(used_names))
        )
    for numbers in in_parts(sorted(places)):
        counted["place_mention"] += reached(
            session, delete(places_).where(places_.id.in_(numbers), places_.id.not_in(used_places))
        )
    for hashes in in_parts(sorted(texts)):
        alone = delete(m.EmbeddingRow).where(
            m.EmbeddingRow.text_hash.in_(hashes), m.EmbeddingRow.text_hash.not_in(select(m.PassageRow.text_hash))
        )
        report.vectors += reached(session, alone)
    counted["embedding"] += report.vectors


def _refers_to_record(table: Table) -> bool:
    return any(key.column.table.name == "record" for key in table.foreign_keys)


def _record_column(table: Table) -> Any:
    return next(key.parent for key in table.foreign_keys if key.column.table.name == "record")
