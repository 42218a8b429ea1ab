"""Profiles as columns, with the statistics of the whole that tell what is rare and what is boilerplate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap import sparse, words
from knowledge.overlap.linked import Links, links_of
from knowledge.overlap.profiles import Party, Profile
from knowledge.overlap.sparse import Floats, Ints, Rows
from knowledge.records import Role
from knowledge.vocabulary import ancestors, themes

_MOST_TERMS = 80
_REPEATED = 12
"""Sentences in more records than this are boilerplate."""
_OPEN_END = 365
_TITLE_WEIGHT = 1.5
_HASHED = 192
_NUMBER = 32

DOING = (Role.IMPLEMENTING, Role.EXTENDING, Role.ACCOUNTABLE)
"""Roles of those who do the work, in the words of different publishers."""
PAYING = (Role.FUNDING, Role.EXTENDING, Role.ACCOUNTABLE)
"""Roles of those through whom money comes."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a corpus: in how many of `records` a term or sentence stands. Kept, so that one more record is weighted as all
    others are."""

    records: int
    terms: Mapping[str, int]
    sentences: Mapping[int, int]
    sectors: tuple[str, ...]

    def weight(self, term: str) -> float:
        """Inverse document frequency, from 0 for what every record says."""
        return math.log((self.records + 1) / (self.terms.get(term, 0) + 1))


def statistics(profiles: Sequence[Profile]) -> Statistics:
    terms: dict[str, int] = {}
    sentences: dict[int, int] = {}
    sectors: set[str] = set()
    for one in profiles:
        for term in one.terms:
            terms[term] = terms.get(term, 0) + 1
        for key in one.sentences:
            sentences[key] = sentences.get(key, 0) + 1
        sectors.update(one.sectors)
    return Statistics(len(profiles), terms, sentences, tuple(sorted(sectors)))


class Corpus:
    """All columns of some profiles. Row i of each belongs to `profiles[i]` and `vectors[i]`."""

    def __init__(self, profiles: Sequence[Profile], vectors: Vectors, known: Statistics | None = None) -> None:
        self.profiles = list(profiles)
        self.vectors = vectors
        self.statistics = known or statistics(self.profiles)
        self.index = {profile.id: i for i, profile in enumerate(self.profiles)}
        self.starts = np.array([p.start for p in self.profiles], np.int64)
        self.ends = np.array([p.end or (p.start + _OPEN_END if p.start else 0) for p in self.profiles], np.int64)
        self.ends = np.maximum(self.ends, self.starts)
        self.totals = np.array([p.total for p in self.profiles], np.float64)
        self.secondary = np.array([p.secondary for p in self.profiles], np.bool_)

    def __len__(self) -> int:
        return len(self.profiles)

    @cached_property
    def reporters(self) -> Ints:
        """Code of who reports each record; records that name nobody have codes of their own."""
        return _codes([p.reporter.organisation or f"?{i}" for i, p in enumerate(self.profiles)])

    @cached_property
    def owners(self) -> Ints:
        return _codes([p.owner or f"?{i}" for i, p in enumerate(self.profiles)])

    @cached_property
    def places(self) -> Rows:
        """Every place of a record with all above it, and the share of the record there."""
        found: list[dict[str, float]] = []
        for one in self.profiles:
            shares: dict[str, float] = {}
            for path, share in one.places.items():
                steps = path.split("|")[:-1]
                for depth in range(1, len(steps) + 1):
                    step = "|".join(steps[:depth]) + "|"
                    shares[step] = shares.get(step, 0.0) + share
            found.append(shares)
        return sparse.rows(found)

    @cached_property
    def areas(self) -> Rows:
        """Places below the country, stated or named in the text, with all above them but the country."""
        found: list[dict[str, float]] = []
        for one in self.profiles:
            below: dict[str, float] = {}
            for path in (*one.places, *one.told_places):
                steps = path.split("|")[:-1]
                for depth in range(2, len(steps) + 1):
                    below["|".join(steps[:depth]) + "|"] = 1.0
            found.append(below)
        return sparse.rows(found)

    @cached_property
    def area_countries(self) -> Rows:
        """Countries of which a record says where in it."""
        return sparse.rows(
            [
                {path.split("|")[0] for path in (*one.places, *one.told_places) if path.count("|") > 1}
                for one in self.profiles
            ]
        )

    @cached_property
    def countries(self) -> Rows:
        return sparse.rows([_top(one.places) for one in self.profiles])

    @cached_property
    def sectors(self) -> Rows:
        """DAC codes of five digits with their shares."""
        return sparse.rows([{c: s for c, s in one.sectors.items() if len(c) == 5} for one in self.profiles])

    @cached_property
    def categories(self) -> Rows:
        """DAC categories, the first three digits, with their shares."""
        found: list[dict[str, float]] = []
        for one in self.profiles:
            shares: dict[str, float] = {}
            for code, share in one.sectors.items():
                shares[code[:3]] = shares.get(code[:3], 0.0) + share
            found.append(shares)
        return sparse.rows(found)

    @cached_property
    def themes(self) -> Floats:
        """(records, themes): the share of each theme, half of it on each theme above; rows have unit length."""
        return _unit(self._theme_shares(lambda one: one.themes))

    @cached_property
    def told_themes(self) -> Floats:
        """(records, themes) that words name, weighted by rarity; rows have unit length."""
        told = self._theme_shares(lambda one: dict.fromkeys(sorted(one.told.themes), 1.0))
        return _unit(told * _rarity(told))

    def _theme_shares(self, of: Any) -> Floats:
        ids = list(themes())
        code = {ident: c for c, ident in enumerate(ids)}
        found = np.zeros((len(self), len(ids)), np.float32)
        for i, one in enumerate(self.profiles):
            for ident, share in of(one).items():
                found[i, code[ident]] += share
                for above in ancestors(ident):
                    found[i, code[above]] += share / 2
        return found

    @cached_property
    def groups(self) -> Floats:
        """(records, groups) that the text names, weighted by rarity; not normalised."""
        return self._told("group", lambda one: one.told.groups)

    @cached_property
    def services(self) -> Floats:
        return self._told("service", lambda one: one.told.services)

    def _told(self, kind: str, of: Any) -> Floats:
        ids = words.word_ids(kind)
        code = {ident: c for c, ident in enumerate(ids)}
        found = np.zeros((len(self), len(ids)), np.float32)
        for i, one in enumerate(self.profiles):
            for ident in of(one):
                found[i, code[ident]] = 1.0
        return found * _rarity(found)

    @cached_property
    def terms(self) -> Rows:
        """The most telling terms of each record, weighted by rarity; rows have unit length."""
        found: list[dict[str, float]] = []
        weight = self.statistics.weight
        for one in self.profiles:
            scored = {
                term: (1.0 + math.log(count)) * weight(term) * (_TITLE_WEIGHT if term in one.title_terms else 1.0)
                for term, count in one.terms.items()
            }
            top = sorted(scored, key=lambda term: (-scored[term], term))[:_MOST_TERMS]
            length = math.sqrt(sum(scored[term] ** 2 for term in top)) or 1.0
            found.append({term: scored[term] / length for term in top})
        return sparse.rows(found)

    @cached_property
    def title_terms(self) -> Rows:
        weight = self.statistics.weight
        return sparse.rows([{term: weight(term) for term in sorted(one.title_terms)} for one in self.profiles])

    @cached_property
    def titles_and_places(self) -> Floats:
        """Words of the title, weighted by rarity, and countries, hashed into few columns: for a quick first look."""
        found = np.zeros((len(self), _HASHED), np.float32)
        for i, one in enumerate(self.profiles):
            shares = [(f"country {name}", share) for name, share in _top(one.places).items()]
            weighted = [(term, self.statistics.weight(term) / 10.0) for term in sorted(one.title_terms)]
            for name, value in (*weighted, *shares):
                number = crc32(name.encode())
                found[i, number % _HASHED] += value if number & 0x8000_0000 else -value
        return _unit(found)

    @cached_property
    def sentences(self) -> Rows:
        """Sentences that are not boilerplate."""
        count = self.statistics.sentences
        return sparse.rows([[key for key in one.sentences if count.get(key, 0) <= _REPEATED] for one in self.profiles])

    @cached_property
    def _keys(self) -> tuple[str, ...]:
        """All keys of organisations, so that rows of different roles can be compared."""
        found = {key for one in self.profiles for party in (one.reporter, *one.parts) for key in party.keys}
        return tuple(sorted(found))

    def _parties(self, of: Callable[[Profile], Iterable[Party]]) -> Rows:
        found: list[dict[str, float]] = []
        for one in self.profiles:
            merged: dict[str, float] = {}
            for party in of(one):
                for key, sure in party.keys.items():
                    merged[key] = max(sure, merged.get(key, 0.0))
            found.append(merged)
        return sparse.rows(found, self._keys)

    @cached_property
    def reporting(self) -> Rows:
        """Keys of who reports, each with how sure it is; as those of the roles below."""
        return self._parties(lambda one: (one.reporter,))

    @cached_property
    def doing(self) -> Rows:
        return self._parties(lambda one: _in_roles(one, DOING))

    @cached_property
    def funding(self) -> Rows:
        return self._parties(lambda one: _in_roles(one, (Role.FUNDING,)))

    @cached_property
    def outside_doing(self) -> Rows:
        """Who does the work besides the reporter."""
        return self._parties(lambda one: _outside(one, DOING))

    @cached_property
    def outside_funding(self) -> Rows:
        """Who pays besides the reporter."""
        return self._parties(lambda one: _outside(one, (Role.FUNDING,)))

    @cached_property
    def upstream(self) -> Rows:
        """Who reports, pays, or passes on what is paid."""
        return self._parties(lambda one: (one.reporter, *_in_roles(one, PAYING)))

    @cached_property
    def downstream(self) -> Rows:
        """Who reports or does the work."""
        return self._parties(lambda one: (one.reporter, *_in_roles(one, DOING)))

    @cached_property
    def parties(self) -> Rows:
        return self._parties(lambda one: one.parts)

    @cached_property
    def everybody(self) -> Rows:
        """Who takes part or reports."""
        return self._parties(lambda one: (one.reporter, *one.parts))

    @cached_property
    def identified(self) -> Rows:
        """Ids of those who take part."""
        return sparse.rows([{p.organisation for p in one.parts if p.organisation} for one in self.profiles])

    @cached_property
    def amounts(self) -> Rows:
        return sparse.rows([{amount for _, amount in one.amounts} for one in self.profiles])

    @cached_property
    def codes(self) -> Rows:
        """Codes that a record quotes or is called by; those of many records say nothing."""
        count: dict[str, int] = {}
        each = [one.codes | one.own for one in self.profiles]
        for codes in each:
            for code in codes:
                count[code] = count.get(code, 0) + 1
        return sparse.rows([{code for code in codes if 1 < count[code] <= _REPEATED} for codes in each])

    @cached_property
    def tails(self) -> list[str]:
        """Identifiers without what begins those of the same publisher, as their own numbers."""
        return [_tail(words.plain_code(one.id), words.plain_code(one.owner)) for one in self.profiles]

    @cached_property
    def numbers(self) -> NDArray[np.uint32]:
        """The first characters of `tails`, 0 behind their end."""
        written = np.array([tail[:_NUMBER] for tail in self.tails] or [""], dtype=f"<U{_NUMBER}")
        return written.view(np.uint32).reshape(len(written), _NUMBER)

    @cached_property
    def links(self) -> Links:
        return links_of(self.profiles)


def _in_roles(one: Profile, roles: Sequence[Role]) -> Iterable[Party]:
    return (party for party in one.parts if party.role in roles)


def _outside(one: Profile, roles: Sequence[Role]) -> Iterable[Party]:
    return (party for party in _in_roles(one, roles) if party.keys.keys().isdisjoint(one.reporter.keys))


def _tail(ident: str, owner: str) -> str:
    return ident[len(owner) :] if owner and ident.startswith(owner) and len(ident) > len(owner) else ident


def _top(places: Mapping[str, float]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for path, share in places.items():
        top = path.split("|")[0]
        shares[top] = shares.get(top, 0.0) + share
    return shares


def _codes(values: Sequence[str]) -> Ints:
    code = {value: c for c, value in enumerate(sorted(set(values)))}
    return np.array([code[value] for value in values], np.int64)


def _rarity(told: Floats) -> Floats:
    """Of each column, its weight: the logarithm of how few rows hold it."""
    stand = (told > 0).sum(axis=0)
    return np.asarray(np.log((len(told) + 1) / (stand + 1)), np.float32)


def _unit(values: Floats) -> Floats:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0), np.float32)
