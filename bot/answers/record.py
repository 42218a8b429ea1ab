"""One record described, and where an answer comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.words import Words
from knowledge import finding, quality, statements
from knowledge.access import Audience, visible, visible_source
from knowledge.answers import Ledger, summary, text
from knowledge.finding import Facets, Hit
from knowledge.records import UNDER_WAY, Note, RecordKind
from knowledge.reply import Answer, Button, Column, Coverage, Notice, Part, Query, Quote, Reply, Span, Table
from knowledge.store import models as m
from knowledge.whowhatwhere import coverage

_QUOTED = 600
_TITLE = 120
_DESCRIBED = 4
_SEVERAL = 2
_NOTES_SHOWN = 4
_SOURCES_SHOWN = 12
_ALL_KINDS = tuple(RecordKind)


def by_ids(session: Session, ids: Sequence[str], audience: Audience) -> list[Hit]:
    """The records of these identifiers that `audience` may see, in the order asked for; letter case is ignored."""
    rows = session.execute(
        select(m.RecordRow.pk, m.RecordRow.id).where(
            func.lower(m.RecordRow.id).in_([record_id.lower() for record_id in ids]), visible(audience)
        )
    ).all()
    pk_of = {row.id.lower(): row.pk for row in rows}
    hits = finding.find(session, Facets(kinds=_ALL_KINDS, pks=tuple(pk_of.values())), audience)
    by_pk = {hit.pk: hit for hit in hits}
    wanted = [pk_of[record_id.lower()] for record_id in ids if record_id.lower() in pk_of]
    return [by_pk[pk] for pk in wanted if pk in by_pk]


def body(session: Session, pk: int) -> dict[str, Any]:
    """The whole record as it was read. The caller has already found `pk` within its audience."""
    content = session.scalar(select(m.RecordRow.body).where(m.RecordRow.pk == pk))
    found: dict[str, Any] = orjson.loads(content or b"{}")
    return found


def describe(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    """What one record says, field by field, with how stale it is. `query.records` names it."""
    if not query.records:
        return say(words, query, words("record_which"))
    hits = by_ids(session, query.records[:1], audience)
    if not hits:
        return say(words, query, words("record_unknown", id=query.records[0]), tone="warning")
    hit = hits[0]
    record = body(session, hit.pk)
    ledger = Ledger()
    cite = ledger.record(hit)
    parts: list[Part] = [
        text(
            words("record_intro", title=hit.title, publisher=hit.publisher),
            words("secondary") if hit.secondary else "",
            cites=[cite],
        )
    ]
    if quoted := _quote(record, words, cite):
        parts.append(quoted)
    rows = [
        [[Span(text=label)], [Span(text=value, cites=[cite])]] for label, value in _fields(hit, words, today) if value
    ]
    parts.append(
        Table(
            caption=hit.id,
            columns=[Column(title=words("column_field")), Column(title=words("column_value"))],
            rows=rows,
        )
    )
    if others := _other_sources(session, hit, audience, words):
        parts.append(text(*others, cites=[cite]))
    if notes := _notes(hit, record, today):
        spans = [Span(text=" ".join(f"{note.text}." for note in notes[:_NOTES_SHOWN]), cites=[cite], lang="en")]
        parts.append(Notice(tone="warning", spans=spans))
    counts = {
        "results": len(record.get("indicators", ())),
        "money": len(record.get("money", ())),
        "documents": len(record.get("documents", ())),
        "links": len(record.get("links", ())),
    }
    if more := [words(f"count_{name}", n=number) for name, number in counts.items() if number]:
        parts.append(text(words("record_more", list=", ".join(more)), cites=[cite]))
    return Answer(
        reply=Reply(
            language=words.language,
            parts=parts,
            citations=ledger.citations,
            buttons=[Button(title=words("button_source"), send=words("button_source"))],
        ),
        query=query,
        records=[summary(hit)],
        coverage=Coverage(state="reported", as_of=today),
    )


def several(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    """The records of `query` side by side, each with a button that describes it."""
    hits = by_ids(session, query.records, audience)
    if len(hits) < len(("this", "that")):
        return describe(
            session, query.model_copy(update={"records": [h.id for h in hits] or query.records}), audience, words, today
        )
    ledger = Ledger()
    rows = [
        [
            [Span(text=phrases.cut(hit.title, _TITLE), cites=[ledger.record(hit)])],
            [Span(text=hit.publisher)],
            [Span(text=phrases.shortened(words, list(dict.fromkeys(p.name for p in hit.places)), 3))],
            [Span(text=phrases.standing(words, hit, hit.standing(today)))],
        ]
        for hit in hits
    ]
    columns = ("column_what", "column_organisation", "column_where", "column_when")
    table = Table(
        caption=words("table_records"), columns=[Column(title=words(column)) for column in columns], rows=rows
    )
    asks = [words("send_describe", id=hit.id) for hit in hits[:_DESCRIBED]]
    return Answer(
        reply=Reply(
            language=words.language,
            parts=[table],
            citations=ledger.citations,
            buttons=[Button(title=ask, send=ask) for ask in asks],
        ),
        query=query,
        records=[summary(hit) for hit in hits],
        coverage=Coverage(state="reported", as_of=today),
    )


def _other_sources(session: Session, hit: Hit, audience: Audience, words: Words) -> list[str]:
    """That other files state the record too, and on which fields they differ."""
    stated = statements.of_record(session, hit.pk, audience)
    if len(stated) < 2:
        return []
    fields = [words(f"field_{difference.field}") for difference in statements.differences(stated)]
    differ = words("sources_differ", list=", ".join(fields), file=hit.source) if fields else ""
    return [words("other_sources", n=len(stated) - 1), differ]


def _notes(hit: Hit, record: dict[str, Any], today: date) -> list[Note]:
    """What is to be mended in the record, the gravest first; hints are left to the record's page."""
    stored = [Note(note["code"], note["text"]) for note in record.get("notes", ())]
    passing = quality.passing_notes(hit.kind, hit.status, hit.start, hit.end, hit.reported_on, today)
    return [note for note in quality.in_order([*stored, *passing]) if not quality.is_hint(note)]


def _quote(record: dict[str, Any], words: Words, cite: int) -> Quote | None:
    """The first description, in the reply's language where the source has it, quoted to the end of a sentence."""
    texts = [t for t in record.get("texts", ()) if t["text"].strip() and t["text"].strip() != record.get("title")]
    if not texts:
        return None
    chosen = next((t for t in texts if t["language"] == words.language), texts[0])
    whole = chosen["text"].strip()
    if len(whole) > _QUOTED:
        stop = max(whole.rfind(mark, 0, _QUOTED) for mark in (". ", "! ", "? ", "\u061f ", "\n"))
        whole = whole[: stop + 1].rstrip() if stop > _QUOTED // 3 else phrases.cut(whole, _QUOTED)
    return Quote(text=whole, lang=chosen["language"] or record.get("language") or "", cites=[cite])


def _standing(words: Words, hit: Hit, today: date) -> str:
    said = phrases.standing(words, hit, hit.standing(today)) if hit.kind in UNDER_WAY else ""
    return f"{words('record_status')}: {said}." if said else ""


def _fields(hit: Hit, words: Words, today: date) -> list[tuple[str, str]]:
    roles: dict[str, list[str]] = {}
    for participation in hit.organisations:
        roles.setdefault(participation.role.value, []).append(participation.written)
    organisations = "; ".join(
        f"{words(f'role_{role}')}: {phrases.shortened(words, list(dict.fromkeys(names)), 5)}"
        for role, names in roles.items()
    )
    places = list(dict.fromkeys(f"{p.name}, {p.site}" if p.site else p.name for p in hit.places))
    sectors = hit.sector_names or [phrases.theme_name(words, theme) for theme in hit.themes]
    start = words.date(hit.start) if hit.start else words("unknown_date")
    end = words.date(hit.end) if hit.end else words("unknown_date")
    return [
        (words("record_identifier"), hit.id),
        (words("record_status"), phrases.standing(words, hit, hit.standing(today)) if hit.kind in UNDER_WAY else ""),
        (words("record_time"), words("period_from_to", start=start, end=end) if hit.start or hit.end else ""),
        (words("record_who"), organisations),
        (words("record_where"), phrases.shortened(words, places, 8)),
        (words("record_what"), phrases.shortened(words, sectors, 6, "; ")),
    ]


def provenance(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    """Where the records that `query` names come from; of places, what covers them; else, what the whole index holds."""
    if query.records:
        return _of_record(session, query, audience, words, today)
    facets = Facets(places=tuple(place.id for place in query.places), kinds=_ALL_KINDS)
    if not query.places:
        intro = words("provenance_index", n=finding.count(session, facets, audience))
        return _sources(session, query, None, audience, words, today, intro)
    hits = finding.find(session, facets, audience)
    where = phrases.places(words, query.places)
    intro = (
        words("provenance_place", n=len(hits), places=where)
        if hits
        else words("not_covered", places=where, date=words.date(today))
    )
    return _sources(session, query, hits, audience, words, today, intro)


def provenance_of_answer(
    session: Session, query: Query, hits: Sequence[Hit], audience: Audience, words: Words, today: date
) -> Answer:
    """What the last answer rests on: all its records, also those it did not show."""
    intro = words("provenance_intro", n=len(hits)) if hits else words("provenance_nothing")
    answer = _sources(session, query, hits, audience, words, today, intro)
    answer.records = [summary(hit) for hit in hits]
    return answer


def _sources(
    session: Session,
    query: Query,
    hits: Sequence[Hit] | None,
    audience: Audience,
    words: Words,
    today: date,
    intro: str,
) -> Answer:
    """The files that `hits` stand in (None: all files), and what else was searched."""
    ledger = Ledger()
    rows, more = _source_rows(session, audience, words, hits=hits, ledger=ledger)
    covered = coverage(session, tuple(place.id for place in query.places), audience)
    said = phrases.coverage(words, covered, today)
    said.state = "reported" if rows else "none_reported" if covered.anything else "not_covered"
    parts: list[Part] = [text(intro, cites=[c.number for c in ledger.citations[:3]])]
    if rows:
        parts.append(
            Table(
                caption=words("provenance_table"),
                columns=[
                    Column(title=words("column_source")),
                    Column(title=words("column_date")),
                    Column(title=words("column_records"), numeric=True),
                    Column(title=words("column_audience")),
                ],
                rows=rows,
            )
        )
    tail = words("and_more", n=more) if more else ""
    parts.append(text(tail, said.text if covered.anything else "", words("provenance_not")))
    return Answer(
        reply=Reply(language=words.language, parts=parts, citations=ledger.citations), query=query, coverage=said
    )


def _of_record(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    hits = by_ids(session, query.records, audience)
    if not hits:
        return say(words, query, words("record_unknown", id=query.records[0]), tone="warning")
    ledger = Ledger()
    parts: list[Part] = [
        text(
            words(
                "provenance_record",
                id=hit.id,
                file=hit.source,
                element=hit.element,
                publisher=hit.publisher,
                date=words.date(hit.reported_on),
            ),
            words("secondary") if hit.secondary else "",
            _standing(words, hit, today),
            *_other_sources(session, hit, audience, words),
            cites=[ledger.record(hit)],
        )
        for hit in hits
    ]
    return Answer(
        reply=Reply(language=words.language, parts=parts, citations=ledger.citations),
        query=query,
        records=[summary(hit) for hit in hits],
        coverage=Coverage(state="reported", as_of=today),
    )


def _source_rows(
    session: Session, audience: Audience, words: Words, *, hits: Sequence[Hit] | None, ledger: Ledger
) -> tuple[list[list[list[Span]]], int]:
    """The first rows of the table of sources, and how many sources are left out."""
    counts: dict[int, int] = {}
    first: dict[int, Hit] = {}
    if hits is not None:
        for hit in hits:
            counts[hit.source_id] = counts.get(hit.source_id, 0) + 1
            first.setdefault(hit.source_id, hit)
    else:
        by_source = (
            select(m.RecordRow.source_id, func.count())
            .where(visible(audience), m.RecordRow.retired_at.is_(None))
            .group_by(m.RecordRow.source_id)
        )
        counts = dict(session.execute(by_source).all())
    rows = session.scalars(select(m.SourceRow).where(m.SourceRow.id.in_(counts), visible_source(audience)))
    ordered = sorted(rows, key=lambda source: (-counts[source.id], source.name))
    table = [
        [
            [
                Span(
                    text=f"{source.title} ({source.name})" if source.title else source.name,
                    cites=[ledger.source(first[source.id], source.level)] if source.id in first else [],
                )
            ],
            [Span(text=words.date(source.as_of))],
            [Span(text=words.number(counts[source.id]))],
            [Span(text=words(f"audience_{source.level}"))],
        ]
        for source in ordered[:_SOURCES_SHOWN]
    ]
    return table, max(0, len(ordered) - _SOURCES_SHOWN)


def say(words: Words, query: Query, *sentences: str, tone: str = "", buttons: Sequence[Button] = ()) -> Answer:
    """A reply that states nothing about records: a greeting, a question back, a refusal with its reason."""
    if tone:
        part: Part = Notice(tone="warning", spans=[Span(text=" ".join(filter(None, sentences)))])
    else:
        part = text(*sentences)
    return Answer(reply=Reply(language=words.language, parts=[part], buttons=list(buttons)), query=query)
