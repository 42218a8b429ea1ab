"""What profiles say, as arrays, before anything is weighed: in parts that are made apart, joined, taken from and kept.

Nothing here depends on more than the record it belongs to, so rows of one home can be made by several processes, and
those of records that did not change stand as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap import numbering, packing, sparse, words
from knowledge.overlap.linked import Linking
from knowledge.overlap.profiles import Profile
from knowledge.overlap.sparse import Floats, Ints, Rows
from knowledge.overlap.taking_part import taking_part
from knowledge.vocabulary import ancestors, themes

_OPEN_END = 365

ROWS = (
    *("countries", "areas", "area_countries", "sectors", "categories", "identified", "amounts"),
    *("terms", "sentences", "codes", "numbers", "parties"),
)
FLAGS = ("terms", "parties")
"""Rows with bits beside their entries: whether a term stands in the title; what somebody is in a record."""
ARRAYS = ("starts", "ends", "totals", "secondary", "themes", "told_themes", "groups", "services")


@dataclass(frozen=True, slots=True)
class Raw:
    """Row i of everything belongs to `profiles[i]`. `rows` holds those of `ROWS` by name, `arrays` those of `ARRAYS`,
    and `flags` for each entry of a row its bits."""

    ids: list[str]
    titles: list[str]
    reporters: list[str]
    owners: list[str]
    tails: list[str]
    declared: list[Linking]
    rows: Mapping[str, Rows]
    flags: Mapping[str, NDArray[np.uint8]]
    arrays: Mapping[str, NDArray[Any]]
    profiles: Sequence[Profile]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, wanted: Ints) -> Raw:
        """These rows, in this order; keys that none of them has are gone."""
        at = wanted.tolist()
        flags = {name: bits[self.rows[name].expand(wanted)[0]] for name, bits in self.flags.items()}
        return Raw(
            ids=[self.ids[i] for i in at],
            titles=[self.titles[i] for i in at],
            reporters=[self.reporters[i] for i in at],
            owners=[self.owners[i] for i in at],
            tails=[self.tails[i] for i in at],
            declared=[self.declared[i] for i in at],
            rows={name: rows.take(wanted).pruned() for name, rows in self.rows.items()},
            flags=flags,
            arrays={name: values[wanted] for name, values in self.arrays.items()},
            profiles=packing.taken(self.profiles, at),
        )


def part(whole: Raw, wanted: Ints, more: Raw, without: Collection[str] = ()) -> Raw:
    """These rows of `whole` and behind them those of `more`, counted as the whole is; of `ROWS` all but `without`."""
    at = wanted.tolist()
    rows: dict[str, Rows] = {}
    flags: dict[str, NDArray[np.uint8]] = {}
    for name in ROWS:
        if name in without:
            continue
        found = whole.rows[name].followed_by(wanted, more.rows[name])
        rows[name] = found.rows
        if name in FLAGS:
            bits = whole.flags[name][whole.rows[name].expand(wanted)[0]]
            flags[name] = np.concatenate([bits, more.flags[name][found.order]])
    return Raw(
        ids=[*(whole.ids[i] for i in at), *more.ids],
        titles=[*(whole.titles[i] for i in at), *more.titles],
        reporters=[*(whole.reporters[i] for i in at), *more.reporters],
        owners=[*(whole.owners[i] for i in at), *more.owners],
        tails=[*(whole.tails[i] for i in at), *more.tails],
        declared=[*(whole.declared[i] for i in at), *more.declared],
        rows=rows,
        flags=flags,
        arrays={name: np.concatenate([whole.arrays[name][wanted], more.arrays[name]]) for name in ARRAYS},
        profiles=packing.joined([packing.taken(whole.profiles, at), more.profiles]),
    )


def raw(profiles: Sequence[Profile]) -> Raw:
    """What these profiles say."""
    terms = sparse.rows([one.terms for one in profiles])
    titles = sparse.rows([one.title_terms for one in profiles], terms.names)
    taking = taking_part(profiles)
    starts = np.array([p.start for p in profiles], np.int64)
    ends = np.array([p.end or (p.start + _OPEN_END if p.start else 0) for p in profiles], np.int64)
    return Raw(
        ids=[one.id for one in profiles],
        titles=[one.title for one in profiles],
        # Records that name nobody have one of their own.
        reporters=[one.reporter.organisation or f"?{one.id}" for one in profiles],
        owners=[one.owner or f"?{one.id}" for one in profiles],
        tails=[_tail(words.plain_code(one.id), words.plain_code(one.owner)) for one in profiles],
        declared=[Linking(one.id, one.links) for one in profiles],
        rows={
            "countries": sparse.rows([_top(one.places) for one in profiles]),
            "areas": sparse.rows([_areas(one) for one in profiles]),
            "area_countries": sparse.rows([_area_countries(one) for one in profiles]),
            "sectors": sparse.rows([{c: s for c, s in one.sectors.items() if len(c) == 5} for one in profiles]),
            "categories": sparse.rows([_categories(one.sectors) for one in profiles]),
            "identified": sparse.rows([{p.organisation for p in one.parts if p.organisation} for one in profiles]),
            "amounts": sparse.rows([{amount for _, amount in one.amounts} for one in profiles]),
            "terms": terms,
            "sentences": sparse.rows([one.sentences for one in profiles]),
            "codes": sparse.rows([one.codes | one.own for one in profiles]),
            "numbers": sparse.rows([numbering.keys(one) for one in profiles]),
            "parties": taking.entries,
        },
        flags={
            "terms": np.isin(terms.keys, titles.keys, assume_unique=True).astype(np.uint8),
            "parties": taking.bits,
        },
        arrays={
            "starts": starts,
            "ends": np.maximum(ends, starts),
            "totals": np.array([p.total for p in profiles], np.float64),
            "secondary": np.array([p.secondary for p in profiles], np.bool_),
            "themes": _theme_shares(profiles, lambda one: one.themes),
            "told_themes": _theme_shares(profiles, lambda one: dict.fromkeys(sorted(one.told.themes), 1.0)),
            "groups": _named(profiles, "group", lambda one: one.told.groups),
            "services": _named(profiles, "service", lambda one: one.told.services),
        },
        profiles=profiles,
    )


def joined(parts: Sequence[Raw]) -> Raw:
    """The rows of all parts behind each other."""
    return Raw(
        ids=[one for part in parts for one in part.ids],
        titles=[one for part in parts for one in part.titles],
        reporters=[one for part in parts for one in part.reporters],
        owners=[one for part in parts for one in part.owners],
        tails=[one for part in parts for one in part.tails],
        declared=[one for part in parts for one in part.declared],
        rows={name: sparse.joined([part.rows[name] for part in parts]) for name in ROWS},
        flags={name: np.concatenate([part.flags[name] for part in parts]) for name in FLAGS},
        arrays={name: np.concatenate([part.arrays[name] for part in parts]) for name in ARRAYS},
        profiles=packing.joined([part.profiles for part in parts]),
    )


def _areas(one: Profile) -> dict[str, float]:
    """Places below the country, stated or named in the text, with all above them but the country."""
    below: dict[str, float] = {}
    for path in (*one.places, *one.told_places):
        steps = path.split("|")[:-1]
        for depth in range(2, len(steps) + 1):
            below["|".join(steps[:depth]) + "|"] = 1.0
    return below


def _area_countries(one: Profile) -> set[str]:
    """Countries of which the record says where in it."""
    return {path.split("|")[0] for path in (*one.places, *one.told_places) if path.count("|") > 1}


def _categories(sectors: Mapping[str, float]) -> dict[str, float]:
    """DAC categories, the first three digits, with their shares."""
    shares: dict[str, float] = {}
    for code, share in sectors.items():
        shares[code[:3]] = shares.get(code[:3], 0.0) + share
    return shares


def _theme_shares(profiles: Sequence[Profile], of: Callable[[Profile], Mapping[str, float]]) -> Floats:
    """(records, themes): the share of each theme, half of it on each theme above."""
    code = {ident: c for c, ident in enumerate(themes())}
    above = {ident: [code[one] for one in ancestors(ident)] for ident in code}
    found = np.zeros((len(profiles), len(code)), np.float32)
    for i, one in enumerate(profiles):
        for ident, share in of(one).items():
            found[i, code[ident]] += share
            for c in above[ident]:
                found[i, c] += share / 2
    return found


def _named(profiles: Sequence[Profile], kind: str, of: Callable[[Profile], frozenset[str]]) -> Floats:
    """(records, groups or services): 1 for each that the text names."""
    code = {ident: c for c, ident in enumerate(words.word_ids(kind))}
    told = [of(one) for one in profiles]
    found = np.zeros((len(profiles), len(code)), np.float32)
    rows = np.repeat(np.arange(len(profiles)), [len(idents) for idents in told])
    found[rows, np.array([code[ident] for idents in told for ident in idents], np.int64)] = 1.0
    return found


def _tail(ident: str, owner: str) -> str:
    return ident[len(owner) :] if owner and ident.startswith(owner) and len(ident) > len(owner) else ident


def _top(places: Mapping[str, float]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for path, share in places.items():
        top = path.split("|")[0]
        shares[top] = shares.get(top, 0.0) + share
    return shares
