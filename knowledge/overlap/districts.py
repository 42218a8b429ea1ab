"""Areas below the country in which several organisations do the work of the initiatives given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.finding import Hit
from knowledge.whowhatwhere import doing


@dataclass(frozen=True, slots=True)
class District:
    """`place` is its id, `headings` the places in the list given of what is done there, `organisations` the ids of who
    does it."""

    place: str
    headings: tuple[int, ...]
    organisations: frozenset[str]


def busiest(headings: Sequence[Sequence[Hit]], at_least: int, below: Sequence[str] = ()) -> list[District]:
    """The smallest areas with at least so many different organisations, the most of them first. `headings`: for each
    initiative its records; `below`: only areas under one of these paths.

    One initiative that several records tell of counts once, with whoever does its work by any of them.
    """
    who: dict[str, set[str]] = defaultdict(set)
    what: dict[str, set[int]] = defaultdict(set)
    for number, hits in enumerate(headings):
        for hit in hits:
            doers = {participation.organisation for participation in doing(hit)}
            for path in {path for place in hit.places for path in _areas(place.path)}:
                if not below or path.startswith(tuple(below)):
                    who[path].update(doers)
                    what[path].add(number)
    # Several organisations in one project meet there already.
    kept = [path for path in who if len(who[path]) >= at_least and len(what[path]) > 1]
    smallest = [path for path in kept if not any(other != path and other.startswith(path) for other in kept)]
    smallest.sort(key=lambda path: (-len(who[path]), path))
    return [District(_last(path), tuple(sorted(what[path])), frozenset(who[path])) for path in smallest]


def names(hit: Hit, place: str) -> bool:
    """Whether the record says that it works in this place or below it."""
    return any(place in located.path.split("|") for located in hit.places)


def _areas(path: str) -> list[str]:
    """The paths of a place and of all above it but the country."""
    steps = path.strip("|").split("|")
    return ["|".join(steps[:depth]) + "|" for depth in range(2, len(steps) + 1)]


def _last(path: str) -> str:
    return path.strip("|").rpartition("|")[2]
