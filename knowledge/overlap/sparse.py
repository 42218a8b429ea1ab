"""Rows of few numbers among many columns, and what pairs of rows have in common. Numpy alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

_PAIRS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Shared:
    """Entries that both rows of a pair hold: `pair` says of which pair, `column` which one, `left` and `right` its two
    values."""

    pair: Ints
    column: Ints
    left: Floats
    right: Floats


@dataclass(frozen=True)
class Rows:
    """Row i holds `values[offsets[i]:offsets[i + 1]]` in the ascending `columns` of the same places. `names[c]` is the
    key of column c."""

    offsets: Ints
    columns: Ints
    values: Floats
    names: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def width(self) -> int:
        return max(1, len(self.names))

    @cached_property
    def keys(self) -> Ints:
        """Row and column of every entry as one number, ascending."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets)) * self.width + self.columns

    @cached_property
    def counts(self) -> Ints:
        """In how many rows each column stands."""
        return np.bincount(self.columns, minlength=len(self.names)).astype(np.int64)

    @cached_property
    def totals(self) -> Floats:
        """The sum of each row."""
        owners = np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets))
        return np.bincount(owners, weights=self.values, minlength=len(self)).astype(np.float32)

    def row(self, i: int) -> dict[Any, float]:
        part = slice(int(self.offsets[i]), int(self.offsets[i + 1]))
        return {
            self.names[c]: float(v)
            for c, v in zip(self.columns[part].tolist(), self.values[part].tolist(), strict=True)
        }

    def members(self) -> tuple[Ints, Ints]:
        """(offsets, rows): the rows in which column c stands are `rows[offsets[c]:offsets[c + 1]]`."""
        order = np.argsort(self.columns, kind="stable")
        owners = np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets))[order]
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64), owners

    def take(self, wanted: Ints) -> Rows:
        """These rows, in this order."""
        positions, _ = self.expand(wanted)
        lengths = np.diff(self.offsets)[wanted]
        return Rows(_offsets(lengths), self.columns[positions], self.values[positions], self.names)

    def expand(self, wanted: Ints) -> tuple[Ints, Ints]:
        """(positions of all entries of these rows, which of `wanted` each belongs to)."""
        starts = self.offsets[wanted]
        lengths = self.offsets[wanted + 1] - starts
        owner = np.repeat(np.arange(len(wanted), dtype=np.int64), lengths)
        within = np.arange(len(owner), dtype=np.int64) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return np.repeat(starts, lengths) + within, owner

    def shared(self, left: Ints, right: Ints, other: Rows | None = None) -> Shared:
        """What row `left[k]` of this and row `right[k]` of `other` (of the same columns; this one where None) both
        hold, for all pairs k."""
        other = other or self
        keys = other.keys
        parts = [
            self._shared(left[at : at + _PAIRS_AT_ONCE], right[at : at + _PAIRS_AT_ONCE], other, keys, at)
            for at in range(0, len(left), _PAIRS_AT_ONCE)
        ]
        if not parts:
            none = np.zeros(0, np.int64)
            return Shared(none, none, np.zeros(0, np.float32), np.zeros(0, np.float32))
        return Shared(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("pair", "column", "left", "right"))
        )

    def _shared(self, left: Ints, right: Ints, other: Rows, keys: Ints, first: int) -> Shared:
        positions, owner = self.expand(left)
        wanted = right[owner] * self.width + self.columns[positions]
        at = np.searchsorted(keys, wanted)
        at = np.minimum(at, max(len(keys) - 1, 0))
        hit = np.flatnonzero(keys[at] == wanted) if len(keys) else np.zeros(0, np.int64)
        where = positions[hit]
        return Shared(owner[hit] + first, self.columns[where], self.values[where], other.values[at[hit]])


def rows(per_row: Sequence[Mapping[Any, float]] | Sequence[Iterable[Any]], names: Sequence[Any] | None = None) -> Rows:
    """Rows from mappings (key -> value) or from iterables of keys, whose values are 1. `names` fixes the columns: keys
    that are not among them are left out."""
    if names is None:
        names = sorted({key for row in per_row for key in row})
    code = {name: c for c, name in enumerate(names)}
    lengths = np.zeros(len(per_row), np.int64)
    columns: list[int] = []
    values: list[float] = []
    for i, row in enumerate(per_row):
        pairs = row.items() if isinstance(row, dict) else ((key, 1.0) for key in row)
        known = sorted((code[key], value) for key, value in pairs if key in code)
        lengths[i] = len(known)
        columns += [column for column, _ in known]
        values += [value for _, value in known]
    return Rows(_offsets(lengths), np.array(columns, np.int64), np.array(values, np.float32), tuple(names))


def _offsets(lengths: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def per_pair(shared: Shared, values: NDArray[Any], pairs: int) -> Floats:
    """The sum of `values`, one for each shared entry, over each of `pairs` pairs."""
    return np.bincount(shared.pair, weights=values, minlength=pairs).astype(np.float32)
