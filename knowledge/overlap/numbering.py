"""A publisher's own numbers: what begins with the whole number of another of its records is a part of that.

Programmes and their contracts are numbered so: 2017000043 and 2017000043057, GB-GOV-1-300044 and GB-GOV-1-300044-104.
The number alone tells, where neither texts nor places do, for a programme is often published by another department than
its contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from knowledge.overlap.profiles import Profile
from knowledge.overlap.words import SHORTEST_NUMBER

WHOLE, BEGUN = 1.0, 0.5
"""A number of the record itself, and one that such a number begins with."""
_MOST_BEHIND = 4
_BETWEEN_PIECES = re.compile(r"[-/:_.\s]")


def keys(one: Profile) -> Mapping[str, float]:
    """The keys under which parts and wholes of one owner meet, with `WHOLE` or `BEGUN`; none without an owner."""
    if not one.owner:
        return {}
    whole = _whole(one)
    begun = {number[:end]: BEGUN for number in whole for end in _ends(number, one)}
    return {f"{one.owner} {number}": what for number, what in (begun | dict.fromkeys(whole, WHOLE)).items()}


def part_of(one: Profile, other: Profile) -> tuple[str, str] | None:
    """(the number of the whole, that of its part), whichever of the two is the part."""
    if one.owner and one.owner == other.owner:
        for part, whole in ((one, other), (other, one)):
            numbers = set(_whole(whole))
            for number in _whole(part):
                for end in _ends(number, part):
                    if number[:end] in numbers:
                        return number[:end], number
    return None


def _whole(one: Profile) -> list[str]:
    return [*sorted(one.numbers), one.id.casefold()]


def _ends(number: str, one: Profile) -> Iterable[int]:
    """Where what a number begins with ends: before a piece of an identifier, and before a few characters of others."""
    if number in one.numbers:
        return range(len(number) - 1, max(SHORTEST_NUMBER, len(number) - _MOST_BEHIND) - 1, -1)
    return [found.start() for found in _BETWEEN_PIECES.finditer(number) if found.start() >= SHORTEST_NUMBER]
