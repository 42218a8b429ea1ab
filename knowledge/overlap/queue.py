"""The pairs on which a person's word helps most: disputed ones first, then those where the model is least sure.

Only pairs that the model takes to have to do with each other are in the graph, and so only these are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.finding import Facets
from knowledge.keeping import Who
from knowledge.overlap.comparing import compare
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.explaining import Clause
from knowledge.overlap.graph import Graph
from knowledge.overlap.judgements import Judgement, Pair, judged, skipped
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.meetings import clause_json
from knowledge.overlap.profiles import INITIATIVES
from knowledge.overlap.sparse import Ints
from knowledge.overlap.standing import PATIENCE
from knowledge.store import models as m

if TYPE_CHECKING:
    from knowledge.index import Index

_ENDED, _ONE_OPEN = 0.4, 0.7
_ONE_OWNER = 0.5

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WantedPairs:
    """Ids. Both records are to be at one of the places and on one of the themes, and one of them reported by one of the
    publishers (organisations); nothing given narrows nothing."""

    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """`label` is the model's, `other` what it takes for the next likeliest. `margin`: how far the two likeliest labels
    are apart; `weight`: how much it matters, from 0 to 1. `judgement`: the one that is disputed, if one is."""

    a: str
    b: str
    titles: tuple[str, str]
    publishers: tuple[str, str]
    label: Label
    probability: float
    other: Label
    other_probability: float
    margin: float
    weight: float
    clauses: tuple[Clause, ...]
    judgement: Judgement | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "a": {"id": self.a, "title": self.titles[0], "publisher": self.publishers[0]},
            "b": {"id": self.b, "title": self.titles[1], "publisher": self.publishers[1]},
            "label": self.label.value,
            "probability": round(self.probability, 3),
            "other": {"label": self.other.value, "probability": round(self.other_probability, 3)},
            "margin": round(self.margin, 3),
            "weight": round(self.weight, 3),
            "for": [clause_json(clause) for clause in self.clauses if not clause.fact.against],
            "against": [clause_json(clause) for clause in self.clauses if clause.fact.against],
            "disputed": self.judgement.as_json() if self.judgement is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Queue:
    """`pairs` are those from `offset` on, of `total`, of which the first `disputed` are disputed."""

    pairs: tuple[Queued, ...]
    total: int
    disputed: int
    offset: int


def queue(
    index: Index,
    who: Who,
    wanted: WantedPairs | None = None,
    *,
    offset: int = 0,
    limit: int = 20,
    wait: float | None = PATIENCE,
) -> Queue:
    """What is left to judge of what `who` may see, without what they skipped. Raises `standing.NotReady`."""
    wanted, today = wanted or WantedPairs(), index.today().toordinal()
    graph = index.overlaps.graph(who.audience, wait)
    with index.home.database.read() as session:
        known = judged(session, who.audience)
        away = skipped(session, who)
        asked = _asked(session, who.audience, graph.corpus, wanted)
    disputed = [
        (*rows, one)
        for pair, one in known.items()
        if one.disputed and pair not in away and (rows := _rows(graph.corpus, pair)) is not None and asked(*rows)
    ]
    disputed.sort(key=lambda entry: (entry[2].at, entry[2].a, entry[2].b), reverse=True)
    done = {rows for pair in (*known, *away) if (rows := _rows(graph.corpus, pair)) is not None}
    unsure = _least_sure(graph, asked, done, today)
    shown: list[tuple[int, int, Judgement | None]] = list(disputed[offset : offset + limit])
    first = max(0, offset - len(disputed))
    part = unsure[first : first + limit - len(shown)]
    shown += [(left, right, None) for left, right in np.column_stack([graph.left[part], graph.right[part]]).tolist()]
    return Queue(_told(graph, shown, today), len(disputed) + len(unsure), len(disputed), offset)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which rows may be on both sides of a pair, and which are to be on one of them."""

    both: Bools
    either: Bools

    def __call__(self, left: int, right: int) -> bool:
        return bool(self.pairs(np.array([left]), np.array([right]))[0])

    def pairs(self, left: Ints, right: Ints) -> Bools:
        return self.both[left] & self.both[right] & (self.either[left] | self.either[right])


def _asked(session: Session, audience: Audience, corpus: Corpus, wanted: WantedPairs) -> _Asked:
    both, either = np.ones(len(corpus), np.bool_), np.ones(len(corpus), np.bool_)
    if wanted.places or wanted.themes:
        facets = Facets(wanted.places, wanted.themes, kinds=INITIATIVES)
        ids = set(session.scalars(select(m.RecordRow.id).where(*finding.clauses(session, facets, audience))))
        both = np.array([ident in ids for ident in corpus.ids], np.bool_)
    if wanted.publishers:
        named = set(wanted.publishers)
        either = np.array([reporter in named for reporter in corpus.raw.reporters], np.bool_)
    return _Asked(both, either)


def _rows(corpus: Corpus, pair: Pair) -> tuple[int, int] | None:
    found = sorted(corpus.index[ident] for ident in pair if ident in corpus.index)
    return (found[0], found[1]) if len(found) == 2 else None


def _least_sure(graph: Graph, asked: _Asked, done: set[tuple[int, int]], today: int) -> Ints:
    """The pairs of the graph in the order in which a word is wanted, by identifier where that is equal."""
    size = len(graph.corpus)
    away = np.array([left * size + right for left, right in done], np.int64)
    kept = np.flatnonzero(asked.pairs(graph.left, graph.right) & ~np.isin(graph.left * size + graph.right, away))
    gain = (1.0 - _margins(graph.probabilities[kept])) * _weights(
        graph.corpus, graph.left[kept], graph.right[kept], today
    )
    place = np.empty(size, np.int64)
    place[np.argsort(np.array(graph.corpus.ids, object), kind="stable")] = np.arange(size)
    one, other = place[graph.left[kept]], place[graph.right[kept]]
    return kept[np.lexsort((np.maximum(one, other), np.minimum(one, other), -np.round(gain, 3)))]


def _margins(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """How far the two likeliest labels of each pair are apart."""
    top = np.sort(probabilities.astype(np.float64), axis=1)
    return np.asarray(top[:, -1] - top[:, -2])


def _weights(corpus: Corpus, left: Ints, right: Ints, today: int) -> NDArray[np.float64]:
    """How much it matters: most where both are under way, by their dates, and belong to different owners."""
    runs = (corpus.starts > 0) & (corpus.starts <= today) & (corpus.ends >= today)
    number = runs[left].astype(int) + runs[right].astype(int)
    owners = np.where(corpus.owners[left] == corpus.owners[right], _ONE_OWNER, 1.0)
    return np.asarray(np.array([_ENDED, _ONE_OPEN, 1.0])[number] * owners)


def _told(graph: Graph, shown: Sequence[tuple[int, int, Judgement | None]], today: int) -> tuple[Queued, ...]:
    corpus = graph.corpus
    ids = [tuple(sorted((corpus.ids[left], corpus.ids[right]))) for left, right, _ in shown]
    if not ids:
        return ()
    found = []
    for (left, right, judgement), one in zip(shown, compare(corpus, [(a, b) for a, b in ids]), strict=True):
        rows = np.array([left]), np.array([right])
        kept = np.flatnonzero((graph.left == left) & (graph.right == right))
        label = LABELS[int(graph.best[kept[0]])] if len(kept) else one.label
        chances = [one.probabilities[each] for each in LABELS]
        other = max((each for each in LABELS if each is not label), key=lambda each: one.probabilities[each])
        sides = [corpus.profiles[corpus.index[ident]] for ident in (one.a, one.b)]
        found.append(
            Queued(
                a=one.a,
                b=one.b,
                titles=(sides[0].title, sides[1].title),
                publishers=(sides[0].reporter.name, sides[1].reporter.name),
                label=label,
                probability=one.probabilities[label],
                other=other,
                other_probability=one.probabilities[other],
                margin=float(_margins(np.array([chances]))[0]),
                weight=float(_weights(corpus, *rows, today)[0]),
                clauses=tuple(one.clauses),
                judgement=judgement,
            )
        )
    return tuple(found)
