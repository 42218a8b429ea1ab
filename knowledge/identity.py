"""Which mentions are the same organisation. Pure functions over all mentions at once, so the order of files is nothing.

Two mentions are taken as one organisation only on evidence: the same normalised name, a curated list, a shared
identifier together with the same significant words or acronym, or an acronym that one organisation alone bears.
Nearness of spelling alone never joins: the African and the Asian Development Bank stay apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.countries import country_names
from knowledge.records import OrganisationName
from knowledge.vocabulary import kind_of, table_yaml

_DIRTY_REF_NAMES = 40
_FINER = {"multilateral": ("un",), "ingo": ("red_cross",), "nngo": ("red_cross",), "ngo": ("red_cross",)}
"""Kinds that an IATI code lumps together, and what a list of names may tell apart."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A distinct way an organisation is written, and how many records write it so. `own_ref`: its own publisher ref.

    `privacy` is that of its most open records, 0 for public; `weight` and `own_ref` are of these records alone.
    """

    id: int
    ref: str
    name: str
    acronym: str
    kind: str
    country: str
    weight: int = 1
    own_ref: bool = False
    privacy: int = 0


@dataclass(slots=True)
class Organisation:
    """What the index takes for one organisation. `members` are mention ids."""

    id: str
    name: str
    acronym: str
    kind: str
    country: str
    aliases: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    members: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Words:
    spellings: Mapping[str, str]
    empty: frozenset[str]
    generic: tuple[str, ...]
    categories: frozenset[str]
    telling: frozenset[str]


@lru_cache(maxsize=1)
def _table() -> _Words:
    table = table_yaml("identity_words.yml")
    return _Words(
        table["spellings"],
        frozenset(table["empty"]),
        tuple(table["generic"]),
        frozenset(table["categories"]),
        frozenset(table["telling"]),
    )


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("'", "").replace("\u2019", "")
    words = re.sub(r"[\W_]+", " ", bare).split()
    if words[:1] == ["the"]:
        words = words[1:]
    spellings = _table().spellings
    return " ".join(spellings.get(word, word) for word in words)


def _could_stand_for(acronym: str, name: str) -> bool:
    """Whether the letters of `acronym` occur in `name` in order, beginning with the first letter of some word."""
    letters = re.sub(r"[^a-z0-9]", "", fold(acronym))
    if not 2 <= len(letters) <= 10:
        return False
    words = fold(name).split()
    return any(_is_subsequence(letters, "".join(words[i:])) for i in range(len(words)) if words[i][0] == letters[0])


def _is_subsequence(letters: str, text: str) -> bool:
    position = iter(text)
    return all(letter in position for letter in letters)


@lru_cache(maxsize=200_000)
def split_acronym(name: str) -> tuple[str, str]:
    """`"World Food Programme (WFP)"`, `"WFP/World Food Programme"`, `"WFP - World Food Programme"` -> (name, "WFP")."""
    text = name.strip()
    patterns = (
        r"^(?P<name>.+?)\s*\((?P<acronym>[^()\s]{2,12})\)$",
        r"^(?P<acronym>[^\s/]{2,12})/(?P<name>.+)$",
        r"^(?P<acronym>[^\s]{2,12})\s+[-\u2013]\s+(?P<name>.+)$",
        r"^(?P<name>.+?)\s+[-\u2013]\s+(?P<acronym>[^\s]{2,12})$",
    )
    for pattern in patterns:
        if match := re.match(pattern, text):
            acronym, rest = match["acronym"], match["name"].strip()
            capitals = sum(c.isupper() or c.isdigit() for c in acronym)
            if capitals * 2 > len(acronym) and len(rest) > len(acronym) and _could_stand_for(acronym, rest):
                return rest, acronym
    return text, ""


def is_generic(name: str) -> bool:
    """Whether the name needs its country to mean one organisation ("Ministry of Finance", "Government")."""
    return f"{fold(name)} ".startswith(tuple(f"{words} " for words in _table().generic))


@lru_cache(maxsize=1)
def _country_words() -> frozenset[str]:
    words = frozenset(word for names in country_names().values() for name in names for word in fold(name).split())
    return words - _table().telling


def _significant(name: str) -> frozenset[str]:
    words = frozenset(fold(name).split()) - _table().empty
    return words - _country_words() or words


def is_category_name(name: str) -> bool:
    """Whether it is a kind of organisation written where a name belongs ("National NGO", "Recipient Government")."""
    return fold(name) in _table().categories


class _Clusters:
    """Keys taken as one. Clusters that are settled take in others but never join each other."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._settled: set[str] = set()

    def add(self, key: str) -> None:
        self._parent.setdefault(key, key)

    def find(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def join(self, a: str, b: str) -> None:
        first, second = sorted((self.find(a), self.find(b)))
        if first == second or {first, second} <= self._settled:
            return
        self._parent[second] = first
        if second in self._settled:
            self._settled.add(first)

    def settle(self, keys: Iterable[str]) -> None:
        self._settled = {self.find(key) for key in keys}


def resolve(mentions: Sequence[Mention], curated: Iterable[OrganisationName] = ()) -> list[Organisation]:
    """All organisations behind `mentions`; each mention that names one stands in exactly one of them.

    Category names ("National NGO", "Recipient Government") name no organisation and are left out. What open records
    say is settled first and stays: private ones add to it, but change neither who is one organisation nor its name.
    """
    canonical, facts = _curated(curated)
    keys: dict[int, str] = {}
    clusters = _Clusters()
    for mention in mentions:
        if key := _key(mention, canonical):
            keys[mention.id] = key
            clusters.add(key)
    named = sorted((mention for mention in mentions if mention.id in keys), key=_order)
    for privacy in sorted({mention.privacy for mention in named}):
        known = [mention for mention in named if mention.privacy <= privacy]
        _join_by_ref(known, keys, clusters)
        _join_by_acronym(known, keys, clusters)
        clusters.settle(keys[mention.id] for mention in known)
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in named:
        groups[clusters.find(keys[mention.id])].append(mention)
    organisations = []
    for members in groups.values():
        open_members = [mention for mention in members if mention.privacy == members[0].privacy]
        own_keys = sorted({keys[mention.id] for mention in open_members})
        organisation = _organisation(own_keys, open_members, facts)
        organisation.members = sorted(mention.id for mention in members)
        organisations.append((members[0].privacy, own_keys, organisation))
    return _with_unique_ids([organisation for *_, organisation in sorted(organisations, key=lambda entry: entry[:2])])


def _order(mention: Mention) -> tuple[int, str, str, str, str, str]:
    return mention.privacy, mention.name, mention.ref, mention.acronym, mention.kind, mention.country


_Facts = Mapping[str, tuple[int, OrganisationName]]


def _curated(rows: Iterable[OrganisationName]) -> tuple[dict[tuple[str, str], str], _Facts]:
    """(country, folded name) -> folded canonical name, and canonical name -> how many names it has and what it is."""
    canonical: dict[tuple[str, str], str] = {}
    facts: dict[str, tuple[int, OrganisationName]] = {}
    for row in sorted(rows, key=lambda row: (row.canonical, row.name, row.country)):
        target = fold(row.canonical)
        for name in (row.name, row.canonical):
            canonical.setdefault((row.country, fold(name)), target)
        names, fact = facts.get(target, (0, row))
        facts[target] = (names + 1, fact)
    return canonical, facts


def _key(mention: Mention, canonical: Mapping[tuple[str, str], str]) -> str:
    name, _ = split_acronym(mention.name)
    # An acronym says who it is only where no name stands beside it.
    for spelling in (mention.name, name) if name else (mention.acronym,):
        folded = fold(spelling)
        if folded and (found := canonical.get((mention.country, folded)) or canonical.get(("", folded))):
            return found
    if not name:
        return fold(mention.acronym) or (f"ref {mention.ref.casefold()}" if mention.ref else "")
    if is_category_name(name):
        return ""
    folded = fold(name)
    if folded and mention.country and is_generic(name):
        return f"{folded} ({mention.country.casefold()})"
    return folded


def _join_by_ref(mentions: Sequence[Mention], keys: Mapping[int, str], clusters: _Clusters) -> None:
    """A shared identifier joins names only where they also share their significant words or their acronym."""
    by_ref: dict[str, dict[str, Mention]] = defaultdict(dict)
    for mention in mentions:
        if mention.ref:
            by_ref[mention.ref.casefold()].setdefault(keys[mention.id], mention)
    for ref in sorted(by_ref):
        members = sorted(by_ref[ref].items())
        if len(members) > _DIRTY_REF_NAMES:
            continue
        for position, (key, mention) in enumerate(members):
            for other_key, other in members[position + 1 :]:
                if _same_words(mention, other):
                    clusters.join(key, other_key)
        owners = sorted({keys[m.id] for m in mentions if m.own_ref and m.ref.casefold() == ref})
        for key, mention in members:
            if owners and not mention.name and not mention.acronym:
                clusters.join(key, owners[0])


def _same_words(one: Mention, two: Mention) -> bool:
    (name_one, found_one), (name_two, found_two) = split_acronym(one.name), split_acronym(two.name)
    if is_generic(name_one) or is_generic(name_two):
        return fold(name_one) == fold(name_two)
    acronym_one, acronym_two = fold(one.acronym or found_one), fold(two.acronym or found_two)
    if acronym_one and acronym_one in (acronym_two, fold(name_two)):
        return True
    if acronym_two and acronym_two == fold(name_one):
        return True
    words_one, words_two = _significant(name_one), _significant(name_two)
    return words_one == words_two or (min(len(words_one), len(words_two)) >= 2 and words_one <= words_two)


def _join_by_acronym(mentions: Sequence[Mention], keys: Mapping[int, str], clusters: _Clusters) -> None:
    """A bare acronym is the organisation that bears it, where one alone does; in one table, one acronym is one name."""
    bearers: dict[str, set[str]] = defaultdict(set)
    in_table: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in mentions:
        name, found = split_acronym(mention.name)
        acronym = fold(mention.acronym or found)
        if acronym and name and fold(name) != acronym:
            bearers[acronym].add(clusters.find(keys[mention.id]))
            if mention.acronym and mention.country:
                in_table[acronym, mention.country].append(mention)
    for members in in_table.values():
        for position, one in enumerate(members):
            for two in members[position + 1 :]:
                shared = _significant(one.name) & _significant(two.name)
                if shared and len(shared) * 2 >= min(len(_significant(one.name)), len(_significant(two.name))):
                    clusters.join(keys[one.id], keys[two.id])
    for mention in mentions:
        name, _ = split_acronym(mention.name)
        spelling = fold(name) or fold(mention.acronym)
        bearing = {clusters.find(key) for key in bearers.get(spelling, ())}
        if len(bearing) == 1:
            clusters.join(keys[mention.id], bearing.pop())


def _organisation(keys: Sequence[str], members: Sequence[Mention], facts: _Facts) -> Organisation:
    names: Counter[str] = Counter()
    acronyms: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for mention in members:
        name, found = split_acronym(mention.name)
        if name:
            names[name] += mention.weight + (1_000_000 if mention.own_ref else 0)
        if acronym := mention.acronym or found:
            acronyms[acronym] += mention.weight
        if mention.kind and (kind := kind_of(mention.kind)):
            kinds[kind] += mention.weight
        if mention.country:
            countries[mention.country] += mention.weight
    # Where two lists of names met in one organisation, the longer list is the better known name.
    known = sorted((k for k in {*keys, *map(fold, names)} if k in facts), key=lambda k: (-facts[k][0], k))
    fact = facts[known[0]][1] if known else None
    display = _best(names) or _best(acronyms) or members[0].ref
    if display.isupper() and len(display) > 12 and (mixed := [name for name in names if not name.isupper()]):
        display = max(sorted(mixed), key=lambda name: names[name])
    if fact:
        display = fact.canonical
    kind = _best(kinds)
    listed = kind_of(fact.kind) if fact and fact.kind else ""
    # IATI has no code for a UN agency or a Red Cross society: there the list says more than the publisher could.
    coded = all(mention.kind.isdigit() for mention in members if mention.kind and kind_of(mention.kind) == kind)
    if listed and (not kind or (coded and listed in _FINER.get(kind, ()))):
        kind = listed
    country = f" {_best(countries)}" if countries and is_generic(display) else ""
    return Organisation(
        id=re.sub(r"\W+", "-", fold(display) + country.casefold()).strip("-")[:80] or "organisation",
        name=display,
        acronym=(fact.acronym if fact else "") or _best(acronyms),
        kind=kind,
        country=_best(countries) if len(countries) == 1 else "",
        aliases=sorted({*names, *acronyms, *(m.name for m in members if m.name)} - {display}),
        refs=sorted({m.ref for m in members if m.ref}),
        members=sorted(m.id for m in members),
    )


def _best(counts: Counter[str]) -> str:
    return max(sorted(counts), key=lambda value: counts[value]) if counts else ""


def _with_unique_ids(organisations: list[Organisation]) -> list[Organisation]:
    seen: Counter[str] = Counter()
    for organisation in organisations:
        seen[organisation.id] += 1
        if seen[organisation.id] > 1:
            organisation.id = f"{organisation.id}-{seen[organisation.id]}"
    return organisations
