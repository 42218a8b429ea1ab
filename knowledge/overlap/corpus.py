"""Profiles as columns, with the statistics of the whole that tell what is rare and what is boilerplate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.linked import Links, links_of
from knowledge.overlap.numbering import WHOLE
from knowledge.overlap.profiles import Profile
from knowledge.overlap.raw import Raw, raw
from knowledge.overlap.regions import around
from knowledge.overlap.sparse import Floats, Ints, Rows
from knowledge.overlap.taking_part import DOES, FUNDS, OUTSIDE, PAYS, REPORTS, TAKES_PART, Roles, TakingPart, roles

_ROLES = (
    *("reporting", "doing", "funding", "outside_doing", "outside_funding"),
    *("upstream", "downstream", "parties", "everybody"),
)
_MOST_TERMS = 80
_REPEATED = 12
"""Sentences in more records than this are boilerplate."""
_TITLE_WEIGHT = 1.5
_HASHED = 192
_NUMBER = 32

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a corpus: in how many of `records` a term or sentence stands, and the weight by rarity of each theme, group
    and service that words name. Kept, so that one more record is weighted as all others are."""

    records: int
    terms: Mapping[str, int]
    sentences: Mapping[int, int]
    told_themes: tuple[float, ...]
    groups: tuple[float, ...]
    services: tuple[float, ...]

    def weights(self, terms: Sequence[str]) -> NDArray[np.float64]:
        """Inverse document frequency of each, from 0 for what every record says."""
        counts = np.array([self.terms.get(term, 0) for term in terms], np.float64)
        return np.asarray(np.log((self.records + 1) / (counts + 1)))


class Corpus:
    """All columns of some profiles. Row i of each belongs to `profiles[i]` and `vectors[i]`."""

    def __init__(self, profiles: Sequence[Profile] | Raw, vectors: Vectors, known: Statistics | None = None) -> None:
        self._given = profiles
        self._vectors = vectors
        self._known = known

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def vectors(self) -> Vectors:
        return self._vectors

    @cached_property
    def raw(self) -> Raw:
        """What the profiles say, before anything is weighed."""
        return self._given if isinstance(self._given, Raw) else raw(list(self._given))

    @property
    def profiles(self) -> Sequence[Profile]:
        """Each is spelt out when it is looked at: a question about all records asks `raw`."""
        return self.raw.profiles

    @property
    def ids(self) -> list[str]:
        """The identifier of each record."""
        return self.raw.ids

    @property
    def titles(self) -> list[str]:
        return self.raw.titles

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The row of each identifier."""
        return {ident: i for i, ident in enumerate(self.raw.ids)}

    @cached_property
    def statistics(self) -> Statistics:
        """Those given, else of these profiles."""
        if self._known is not None:
            return self._known
        terms, sentences, told = self.raw.rows["terms"], self.raw.rows["sentences"], self.raw.arrays
        return Statistics(
            len(self),
            dict(zip(terms.names, terms.counts.tolist(), strict=True)),
            dict(zip(sentences.names, sentences.counts.tolist(), strict=True)),
            *(_rarity(told[name]) for name in ("told_themes", "groups", "services")),
        )

    @property
    def starts(self) -> Ints:
        """Ordinals of days; 0 where none is stated."""
        return self.raw.arrays["starts"]

    @property
    def ends(self) -> Ints:
        return self.raw.arrays["ends"]

    @cached_property
    def spans(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """First and last days; of records that say nothing of time, all days."""
        told = self.starts > 0
        last = np.where(told, self.ends, np.iinfo(np.int32).max).astype(np.int32)
        return np.where(told, self.starts, 0).astype(np.int32), last

    @property
    def totals(self) -> NDArray[np.float64]:
        return self.raw.arrays["totals"]

    @property
    def secondary(self) -> NDArray[np.bool_]:
        return self.raw.arrays["secondary"]

    @property
    def tails(self) -> list[str]:
        """Identifiers without what begins those of the same publisher, as their own numbers."""
        return self.raw.tails

    @cached_property
    def reporters(self) -> Ints:
        """Code of who reports each record; records that name nobody have codes of their own."""
        return _codes(self.raw.reporters)

    @cached_property
    def owners(self) -> Ints:
        return _codes(self.raw.owners)

    @cached_property
    def owned(self) -> Mapping[str, Ints]:
        """The rows of each owner."""
        order = np.argsort(self.owners, kind="stable")
        first = np.flatnonzero(np.diff(self.owners[order], prepend=-1))
        return {self.raw.owners[rows[0]]: rows for rows in np.split(order, first[1:]) if len(rows)}

    @property
    def countries(self) -> Rows:
        """Countries and regions with the share of the record there."""
        return self.raw.rows["countries"]

    @cached_property
    def regions(self) -> Rows:
        """The regions around what `countries` names, in its columns."""
        return around(self.countries)

    @property
    def areas(self) -> Rows:
        """Places below the country, stated or named in the text, with all above them but the country."""
        return self.raw.rows["areas"]

    @property
    def area_countries(self) -> Rows:
        """Countries of which a record says where in it."""
        return self.raw.rows["area_countries"]

    @property
    def sectors(self) -> Rows:
        """DAC codes of five digits with their shares."""
        return self.raw.rows["sectors"]

    @property
    def categories(self) -> Rows:
        """DAC categories, the first three digits, with their shares."""
        return self.raw.rows["categories"]

    @property
    def identified(self) -> Rows:
        """Ids of those who take part."""
        return self.raw.rows["identified"]

    @property
    def amounts(self) -> Rows:
        return self.raw.rows["amounts"]

    @cached_property
    def themes(self) -> Floats:
        """(records, themes): the share of each theme, half of it on each theme above; rows have unit length."""
        return _unit(self.raw.arrays["themes"])

    @cached_property
    def told_themes(self) -> Floats:
        """(records, themes) that words name, weighted by rarity; rows have unit length."""
        return _unit(self.raw.arrays["told_themes"] * np.array(self.statistics.told_themes, np.float32))

    @cached_property
    def groups(self) -> Floats:
        """(records, groups) that the text names, weighted by rarity; not normalised."""
        return np.asarray(self.raw.arrays["groups"] * np.array(self.statistics.groups, np.float32))

    @cached_property
    def services(self) -> Floats:
        return np.asarray(self.raw.arrays["services"] * np.array(self.statistics.services, np.float32))

    @cached_property
    def terms(self) -> Rows:
        """The most telling terms of each record, weighted by rarity; rows have unit length."""
        terms, in_title = self.raw.rows["terms"], self.raw.flags["terms"] > 0
        weight = self._weights(terms)
        scores = (1.0 + np.log(terms.values.astype(np.float64))) * weight * np.where(in_title, _TITLE_WEIGHT, 1.0)
        order = np.lexsort((terms.columns, -scores, terms.owners))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order)) - terms.offsets[terms.owners]
        kept = terms.only(rank < _MOST_TERMS)
        scores = scores[rank < _MOST_TERMS]
        lengths = np.sqrt(np.bincount(kept.owners, weights=scores**2, minlength=len(self)))
        values = scores / np.where(lengths > 0, lengths, 1.0)[kept.owners]
        return Rows(kept.offsets, kept.columns, values.astype(np.float32), kept.names)

    @cached_property
    def title_terms(self) -> Rows:
        """Words of the title, weighted by rarity."""
        titles = self.raw.rows["terms"].only(self.raw.flags["terms"] > 0)
        return Rows(titles.offsets, titles.columns, self._weights(titles).astype(np.float32), titles.names)

    def _weights(self, terms: Rows) -> NDArray[np.float64]:
        """The weight by rarity of each entry."""
        held, at = np.unique(terms.columns, return_inverse=True)
        return self.statistics.weights([terms.names[c] for c in held.tolist()])[at]

    @cached_property
    def titles_and_places(self) -> Floats:
        """Words of the title, weighted by rarity, and countries, hashed into few columns: for a quick first look."""
        found = np.zeros((len(self), _HASHED), np.float32)
        for rows, prefix, scale in ((self.title_terms, "", 0.1), (self.countries, "country ", 1.0)):
            numbers = np.array([crc32(f"{prefix}{name}".encode()) for name in rows.names], np.int64)
            if len(rows.columns):
                number = numbers[rows.columns]
                values = rows.values * np.where(number & 0x8000_0000, scale, -scale).astype(np.float32)
                np.add.at(found, (rows.owners, number % _HASHED), values)
        return _unit(found)

    @cached_property
    def meeting(self) -> Floats:
        """What two records that do the same in one place have in common, as one vector."""
        told = _unit(np.hstack([self.services, self.groups]))
        return np.hstack([self.vectors, 0.7 * self.told_themes, 0.5 * self.themes, 0.7 * told])

    @cached_property
    def work(self) -> Floats:
        """A funder's record may say little of the work: its title and places then tell more than its text."""
        return np.hstack([self.vectors, self.titles_and_places])

    @cached_property
    def sentences(self) -> Rows:
        """Sentences that are not boilerplate."""
        found, count = self.raw.rows["sentences"], self.statistics.sentences
        held, at = np.unique(found.columns, return_inverse=True)
        common = np.array([count.get(found.names[c], 0) > _REPEATED for c in held.tolist()], np.bool_)
        return found.only(~common[at])

    @cached_property
    def _taking_part(self) -> TakingPart:
        return TakingPart(self.raw.rows["parties"], self.raw.flags["parties"])

    @cached_property
    def reporting(self) -> Rows:
        """Keys of who reports, each with how sure it is; as those of the roles below."""
        return self._taking_part.of(REPORTS)

    @cached_property
    def doing(self) -> Rows:
        return self._taking_part.of(DOES)

    @cached_property
    def funding(self) -> Rows:
        return self._taking_part.of(FUNDS)

    @cached_property
    def outside_doing(self) -> Rows:
        """Who does the work besides the reporter."""
        return self._taking_part.of(DOES | OUTSIDE)

    @cached_property
    def outside_funding(self) -> Rows:
        """Who pays besides the reporter."""
        return self._taking_part.of(FUNDS | OUTSIDE)

    @cached_property
    def upstream(self) -> Rows:
        """Who reports, pays, or passes on what is paid."""
        return self._taking_part.of(REPORTS | PAYS)

    @cached_property
    def downstream(self) -> Rows:
        """Who reports or does the work."""
        return self._taking_part.of(REPORTS | DOES)

    @cached_property
    def parties(self) -> Rows:
        return self._taking_part.of(TAKES_PART)

    @cached_property
    def everybody(self) -> Rows:
        """Who takes part or reports."""
        return self._taking_part.of(REPORTS | TAKES_PART)

    @cached_property
    def roles(self) -> Roles:
        """The columns above beside each other, by their names."""
        return roles(self.everybody, {name: getattr(self, name) for name in _ROLES})

    @cached_property
    def codes(self) -> Rows:
        """Codes that a record quotes or is called by; those of many records say nothing."""
        found = self.raw.rows["codes"]
        return found.only(found.counts[found.columns] <= _REPEATED) if len(found.columns) else found

    @cached_property
    def numbered(self) -> Rows:
        """Numbers of records and those that they begin with (`knowledge.overlap.numbering`), as far as the one is here
        as well as the other."""
        found = self.raw.rows["numbers"]
        whole = found.values == WHOLE
        of_whole, of_part = np.zeros(found.width, np.bool_), np.zeros(found.width, np.bool_)
        of_whole[found.columns[whole]] = True
        of_part[found.columns[~whole]] = True
        return found.only((of_whole & of_part)[found.columns])

    @cached_property
    def numbers(self) -> NDArray[np.uint32]:
        """The first characters of `tails`, 0 behind their end."""
        written = np.array([tail[:_NUMBER] for tail in self.tails] or [""], dtype=f"<U{_NUMBER}")
        return written.view(np.uint32).reshape(len(written), _NUMBER)

    @cached_property
    def folded_index(self) -> Mapping[str, int]:
        """The row of each identifier, which links name in any case."""
        return {ident.casefold(): row for row, ident in enumerate(self.raw.ids)}

    @cached_property
    def linking_to(self) -> Mapping[str, list[int]]:
        """The rows that name each identifier in a link, whether or not it is here."""
        found: dict[str, list[int]] = {}
        for row, one in enumerate(self.raw.declared):
            for link in one.links:
                found.setdefault(link.target, []).append(row)
        return found

    @cached_property
    def links(self) -> Links:
        return links_of(self.raw.declared)


def _codes(values: Sequence[str]) -> Ints:
    code = {value: c for c, value in enumerate(sorted(set(values)))}
    return np.array([code[value] for value in values], np.int64)


def _rarity(told: Floats) -> tuple[float, ...]:
    """Of each column, its weight: the logarithm of how few rows hold it."""
    stand = (told > 0).sum(axis=0)
    return tuple(np.log((len(told) + 1) / (stand + 1)).astype(np.float32).tolist())


def _unit(values: Floats) -> Floats:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0), np.float32)
