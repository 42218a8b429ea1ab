"""Who sits at one table: pairs that meet, gathered into meetings of a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

from knowledge.overlap.answering import Meets
from knowledge.overlap.labels import Label
from knowledge.overlap.wanted import MEET, SAME

_TOGETHER = 6
"""Headings in one meeting: more do not sit around one table."""
_MOST = 12
"""Records of one work or programme that are shown together."""
_WHOLE = (Label.DUPLICATE, Label.FAMILY)
"""What holds between each two of many. In a chain, one pays for several who have nothing to do with each other."""


def tables_of(meets: Sequence[Meets]) -> list[tuple[tuple[int, ...], tuple[Meets, ...]]]:
    """Pairs as meetings: the best pair, and whoever meets at least half of those who are there already in the same way.
    Every pair stands in one meeting; of one work or programme a record stands once, with those that it is one with."""
    labelled: dict[Label, dict[int, dict[int, Meets]]] = {}
    for each in meets:
        edges = labelled.setdefault(each.known.label, {})
        edges.setdefault(each.one, {})[each.other] = each
        edges.setdefault(each.other, {})[each.one] = each
    found: list[tuple[tuple[int, ...], tuple[Meets, ...]]] = []
    one_work: set[int] = set()
    for best in sorted(meets, key=by_use):
        edges = labelled[best.known.label]
        if best.other not in edges[best.one] or one_work.issuperset((best.one, best.other)):
            continue
        whole = best.known.label in _WHOLE
        members, pairs = [best.one, best.other], [best]
        while len(members) < (_MOST if whole else _TOGETHER):
            # The third meets both: with one of two it would make a chain of acquaintances.
            least = max(2, (len(members) + 1) // 2)
            near = Counter(chain.from_iterable(edges[member] for member in members))
            joins = [
                (number, [edges[member][number] for member in members if number in edges[member]])
                for number, times in near.items()
                if times >= least and number not in members
            ]
            if not joins:
                break
            number, kept = min(joins, key=lambda join: (-sum(each.score for each in join[1]), join[0]))
            members.append(number)
            pairs += kept
        for each in pairs:
            del edges[each.one][each.other], edges[each.other][each.one]
        if whole:
            one_work.update(members)
        found.append((tuple(members), tuple(sorted(pairs, key=by_use))))
    return found


def by_use(meets: Meets) -> tuple[Any, ...]:
    """Overlaps first, then what is complementary, then what is one work; among each the most useful."""
    return (*MEET, *SAME).index(meets.known.label), -round(meets.score, 6), meets.rows
