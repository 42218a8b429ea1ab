"""Records by what their text says: full text and meaning together, narrowed by facets and audience before ranking."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.finding import Facets, Hit
from knowledge.home import Home
from knowledge.store import models as m

_NEIGHBOURS = 400
_RANK_CONSTANT = 60
_NEAR = 0.35
"""Cosine similarity below which a passage is about something else, for the packaged model."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record with its fused rank score and the passage nearest to the question."""

    hit: Hit
    score: float
    passage: str


def search(
    home: Home, session: Session, words: str, facets: Facets, audience: Audience, limit: int = 20
) -> list[Found]:
    """The best records for `words` among those that answer `facets`; rank fusion of full text and vectors."""
    where = finding.clauses(session, facets, audience)
    allowed = set(session.scalars(select(m.RecordRow.pk).where(*where)))
    if not allowed:
        return []
    by_text = [pk for pk in _full_text(session, words) if pk in allowed]
    near = _by_meaning(home, session, words)
    by_meaning = [pk for pk in near if pk in allowed]
    scores: dict[int, float] = defaultdict(float)
    for ranking in (by_text, by_meaning):
        for rank, pk in enumerate(ranking):
            scores[pk] += 1.0 / (_RANK_CONSTANT + rank)
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:limit]
    hits = {hit.pk: hit for hit in finding.find(session, replace(facets, pks=tuple(best)), audience)}
    return [Found(hits[pk], scores[pk], near.get(pk, "")) for pk in best if pk in hits]


def _full_text(session: Session, words: str) -> list[int]:
    terms = re.findall(r"\w+", words)
    if not terms:
        return []
    match = " AND ".join(f'"{term}"' for term in terms)
    rows = session.execute(
        text("SELECT rowid FROM record_text WHERE record_text MATCH :match ORDER BY bm25(record_text, 4.0, 1.0)"),
        {"match": match},
    )
    return [row.rowid for row in rows]


def _by_meaning(home: Home, session: Session, words: str) -> dict[int, str]:
    """Record -> its nearest passage, nearest record first."""
    vector = home.embedder.embed([words])[0]
    nearest = [(key, score) for key, score in home.vectors.nearest(vector, _NEIGHBOURS) if score >= _NEAR]
    rows = session.execute(
        select(m.PassageRow.text_hash, m.PassageRow.record_pk, m.PassageRow.text).where(
            m.PassageRow.text_hash.in_([key for key, _ in nearest])
        )
    ).all()
    passages: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        passages[row.text_hash].append((row.record_pk, row.text))
    found: dict[int, str] = {}
    for key, _ in nearest:
        for pk, passage in sorted(passages[key]):
            found.setdefault(pk, passage)
    return found
