"""Passages within records: which one answers, by how near it is and how many of the question's words it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from knowledge.finding import Hit
from knowledge.home import Home
from knowledge.retrieval.lexical import Concept, bare, words_of
from knowledge.retrieval.ranking import NEAR, SAID, Evidence, by_text
from knowledge.retrieval.ranking import best as highest
from knowledge.sources.sections import element_of

_CANDIDATES = 200
_SAYING, _OF_EACH = 40, 3
"""Records that say the words best, and the nearest passages of each, are looked at besides the nearest passages."""
_MEANING_WEIGHT = 0.5
_READ = text(
    # Joined, each passage is looked up; a list of pairs would make SQLite read the whole table.
    "SELECT passage.record_pk, passage.ordinal, passage.text, passage.purpose, passage.heading, passage.page"
    " FROM json_each(:keys) AS wanted CROSS JOIN passage ON passage.record_pk = json_extract(wanted.value, '$[0]')"
    " AND passage.ordinal = json_extract(wanted.value, '$[1]')"
)


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """`ordinal` counts the passages of its record; `hit` is the record, where it was asked for."""

    pk: int
    ordinal: int
    score: float
    text: str
    purpose: str
    heading: str
    page: int
    hit: Hit | None = None

    @property
    def stands_in(self) -> str:
        return element_of(self.page, self.heading)


def scored(
    home: Home, session: Session, words: str, found: Evidence, records: Iterable[int], of_each: int
) -> list[FoundPassage]:
    """The nearest `of_each` passages of each of `records` (positions in the columns), best first."""
    held = found.held.passages
    spans = [np.arange(held.offsets[i], held.offsets[i + 1]) for i in records]
    entries = np.concatenate(spans) if spans else np.zeros(0, np.int64)
    similar = held.similarities(home.retrieval.vector(words, found.held), entries)
    chosen: list[int] = []
    start = 0
    for span in spans:
        order = np.argsort(-similar[start : start + len(span)], kind="stable")[:of_each]
        chosen += (start + order).tolist()
        start += len(span)
    return _weighed(session, found, entries[chosen], similar[chosen])


def best(home: Home, session: Session, words: str, found: Evidence, limit: int) -> list[FoundPassage]:
    """The best passages of all records of the evidence."""
    held = found.held.passages
    nearest = found.held.passages.entries_of(found.mask & (found.near.values >= NEAR))
    similar = held.similarities(home.retrieval.vector(words, found.held), nearest)
    some = [i for i, _ in highest(similar, _CANDIDATES)]
    passages = _weighed(session, found, nearest[some], similar[some])
    saying = np.where(found.text.shares >= SAID, by_text(found), np.float32(0.0))
    seen = {(passage.pk, passage.ordinal) for passage in passages}
    for passage in scored(home, session, words, found, [i for i, _ in highest(saying, _SAYING)], _OF_EACH):
        if (passage.pk, passage.ordinal) not in seen:
            passages.append(passage)
    passages.sort(key=lambda passage: (-passage.score, passage.pk, passage.ordinal))
    return passages[:limit]


def _weighed(
    session: Session, found: Evidence, entries: NDArray[np.int64], similar: NDArray[np.float32]
) -> list[FoundPassage]:
    held = found.held
    keys = [
        (int(held.columns.pks[held.passages.entry_record[i]]), int(held.passages.entry_ordinal[i])) for i in entries
    ]
    nearness = dict(zip(keys, similar.tolist(), strict=True))
    says = _Words(found.text.weights)
    passages: list[FoundPassage] = []
    rows = session.execute(_READ, {"keys": json.dumps(keys)})
    for pk, ordinal, text_, purpose, heading, page in rows:
        near = max(0.0, nearness[pk, ordinal])
        score = _MEANING_WEIGHT * near + (1.0 - _MEANING_WEIGHT) * says.share(text_)
        passages.append(FoundPassage(pk, ordinal, score, text_, purpose, heading, page))
    passages.sort(key=lambda passage: (-passage.score, passage.pk, passage.ordinal))
    return passages


class _Words:
    """How much of a question a text says."""

    def __init__(self, weights: Sequence[tuple[Concept, float]]) -> None:
        self._forms = [({bare(form) for form in concept.forms}, weight) for concept, weight in weights]
        self._total = sum(weight for _, weight in weights) or 1.0

    def share(self, text: str) -> float:
        said = words_of(text)
        return sum(weight for forms, weight in self._forms if not forms.isdisjoint(said)) / self._total
