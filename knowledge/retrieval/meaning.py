"""Vectors of passages in memory, scanned exactly within a mask of records; Chroma where a scan would cost more.

A vector belongs to a text, and several records may hold the same text: `entries` say which passage of which record has
which vector. Up to `_FULL` vectors are held as float32, up to `_HALF` as float16, and beyond that none: then Chroma
answers, and is asked for more until enough of its neighbours may be seen. It also answers where everything may be seen
and nothing is narrowed, once a scan of all vectors takes longer than its index does (`_CHROMA_FROM`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from knowledge.embeddings import Vectors
from knowledge.retrieval.columns import Mask, Numbers, tuples
from knowledge.store import models as m
from knowledge.store.sql import in_parts

Nearest = Callable[[Vectors, int], Sequence[tuple[str, float]]]
"""(vector, count) -> (text hash, cosine similarity) of the nearest, best first, as `VectorIndex.nearest` gives them."""

_FULL, _HALF = 250_000, 1_000_000
_CHROMA_FROM = 100_000
_MORE = 4
_READ_AT_ONCE = 900
_FEW_NEW = 5_000
_GATHER_BELOW = 0.25
_SLAB = 512
"""Vectors multiplied at once. So few fit in the processor's cache and start no threads, which on a busy machine wait
longer for each other than all of the work takes."""
_NOTHING = -2.0
"""Below every cosine."""


@dataclass(frozen=True, slots=True)
class Near:
    """Cosine similarity of each record's nearest passage, float32, `_NOTHING` where none was looked at; `exact` says
    that all of the mask were."""

    values: NDArray[np.float32]
    exact: bool


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """`hashes`: text hashes, ascending; row i of `matrix` is the vector of the i-th. Entries stand in the order of
    records, and of passages within them: those of record i from `offsets[i]` to `offsets[i + 1]`."""

    hashes: NDArray[np.bytes_]
    matrix: NDArray[Any] | None
    entry_row: Numbers
    entry_record: Numbers
    entry_ordinal: Numbers
    offsets: NDArray[np.int64]

    def nearest(self, vector: Vectors, mask: Mask, neighbours: Nearest, count: int, least: float) -> Near:
        """How near each record of `mask` is. `neighbours` is asked where no scan is made, for the `count` records
        nearest, of at least `least`."""
        whole = bool(mask.all())
        if self.matrix is None or (whole and len(self.hashes) > _CHROMA_FROM):
            return Near(self._asked(vector, mask, neighbours, count, least), exact=False)
        values = np.full(len(mask), _NOTHING, np.float32)
        entries = self.entries_of(mask)
        if len(entries):
            similar = self.similarities(vector, entries)
            owners = self.entry_record[entries]
            first = np.flatnonzero(np.diff(owners, prepend=-1))
            values[owners[first]] = np.maximum.reduceat(similar, first)
        return Near(values, exact=True)

    def entries_of(self, mask: Mask) -> NDArray[np.int64]:
        return np.flatnonzero(mask[self.entry_record])

    def similarities(self, vector: Vectors, entries: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine similarity of these entries' passages; `_NOTHING` for all where no vectors are held."""
        matrix = self.matrix
        if matrix is None:
            return np.full(len(entries), _NOTHING, np.float32)
        rows = self.entry_row[entries]
        needed = np.zeros(len(self.hashes), np.bool_)
        needed[rows] = True
        found = np.empty(len(needed), np.float32)
        if needed.sum() > _GATHER_BELOW * len(needed):
            for start in range(0, len(needed), _SLAB):
                found[start : start + _SLAB] = _widened(matrix[start : start + _SLAB]) @ vector
        else:
            some = np.flatnonzero(needed)
            for start in range(0, len(some), _SLAB):
                part = some[start : start + _SLAB]
                found[part] = _widened(matrix[part]) @ vector
        return found[rows]

    def _asked(self, vector: Vectors, mask: Mask, neighbours: Nearest, count: int, least: float) -> NDArray[np.float32]:
        """Chroma knows no audience, so it is asked for more until enough of its neighbours are in the mask: passages
        that may not be seen then crowd nothing out."""
        values = np.full(len(mask), _NOTHING, np.float32)
        by_row = np.argsort(self.entry_row, kind="stable")
        starts = np.searchsorted(self.entry_row[by_row], np.arange(len(self.hashes) + 1))
        wanted = count
        while True:
            nearest = neighbours(vector, wanted)
            near = [(key, similar) for key, similar in nearest if similar >= least]
            rows = np.searchsorted(self.hashes, np.array([key for key, _ in near], dtype="S32"))
            for row, (key, similar) in zip(rows, near, strict=True):
                if row < len(self.hashes) and self.hashes[row] == key.encode():
                    owners = self.entry_record[by_row[starts[row] : starts[row + 1]]]
                    owners = owners[mask[owners]]
                    values[owners] = np.maximum(values[owners], np.float32(similar))
            # Records count, not passages: one long document must not stand for all that is near.
            if int((values > _NOTHING).sum()) >= count or len(near) < len(nearest) or len(nearest) < wanted:
                return values
            wanted *= _MORE


def _widened(vectors: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(vectors, np.float32)


def load(
    connection: Connection, model: str, dimension: int, pks: NDArray[np.int64], before: PassageVectors | None = None
) -> PassageVectors:
    """The passages of the records `pks` that have a vector of `model`. What `before` holds, of the same model, is not
    read again."""
    rows = tuples(
        connection,
        select(m.PassageRow.record_pk, m.PassageRow.ordinal, m.PassageRow.text_hash).order_by(
            m.PassageRow.record_pk, m.PassageRow.ordinal
        ),
    )
    owners = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    ordinals = np.fromiter((row[1] for row in rows), np.int32, len(rows))
    named = np.array([row[2] for row in rows], dtype="S32")
    known = np.unique(np.array(connection.scalars(_hashes(model)).all(), dtype="S32"))
    at = np.minimum(np.searchsorted(pks, owners), max(len(pks) - 1, 0))
    kept = np.isin(named, known) & (pks[at] == owners if len(pks) else False)
    hashes, entry_row = np.unique(named[kept], return_inverse=True)
    records = at[kept].astype(np.int32)
    return PassageVectors(
        hashes=hashes,
        matrix=_matrix(connection, model, dimension, hashes, before) if len(hashes) <= _HALF else None,
        entry_row=entry_row.astype(np.int32),
        entry_record=records,
        entry_ordinal=ordinals[kept],
        offsets=np.searchsorted(records, np.arange(len(pks) + 1)).astype(np.int64),
    )


def _hashes(model: str) -> Any:
    return select(m.EmbeddingRow.text_hash).where(m.EmbeddingRow.model == model)


def _matrix(
    connection: Connection, model: str, dimension: int, hashes: NDArray[np.bytes_], before: PassageVectors | None
) -> NDArray[Any]:
    kind = np.float32 if len(hashes) <= _FULL else np.float16
    matrix = np.zeros((len(hashes), dimension), kind)
    missing = np.arange(len(hashes))
    if before is not None and before.matrix is not None and before.matrix.dtype == kind:
        at = np.minimum(np.searchsorted(before.hashes, hashes), max(len(before.hashes) - 1, 0))
        same = before.hashes[at] == hashes if len(before.hashes) else np.zeros(len(hashes), np.bool_)
        matrix[same] = before.matrix[at[same]]
        missing = np.flatnonzero(~same)
    vectors = select(m.EmbeddingRow.text_hash, m.EmbeddingRow.vector).where(m.EmbeddingRow.model == model)
    if len(missing) > _FEW_NEW:
        queries = [vectors]
    else:
        wanted = [key.decode() for key in hashes[missing]]
        queries = [vectors.where(m.EmbeddingRow.text_hash.in_(part)) for part in in_parts(wanted)]
    for query in queries:
        for part in connection.execute(query.execution_options(yield_per=_READ_AT_ONCE)).partitions():
            keys = np.array([row[0] for row in part], dtype="S32")
            at = np.searchsorted(hashes, keys)
            at = np.minimum(at, len(hashes) - 1)
            here = np.flatnonzero(hashes[at] == keys)
            if len(here):
                matrix[at[here]] = np.stack([np.frombuffer(part[i][1], np.float32) for i in here.tolist()])
    return matrix
