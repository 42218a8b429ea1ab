"""Of how much use it is that two initiatives meet: whether they can still act on it, where, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.overlap.folding import Known
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import When
from knowledge.overlap.profiles import Profile
from knowledge.overlap.wanted import SAME
from knowledge.timing import Standing, Timing

_USE = {When.NOW: 1.0, When.AHEAD: 1.0, When.OPEN: 0.7, When.PAST: 0.35}
_COUNTRY_ONLY, _ELSEWHERE = 0.75, 0.4
_ONE_OWNER = 0.5
_HALF = 0.5
"""What is complementary is half as much of a reason to meet as an overlap."""
_UNSURE = frozenset({Timing.STALE, Timing.UNDATED, Timing.SUSPENDED})


def score(one: Profile, other: Profile, known: Known, when: When) -> float:
    """Probability times use, from 0 to 1; of what is the same work, the probability alone."""
    if known.label in SAME:
        return known.probability
    chance = known.of(Label.OVERLAP) + _HALF * known.of(Label.COMPLEMENTARY)
    owner = _ONE_OWNER if one.owner and one.owner == other.owner else 1.0
    return chance * _USE[when] * _together(one, other) * owner


def when(standings: Iterable[Standing]) -> When:
    """When all of these can act together."""
    timings = {each.timing for each in standings}
    if any(timing.over for timing in timings):
        return When.PAST
    if timings & _UNSURE:
        return When.OPEN
    return When.AHEAD if Timing.PLANNED in timings else When.NOW


def _together(one: Profile, other: Profile) -> float:
    if not areas(one).isdisjoint(areas(other)):
        return 1.0
    countries = [{path.split("|")[0] for path in profile.places} for profile in (one, other)]
    return _ELSEWHERE if all(countries) and countries[0].isdisjoint(countries[1]) else _COUNTRY_ONLY


def areas(profile: Profile) -> frozenset[str]:
    """Places below the country that a record names, with those above them."""
    found: set[str] = set()
    for path in (*profile.places, *profile.told_places):
        steps = path.split("|")[:-1]
        found.update("|".join(steps[:depth]) for depth in range(2, len(steps) + 1))
    return frozenset(found)
