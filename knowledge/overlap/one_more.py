"""Which records are worth comparing with one that is not among them: the channels of `candidates`, from one side."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from knowledge.overlap.candidates import LARGEST_KEY, LARGEST_POSTING, WIDE, Limits
from knowledge.overlap.parts import Wider
from knowledge.overlap.sparse import Floats, Ints, Rows

_APART = 0.3


def neighbours(wider: Wider, limits: Limits, *, links: bool = True) -> Ints:
    """Rows of the base of `wider` to compare its last record with, ascending."""
    found = _OneMore(wider, links).found(limits)
    return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))


class _OneMore:
    def __init__(self, wider: Wider, links: bool) -> None:
        self._base, self._one, self._links = wider.base, wider.one, links
        base, one = wider.base, wider.one
        starts, ends = base.spans
        (first,), (last,) = one.spans
        self._apart = (starts > last) | (ends < first)
        self._meeting = np.where(self._apart, 0.0, base.meeting @ one.meeting[0])
        self._work = base.work @ one.work[0] - _APART * self._apart

    def found(self, limits: Limits) -> Iterator[Ints]:
        base, one = self._base, self._one
        yield from self._by_place(limits.place)
        yield from self._by_key(base.areas, one.areas, limits.area)
        for rows, mine in (
            (base.outside_doing, one.outside_doing),
            (base.outside_funding, one.outside_funding),
        ):
            yield from self._by_key(rows, mine, limits.party)
        yield from self._by_reporter(limits.who)
        yield from self._by_each_other(limits.mutual)
        yield from self._by_publisher(limits.publisher)
        yield self._by_terms(limits.text)
        yield from _holders(base.codes, one.codes)
        if self._links:
            yield self._by_link()

    def _nearest(self, scores: Floats, members: Ints, keep: int) -> Ints:
        if len(members) <= keep + 1:
            return members
        own = scores[members]
        top = np.argpartition(own, len(own) - keep)[len(own) - keep :]
        return members[top[own[top] > 0]]

    def _by_place(self, keep: int) -> Iterator[Ints]:
        base, one = self._base.countries, self._one.countries
        breadth = np.diff(base.offsets)
        of_region = np.zeros(len(base), np.bool_)
        for code, name in enumerate(base.names):
            if name.startswith("region:"):
                of_region[_members(base, code)] = True
        wide = (breadth == 0) | (breadth > WIDE) | of_region
        mine = list(one.names)
        if not mine or len(mine) > WIDE or any(name.startswith("region:") for name in mine):
            yield self._nearest(self._meeting, np.arange(len(base), dtype=np.int64), keep)
        if len(mine) <= WIDE:
            for members in _holders(base, one):
                yield self._nearest(self._meeting, members[breadth[members] <= WIDE], keep)
        yield self._nearest(self._meeting, np.flatnonzero(wide), keep)

    def _by_key(self, rows: Rows, mine: Rows, keep: int) -> Iterator[Ints]:
        for members in _holders(rows, mine):
            if len(members) < LARGEST_KEY:
                yield self._nearest(self._meeting, members, keep)

    def _by_reporter(self, keep: int) -> Iterator[Ints]:
        base, one = self._base, self._one
        mine, part = set(one.reporting.row(0)), set(one.parties.row(0))
        for key in sorted(mine):
            taking, ours = _of(base.parties, key), _of(base.reporting, key)
            yield self._nearest(self._work, taking[~np.isin(taking, ours)], keep)
        for key in sorted(part - mine):
            yield self._nearest(self._work, _of(base.reporting, key), keep)

    def _by_each_other(self, keep: int) -> Iterator[Ints]:
        base, mine = self._base, set(self._one.reporting.row(0))
        for own in sorted(mine):
            naming = _of(base.parties, own)
            for named in sorted(set(self._one.parties.row(0)) - mine):
                reported = _of(base.reporting, named)
                yield self._nearest(self._work, reported[np.isin(reported, naming)], keep)

    def _by_publisher(self, keep: int) -> Iterator[Ints]:
        tail = self._one.tails[0]
        members = self._base.owned.get(self._one.raw.owners[0])
        if members is not None:
            yield self._nearest(self._work, members, keep)
            tails = sorted((self._base.tails[i], i) for i in members.tolist())
            at = bisect_left(tails, (tail, -1))
            yield np.array([i for _, i in tails[max(0, at - 3) : at + 3]], np.int64)

    def _by_terms(self, keep: int) -> Ints:
        terms, scores = self._base.terms, defaultdict[int, float](float)
        offsets, holders, values = terms.postings
        for term, weight in self._one.terms.row(0).items():
            code = terms.codes.get(term)
            if code is not None and offsets[code + 1] - offsets[code] < LARGEST_POSTING:
                part = slice(int(offsets[code]), int(offsets[code + 1]))
                for row, value in zip(holders[part].tolist(), values[part].tolist(), strict=True):
                    scores[row] += value * weight
        return np.array(sorted(scores, key=lambda row: (-scores[row], row))[:keep], np.int64)

    def _by_link(self) -> Ints:
        (mine,), index = self._one.raw.declared, self._base.folded_index
        named = [index[link.target] for link in mine.links if link.target in index]
        return np.array([*named, *self._base.linking_to.get(mine.id.casefold(), ())], np.int64)


def _members(rows: Rows, code: int) -> Ints:
    offsets, holders = rows.members()
    return holders[offsets[code] : offsets[code + 1]]


def _of(rows: Rows, key: Any) -> Ints:
    code = rows.codes.get(key)
    return np.zeros(0, np.int64) if code is None else _members(rows, code)


def _holders(rows: Rows, mine: Rows) -> Iterable[Ints]:
    """The rows that hold each key of the one row of `mine`."""
    for key in mine.row(0):
        yield _of(rows, key)
