"""Profiles as bytes, so that thousands of them are at hand without being spelt out: each is when it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

from pydantic import TypeAdapter

from knowledge.overlap.profiles import Profile

_PROFILE = TypeAdapter(Profile)


def pack(profile: Profile) -> bytes:
    """JSON of it, which `Packed` reads."""
    return _PROFILE.dump_json(profile)


class Packed(Sequence[Profile]):
    """Profiles by their bytes. What was looked at stays."""

    def __init__(self, packed: Sequence[bytes]) -> None:
        self.packed = packed
        self._seen: dict[int, Profile] = {}

    def __len__(self) -> int:
        return len(self.packed)

    @overload
    def __getitem__(self, at: int) -> Profile: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Profile]: ...
    def __getitem__(self, at: int | slice) -> Profile | Sequence[Profile]:
        if isinstance(at, slice):
            return Packed(self.packed[at])
        if at < 0:
            at += len(self.packed)
        found = self._seen.get(at)
        if found is None:
            found = self._seen[at] = _PROFILE.validate_json(self.packed[at])
        return found


class OneMore(Sequence[Profile]):
    """Profiles, and behind them one more."""

    def __init__(self, others: Sequence[Profile], one: Profile) -> None:
        self._others, self._one = others, one

    def __len__(self) -> int:
        return len(self._others) + 1

    @overload
    def __getitem__(self, at: int) -> Profile: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Profile]: ...
    def __getitem__(self, at: int | slice) -> Profile | Sequence[Profile]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return self._one if at in (-1, len(self._others)) else self._others[at if at >= 0 else at + 1]


def packed(profiles: Sequence[Profile]) -> Sequence[bytes]:
    """The bytes of each."""
    return profiles.packed if isinstance(profiles, Packed) else [pack(one) for one in profiles]


def taken(profiles: Sequence[Profile], rows: Iterable[int]) -> Sequence[Profile]:
    """These of them, in this order."""
    if isinstance(profiles, Packed):
        return Packed([profiles.packed[row] for row in rows])
    return [profiles[row] for row in rows]


def joined(parts: Sequence[Sequence[Profile]]) -> Sequence[Profile]:
    """All parts behind each other."""
    if any(isinstance(part, Packed) for part in parts):
        return Packed([one for part in parts for one in packed(part)])
    return [one for part in parts for one in part]
