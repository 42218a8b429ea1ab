"""What speaks for and against two records having to do with each other: named numbers, for many pairs at once.

All numbers are the same whichever record of a pair comes first. Names begin with what they are about: place, theme,
time, group and service, text, who, money, code, link. What each measures: docs/overlap.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.linked import LINK_NAMES
from knowledge.overlap.parts import few
from knowledge.overlap.sparse import Floats, Ints, Rows, Shared, per_pair
from knowledge.overlap.words import numbers

NAMES = (
    "place_share", "place_apart", "place_area", "place_depth", "place_breadth",
    "theme_sector", "theme_category", "theme_cosine", "theme_told",
    "time_share", "time_union", "time_same", "time_gap",
    "group_cosine", "service_cosine", "service_apart",
    "text_cosine", "text_terms", "text_covered", "text_rare",
    "text_title", "text_within", "text_named", "text_same", "text_numbered",
    "who_reporter", "who_owner", "who_implements", "who_funds", "who_confirmed", "who_denied",
    "who_implementer", "who_funder", "who_parts", "who_alike", "who_within", "who_outside", "who_bystander",
    "money_amount", "money_ratio", "code_shared", "code_numbering", "secondary",
    *LINK_NAMES,
)  # fmt: skip
"""Every evidence, in the order of the columns of `Evidence.values`."""

_MOST_GAP = 5.0
_MONTH = 31
_NAMED = 12.0
"""Weight of the shared words of two titles that would hardly be shared by chance."""
_ALIKE = 0.4
"""From so much of two titles on their numbers are looked at."""
_PAIRS_AT_ONCE = 50_000
_FEW = 8
"""Pairs are few where there are so many times as many records: then only the columns of theirs are looked at."""


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
    if 0 < len(left) * _FEW <= len(corpus):
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
        apart = ((one > 0) & (two > 0) & (share <= 0)).astype(np.float32)
        breadth = np.log1p(np.maximum(one, two)).astype(np.float32)
        return {
            "place_share": share,
            "place_apart": apart,
            "place_area": area,
            "place_depth": depth,
            "place_breadth": breadth,
        }

    def _theme(self) -> dict[str, Floats]:
        corpus, left, right = self._corpus, self._left, self._right
        services = _cosine(corpus.services, left, right)
        said = np.asarray(corpus.services.any(axis=1), np.bool_)
        return {
            "theme_sector": self._least(corpus.sectors),
            "theme_category": self._least(corpus.categories),
            "theme_cosine": _dot(corpus.themes, left, right),
            "theme_told": _dot(corpus.told_themes, left, right),
            "group_cosine": _cosine(corpus.groups, left, right),
            "service_cosine": services,
            "service_apart": (said[left] & said[right] & (services <= 0)).astype(np.float32),
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
        profiles = self._corpus.profiles
        for k in np.flatnonzero(title >= _ALIKE).tolist():
            one, other = (numbers(profiles[int(row[k])].title) for row in (self._left, self._right))
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
        aside, other_aside = self._bystanders()
        return found | {
            "who_denied": found["who_denied"] * (found["who_confirmed"] <= 0),
            "who_reporter": same.astype(np.float32),
            "who_owner": owner.astype(np.float32),
            "who_implementer": self._rare(corpus.outside_doing),
            "who_funder": self._rare(corpus.outside_funding),
            "who_parts": self._rare(corpus.parties),
            "who_alike": self._alike(corpus.identified),
            "who_within": np.maximum(self._within(left, right), self._within(right, left)),
            "who_outside": np.maximum(outside, other_outside) * apart,
            "who_bystander": np.maximum(outside * aside, other_outside * other_aside) * apart,
            "secondary": (corpus.secondary[left] | corpus.secondary[right]).astype(np.float32),
        }

    def _outsider(self, one: Ints, other: Ints) -> Floats:
        """1 where the reporter of `one` takes no part in `other`: it repeats what others do, or does something else."""
        known = self._surest(self._corpus.everybody, other, self._corpus.reporting, one)
        return (known <= 0).astype(np.float32)

    def _bystanders(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Of both sides, whose reporter takes no part in what it reports itself."""
        rows, at = np.unique(np.concatenate([self._left, self._right]), return_inverse=True)
        found = np.asarray(self._surest(self._corpus.parties, rows, self._corpus.reporting, rows) <= 0, np.bool_)
        return found[at[: len(self._left)]], found[at[len(self._left) :]]

    def _within(self, one: Ints, other: Ints) -> Floats:
        """The share of those who take part in `one` that take part in `other` or report it."""
        shared = self._corpus.parties.shared(one, other, self._corpus.everybody)
        whole = np.diff(self._corpus.parties.offsets)[one]
        return _ratio(per_pair(shared, np.ones(len(shared.pair)), len(one)), whole.astype(np.float32))

    def _alike(self, rows: Rows) -> Floats:
        """The share of all members of both that both have."""
        shared = self._shared(rows)
        common = per_pair(shared, np.ones(len(shared.pair)), len(self._left))
        one, two = self._count(rows)
        return _ratio(common, one + two - common)

    def _chained(self, up: Ints, down: Ints) -> dict[str, Floats]:
        """What speaks for `up` being the funder's record and `down` that of who does the work: that each names the
        other's reporter; that the other organisations agree; or that they are others, which denies it."""
        corpus = self._corpus
        implements = self._surest(corpus.doing, up, corpus.reporting, down)
        funds = self._surest(corpus.funding, down, corpus.reporting, up)
        payers = self._surest(corpus.outside_funding, down, corpus.upstream, up)
        doers = self._surest(corpus.outside_doing, up, corpus.downstream, down)
        other_payers = (np.diff(corpus.outside_funding.offsets)[down] > 0) & (payers <= 0)
        other_doers = (np.diff(corpus.outside_doing.offsets)[up] > 0) & (doers <= 0)
        return {
            "who_implements": implements,
            "who_funds": funds,
            "who_confirmed": np.maximum(np.minimum(implements, payers), np.minimum(funds, doers)),
            "who_denied": np.maximum(implements * other_payers, funds * other_doers).astype(np.float32),
        }

    def _surest(self, rows: Rows, of: Ints, other: Rows, of_other: Ints) -> Floats:
        """How surely an organisation of `rows` is one of `other`: 0 where none is."""
        shared = other.shared(of_other, of, rows)
        found = np.zeros(len(of), np.float32)
        np.maximum.at(found, shared.pair, np.minimum(shared.left, shared.right))
        return found

    def _rare(self, rows: Rows) -> Floats:
        """Of what both have, the rarest: 1 for what two records alone have, near 0 for what nearly all have."""
        shared = self._shared(rows)
        count = rows.counts
        rarity = 1.0 - np.log(np.maximum(count, 2) / 2) / np.log(max(self._corpus.statistics.records, 3))
        found = np.zeros(len(self._left), np.float32)
        sure = np.minimum(np.minimum(shared.left, shared.right), 1.0)
        np.maximum.at(found, shared.pair, sure * rarity[shared.column].astype(np.float32))
        return found

    def _money_and_codes(self) -> dict[str, Floats]:
        corpus, left, right = self._corpus, self._left, self._right
        # What was taken back may outweigh what was given: such a total is none.
        one, two = np.maximum(corpus.totals[left], 0.0), np.maximum(corpus.totals[right], 0.0)
        ratio = _ratio(np.minimum(one, two), np.maximum(one, two))
        return {
            "money_amount": self._rare(corpus.amounts),
            "money_ratio": ratio,
            "code_shared": self._rare(corpus.codes),
            "code_numbering": self._numbering(),
        }

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
