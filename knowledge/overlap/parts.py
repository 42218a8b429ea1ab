"""A few rows of a corpus, and one record more, weighed as in the whole: what is asked of few need not touch all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

import numpy as np

from knowledge.overlap.corpus import Corpus, Vectors
from knowledge.overlap.packing import OneMore
from knowledge.overlap.profiles import Profile
from knowledge.overlap.raw import Raw, joined, part, raw
from knowledge.overlap.sparse import Ints

_WEIGHED = ("terms", "title_terms", "sentences")
_REPLACED = ("terms", "sentences", "parties")
"""What the weighed columns, and those of roles, are made of."""


class Wider(Corpus):
    """`base` and behind its rows one record more, which is weighed as the others are."""

    def __init__(self, base: Corpus, one: Profile, vector: Vectors) -> None:
        if base.vectors.shape[1] != len(vector):
            vector = np.zeros(base.vectors.shape[1], np.float32)
        self.base = base
        self.one = Corpus([one], vector[None, :].astype(np.float32), base.statistics)
        self._known = base.statistics

    def __len__(self) -> int:
        return len(self.base) + 1

    @cached_property
    def raw(self) -> Raw:
        return joined([self.base.raw, self.one.raw])

    @cached_property
    def vectors(self) -> Vectors:
        return np.vstack([self.base.vectors, self.one.vectors])

    @cached_property
    def profiles(self) -> OneMore:
        return OneMore(self.base.profiles, self.one.profiles[0])

    @cached_property
    def ids(self) -> list[str]:
        return [*self.base.ids, *self.one.ids]

    @cached_property
    def titles(self) -> list[str]:
        return [*self.base.titles, *self.one.titles]

    @cached_property
    def index(self) -> Mapping[str, int]:
        # A proposal may be called as a record that stands here already: that one keeps its row.
        return {self.one.raw.ids[0]: len(self.base), **self.base.index}

    @cached_property
    def reporters(self) -> Ints:
        return _with(self.base.reporters, self.base.raw.reporters, self.one.raw.reporters[0])

    @cached_property
    def owners(self) -> Ints:
        return _with(self.base.owners, self.base.raw.owners, self.one.raw.owners[0])

    @cached_property
    def starts(self) -> Ints:
        return np.concatenate([self.base.starts, self.one.starts])

    @cached_property
    def ends(self) -> Ints:
        return np.concatenate([self.base.ends, self.one.ends])


def _with(codes: Ints, names: list[str], name: str) -> Ints:
    """The codes and behind them that of one more name."""
    try:
        code = int(codes[names.index(name)])
    except ValueError:
        code = int(codes.max(initial=-1)) + 1
    return np.append(codes, code)


def few(corpus: Corpus, rows: Ints) -> Corpus:
    """These rows, ascending, as a corpus in which each pair has the evidence that it has in the whole."""
    base, one = (corpus.base, corpus.one) if isinstance(corpus, Wider) else (corpus, None)
    if one is None or rows[-1] < len(base):
        one = _nobody(base.vectors.shape[1])
    else:
        rows = rows[:-1]
    told = part(base.raw, rows, one.raw, _REPLACED)
    found = Corpus(told, np.concatenate([base.vectors[rows], one.vectors]), base.statistics)
    # Made from the few rows, these would be counted among them alone, or weighed once more.
    found.__dict__["roles"] = base.roles.followed_by(rows, one.roles)
    for name in _WEIGHED:
        found.__dict__[name] = getattr(base, name).followed_by(rows, getattr(one, name)).rows
    return found


@lru_cache(maxsize=4)
def _nobody(dimension: int) -> Corpus:
    return Corpus(raw([]), np.zeros((0, dimension), np.float32))
