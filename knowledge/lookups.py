"""Single look-ups as plain JSON: what REST and the command line show outside the conversation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import finding, identity_decisions, statements
from knowledge.access import Audience, allows, visible
from knowledge.finding import Facets, Hit
from knowledge.index import Index
from knowledge.indexing import IngestReport
from knowledge.quality import shown_notes
from knowledge.records import Record, RecordKind, Source
from knowledge.search import search
from knowledge.store import models as m
from knowledge.store.copies import RECORD, source_of

_ALL_KINDS = tuple(RecordKind)


class Unreadable(ValueError):
    """A facet that names nothing the index knows. The message says which and how to mend it."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`start` and `end` are ISO dates or ""; the lists hold names or ids."""

    words: str = ""
    places: list[str] | None = None
    themes: list[str] | None = None
    organisations: list[str] | None = None
    kinds: list[str] | None = None
    start: str = ""
    end: str = ""
    limit: int = 20


def search_records(index: Index, request: SearchRequest, audience: Audience) -> dict[str, Any]:
    """Records for the words and facets of `request`. Raises Unreadable."""
    facets = Facets(
        places=tuple(ident for name in request.places or () for ident in _places(index, name, audience)),
        themes=tuple(_one(index, name, "theme", audience) for name in request.themes or ()),
        organisations=tuple(_one(index, name, "organisation", audience) for name in request.organisations or ()),
        kinds=tuple(_kind(name) for name in request.kinds or ()) or _ALL_KINDS,
        start=_day(request.start, "from"),
        end=_day(request.end, "to"),
    )
    with index.home.database.read() as session:
        if request.words.strip():
            found = search(index.home, session, request.words, facets, audience, request.limit)
            results = [
                {
                    **hit_json(f.hit, index.today()),
                    "score": round(f.score, 6),
                    "passage": f.passage,
                    "stands_in": f.stands_in,
                }
                for f in found
            ]
            total = len(results)
        else:
            total = finding.count(session, facets, audience)
            hits = finding.find(session, facets, audience, limit=request.limit)
            results = [hit_json(hit, index.today()) for hit in hits]
    return {"total": total, "results": results}


def _one(index: Index, name: str, kind: str, audience: Audience) -> str:
    return str(_read(index, name, kind, audience)["id"])


def _places(index: Index, name: str, audience: Audience) -> list[str]:
    """The place of that name, or those that an area ("Darfur") stands for."""
    value = _read(index, name, "place", audience)
    return [str(place["id"]) for place in value.get("members") or [value]]


def _read(index: Index, name: str, kind: str, audience: Audience) -> Mapping[str, Any]:
    entities = [e for e in index.link(name, audience).entities if e.type == kind]
    if not entities:
        raise Unreadable(
            f"{kind} {name!r} is not known to this index. `commonground link` shows what is read from a text"
        )
    return entities[0].value


def _kind(name: str) -> RecordKind:
    try:
        return RecordKind(name)
    except ValueError:
        raise Unreadable(f"kind {name!r} is unknown. Use one of {', '.join(RecordKind)}") from None


def _day(value: str, field: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Unreadable(f"`{field}` {value!r} is no date. Write it as 2025-08-31") from None


def hit_json(hit: Hit, today: date) -> dict[str, Any]:
    stands = hit.standing(today)
    return {
        "id": hit.id,
        "kind": hit.kind.value,
        "title": hit.title,
        "publisher": hit.publisher,
        "status": hit.status,
        "timing": stands.timing.value,
        "start": hit.start,
        "end": hit.end,
        "reported_on": hit.reported_on,
        "secondary_reporter": hit.secondary,
        "audience": hit.level,
        "organisations": [
            {"id": o.organisation, "name": o.written, "kind": o.kind, "role": o.role.value} for o in hit.organisations
        ],
        "places": [{"id": p.place, "name": p.name, "level": p.level} for p in hit.places],
        "themes": hit.themes,
        "source": {"file": hit.source, "element": hit.element, "line": hit.line, "as_of": hit.as_of},
    }


def find_record(session: Session, record_id: str, audience: Audience) -> tuple[Hit, Record, Source] | None:
    """The record with that identifier, whatever its letter case, its hit and its source; None where not visible."""
    row = session.scalars(
        select(m.RecordRow)
        .where(func.lower(m.RecordRow.id) == record_id.lower(), visible(audience))
        .order_by(m.RecordRow.id != record_id)
    ).first()
    if row is None:
        return None
    hits = finding.find(session, Facets(kinds=_ALL_KINDS, pks=(row.pk,)), audience, retired=True)
    return hits[0], RECORD.validate_json(row.body), source_of(session.get_one(m.SourceRow, row.source_id))


def record(index: Index, record_id: str, audience: Audience) -> dict[str, Any] | None:
    """The record with what the index makes of it, or None where there is none that `audience` may see."""
    with index.home.database.read() as session:
        found = find_record(session, record_id, audience)
        if found is None:
            return None
        hit, stated, source = found
        as_stated = orjson.loads(orjson.dumps(stated))
        found_statements = statements.of_record(session, hit.pk, audience)
        return {
            **hit_json(hit, index.today()),
            "as_stated": as_stated,
            "licence": source.licence,
            "notes": [{"code": note.code, "text": note.text} for note in shown_notes(stated, index.today())],
            "statements": [statement_json(statement) for statement in found_statements],
            "differences": [
                {"field": d.field, "values": [{"value": value, "files": files} for value, files in d.values]}
                for d in statements.differences(found_statements)
            ],
        }


def statement_json(statement: statements.Statement) -> dict[str, Any]:
    return {
        "file": statement.source.name,
        "title": statement.source.title,
        "element": statement.record.locator.element,
        "line": statement.record.locator.line,
        "reported_on": statement.record.reported_on or statement.source.as_of,
        "audience": statement.source.access.level.value,
        "shown": statement.shown,
        "withdrawn_on": statement.withdrawn_on,
    }


def organisation(index: Index, organisation_id: str, audience: Audience) -> dict[str, Any] | None:
    """The organisation with that id, or the one that a name links to; only from records `audience` may see."""
    with index.home.database.read() as session:
        hits = finding.find(session, Facets(organisations=(organisation_id,), kinds=_ALL_KINDS), audience)
        if not hits:
            # As if it did not exist, an organisation that only others may know of is looked for by name.
            linked = [e for e in index.link(organisation_id, audience).entities if e.type == "organisation"]
            organisation_id = str(linked[0].value["id"]) if linked else ""
            hits = finding.find(session, Facets(organisations=(organisation_id,), kinds=_ALL_KINDS), audience)
        row = session.get(m.OrganisationRow, organisation_id)
        if row is None or not hits:
            return None
        by_role: dict[str, list[str]] = defaultdict(list)
        written: dict[str, int] = defaultdict(int)
        kind = acronym = ""
        for hit in hits:
            for participation in hit.organisations:
                if participation.organisation == row.id:
                    written[participation.written] += 1
                    kind, acronym = kind or participation.kind, acronym or participation.acronym
                    if hit.id not in by_role[participation.role.value]:
                        by_role[participation.role.value].append(hit.id)
        return {
            "id": row.id,
            "name": row.name,
            "acronym": acronym,
            "kind": kind,
            "refs": row.refs,
            "written_as": dict(sorted(written.items(), key=lambda pair: (-pair[1], pair[0]))),
            "records": dict(by_role),
            "evidence": identity_decisions.evidence(session, audience, row.id),
            "possibly_the_same": identity_decisions.possible(session, audience, row.id, limit=20),
        }


def sources(session: Session, audience: Audience) -> list[tuple[m.SourceRow, dict[str, int]]]:
    """The files behind what `audience` may see, newest data first, with counts by kind of the records they show."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for source_id, kind, number in session.execute(
        select(m.RecordRow.source_id, m.RecordRow.kind, func.count())
        .where(visible(audience), m.RecordRow.retired_at.is_(None))
        .group_by(m.RecordRow.source_id, m.RecordRow.kind)
    ):
        counts[source_id][kind] = number
    for row in session.scalars(select(m.SourceRow).where(m.SourceRow.id.in_(select(m.RecordCopyRow.source_id)))):
        if allows(audience, source_of(row).access):
            counts.setdefault(row.id, {})
    rows = session.scalars(select(m.SourceRow).where(m.SourceRow.id.in_(counts)))
    return [
        (row, counts[row.id])
        for row in sorted(rows, key=lambda row: (-(row.as_of or date.min).toordinal(), row.title, row.name))
    ]


def report_json(report: IngestReport) -> dict[str, Any]:
    """An ingest report as REST and `--json` give it."""
    return {
        "sources": [
            {
                "file": source.name,
                "format": source.format,
                "records": source.records,
                "added": source.added,
                "changed": source.changed,
                "unchanged": source.unchanged,
                "retired": source.retired,
                "copies": source.copies,
                "names": source.names,
                "skipped": source.skipped,
                "undeclared": source.undeclared,
                "refused": source.refused,
                "personal_data_left_out": dict(source.personal),
                "problems": [str(problem) for problem in source.problems],
            }
            for source in report.sources
        ],
        "problems": [str(problem) for problem in report.problems],
        "refused": len(report.refused),
        "records": sum(source.records for source in report.sources),
        "added": sum(source.added for source in report.sources),
        "changed": sum(source.changed for source in report.sources),
        "unchanged": sum(source.unchanged for source in report.sources),
        "retired": sum(source.retired for source in report.sources),
        "personal_data_left_out": dict(sum((source.personal for source in report.sources), Counter[str]())),
        "organisations": report.organisations,
        "places": report.places,
        "embedded": report.embedded,
        "version": report.version,
        "seconds": {stage: round(spent, 3) for stage, spent in report.seconds.items()},
    }
