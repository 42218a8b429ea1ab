"""Which known organisation a written name means: ranked candidates with their score and evidence.

For a column of a table or somebody's words, where the best answer is wanted. Taking two names as one for good needs
firmer evidence and is `resolve`'s.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA, Indel

from knowledge.identity.known import KnownOrganisation, known_organisations
from knowledge.identity.names import (
    country_in,
    family_of,
    fold,
    is_bare_family,
    is_initials,
    member_of,
    own_words,
    split_acronym,
)
from knowledge.vocabulary import kind_of

_SEPARATORS = re.compile(r"\s*[/|()\[\]:;,]\s*|\s+[-\u2013\u2014]\s+")
_CANDIDATES = 40
_COMMON = math.log1p(20)
"""Keys that more than a twentieth of all names have lead to none of them."""
_PREFIX = 4
_LEAST_SCORE = 0.35
_LEAST_WORD = 0.75
_LISTED = 0.97
"""How much an answer by another name of a well-known organisation counts."""
_PART = 0.97
"""How much an answer to a part of what was written counts."""


@dataclass(frozen=True, slots=True)
class Known:
    """An organisation that a name may mean. `country`: ISO alpha-2 where it is at home in one; `kind` as written."""

    id: str
    name: str
    acronym: str = ""
    country: str = ""
    kind: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """`score` is between 0 and 1; `evidence` holds (what was compared, the value that decided it)."""

    organisation: Known
    score: float
    evidence: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.organisation.id,
            "name": self.organisation.name,
            "score": self.score,
            "evidence": [{"reason": reason, "value": value} for reason, value in self.evidence],
        }


@dataclass(slots=True)
class _Form:
    """One name of a known organisation, folded in all the ways in which names are compared."""

    known: int
    written: str
    base: str
    compact: str
    words: tuple[str, ...]
    acronyms: set[str] = field(default_factory=set)
    share: float = 1.0


class Matcher:
    """Finds known organisations by name. Build one per list of organisations; matching changes nothing in it."""

    def __init__(self, organisations: Iterable[Known]) -> None:
        self._known = list(organisations)
        self._forms: list[_Form] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_entry: dict[KnownOrganisation, set[int]] = defaultdict(set)
        entries: dict[str, list[KnownOrganisation]] = defaultdict(list)
        for entry in known_organisations():
            for name in (*entry.names, *entry.acronyms, *entry.apart):
                entries[name].append(entry)
        self._entries = entries
        frequency: Counter[str] = Counter()
        for number, organisation in enumerate(self._known):
            for written in dict.fromkeys((organisation.name, *organisation.aliases)):
                if form := self._form(number, written, organisation.acronym):
                    self._forms.append(form)
                    frequency.update(set(form.words))
            for entry in self._entries_of(fold(split_acronym(organisation.name)[0]), fold(organisation.acronym)):
                self._by_entry[entry].add(number)
                for listed in entry.names:
                    self._forms.append(
                        _Form(number, entry.label, listed, _compact(listed), tuple(listed.split()), share=_LISTED)
                    )
        self._weight = {word: math.log1p(len(self._forms) / count) for word, count in frequency.items()}
        self._rarest = math.log1p(max(1, len(self._forms)))
        for position, form in enumerate(self._forms):
            for key in _keys(form.words, form.compact, form.acronyms):
                self._by_key[key].append(position)

    @staticmethod
    def _form(number: int, written: str, acronym: str) -> _Form | None:
        name, found = split_acronym(written)
        base = fold(name)
        if not base:
            return None
        acronyms = {_compact(fold(text)) for text in (acronym, found)} - {""}
        return _Form(number, written, base, _compact(base), tuple(base.split()), acronyms)

    def _entries_of(self, base: str, acronym: str = "") -> list[KnownOrganisation]:
        """The well-known organisations of that name; by a name that several bear, the one whose acronym agrees."""
        entries = self._entries.get(base, [])
        if len(entries) > 1 and acronym:
            entries = [entry for entry in entries if acronym in (*entry.names, *entry.acronyms)]
        return entries

    def match(self, name: str, acronym: str = "", country: str = "", kind: str = "", limit: int = 5) -> list[Candidate]:
        """The known organisations that `name` or `acronym` may mean, the likeliest first; [] where none is near.

        `country` (ISO alpha-2) and `kind` (as written) are those of the row that names it; they only tip the scales.
        """
        wanted = list(_readings(name, acronym))
        best: dict[int, tuple[float, list[tuple[str, str]]]] = {}
        for reading in wanted:
            for number, score, reason, value in self._scores(reading):
                kept = best.get(number)
                if kept is None or score > kept[0]:
                    best[number] = (score, [(reason, value)])
        found: list[tuple[float, Candidate]] = []
        for number, (score, evidence) in best.items():
            organisation = self._known[number]
            tipped, more = _tip(organisation, name, country, kind)
            total = score + tipped
            if total >= _LEAST_SCORE:
                candidate = Candidate(organisation, round(max(0.0, min(total, 1.0)), 4), (*evidence, *more))
                found.append((total, candidate))
        found.sort(key=lambda scored: (-round(scored[0], 6), scored[1].organisation.id))
        return [candidate for _, candidate in found[:limit]]

    def _scores(self, reading: _Reading) -> Iterator[tuple[int, float, str, str]]:
        for entry in self._entries_of(reading.base, reading.acronym):
            for number in self._by_entry.get(entry, ()):
                yield number, _LISTED * reading.share, "known name", entry.label
        member, family = member_of(reading.base), is_bare_family(reading.base) and family_of(reading.base)
        query = set(reading.words)
        query_weight = sum(map(self._weight_of, query)) or 1.0
        for position in self._near(reading):
            form = self._forms[position]
            share = reading.share * form.share
            if reading.written == form.written:
                yield form.known, share, "same name", form.written
            elif reading.base == form.base:
                yield form.known, 0.99 * share, "same name", form.written
            elif reading.compact == form.compact:
                yield form.known, 0.98 * share, "same letters", form.written
            elif member and member == member_of(form.base):
                yield form.known, 0.96 * share, "member of a federation", " ".join(member)
            elif reading.compact in form.acronyms or reading.acronym in form.acronyms:
                yield form.known, 0.95 * share, "acronym", reading.acronym or reading.base
            elif family and is_bare_family(form.base) and family == family_of(form.base):
                yield form.known, 0.93 * share, "federation", family
            elif form.compact == reading.acronym:
                yield form.known, 0.9 * share, "acronym as name", form.written
            else:
                yield form.known, self._words_alike(query, query_weight, form, reading) * share, "words", form.written

    def _weight_of(self, word: str) -> float:
        return self._weight.get(word, self._rarest)

    def _words_alike(self, query: set[str], query_weight: float, form: _Form, reading: _Reading) -> float:
        """How far the words agree, rare ones counting more and misspelt ones a little less: 0 to 0.94."""
        words = set(form.words)
        shared = query & words
        agreed: float = sum(self._weight_of(word) for word in shared)
        other_agreed: float = agreed
        left = words - shared
        for word in query - shared:
            close, other = max(((_closeness(word, other), other) for other in left), default=(0.0, ""))
            if close >= _LEAST_WORD:
                agreed += close * self._weight_of(word)
                other_agreed += close * self._weight_of(other)
                left.discard(other)
            elif _compact(word) in form.acronyms:
                agreed += self._weight_of(word)
                other_agreed += 0.5 * sum(self._weight_of(rest) for rest in left)
        form_weight = sum(self._weight_of(word) for word in words) or 1.0
        precision, recall = agreed / query_weight, min(1.0, other_agreed / form_weight)
        words_score = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        letters = Indel.normalized_similarity(reading.compact, form.compact)
        initials = 0.9 if is_initials(reading.compact, form.base) or is_initials(form.compact, reading.base) else 0.0
        return 0.94 * max(words_score, initials, 0.6 * words_score + 0.4 * letters, letters if letters > 0.8 else 0.0)

    def _near(self, reading: _Reading) -> list[int]:
        """Positions of the forms that have most in common with the reading: words, beginnings of words, acronyms."""
        common: dict[int, float] = defaultdict(float)
        for key in _keys(reading.words, reading.compact, {reading.acronym} - {""}):
            positions = self._by_key.get(key, ())
            rarity = math.log1p(len(self._forms) / max(1, len(positions)))
            for position in positions if rarity > _COMMON or len(positions) <= _CANDIDATES else ():
                common[position] += rarity
        return [
            position
            for position, _ in heapq.nlargest(_CANDIDATES, common.items(), key=lambda item: (item[1], -item[0]))
        ]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take what was written: the whole, or a part of it, whose answers count `share` as much."""

    written: str
    base: str
    compact: str
    words: tuple[str, ...]
    acronym: str = ""
    share: float = 1.0


def _readings(name: str, acronym: str) -> Iterator[_Reading]:
    text = " ".join(name.split())
    bare, found = split_acronym(text)
    given = _compact(fold(acronym or found))
    yield _reading(name, bare or acronym, given)
    if bare != text:
        yield _reading(name, text, given)
    parts = [part for part in _SEPARATORS.split(text) if len(part) > 1 and not country_in(fold(part).split())]
    if len(parts) > 1 or (parts and parts != [text]):
        for part in parts:
            yield _reading(part, part, "", _PART)


def _reading(written: str, name: str, acronym: str, share: float = 1.0) -> _Reading:
    base = fold(name)
    return _Reading(written, base, _compact(base), tuple(base.split()), acronym, share)


def _compact(folded: str) -> str:
    return folded.replace(" ", "")


def _keys(words: Sequence[str], compact: str, acronyms: Iterable[str]) -> Iterator[str]:
    yield f"={compact}"
    for acronym in acronyms:
        yield f"={acronym}"
    for word in set(words):
        yield word
        yield f"={word}"
        if len(word) > _PREFIX:
            yield f"{word[:_PREFIX]}*"
    family = family_of(" ".join(words))
    if family:
        yield f"family {family}"
    if len(words) >= 3:
        own = own_words(" ".join(words))
        for letters in {"".join(word[0] for word in words), "".join(word[0] for word in words if word in own)}:
            yield f"={letters}"


def _closeness(one: str, other: str) -> float:
    """Nearness of two words, 0 to 1: edits, or one the beginning of the other ("internat", "international")."""
    if min(len(one), len(other)) < 4 or one[0] != other[0]:
        return 0.0
    if one.startswith(other) or other.startswith(one):
        return max(0.8, min(len(one), len(other)) / max(len(one), len(other)))
    similarity: float = OSA.normalized_similarity(one, other)
    return similarity


def _tip(organisation: Known, name: str, country: str, kind: str) -> tuple[float, list[tuple[str, str]]]:
    """What country, kind and federation add or take away, and what of it speaks for the organisation."""
    tipped, evidence = 0.0, []
    if organisation.country and country == organisation.country:
        tipped += 0.01
        evidence.append(("country", country))
    elif organisation.country:
        tipped -= 0.04
    kinds = kind_of(kind) if kind else "", kind_of(organisation.kind) if organisation.kind else ""
    if all(kinds):
        if kinds[0] == kinds[1]:
            tipped += 0.01
            evidence.append(("kind", kinds[0]))
        else:
            tipped -= 0.02
    mine, theirs = member_of(name), member_of(organisation.name)
    if mine and theirs and mine != theirs:
        tipped -= 0.3
    elif (mine is None) != (theirs is None) and family_of(name) and family_of(name) == family_of(organisation.name):
        tipped -= 0.05
    return tipped, evidence
