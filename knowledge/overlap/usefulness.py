"""Of how much use it is that two initiatives meet: whether they can still act on it, where, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.folding import Known
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import When
from knowledge.overlap.parts import Wider, few
from knowledge.overlap.profiles import Profile
from knowledge.overlap.sparse import Ints
from knowledge.overlap.wanted import SAME
from knowledge.timing import Standing, Timing

_USE = {When.NOW: 1.0, When.AHEAD: 1.0, When.OPEN: 0.7, When.PAST: 0.35}
_COUNTRY_ONLY, _ELSEWHERE = 0.75, 0.4
_ONE_OWNER = 0.5
_FEW = 8
"""Pairs are few where there are so many times as many records: then only the columns of theirs are looked at."""
_HALF = 0.5
"""What is complementary is half as much of a reason to meet as an overlap."""
_UNSURE = frozenset({Timing.STALE, Timing.UNDATED, Timing.SUSPENDED})


def score(known: Known, when: When, together: float) -> float:
    """Probability times use, from 0 to 1; of what is the same work, the probability alone. `together` is what `use`
    gives for the pair."""
    if known.label in SAME:
        return known.probability
    chance = known.of(Label.OVERLAP) + _HALF * known.of(Label.COMPLEMENTARY)
    return chance * _USE[when] * together


def use(corpus: Corpus, left: Ints, right: Ints) -> NDArray[np.float64]:
    """Of each pair of rows, how much it is worth that the two meet by where they are and whose, from 0 to 1."""
    if not len(left):
        return np.zeros(0)
    if isinstance(corpus, Wider) or len(left) * _FEW <= len(corpus):
        rows, at = np.unique(np.concatenate([left, right]), return_inverse=True)
        corpus, left, right = few(corpus, rows), at[: len(left)], at[len(left) :]
    areas = corpus.areas.shared(left, right)
    countries = corpus.countries.shared(left, right)
    stated = np.diff(corpus.countries.offsets) > 0
    common, near = np.zeros(len(left), np.bool_), np.zeros(len(left), np.bool_)
    common[countries.pair] = True
    near[areas.pair] = True
    elsewhere = stated[left] & stated[right] & ~common
    where = np.where(near, 1.0, np.where(elsewhere, _ELSEWHERE, _COUNTRY_ONLY))
    return np.asarray(where * np.where(corpus.owners[left] == corpus.owners[right], _ONE_OWNER, 1.0))


def when(standings: Iterable[Standing]) -> When:
    """When all of these can act together."""
    timings = {each.timing for each in standings}
    if any(timing.over for timing in timings):
        return When.PAST
    if timings & _UNSURE:
        return When.OPEN
    return When.AHEAD if Timing.PLANNED in timings else When.NOW


def areas(profile: Profile) -> frozenset[str]:
    """Places below the country that a record names, with those above them."""
    found: set[str] = set()
    for path in (*profile.places, *profile.told_places):
        steps = path.split("|")[:-1]
        found.update("|".join(steps[:depth]) for depth in range(2, len(steps) + 1))
    return frozenset(found)
