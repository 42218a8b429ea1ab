"""Rows of few numbers among many columns, and what pairs of rows have in common. Numpy alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

_CELLS = 1 << 19
"""Of a table that stays near the processor while entries are looked up in it."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Entries that both rows of a pair hold: `pair` says of which pair, `column` which one, `left` and `right` its two
    values."""

    pair: Ints
    column: Ints
    left: Floats
    right: Floats


@dataclass(frozen=True, slots=True)
class Common:
    """As `Shared`, with the entries instead of their values: `left` and `right` are places in the rows of both."""

    pair: Ints
    left: Ints
    right: Ints


@dataclass(frozen=True)
class Rows:
    """Row i holds `values[offsets[i]:offsets[i + 1]]` in the ascending `columns` of the same places. `names[c]` is the
    key of column c. `known`: for rows that are part of more, in how many of all each column stands."""

    offsets: Ints
    columns: Ints
    values: Floats
    names: Sequence[Any]
    known: Ints | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def width(self) -> int:
        return max(1, len(self.names))

    @cached_property
    def keys(self) -> Ints:
        """Row and column of every entry as one number, ascending."""
        return self.owners * self.width + self.columns

    @cached_property
    def owners(self) -> Ints:
        """The row of every entry."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets))

    @cached_property
    def codes(self) -> dict[Any, int]:
        """The column of each key."""
        return {name: code for code, name in enumerate(self.names)}

    @cached_property
    def counts(self) -> Ints:
        """In how many rows each column stands."""
        if self.known is not None:
            return self.known
        return np.bincount(self.columns, minlength=len(self.names)).astype(np.int64)

    @cached_property
    def totals(self) -> Floats:
        """The sum of each row."""
        return np.bincount(self.owners, weights=self.values, minlength=len(self)).astype(np.float32)

    def row(self, i: int) -> dict[Any, float]:
        part = slice(int(self.offsets[i]), int(self.offsets[i + 1]))
        return {
            self.names[c]: float(v)
            for c, v in zip(self.columns[part].tolist(), self.values[part].tolist(), strict=True)
        }

    @cached_property
    def postings(self) -> tuple[Ints, Ints, Floats]:
        """(offsets, rows, values): column c stands in `rows[offsets[c]:offsets[c + 1]]`; `values` are beside them."""
        order = np.argsort(self.columns, kind="stable")
        counts = np.bincount(self.columns, minlength=len(self.names))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return starts, self.owners[order], self.values[order]

    def members(self) -> tuple[Ints, Ints]:
        """(offsets, rows): the rows in which column c stands are `rows[offsets[c]:offsets[c + 1]]`."""
        return self.postings[:2]

    def take(self, wanted: Ints) -> Rows:
        """These rows, in this order, counted as the whole is."""
        positions, _ = self.expand(wanted)
        lengths = np.diff(self.offsets)[wanted]
        return Rows(offsets(lengths), self.columns[positions], self.values[positions], self.names, self.counts)

    def pruned(self) -> Rows:
        """The same without the keys that no row has."""
        held = np.zeros(len(self.names), np.bool_)
        held[self.columns] = True
        code = np.cumsum(held) - 1
        names = tuple(self.names[c] for c in np.flatnonzero(held).tolist())
        return Rows(self.offsets, code[self.columns] if len(names) else self.columns, self.values, names)

    def only(self, kept: NDArray[np.bool_]) -> Rows:
        """The entries that are `kept`."""
        lengths = np.bincount(self.owners[kept], minlength=len(self))
        return Rows(offsets(lengths), self.columns[kept], self.values[kept], self.names)

    def followed_by(self, wanted: Ints, more: Rows) -> Followed:
        """These rows and behind them `more`, whose keys may be others: new ones get columns behind all others; those
        that no row has are gone. Counted as the whole with `more` is."""
        positions, _ = self.expand(wanted)
        own = self.columns[positions]
        new = [name for name in more.names if name not in self.codes]
        at = {name: len(self.names) + k for k, name in enumerate(new)}
        theirs = np.array([self.codes.get(name, at.get(name, 0)) for name in more.names], np.int64)
        held = np.zeros(len(self.names) + len(new), np.bool_)
        held[own] = True
        held[theirs] = True
        code, old = np.cumsum(held) - 1, np.flatnonzero(held)
        recoded = code[theirs]
        columns = recoded[more.columns]
        order = np.lexsort((columns, more.owners))
        old[old >= len(self.names)] = -1
        counts = np.where(old >= 0, self.counts[old], 0) if len(self.counts) else np.zeros(len(old), np.int64)
        np.add.at(counts, columns, 1)
        found = Rows(
            offsets(np.concatenate([np.diff(self.offsets)[wanted], np.diff(more.offsets)])),
            np.concatenate([code[own], columns[order]]),
            np.concatenate([self.values[positions], more.values[order]]),
            _Some(self.names, old, new),
            counts,
        )
        return Followed(found, order, old, recoded)

    def expand(self, wanted: Ints) -> tuple[Ints, Ints]:
        """(positions of all entries of these rows, which of `wanted` each belongs to)."""
        return _expand(self.offsets, wanted)

    def shared(self, left: Ints, right: Ints, other: Rows | None = None) -> Shared:
        """What row `left[k]` of this and row `right[k]` of `other` (of the same columns; this one where None) both
        hold, for all pairs k."""
        other = other or self
        found = self.common(left, right, other)
        return Shared(found.pair, self.columns[found.left], self.values[found.left], other.values[found.right])

    def common(self, left: Ints, right: Ints, other: Rows | None = None) -> Common:
        """As `shared`, for who has more values of these entries than one."""
        if other is None or other is self:
            mine = theirs = self._sharable
        else:
            mine, theirs = self._whole, other._whole
        order = np.argsort(left, kind="stable")
        starts = np.flatnonzero(np.diff(left[order], prepend=-1))
        bounds = np.append(starts, len(left))
        step = max(1, _CELLS // mine.width)
        none = np.zeros(0, np.int64)
        parts = [Common(none, none, none)]
        for first in range(0, len(starts), step):
            ends = bounds[first : first + step + 1]
            pairs = order[ends[0] : ends[-1]]
            met = _met(mine, left[order[ends[:-1]]], np.diff(ends), theirs, right[pairs])
            parts.append(Common(pairs[met.pair], met.left, met.right))
        return Common(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("pair", "left", "right")))

    @cached_property
    def _whole(self) -> _Entries:
        return _Entries(self.offsets, self.columns.astype(np.int32), self.width, np.arange(len(self.columns)))

    @cached_property
    def _sharable(self) -> _Entries:
        """The entries that another row may share: those of columns that more than one row holds."""
        kept = np.flatnonzero(self.counts[self.columns] > 1)
        held = np.zeros(self.width, np.bool_)
        held[self.columns[kept]] = True
        code = (np.cumsum(held) - 1).astype(np.int32)
        lengths = np.bincount(self.owners[kept], minlength=len(self))
        return _Entries(offsets(lengths), code[self.columns[kept]], max(1, int(held.sum())), kept)


@dataclass(frozen=True, slots=True)
class Followed:
    """`rows` of the one and behind them of the other. `order`: in which the entries of the other stand; `columns[c]`:
    which column of the one is c, -1 for what only the other has; `recoded[c]`: which column is c of the other."""

    rows: Rows
    order: Ints
    columns: Ints
    recoded: Ints


class _Some(Sequence[Any]):
    """Some of many names, and new ones behind them: few of thousands are ever looked at."""

    def __init__(self, names: Sequence[Any], columns: Ints, new: Sequence[Any]) -> None:
        self._names, self._columns, self._new = names, columns, new

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[k] for k in range(*at.indices(len(self)))]
        column = int(self._columns[at])
        return self._names[column] if column >= 0 else self._new[at - len(self)]


@dataclass(frozen=True, slots=True)
class _Entries:
    """Some entries of rows: those of row i begin at `offsets[i]`, `at` says which they are among all."""

    offsets: Ints
    columns: NDArray[np.int32]
    width: int
    at: Ints


def _met(mine: _Entries, rows: Ints, pairs: Ints, theirs: _Entries, others: Ints) -> Common:
    """What each of `rows` has in common with as many of `others` as `pairs` says, one after the other. Rows that stand
    in many pairs are written into a table once, and all others looked up there: that costs a fraction of a search."""
    own, owner = _expand(mine.offsets, rows)
    cells = owner * mine.width + mine.columns[own]
    table = np.zeros(len(rows) * mine.width, np.int32)
    table[cells] = own + 1
    places, pair = _expand(theirs.offsets, others)
    row = np.repeat(np.arange(len(rows)) * mine.width, pairs)
    found = table.take(row.take(pair) + theirs.columns.take(places))
    hit = np.flatnonzero(found)
    return Common(pair[hit], mine.at[found[hit] - 1], theirs.at[places[hit]])


def _expand(begin: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """(places of all entries of these rows, which of `wanted` each belongs to)."""
    starts = begin[wanted]
    lengths = begin[wanted + 1] - starts
    owner = np.repeat(np.arange(len(wanted), dtype=np.int64), lengths)
    places = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    places += np.arange(len(places))
    return places, owner


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts behind each other. The keys of each are in ascending order."""
    names = sorted({name for part in parts for name in part.names})
    code = {name: c for c, name in enumerate(names)}
    columns = [np.array([code[name] for name in part.names] or [0], np.int64)[part.columns] for part in parts]
    return Rows(
        offsets(np.concatenate([np.zeros(0, np.int64), *(np.diff(part.offsets) for part in parts)])),
        np.concatenate([np.zeros(0, np.int64), *columns]),
        np.concatenate([np.zeros(0, np.float32), *(part.values for part in parts)]),
        tuple(names),
    )


class Codes(dict[Any, int]):
    """Numbers keys as they come."""

    def __missing__(self, key: Any) -> int:
        self[key] = code = len(self)
        return code


def rows(per_row: Sequence[Mapping[Any, float]] | Sequence[Iterable[Any]], names: Sequence[Any] | None = None) -> Rows:
    """Rows from mappings (key -> value) or from iterables of keys, each once, whose values are 1. `names` fixes the
    columns: keys that are not among them are left out."""
    codes = Codes()
    of = codes.__getitem__
    lengths = np.zeros(len(per_row), np.int64)
    found: list[int] = []
    values: list[float] = []
    for i, row in enumerate(per_row):
        before = len(found)
        found.extend(map(of, row))
        lengths[i] = len(found) - before
        if isinstance(row, Mapping):
            values.extend(row.values())
        else:
            values.extend([1.0] * int(lengths[i]))
    written = list(codes)
    fixed = {name: c for c, name in enumerate(sorted(written) if names is None else names)}
    recoded = np.array([fixed.get(name, -1) for name in written], np.int64)
    columns = recoded[np.array(found, np.int64)] if found else np.zeros(0, np.int64)
    owners = np.repeat(np.arange(len(per_row), dtype=np.int64), lengths)
    kept = np.flatnonzero(columns >= 0)
    order = kept[np.argsort(owners[kept] * max(1, len(fixed)) + columns[kept], kind="stable")]
    lengths = np.bincount(owners[kept], minlength=len(per_row))
    return Rows(offsets(lengths), columns[order], np.array(values, np.float32)[order], tuple(fixed))


def offsets(lengths: Ints) -> Ints:
    """Where rows of these lengths begin, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def per_pair(shared: Shared, values: NDArray[Any], pairs: int) -> Floats:
    """The sum of `values`, one for each shared entry, over each of `pairs` pairs."""
    return np.bincount(shared.pair, weights=values, minlength=pairs).astype(np.float32)
