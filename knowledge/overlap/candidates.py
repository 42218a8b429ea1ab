"""Which pairs are worth looking at: blocks of place, theme and time, text neighbours, organisations, quoted numbers.

Every channel keeps, for each record, the best few by a score that is cheap to compute for all pairs of a block. A pair
is a candidate where one of its records keeps the other in any channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.forking import spread
from knowledge.overlap.numbering import WHOLE
from knowledge.overlap.sparse import Floats, Ints, Rows

_TILE = 512
_MOST_MEET = 0.9
"""Where fewer of a block meet a tile in time than this, it pays to copy those that do."""
WIDE = 25
"""Records of more countries than this stand in the block of the whole world instead of in one for each country."""
LARGEST_KEY = 3_000
"""Keys of organisations that more records hold join nothing: the block would be the whole corpus."""
LARGEST_POSTING = 40
"""Terms and codes that more records hold lead nowhere."""

_WIDER = 2

CHANNELS = ("place", "area", "who", "party", "publisher", "text", "code", "link", "mutual")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many neighbours each record keeps in each channel."""

    place: int = 30
    area: int = 8
    who: int = 8
    party: int = 5
    publisher: int = 12
    text: int = 6
    mutual: int = 12

    def wider(self) -> Limits:
        """For a record that is looked at from its side alone: some that it would not keep would keep it."""
        return Limits(**{name: _WIDER * number for name, number in asdict(self).items()})


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows, `left` < `right`, each once; bit c of `channels` says that `CHANNELS[c]` found it."""

    left: Ints
    right: Ints
    channels: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.left)


def candidates(
    corpus: Corpus, limits: Limits = Limits(), *, of: Ints | None = None, links: bool = True, workers: int = 1
) -> Candidates:
    """All candidate pairs; with `of`, those with one of these rows. Declared links count only with `links`. More
    `workers` than one are for a process without threads."""
    search = _Search(corpus, np.arange(len(corpus), dtype=np.int64) if of is None else np.asarray(of, np.int64))
    ways: dict[str, Callable[[], Pairs]] = {
        "place": lambda: search.by_place(limits.place),
        "area": lambda: search.by_area(limits.area),
        "who": lambda: search.by_reporter(limits.who),
        "party": lambda: search.by_party(limits.party),
        "publisher": lambda: search.by_publisher(limits.publisher),
        "text": lambda: search.by_terms(limits.text),
        "code": search.by_code,
        "link": search.by_link if links else lambda: iter(()),
        "mutual": lambda: search.by_each_other(limits.mutual),
    }

    def found(channel: str) -> Candidates:
        return _merged(len(corpus), [(channel, left, right) for left, right in ways[channel]()])

    parts = list(spread(found, CHANNELS, workers))
    return _united(len(corpus), parts)


def _united(size: int, parts: Sequence[Candidates]) -> Candidates:
    keys = np.concatenate([part.left * size + part.right for part in parts])
    return _once(size, keys, np.concatenate([part.channels for part in parts]))


def _merged(size: int, found: Sequence[tuple[str, Ints, Ints]]) -> Candidates:
    parts = [np.zeros(0, np.int64)]
    bits = [np.zeros(0, np.uint16)]
    for channel, left, right in found:
        kept = left != right
        low, high = np.minimum(left, right)[kept], np.maximum(left, right)[kept]
        parts.append(low * size + high)
        bits.append(np.full(len(low), 1 << CHANNELS.index(channel), np.uint16))
    return _once(size, np.concatenate(parts), np.concatenate(bits))


def _once(size: int, keys: Ints, marks: NDArray[np.uint16]) -> Candidates:
    order = np.argsort(keys, kind="stable")
    keys, marks = keys[order], marks[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    channels = np.bitwise_or.reduceat(marks, first) if len(first) else marks
    return Candidates(keys[first] // max(size, 1), keys[first] % max(size, 1), channels)


Pairs = Iterator[tuple[Ints, Ints]]


def _distinct(blocks: Iterable[tuple[Ints, ...]]) -> Iterator[tuple[Ints, ...]]:
    """Each block once: an organisation has several keys, most of which lead to the same records."""
    seen: set[tuple[bytes, ...]] = set()
    for block in blocks:
        key = tuple(rows.tobytes() for rows in block)
        if key not in seen:
            seen.add(key)
            yield block


class _Search:
    def __init__(self, corpus: Corpus, wanted: Ints) -> None:
        self._corpus = corpus
        self._wanted = wanted
        self._asked = np.zeros(len(corpus), np.bool_)
        self._asked[wanted] = True
        self._meeting, self._work = corpus.meeting, corpus.work
        self._starts, self._ends = corpus.spans

    def by_place(self, keep: int) -> Pairs:
        """Within each country, those that meet in theme and text, in time. Records of no country, of a region or of
        very many countries are compared with all others."""
        corpus = self._corpus
        breadth = np.diff(corpus.countries.offsets)
        starts, holders = corpus.countries.members()
        wide = (breadth == 0) | (breadth > WIDE)
        for c, name in enumerate(corpus.countries.names):
            members = holders[starts[c] : starts[c + 1]]
            if name.startswith("region:"):
                wide[members] = True
            else:
                members = members[breadth[members] <= WIDE]
                yield from self._nearest(self._meeting, self._mine(members), members, keep, in_time=True)
        everywhere = np.flatnonzero(wide)
        everything = np.arange(len(corpus), dtype=np.int64)
        yield from self._nearest(self._meeting, self._mine(everywhere), everything, keep, in_time=True)
        if not self._asked.all():
            yield from self._nearest(self._meeting, self._wanted, everywhere, keep, in_time=True)

    def by_area(self, keep: int) -> Pairs:
        """Within each area below the country."""
        areas = self._corpus.areas
        yield from self._by_key(areas, keep)

    def by_party(self, keep: int) -> Pairs:
        """Those that name the same organisation beside their reporters."""
        yield from self._by_key(self._corpus.outside_doing, keep)
        yield from self._by_key(self._corpus.outside_funding, keep)

    def _by_key(self, rows: Rows, keep: int) -> Pairs:
        starts, holders = rows.members()
        blocks = (holders[starts[key] : starts[key + 1]] for key in np.flatnonzero(np.diff(starts) > 1).tolist())
        for (members,) in _distinct((members,) for members in blocks if len(members) <= LARGEST_KEY):
            yield from self._nearest(self._meeting, self._mine(members), members, keep, in_time=True)

    def by_reporter(self, keep: int) -> Pairs:
        """The reporter of one is among the organisations of the other."""
        starts, reported = self._corpus.reporting.members()
        other_starts, taking = self._corpus.parties.members()
        both = (np.diff(starts) > 0) & (np.diff(other_starts) > 0)
        blocks = (
            (reported[starts[key] : starts[key + 1]], taking[other_starts[key] : other_starts[key + 1]])
            for key in np.flatnonzero(both).tolist()
        )
        for ours, theirs in _distinct(blocks):
            theirs = theirs[~np.isin(theirs, ours)]
            yield from self._nearest(self._work, self._mine(ours), theirs, keep, in_time=False)
            yield from self._nearest(self._work, self._mine(theirs), ours, keep, in_time=False)

    def by_each_other(self, keep: int) -> Pairs:
        """The reporter of each is among the organisations of the other: few are, so that far more of them are kept.
        Either end of a chain may say so little of the work that its text finds nothing."""
        named = self._naming()
        blocks = (
            (ours, theirs)
            for (own, other), ours in named.items()
            if own < other and (theirs := named.get((other, own))) is not None
        )
        for ours, theirs in _distinct(blocks):
            # One publisher under two of its names meets itself: that is what `by_publisher` is for.
            theirs = theirs[~np.isin(theirs, ours)]
            yield from self._nearest(self._work, self._mine(ours), theirs, keep, in_time=False)
            yield from self._nearest(self._work, self._mine(theirs), ours, keep, in_time=False)

    def _naming(self) -> dict[tuple[int, int], Ints]:
        """Records by who reports them and whom they name, for those that are named in return."""
        reporting, parties = self._corpus.reporting, self._corpus.parties
        size, reporters = parties.width, np.diff(reporting.offsets)[parties.owners]
        rows, named = np.repeat(parties.owners, reporters), np.repeat(parties.columns, reporters)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(reporters) - reporters, reporters)
        own = reporting.columns[np.repeat(reporting.offsets[parties.owners], reporters) + within]
        there, back = own * size + named, named * size + own
        kept = np.isin(there, back) & (own != named)
        if not self._asked.all():
            wanted = there[self._asked[rows]]
            kept &= np.isin(there, wanted) | np.isin(back, wanted)
        order = np.flatnonzero(kept)[np.argsort(there[kept], kind="stable")]
        keys, rows = there[order], rows[order]
        bounds = np.flatnonzero(np.diff(keys, prepend=-1, append=-1))
        return {
            divmod(int(keys[first]), size): rows[first:last]
            for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        }

    def by_publisher(self, keep: int) -> Pairs:
        """Records of one owner: the nearest, and those beside each other in its own numbering."""
        corpus = self._corpus
        order = np.argsort(corpus.owners, kind="stable")
        bounds = np.flatnonzero(np.diff(corpus.owners[order], prepend=-1, append=-1))
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            members = order[first:last]
            if len(members) < 2:
                continue
            yield from self._nearest(self._work, self._mine(members), members, keep, in_time=False)
            by_number = np.array(sorted(members.tolist(), key=lambda i: corpus.tails[i]), np.int64)
            for step in (1, 2, 3):
                one, two = by_number[:-step], by_number[step:]
                near = self._asked[one] | self._asked[two]
                yield one[near], two[near]

    def by_terms(self, keep: int) -> Pairs:
        """The nearest through terms that few records hold, wherever they are."""
        terms = self._corpus.terms
        count = terms.counts
        kept = (count[terms.columns] > 1) & (count[terms.columns] <= LARGEST_POSTING)
        owners = np.repeat(np.arange(len(terms), dtype=np.int64), np.diff(terms.offsets))[kept]
        columns, values = terms.columns[kept], terms.values[kept]
        by_column = np.argsort(columns, kind="stable")
        holders, weights = owners[by_column], values[by_column]
        starts = np.searchsorted(columns[by_column], np.arange(len(count) + 1))
        rows = np.searchsorted(owners, np.arange(len(terms) + 1))
        for row in self._wanted.tolist():
            mine = slice(int(rows[row]), int(rows[row + 1]))
            spans = [slice(int(starts[c]), int(starts[c + 1])) for c in columns[mine].tolist()]
            if not spans:
                continue
            others = np.concatenate([holders[span] for span in spans])
            scores = np.concatenate([weights[s] * v for s, v in zip(spans, values[mine].tolist(), strict=True)])
            ids, at = np.unique(others, return_inverse=True)
            top = ids[np.argsort(-np.bincount(at, weights=scores), kind="stable")[: keep + 1]]
            yield np.full(len(top), row, np.int64), top

    def by_code(self) -> Pairs:
        """All pairs of records that quote a code which few hold, and of which one's number begins with the other's."""
        starts, owners = self._corpus.codes.members()
        for key in np.flatnonzero(np.diff(starts) > 1).tolist():
            members = owners[starts[key] : starts[key + 1]]
            if self._asked[members].any():
                one, two = (members[side] for side in np.triu_indices(len(members), 1))
                near = self._asked[one] | self._asked[two]
                yield one[near], two[near]
        yield from self._by_number()

    def _by_number(self) -> Pairs:
        """Each number of a record with all that begin with it."""
        numbered = self._corpus.numbered
        starts, owners, kinds = numbered.postings
        for key in np.flatnonzero(np.diff(starts) > 1).tolist():
            members, values = owners[starts[key] : starts[key + 1]], kinds[starts[key] : starts[key + 1]]
            whole, parts = members[values == WHOLE], members[values != WHOLE]
            one, two = np.repeat(whole, len(parts)), np.tile(parts, len(whole))
            near = self._asked[one] | self._asked[two]
            yield one[near], two[near]

    def by_link(self) -> Pairs:
        """Records that name each other."""
        for keys in self._corpus.links.direct.values():
            one, two = keys // self._corpus.links.size, keys % self._corpus.links.size
            near = self._asked[one] | self._asked[two]
            yield one[near], two[near]

    def _mine(self, members: Ints) -> Ints:
        return members[self._asked[members]]

    def _nearest(self, vectors: Floats, left: Ints, right: Ints, keep: int, *, in_time: bool) -> Pairs:
        """For each of `left` the `keep` of `right` with the greatest product of vectors. `in_time`: none that cannot
        run at one time."""
        if not len(left) or not len(right):
            return
        keep = min(keep + 1, len(right))
        if keep == len(right):
            yield np.repeat(left, keep), np.tile(right, len(left))
            return
        if in_time and len(left) > _TILE:
            # What begins together fills a tile, so that what cannot meet it in time is left out of it as a whole.
            left = left[np.argsort(self._starts[left], kind="stable")]
        others, first, last = vectors[right], self._starts[right], self._ends[right]
        for at in range(0, len(left), _TILE):
            rows = left[at : at + _TILE]
            begin, end, near = self._starts[rows], self._ends[rows], right
            theirs, starts, ends = others, first, last
            if in_time:
                meets = (first <= end.max()) & (last >= begin.min())
                if meets.mean() < _MOST_MEET:
                    theirs, starts, ends, near = others[meets], first[meets], last[meets], right[meets]
            if not len(near):
                continue
            scores = vectors[rows] @ theirs.T
            apart = begin[:, None] > ends[None, :]
            apart |= starts[None, :] > end[:, None]
            if in_time:
                scores[apart] = 0.0
            else:
                scores -= 0.3 * apart
            kept = min(keep, len(near))
            top = np.argpartition(scores, len(near) - kept, axis=1)[:, len(near) - kept :]
            good = (np.take_along_axis(scores, top, axis=1) > 0).ravel()
            yield np.repeat(rows, kept)[good], near[top.ravel()][good]
