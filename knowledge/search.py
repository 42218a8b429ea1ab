"""Records by what their text says: full text and meaning together, narrowed by facets and audience before ranking."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.finding import Facets, Hit
from knowledge.home import Home
from knowledge.sources.sections import element_of
from knowledge.store import models as m

_NEIGHBOURS = 400
_MORE = 4
_AT_ONCE = 900
_RANK_CONSTANT = 60
_NEAR = 0.35
"""Cosine similarity below which a passage is about something else, for the packaged model."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record with its fused rank score, and the passage nearest to the question with where it stands in the record
    ("page 7, 2.1 Mandate"; empty where the record is one text)."""

    hit: Hit
    score: float
    passage: str = ""
    stands_in: str = ""


def search(
    home: Home, session: Session, words: str, facets: Facets, audience: Audience, limit: int = 20
) -> list[Found]:
    """The best records for `words` among those that answer `facets`; rank fusion of full text and vectors."""
    where = finding.clauses(session, facets, audience)
    allowed = set(session.scalars(select(m.RecordRow.pk).where(*where)))
    if not allowed:
        return []
    by_text = [pk for pk in _full_text(session, words) if pk in allowed]
    near = _by_meaning(home, session, words, allowed)
    by_meaning = list(near)
    scores: dict[int, float] = defaultdict(float)
    for ranking in (by_text, by_meaning):
        for rank, pk in enumerate(ranking):
            scores[pk] += 1.0 / (_RANK_CONSTANT + rank)
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:limit]
    hits = {hit.pk: hit for hit in finding.find(session, replace(facets, pks=tuple(best)), audience)}
    return [Found(hits[pk], scores[pk], *near.get(pk, ())) for pk in best if pk in hits]


def mentioning(session: Session, spellings: Iterable[str], facets: Facets, audience: Audience) -> tuple[int, ...]:
    """The records, among those that answer `facets`, whose text holds all words of one of `spellings`."""
    found = {pk for spelling in spellings for pk in _full_text(session, spelling)}
    allowed = session.scalars(select(m.RecordRow.pk).where(*finding.clauses(session, facets, audience)))
    return tuple(sorted(found.intersection(allowed))) if found else ()


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


def _by_meaning(home: Home, session: Session, words: str, allowed: set[int]) -> dict[int, tuple[str, str]]:
    """Record -> its nearest passage and where that stands, nearest record first, of records in `allowed` alone.

    Chroma knows no audience, so it is asked for more until enough of its neighbours are allowed: passages that may
    not be seen then crowd nothing out.
    """
    vector = home.embedder.embed([words])[0]
    passages: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    looked_up: set[str] = set()
    wanted = _NEIGHBOURS
    while True:
        nearest = home.vectors.nearest(vector, wanted)
        near = [key for key, score in nearest if score >= _NEAR]
        for start in range(0, len(new := [key for key in near if key not in looked_up]), _AT_ONCE):
            rows = session.execute(
                select(
                    m.PassageRow.text_hash,
                    m.PassageRow.record_pk,
                    m.PassageRow.text,
                    m.PassageRow.page,
                    m.PassageRow.heading,
                ).where(m.PassageRow.text_hash.in_(new[start : start + _AT_ONCE]))
            )
            for key, pk, passage, page, heading in rows:
                if pk in allowed:
                    passages[key].append((pk, passage, element_of(page, heading)))
        looked_up.update(near)
        usable = [key for key in near if passages[key]]
        # Records count, not passages: one long document must not stand for all that is near.
        if (
            len({pk for key in usable for pk, *_ in passages[key]}) >= _NEIGHBOURS
            or len(near) < len(nearest)
            or len(nearest) < wanted
        ):
            break
        wanted *= _MORE
    found: dict[int, tuple[str, str]] = {}
    for key in usable:
        for pk, passage, where in sorted(passages[key]):
            if len(found) < _NEIGHBOURS:
                found.setdefault(pk, (passage, where))
    return found
