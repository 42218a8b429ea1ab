"""Who takes part in records, as columns: one set of keys for all roles, so that rows of different roles compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.profiles import Party, Profile
from knowledge.overlap.sparse import Codes, Rows, offsets
from knowledge.records import Role

DOING = (Role.IMPLEMENTING, Role.EXTENDING, Role.ACCOUNTABLE)
"""Roles of those who do the work, in the words of different publishers."""
PAYING = (Role.FUNDING, Role.EXTENDING, Role.ACCOUNTABLE)
"""Roles of those through whom money comes."""

REPORTS, DOES, FUNDS, PAYS, TAKES_PART, OUTSIDE = 1, 2, 4, 8, 16, 32
"""What somebody is in a record, as bits. TAKES_PART is everybody but who reports; OUTSIDE is who is met under no key of
who reports."""

_ROLES = {
    role: (DOES if role in DOING else 0) | (FUNDS if role is Role.FUNDING else 0) | (PAYS if role in PAYING else 0)
    for role in Role
}


@dataclass(frozen=True, slots=True)
class TakingPart:
    """Every key of everybody in each record with how sure it is; entry k is of somebody who is `bits[k]`. A key stands
    there as often as parties have it."""

    entries: Rows
    bits: NDArray[np.uint8]

    def of(self, roles: int) -> Rows:
        """The keys of those who are any of `roles`, and with OUTSIDE among them outside too; the surest of each."""
        kept = (self.bits & (roles & ~OUTSIDE)) > 0
        if roles & OUTSIDE:
            kept &= (self.bits & OUTSIDE) > 0
        rows = self.entries.only(kept)
        first = np.flatnonzero(np.diff(rows.keys, prepend=-1))
        values = np.maximum.reduceat(rows.values, first) if len(first) else rows.values
        lengths = np.bincount(rows.owners[first], minlength=len(rows))
        return Rows(offsets(lengths), rows.columns[first], values, rows.names)


def taking_part(profiles: Sequence[Profile]) -> TakingPart:
    """Who takes part in these records."""
    codes = Codes()
    found: list[int] = []
    sure: list[float] = []
    bits: list[int] = []
    lengths: list[int] = []
    for one in profiles:
        before = len(found)
        for party, bit in _parties(one):
            found += map(codes.__getitem__, party.keys)
            sure += party.keys.values()
            bits += [bit] * len(party.keys)
        lengths.append(len(found) - before)
    names = sorted(codes)
    number = {name: c for c, name in enumerate(names)}
    recoded = np.array([number[name] for name in codes] or [0], np.int64)
    columns, values = recoded[np.array(found, np.int64)], np.array(sure, np.float32)
    owners = np.repeat(np.arange(len(profiles), dtype=np.int64), lengths)
    order = np.lexsort((columns, owners))
    entries = Rows(offsets(np.array(lengths, np.int64)), columns[order], values[order], tuple(names))
    return TakingPart(entries, np.array(bits, np.uint8)[order])


def _parties(one: Profile) -> Iterable[tuple[Party, int]]:
    yield one.reporter, REPORTS
    for party in one.parts:
        bit = TAKES_PART | _ROLES.get(party.role, 0)
        yield party, bit | (OUTSIDE if party.keys.keys().isdisjoint(one.reporter.keys) else 0)
