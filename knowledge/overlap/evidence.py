"""What speaks for and against two records having to do with each other: named numbers, for many pairs at once.

All numbers are the same whichever record of a pair comes first. Names begin with what they are about: place, theme,
time, group and service, text, who, money, code, link. What each measures: docs/overlap.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.linked import LINK_NAMES
from knowledge.overlap.parts import few
from knowledge.overlap.sparse import Common, Floats, Ints, Rows, Shared, per_pair
from knowledge.overlap.words import numbers

NAMES = (
    "place_share", "place_apart", "place_region", "place_area", "place_depth", "place_breadth",
    "theme_sector", "theme_category", "theme_cosine", "theme_told",
    "time_share", "time_union", "time_same", "time_day", "time_gap",
    "group_cosine", "service_cosine", "service_apart",
    "text_cosine", "text_terms", "text_covered", "text_rare",
    "text_title", "text_within", "text_named", "text_same", "text_numbered",
    "who_reporter", "who_owner", "who_implements", "who_funds", "who_confirmed", "who_denied",
    "who_implementer", "who_funder", "who_parts", "who_alike", "who_within", "who_outside", "who_bystander",
    "money_amount", "money_ratio", "code_shared", "code_numbering", "code_within", "secondary",
    *LINK_NAMES,
)  # fmt: skip
"""Every evidence, in the order of the columns of `Evidence.values`."""

_MOST_GAP = 5.0
_MONTH = 31
_EPOCH = date(1970, 1, 1).toordinal()
_EDGE_OF_MONTH, _EDGE_OF_QUARTER = 0.5, 0.25
"""How telling the first and last days of months, and of quarters, are as common ends of periods: many share them."""
_NAMED = 12.0
"""Weight of the shared words of two titles that would hardly be shared by chance."""
_ALIKE = 0.4
"""From so much of two titles on their numbers are looked at."""
_PAIRS_AT_ONCE = 50_000
_FEW = 8
"""Pairs are few where there are so many times as many records: then only the columns of theirs are looked at."""
_MOST_FEW = 5_000
"""More of them are a part of many, for all of which the columns of the whole are made once."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`values[k, c]` is the number of evidence `NAMES[c]` of the pair (`left[k]`, `right[k]`)."""

    left: Ints
    right: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.left)

    def of(self, name: str) -> Floats:
        return self.values[:, NAMES.index(name)]


def evidence(corpus: Corpus, left: Ints, right: Ints, *, links: bool = True) -> Evidence:
    """The evidence of these pairs of rows. Without `links`, declared links count as if they were not stated."""
    if 0 < len(left) <= min(len(corpus) // _FEW, _MOST_FEW):
        rows, at_row = np.unique(np.concatenate([left, right]), return_inverse=True)
        found_in = evidence(few(corpus, rows), at_row[: len(left)], at_row[len(left) :], links=links)
        return Evidence(left, right, found_in.values)
    values = np.zeros((len(left), len(NAMES)), np.float32)
    for at in range(0, len(left), _PAIRS_AT_ONCE):
        some = slice(at, at + _PAIRS_AT_ONCE)
        found = _Pairs(corpus, left[some], right[some]).all()
        if links:
            found |= corpus.links.evidence(left[some], right[some])
        for name, column in found.items():
            values[some, NAMES.index(name)] = column
    return Evidence(left, right, values)


class _Pairs:
    def __init__(self, corpus: Corpus, left: Ints, right: Ints) -> None:
        self._corpus = corpus
        self._left = left
        self._right = right

    def all(self) -> dict[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        for part in (self._place, self._theme, self._time, self._text, self._who, self._money_and_codes):
            found |= part()
        return found

    def _shared(self, rows: Rows) -> Shared:
        return rows.shared(self._left, self._right)

    def _count(self, rows: Rows) -> tuple[Floats, Floats]:
        lengths = np.diff(rows.offsets).astype(np.float32)
        return lengths[self._left], lengths[self._right]

    def _least(self, rows: Rows) -> Floats:
        """The sum of the lesser shares: 1 where both are wholly the same."""
        shared = self._shared(rows)
        return per_pair(shared, np.minimum(shared.left, shared.right), len(self._left))

    def _overlap(self, rows: Rows) -> Floats:
        """How much of the smaller set both have."""
        shared = self._shared(rows)
        one, two = self._count(rows)
        return _ratio(per_pair(shared, np.ones(len(shared.pair)), len(self._left)), np.minimum(one, two))

    def _place(self) -> dict[str, Floats]:
        corpus = self._corpus
        share = self._least(corpus.countries)
        areas = self._shared(corpus.areas)
        depth_of = np.array([name.count("|") - 1 for name in corpus.areas.names] or [0], np.float32)
        depth = np.zeros(len(self._left), np.float32)
        np.maximum.at(depth, areas.pair, depth_of[areas.column] if len(areas.pair) else np.zeros(0, np.float32))
        both = self._shared(corpus.area_countries)
        told = per_pair(both, np.ones(len(both.pair)), len(self._left)) > 0
        area = np.where(depth > 0, 1.0, np.where(told, -1.0, 0.0)).astype(np.float32)
        one, two = self._count(corpus.countries)
        held = self._held(corpus.countries, corpus.regions)
        apart = ((one > 0) & (two > 0) & (share <= 0) & ~held).astype(np.float32)
        breadth = np.log1p(np.maximum(one, two)).astype(np.float32)
        return {
            "place_share": share,
            "place_apart": apart,
            "place_region": (held & (share <= 0)).astype(np.float32),
            "place_area": area,
            "place_depth": depth,
            "place_breadth": breadth,
        }

    def _held(self, countries: Rows, regions: Rows) -> NDArray[np.bool_]:
        """Whether one names a region that the other lies in."""
        found = np.zeros(len(self._left), np.bool_)
        found[countries.shared(self._left, self._right, regions).pair] = True
        found[regions.shared(self._left, self._right, countries).pair] = True
        return found

    def _theme(self) -> dict[str, Floats]:
        corpus, left, right = self._corpus, self._left, self._right
        services = _cosine(corpus.services, left, right)
        said = [np.asarray(corpus.services[side].any(axis=1), np.bool_) for side in (left, right)]
        return {
            "theme_sector": self._least(corpus.sectors),
            "theme_category": self._least(corpus.categories),
            "theme_cosine": _dot(corpus.themes, left, right),
            "theme_told": _dot(corpus.told_themes, left, right),
            "group_cosine": _cosine(corpus.groups, left, right),
            "service_cosine": services,
            "service_apart": (said[0] & said[1] & (services <= 0)).astype(np.float32),
        }

    def _time(self) -> dict[str, Floats]:
        starts, ends, left, right = self._corpus.starts, self._corpus.ends, self._left, self._right
        known = (starts[left] > 0) & (starts[right] > 0)
        common = np.minimum(ends[left], ends[right]) - np.maximum(starts[left], starts[right]) + 1
        shorter = np.minimum(ends[left] - starts[left], ends[right] - starts[right]) + 1
        union = np.maximum(ends[left], ends[right]) - np.minimum(starts[left], starts[right]) + 1
        off = np.maximum(np.abs(starts[left] - starts[right]), np.abs(ends[left] - ends[right]))
        gap = np.minimum(np.maximum(-common, 0) / 365.0, _MOST_GAP)
        # Where one says nothing of time, half is what can be said.
        return {
            "time_share": np.where(known, np.clip(common / np.maximum(shorter, 1), 0, 1), 0.5).astype(np.float32),
            "time_union": np.where(known, np.clip(common / np.maximum(union, 1), 0, 1), 0.25).astype(np.float32),
            "time_same": (known & (off <= _MONTH)).astype(np.float32),
            "time_day": np.maximum(_telling_day(starts[left], starts[right]), _telling_day(ends[left], ends[right])),
            "time_gap": np.where(known, gap, 0.0).astype(np.float32),
        }

    def _text(self) -> dict[str, Floats]:
        corpus, left, right = self._corpus, self._left, self._right
        terms = self._shared(corpus.terms)
        products = terms.left * terms.right
        rare = np.zeros(len(left), np.float32)
        np.maximum.at(rare, terms.pair, products)
        title = self._shared(corpus.title_terms)
        weights = corpus.title_terms.totals
        common = per_pair(title, title.left, len(left))
        found = {
            "text_cosine": _dot(corpus.vectors, left, right),
            "text_terms": per_pair(terms, products, len(left)),
            # A short text may be wholly within a long one, which is far from it as a whole.
            "text_covered": np.sqrt(
                np.maximum(per_pair(terms, terms.left**2, len(left)), per_pair(terms, terms.right**2, len(left)))
            ),
            "text_rare": np.sqrt(rare),
            "text_title": _ratio(common, weights[left] + weights[right] - common),
            "text_within": _ratio(common, np.minimum(weights[left], weights[right])),
            "text_named": 1.0 - np.exp(-common / _NAMED),
            "text_same": self._overlap(corpus.sentences),
        }
        return found | {"text_numbered": self._numbered(found["text_title"])}

    def _numbered(self, title: Floats) -> Floats:
        """1 where titles are alike but for their numbers: the next phase, another quarter."""
        found = np.zeros(len(title), np.float32)
        titles = self._corpus.titles
        for k in np.flatnonzero(title >= _ALIKE).tolist():
            one, other = (numbers(titles[int(row[k])]) for row in (self._left, self._right))
            found[k] = bool(one - other) and bool(other - one)
        return found

    def _who(self) -> dict[str, Floats]:
        corpus, left, right = self._corpus, self._left, self._right
        same = corpus.reporters[left] == corpus.reporters[right]
        owner = (corpus.owners[left] == corpus.owners[right]) & ~same
        apart = ~(same | owner)
        forth, back = self._chained(left, right), self._chained(right, left)
        found = {name: np.maximum(forth[name], back[name]) * apart for name in forth}
        outside, other_outside = self._outsider(left, right), self._outsider(right, left)
        aside, other_aside = corpus.roles.bystanding[left], corpus.roles.bystanding[right]
        return found | {
            "who_denied": found["who_denied"] * (found["who_confirmed"] <= 0),
            "who_reporter": same.astype(np.float32),
            "who_owner": owner.astype(np.float32),
            "who_implementer": self._rarest("outside_doing"),
            "who_funder": self._rarest("outside_funding"),
            "who_parts": self._rarest("parties"),
            "who_alike": self._alike(corpus.identified),
            "who_within": np.maximum(self._within(left, right), self._within(right, left)),
            "who_outside": np.maximum(outside, other_outside) * apart,
            "who_bystander": np.maximum(outside * aside, other_outside * other_aside) * apart,
            "secondary": (corpus.secondary[left] | corpus.secondary[right]).astype(np.float32),
        }

    def _outsider(self, one: Ints, other: Ints) -> Floats:
        """1 where the reporter of `one` takes no part in `other`: it repeats what others do, or does something else."""
        return (self._surest("everybody", other, "reporting") <= 0).astype(np.float32)

    @cached_property
    def _met(self) -> Common:
        """Who takes part in or reports both, under each key."""
        return self._corpus.roles.everybody.common(self._left, self._right)

    def _of(self, role: str, side: Ints) -> Floats:
        """How surely each of `_met` has this role in the record of this side; 0 where it has not."""
        return self._corpus.roles.sure[role][self._met.left if side is self._left else self._met.right]

    def _within(self, one: Ints, other: Ints) -> Floats:
        """The share of those who take part in `one` that take part in `other` or report it."""
        common = np.bincount(self._met.pair[self._of("parties", one) > 0], minlength=len(one)).astype(np.float32)
        return _ratio(common, self._corpus.roles.sizes["parties"][one].astype(np.float32))

    def _alike(self, rows: Rows) -> Floats:
        """The share of all members of both that both have."""
        shared = self._shared(rows)
        common = per_pair(shared, np.ones(len(shared.pair)), len(self._left))
        one, two = self._count(rows)
        return _ratio(common, one + two - common)

    def _chained(self, up: Ints, down: Ints) -> dict[str, Floats]:
        """What speaks for `up` being the funder's record and `down` that of who does the work: that each names the
        other's reporter; that the other organisations agree; or that they are others, which denies it."""
        sizes = self._corpus.roles.sizes
        implements = self._surest("doing", up, "reporting")
        funds = self._surest("funding", down, "reporting")
        payers = self._surest("outside_funding", down, "upstream")
        doers = self._surest("outside_doing", up, "downstream")
        other_payers = (sizes["outside_funding"][down] > 0) & (payers <= 0)
        other_doers = (sizes["outside_doing"][up] > 0) & (doers <= 0)
        return {
            "who_implements": implements,
            "who_funds": funds,
            "who_confirmed": np.maximum(np.minimum(implements, payers), np.minimum(funds, doers)),
            "who_denied": np.maximum(implements * other_payers, funds * other_doers).astype(np.float32),
        }

    def _surest(self, role: str, side: Ints, other_role: str) -> Floats:
        """How surely an organisation of this role in the record of `side` has the other role in the other record: 0
        where none has."""
        other = self._right if side is self._left else self._left
        found = np.zeros(len(side), np.float32)
        np.maximum.at(found, self._met.pair, np.minimum(self._of(role, side), self._of(other_role, other)))
        return found

    def _rarest(self, role: str) -> Floats:
        """`_rare` of those who have this role in both."""
        sure = np.minimum(self._of(role, self._left), self._of(role, self._right))
        roles = self._corpus.roles
        return self._rare(roles.counts[role], self._met.pair, roles.everybody.columns[self._met.left], sure)

    def _rare_shared(self, rows: Rows) -> Floats:
        shared = self._shared(rows)
        return self._rare(rows.counts, shared.pair, shared.column, np.minimum(shared.left, shared.right))

    def _rare(self, counts: Ints, pair: Ints, columns: Ints, sure: Floats) -> Floats:
        """Of what both have, the rarest: 1 for what two records alone have, near 0 for what nearly all have."""
        among = np.log(max(self._corpus.statistics.records, 3))
        rarity = 1.0 - np.log(np.maximum(counts[columns], 2) / 2) / among
        found = np.zeros(len(self._left), np.float32)
        np.maximum.at(found, pair, np.minimum(sure, 1.0) * rarity.astype(np.float32))
        return found

    def _money_and_codes(self) -> dict[str, Floats]:
        corpus, left, right = self._corpus, self._left, self._right
        # What was taken back may outweigh what was given: such a total is none.
        one, two = np.maximum(corpus.totals[left], 0.0), np.maximum(corpus.totals[right], 0.0)
        ratio = _ratio(np.minimum(one, two), np.maximum(one, two))
        return {
            "money_amount": self._rare_shared(corpus.amounts),
            "money_ratio": ratio,
            "code_shared": self._rare_shared(corpus.codes),
            "code_numbering": self._numbering(),
            "code_within": self._part_by_number(),
        }

    def _part_by_number(self) -> Floats:
        """1 where the number of one begins with the whole number of the other, of the same owner."""
        shared = self._shared(self._corpus.numbered)
        found = np.zeros(len(self._left), np.float32)
        found[shared.pair[shared.left != shared.right]] = 1.0
        return found

    def _numbering(self) -> Floats:
        """How much of their own numbers two records of one owner have in common from the beginning."""
        corpus, left, right = self._corpus, self._left, self._right
        owned = np.flatnonzero(corpus.owners[left] == corpus.owners[right])
        one, two = corpus.numbers[left[owned]], corpus.numbers[right[owned]]
        same = np.cumprod((one == two) & (one > 0), axis=1).sum(axis=1)
        found = np.zeros(len(left), np.float32)
        found[owned] = _ratio(same, np.maximum((one > 0).sum(axis=1), (two > 0).sum(axis=1)))
        return found


def _dot(values: Floats, left: Ints, right: Ints) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", values[left], values[right]), np.float32)


def _cosine(values: Floats, left: Ints, right: Ints) -> Floats:
    """0 where one of the two is empty."""
    one, two = values[left], values[right]
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    return _ratio(np.einsum("ij,ij->i", one, two), lengths)


def _ratio(part: NDArray[np.floating], whole: NDArray[np.floating]) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0), np.float32)


def _telling_day(one: Ints, other: Ints) -> Floats:
    """How telling it is that two periods begin, or end, on one day: 0 where they do not, 1 for a day within a month."""
    day = (one - _EPOCH).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    first, last = day == month, (day + 1).astype("datetime64[M]") != month
    in_quarter = month.astype(np.int64) % 3
    of_quarter = (first & (in_quarter == 0)) | (last & (in_quarter == 2))
    telling = np.where(of_quarter, _EDGE_OF_QUARTER, np.where(first | last, _EDGE_OF_MONTH, 1.0))
    return np.where((one == other) & (one > 0), telling, 0.0).astype(np.float32)
