"""Which countries a DAC region holds: a record of a region is not elsewhere than one of a country in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from knowledge.overlap.sparse import Rows, offsets
from knowledge.vocabulary import table_yaml

_REGION = "region:"
_EVERYWHERE = "ALL"


@lru_cache(maxsize=1)
def _members() -> Mapping[str, frozenset[str]]:
    """For each region the countries and regions in it, at any depth."""
    table = {str(code): str(held).split() for code, held in table_yaml("overlap_regions.yml").items()}

    def within(code: str) -> frozenset[str]:
        return frozenset(
            name for held in table.get(code, ()) for name in (held, *(within(held) if held in table else ()))
        )

    return {code: within(code) for code in table}


def _holds(region: str, other: str) -> bool:
    """Whether place `other`, both as they stand in profiles, lies in `region`."""
    held = _members().get(region.removeprefix(_REGION), frozenset())
    return other != region and (_EVERYWHERE in held or other.removeprefix(_REGION) in held)


def around(countries: Rows) -> Rows:
    """For each record the regions that hold its countries or regions, in the columns of `countries`."""
    names = [str(name).strip("|") for name in countries.names]
    regions = [c for c, name in enumerate(names) if name.startswith(_REGION)]
    above = [[r for r in regions if _holds(names[r], name)] for name in names]
    found = [sorted({r for c in columns for r in above[c]}) for columns in _split(countries)]
    columns = np.array([c for row in found for c in row], np.int64)
    lengths = np.array([len(row) for row in found], np.int64)
    return Rows(offsets(lengths), columns, np.ones(len(columns), np.float32), countries.names)


def _split(rows: Rows) -> list[list[int]]:
    starts, columns = rows.offsets.tolist(), rows.columns.tolist()
    return [columns[starts[i] : starts[i + 1]] for i in range(len(rows))]
