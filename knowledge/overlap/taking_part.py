"""Who takes part in records, as columns: one set of keys for all roles, so that rows of different roles compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.profiles import Party, Profile
from knowledge.overlap.sparse import Codes, Floats, Ints, Rows, offsets
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


@dataclass(frozen=True)
class Roles:
    """Everybody in each record, and for each role how surely each entry is that, 0 where it is not. `counts[role]`: in
    how many of all records each column is that."""

    everybody: Rows
    sure: Mapping[str, Floats]
    counts: Mapping[str, Ints]

    @cached_property
    def sizes(self) -> Mapping[str, Ints]:
        """How many keys each record has in a role."""
        owners = self.everybody.owners
        return {role: np.bincount(owners[sure > 0], minlength=len(self.everybody)) for role, sure in self.sure.items()}

    @cached_property
    def bystanding(self) -> NDArray[np.bool_]:
        """Whether who reports a record takes no part in it."""
        found = np.ones(len(self.everybody), np.bool_)
        found[self.everybody.owners[(self.sure["parties"] > 0) & (self.sure["reporting"] > 0)]] = False
        return found

    def followed_by(self, wanted: Ints, more: Roles) -> Roles:
        """Of these rows and behind them those of `more`, counted as the whole with `more` is."""
        joined = self.everybody.followed_by(wanted, more.everybody)
        at, _ = self.everybody.expand(wanted)
        sure = {role: np.concatenate([old[at], more.sure[role][joined.order]]) for role, old in self.sure.items()}
        counts = {}
        for role, old in self.counts.items():
            counts[role] = np.where(joined.columns >= 0, old[joined.columns], 0)
            np.add.at(counts[role], joined.recoded, more.counts[role])
        return Roles(joined.rows, sure, counts)


def roles(everybody: Rows, each: Mapping[str, Rows]) -> Roles:
    """`each`: by role the entries of `everybody` that are that."""
    sure = {}
    for role, rows in each.items():
        sure[role] = np.zeros(len(everybody.columns), np.float32)
        sure[role][np.searchsorted(everybody.keys, rows.keys)] = rows.values
    return Roles(everybody, sure, {role: rows.counts for role, rows in each.items()})


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
