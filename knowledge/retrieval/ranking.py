"""Text and meaning of records weighed together: what a question finds, in which order.

Fusion is a convex combination of two scores that are comparable across questions: BM25 as a share of the most that it
could reach, and cosine similarity, squared, since what is hardly alike is not alike at all. Both were chosen by
measurement, against reciprocal rank fusion among others (benchmarks/retrieval.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from knowledge.access import Audience
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.retrieval.columns import Mask
from knowledge.retrieval.kept import Held
from knowledge.retrieval.lexical import Floats, TextScores, concepts
from knowledge.retrieval.meaning import Near

NEAR = 0.35
"""Cosine similarity below which a passage is about something else, for the packaged model."""
SAID = 0.3
"""Share of a question's words, by weight, from which a record whose passages are not near is found by them alone."""
MEANING_WEIGHT = 0.25
"""The rest is the weight of the text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What text and meaning say of the records in `mask`, by their position in the columns."""

    held: Held
    mask: Mask
    text: TextScores
    near: Near


def evidence(
    home: Home, session: Session, words: str, facets: Facets, audience: Audience, neighbours: int
) -> Evidence | None:
    """None where no record that `audience` may see answers `facets`."""
    held = home.retrieval.level(session)
    visible = held.visible(audience)
    mask = held.mask(session, facets, visible)
    if not mask.any():
        return None
    text = held.texts.scores(session, concepts(words), mask, visible)
    near = held.passages.nearest(
        home.retrieval.vector(words, held),
        mask,
        lambda vector, count: home.vectors.nearest(vector, count),
        neighbours,
        NEAR,
    )
    return Evidence(held, mask, text, near)


def by_text(found: Evidence) -> Floats:
    """BM25 between 0 and 1, where 1 is more than any record reaches."""
    return found.text.values / np.float32(found.text.most or 1.0)


def by_meaning(found: Evidence) -> Floats:
    """Cosine similarity, squared; 0 for what points elsewhere."""
    return np.square(np.maximum(found.near.values, np.float32(0.0)))


def ranked(found: Evidence, limit: int) -> list[tuple[int, float]]:
    """The best records, by their position in the columns, with their scores."""
    fused = MEANING_WEIGHT * by_meaning(found) + (1.0 - MEANING_WEIGHT) * by_text(found)
    enough = (found.near.values >= NEAR) | (found.text.shares >= SAID)
    return best(np.where(enough & found.mask, fused, 0.0), limit)


def best(scores: NDArray[np.floating], limit: int) -> list[tuple[int, float]]:
    """The positions of the highest scores above 0, highest first; of equal ones the first."""
    some = np.flatnonzero(scores > 0)
    if len(some) > limit > 0:
        # All that equal the last one stay in until they are sorted.
        least = np.partition(scores[some], len(some) - limit)[len(some) - limit]
        some = some[scores[some] >= least]
    order = some[np.lexsort((some, -scores[some]))][:limit]
    return [(int(i), float(scores[i])) for i in order]
