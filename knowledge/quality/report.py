"""A report on one publisher's data that one could send to the publisher."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.access import Audience, visible
from knowledge.index import Index
from knowledge.personal import counts_of
from knowledge.quality.beside import notes_beside
from knowledge.quality.catalogue import dimensions, note_kind, rank
from knowledge.quality.measures import Measure, Measures, measure, median_score, median_share, merged
from knowledge.quality.notes import passing_notes
from knowledge.quality.publishers import Publisher, find_publisher
from knowledge.records import Note, RecordKind
from knowledge.store import models as m

_EXAMPLES = 5
_GOOD = 80
FORMULA = (
    "100 × the share of the records asked that carry none of the dimension's faults and gaps; hints, and what only the "
    "comparison with other records shows, do not count"
)


def report(index: Index, publisher: str, audience: Audience) -> dict[str, Any]:
    """The report as plain JSON. Shares are 0 to 1, scores 0 to 100; a median is that of the publishers with at least
    five records of the kinds in question, and None where there is none. Raises UnknownPublisher."""
    today = index.today()
    with index.home.database.read() as session:
        who = find_publisher(index, session, publisher, audience)
        measures = measure(session, audience, today)
        ours = merged(measures[name] for name in who.names if name in measures)
        return {
            "publisher": {
                "name": who.name,
                "id": who.organisation,
                "refs": list(who.refs),
                "also": list(who.names[1:]),
            },
            "date": today.isoformat(),
            "audience": audience.label,
            "records": ours.records.total(),
            "kinds": {kind.value: number for kind, number in ours.records.most_common()},
            "publishers_compared": len(measures),
            "formula": FORMULA,
            **_found(session, who, audience, ours, measures, today),
        }


def _found(
    session: Session, who: Publisher, audience: Audience, ours: Measure, measures: Measures, today: date
) -> dict[str, Any]:
    rows = session.execute(
        select(m.RecordRow, m.RecordRow.body, m.SourceRow)
        .join(m.SourceRow, m.SourceRow.id == m.RecordRow.source_id)
        .where(m.RecordRow.publisher.in_(who.names), visible(audience), m.RecordRow.retired_at.is_(None))
        .order_by(m.RecordRow.id)
    ).all()
    bodies: dict[int, dict[str, Any]] = {}
    places: dict[int, dict[str, Any]] = {}
    examples: dict[str, list[dict[str, Any]]] = defaultdict(list)
    carrying: dict[str, set[int]] = defaultdict(set)
    sources: Counter[int] = Counter()
    files: dict[int, m.SourceRow] = {}
    personal: Counter[str] = Counter()

    def carry(pk: int, note: Note) -> None:
        if pk not in carrying[note.code]:
            carrying[note.code].add(pk)
            if len(examples[note.code]) < _EXAMPLES:
                examples[note.code].append({**places[pk], "note": note.text})

    for row, body, source in rows:
        bodies[row.pk] = loaded = orjson.loads(body)
        sources[source.id] += 1
        files[source.id] = source
        places[row.pk] = {
            "id": row.id,
            "title": row.title,
            "file": source.name,
            "line": row.line,
            "element": row.element,
        }
        stored = [Note(note["code"], note["text"]) for note in loaded["notes"]]
        personal += counts_of(stored)
        kind = RecordKind(row.kind)
        for note in (*stored, *passing_notes(kind, row.status, row.start, row.end, row.reported_on, today)):
            carry(row.pk, note)
    for pk, note in notes_beside(session, bodies, audience, who.refs):
        carry(pk, note)
    notes = [_note(code, len(pks), ours, measures, examples[code]) for code, pks in carrying.items()]
    weights = ("fault", "gap", "hint")
    notes.sort(key=lambda note: (weights.index(note["weight"]), -note["records"], rank(note["code"])))
    scores = [score for name in dimensions() if (score := _score(name, ours, measures)) is not None]
    return {
        "sources": [
            {
                "file": files[key].name,
                "title": files[key].title,
                "format": files[key].format,
                "as_of": _iso(files[key].as_of),
                "records": number,
            }
            for key, number in sources.most_common()
        ],
        "last_reported": _iso(max((row.reported_on for row, _, _ in rows if row.reported_on), default=None)),
        "scores": scores,
        "good": _good(scores),
        "notes": notes,
        "personal_data_left_out": dict(personal),
        "without_notes": sum(
            1
            for pk in bodies
            if not any(pk in pks and note_kind(code).weight != "hint" for code, pks in carrying.items())
        ),
    }


def _note(code: str, number: int, ours: Measure, measures: Measures, examples: list[dict[str, Any]]) -> dict[str, Any]:
    kind = note_kind(code)
    asked = ours.applicable(kind.dimension) or ours.records.total()
    return {
        "code": code,
        "title": kind.title,
        "weight": kind.weight,
        "dimension": kind.dimension,
        "records": number,
        "of": asked,
        "share": round(number / asked, 4),
        "median_share": None if kind.index_wide else _rounded(median_share(measures, code), 4),
        "why": kind.why,
        "mend": kind.mend,
        "examples": examples,
    }


def _score(name: str, ours: Measure, measures: Measures) -> dict[str, Any] | None:
    score = ours.score(name)
    if score is None:
        return None
    dimension = dimensions()[name]
    return {
        "dimension": name,
        "title": dimension.title,
        "asks": dimension.asks,
        "score": round(score),
        "median": _rounded(median_score(measures, name), 0),
        "records": ours.applicable(name),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _good(scores: list[dict[str, Any]]) -> list[str]:
    """What the publisher does well, in sentences."""
    said = []
    for score in scores:
        better = score["median"] is not None and score["score"] > score["median"]
        if score["score"] >= _GOOD or (better and score["score"] >= _GOOD // 2):
            beside = f", against {score['median']:.0f} % with the median publisher" if better else ""
            said.append(f"{score['title']}: {score['score']} % of {score['records']:,} records have it right{beside}.")
    return said
