"""Declared links as evidence: what publishers themselves state of two records, and which can be left out of sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.overlap import sparse
from knowledge.overlap.profiles import Declared
from knowledge.overlap.sparse import Floats, Ints, Rows

LINK_NAMES = ("link_money", "link_parent", "link_sibling", "link_common")
"""Money or a participant's own record; parent or child; sibling or co-funded; a third record that both link to."""

_NAME_OF = {"money": "link_money", "participant": "link_money", "parent": "link_parent", "child": "link_parent"}


@dataclass(frozen=True)
class Links:
    """`direct[name]`: pairs of rows that one of the two links, as smaller * `size` + larger, ascending. `common`: the
    records above each row, whether or not they are here."""

    size: int
    direct: Mapping[str, Ints]
    common: Rows

    def evidence(self, left: Ints, right: Ints) -> dict[str, Floats]:
        """The evidence of links, for each pair of rows."""
        wanted = np.minimum(left, right) * self.size + np.maximum(left, right)
        found = {name: _among(wanted, keys) for name, keys in self.direct.items()}
        shared = self.common.shared(left, right)
        common = np.zeros(len(left), np.float32)
        common[shared.pair] = 1.0
        for direct in found.values():
            common[direct > 0] = 0.0
        return found | {"link_common": common}


@dataclass(frozen=True, slots=True)
class Linking:
    """A record and what it declares to be linked with."""

    id: str
    links: tuple[Declared, ...]


def links_of(profiles: Sequence[Linking]) -> Links:
    """All links that these records declare."""
    row_of = {profile.id.casefold(): i for i, profile in enumerate(profiles)}
    size = max(len(profiles), 1)
    direct: dict[str, set[int]] = {name: set() for name in LINK_NAMES if name != "link_common"}
    above: list[set[str]] = []
    for i, profile in enumerate(profiles):
        above.append({link.target for link in profile.links if link.kind != "child"})
        for link in profile.links:
            j = row_of.get(link.target)
            if j is not None and j != i:
                direct[_NAME_OF.get(link.kind, "link_sibling")].add(min(i, j) * size + max(i, j))
    return Links(size, {name: np.array(sorted(keys), np.int64) for name, keys in direct.items()}, sparse.rows(above))


def _among(wanted: Ints, keys: Ints) -> Floats:
    if not len(keys):
        return np.zeros(len(wanted), np.float32)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.asarray(keys[at] == wanted, np.float32)
