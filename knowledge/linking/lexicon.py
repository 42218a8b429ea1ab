"""The names the linker knows: organisations and places of the index, with what people also call them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import IntEnum
from functools import lru_cache

from babel.core import get_global
from babel.dates import get_timezone_location

from knowledge.countries import LANGUAGES
from knowledge.linking.cues import level_words, place_words
from knowledge.linking.entities import OrganisationEntry, PlaceEntry
from knowledge.linking.known import areas, governments, known_organisations, known_places
from knowledge.linking.matching import SpellingIndex, reach_by_first_word
from knowledge.linking.spelling import arabic_names, directed_names, skeleton
from knowledge.text import Token, fold
from knowledge.vocabulary import country_words, split_words, table_rows

SITE_LEVEL = 5
"""Level of a city or site whose administrative level is not known."""
_ACRONYM_IN_BRACKETS = re.compile(r"^(.{4,}?)\s*\(([\w&.\-/ ]{2,15})\)\s*$")
_LEGAL_FORMS = frozenset(
    ["ltd", "limited", "inc", "llc", "gmbh", "ggmbh", "ev", "plc", "asbl", "vzw", "ngo", "ong", "co", "sa"]
)
_RED_CROSS = re.compile(r"\b(red cross|red crescent|croix rouge|croissant rouge)\b")
_UKRAINIAN_ADJECTIVE = re.compile(r"(sk)a$")


class Bond(IntEnum):
    """How a name belongs to its bearer, the firmest last."""

    SHARED = 0
    DERIVED = 1
    OWN = 2
    KNOWN = 3
    """A name of an organisation known the world over."""


@lru_cache(maxsize=1)
def _city_names() -> dict[tuple[str, str], frozenset[str]]:
    """(country, folded English name) -> the city's names in the five languages, for the cities CLDR names."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for zone, country in get_global("zone_territories").items():
        if "/" in zone and country.isalpha():
            names = [get_timezone_location(zone, locale=language, return_city=True) for language in LANGUAGES]
            found[(country, fold(names[0]))] = frozenset(map(fold, names))
    return found


@lru_cache(maxsize=1)
def _exonyms() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in table_rows("place_names.csv"):
        names = {fold(name) for name in (row["name"], *split_words(row["also"], "|"))}  # folding takes the mark off
        for name in names:
            found[(row["country"], name)] |= names
    return {key: frozenset(names) for key, names in found.items()}


@lru_cache(maxsize=1)
def _renowned() -> frozenset[tuple[str, str, str]]:
    """(country, folded name, folded other name) for names marked "!": the place of that name that the world means."""
    return frozenset(
        (row["country"], fold(row["name"]), fold(name))
        for row in table_rows("place_names.csv")
        for name in split_words(row["also"], "|")
        if name.startswith("!")
    )


class Lexicon:
    """Indices over the names of organisations and places. Build one after each change of the index; it never changes.

    All countries are known even where the index holds nothing of them, so that a question about one is understood.
    """

    def __init__(self, organisations: Iterable[OrganisationEntry] = (), places: Iterable[PlaceEntry] = ()) -> None:
        self.organisations: dict[str, OrganisationEntry] = {entry.id: entry for entry in organisations}
        self.places: dict[str, PlaceEntry] = {entry.id: entry for entry in places}
        for code, words in country_words().items():
            self.places.setdefault(code, PlaceEntry(code, words.names[0], 0, code))
        self._add_cities()
        self.country_weight: dict[str, int] = defaultdict(int)
        for place in self.places.values():
            self.country_weight[place.country] += place.weight
        self.place_names: dict[str, dict[str, Bond]] = defaultdict(dict)
        self.organisation_names: dict[str, dict[str, Bond]] = defaultdict(dict)
        self.spelt: dict[str, set[str]] = defaultdict(set)
        """Folded one-word names of organisations -> ways they are spelt, to tell CARE from care."""
        self.demonyms: dict[str, list[str]] = defaultdict(list)
        self.place_beginnings: dict[str, list[str]] = defaultdict(list)
        self._add_countries()
        for place in self.places.values():
            self._add_place(place)
        self.renowned: set[str] = set()
        """Cities and camps that people ask for by name."""
        self._add_known_places()
        self._add_areas()
        for organisation in self.organisations.values():
            self._add_organisation(organisation)
        self.stands_for: dict[str, frozenset[str]] = {}
        """Organisation that no record need name -> those of the index that are it, in whose place it never stands."""
        self.known_as: dict[str, set[str]] = defaultdict(set)
        """Organisation of the index -> the well-known organisations whose own name it bears."""
        self.own_names: dict[str, tuple[str, ...]] = {}
        """Well-known organisation -> its own names, folded, the best known first."""
        self._add_known_organisations()
        self._add_governments()
        self._place_reach = reach_by_first_word((*self.place_names, *self.demonyms))
        self._organisation_reach = reach_by_first_word(self.organisation_names)
        for name in self.place_names:
            if " " in name:
                self.place_beginnings[name.split(" ", 1)[0]].append(name)
        self.compact_places = _compact(self.place_names)
        self.compact_organisations = _compact(self.organisation_names)
        self.place_spellings = SpellingIndex(self.compact_places)
        self.organisation_spellings = SpellingIndex(self.compact_organisations)
        self.sounds: dict[str, list[str]] = defaultdict(list)
        """What a name of a place sounds like -> the names that sound so."""
        for name in self.place_names:
            if sound := skeleton(name):
                self.sounds[sound].append(name)

    def place_reach(self, token: Token) -> int:
        """How many words the longest name of a place or people that begins with this word has; 0 where none does."""
        return max(self._place_reach.get(form, 0) for form in token.forms)

    def organisation_reach(self, token: Token) -> int:
        """How many words the longest name of an organisation that begins with this word has."""
        return max(self._organisation_reach.get(form, 0) for form in token.forms)

    def ancestors(self, place: PlaceEntry) -> list[PlaceEntry]:
        """The places around a place, nearest first, its country last."""
        found: list[PlaceEntry] = []
        seen = {place.id}
        parent = place.parent
        while parent and parent in self.places and parent not in seen:
            found.append(self.places[parent])
            seen.add(parent)
            parent = self.places[parent].parent
        if place.level > 0 and place.country in self.places and place.country not in seen:
            found.append(self.places[place.country])
        return found

    def _add_cities(self) -> None:
        """The cities CLDR names, where the index and the gazetteer have no place of that name in that country."""
        known = {
            (place.country, fold(name).replace(" ", ""))
            for place in self.places.values()
            for name in (place.name, *place.aliases)
        }
        for country, name in _city_names():
            if (country, name.replace(" ", "")) not in known and country in self.places and name:
                ident = f"{country}:{name.replace(' ', '-')}"
                self.places.setdefault(ident, PlaceEntry(ident, name.title(), SITE_LEVEL, country, country))

    def _add_countries(self) -> None:
        for code, words in country_words().items():
            for name in words.names:
                if key := fold(name):
                    self.place_names[key].setdefault(code, Bond.OWN)
            for name in words.demonyms:
                self.demonyms[fold(name)].append(code)

    def _add_place(self, place: PlaceEntry) -> None:
        for name in (place.name, *place.aliases):
            key = fold(name)
            if not key:
                continue
            self.place_names[key].setdefault(place.id, Bond.OWN)
            for other in self._also_called(place, key, name):
                if other != key and len(other) > 2:
                    self.place_names[other].setdefault(place.id, Bond.DERIVED)
                if (place.country, key, other) in _renowned():
                    self.place_names[other][place.id] = Bond.KNOWN

    @staticmethod
    def _also_called(place: PlaceEntry, key: str, name: str) -> set[str]:
        found = set(_exonyms().get((place.country, key), ())) | set(_city_names().get((place.country, key), ()))
        if "'" in name or "\u2019" in name:
            found.add(fold(name.replace("'", "").replace("\u2019", "")))
        found |= arabic_names(place.country, key)
        if place.level == 1:
            found |= directed_names(key)
        if place.level > 0:
            bare = [word for word in key.split(" ") if word not in level_words()]
            if bare and len(bare) < key.count(" ") + 1 and bare[0] in place_words()["joiners"]:
                bare = bare[1:]  # "Cidade da Beira"
            if bare and len(bare) < key.count(" ") + 1 and len(" ".join(bare)) > 3:
                found.add(" ".join(bare))
        if place.country == "UA" and _UKRAINIAN_ADJECTIVE.search(key):
            found |= {key[:-1], key[:-3]}
        return found

    def _add_organisation(self, entry: OrganisationEntry) -> None:
        for name in (entry.name, *entry.aliases):
            bracketed = _ACRONYM_IN_BRACKETS.match(name)
            if bracketed and not self._is_acronym(bracketed.group(2)):
                bracketed = None
            for part in (name, *(bracketed.groups() if bracketed else ())):
                self._name_organisation(part, entry.id, Bond.OWN)
            key = fold(bracketed.group(1) if bracketed else name)
            words = key.split(" ")
            while len(words) > 1 and words[-1] in _LEGAL_FORMS:
                words = words[:-1]
            if words[0] == "the" and len(words) > 2:
                words = words[1:]
            self._name_organisation(" ".join(words), entry.id, Bond.DERIVED)
            for other in _red_cross_names(key):
                self._name_organisation(other, entry.id, Bond.DERIVED)

    def _is_acronym(self, text: str) -> bool:
        """Whether what stands in brackets behind a name is its acronym, and not "(Tanzania)" or "(in English)"."""
        key = fold(text)
        countries = any(self.places[ident].level == 0 for ident in self.place_names.get(key, ()))
        return not countries and key not in self.demonyms and any(letter.isupper() for letter in text)

    def _name_organisation(self, name: str, ident: str, bond: Bond) -> None:
        key = fold(name)
        if len(key) < 2 or key.isdigit():
            return
        bearers = self.organisation_names[key]
        bearers[ident] = max(bond, bearers.get(ident, Bond.SHARED))
        if " " not in key:
            self.spelt[key].add(name.strip())

    def _add_known_places(self) -> None:
        """Cities and camps; where the gazetteer or the index has one, only what it is also called."""
        for known in known_places():
            if known.country not in self.places:
                continue
            names = [name for name in map(fold, known.names) if name]
            bearers = {
                ident
                for name in names
                for ident in self.place_names.get(name, {})
                if self.places[ident].country == known.country and self.places[ident].level > 0
            }
            around = self._in_country(fold(known.within), known.country, range(1, 2))
            for ident in bearers:
                if around and self.places[ident].level == SITE_LEVEL and self.places[ident].parent == known.country:
                    self.places[ident] = replace(self.places[ident], parent=around[0])
            if not bearers:
                ident = f"{known.country}:{names[0].replace(' ', '-')}"
                parent = around[0] if around else known.country
                self.places[ident] = PlaceEntry(ident, known.name, SITE_LEVEL, known.country, parent)
                bearers = {ident}
            for name in names:
                for ident in bearers:
                    self.place_names[name].setdefault(ident, Bond.DERIVED)
            for ident in bearers:
                self.place_names[names[0]][ident] = Bond.KNOWN
                self.renowned.add(ident)

    def _add_areas(self) -> None:
        """Areas of several places that the index or the gazetteer knows; a site of the same name is one of them."""
        for area in areas():
            members: list[str] = []
            for member in area.members:
                if isinstance(member, str):
                    members.extend([member] if member in self.places else [])
                else:
                    members.extend(self._in_country(member[1], member[0], range(1, 2)))
            names = [name for name in map(fold, area.names) if name]
            for name in names:
                for ident in self._in_country(name, area.country, range(SITE_LEVEL, SITE_LEVEL + 1)):
                    members.append(ident)
                    del self.place_names[name][ident]
            if not members:
                continue
            level = 1 if area.country else -1
            entry = PlaceEntry(
                area.id, area.name, level, area.country, area.country, members=tuple(dict.fromkeys(members))
            )
            self.places[area.id] = entry
            for name in names:
                self.place_names[name].setdefault(area.id, Bond.OWN)

    def _in_country(self, name: str, country: str, levels: range) -> list[str]:
        return [
            ident
            for ident in self.place_names.get(name, {})
            if self.places[ident].country == country and self.places[ident].level in levels
        ]

    def _add_known_organisations(self) -> None:
        for known in known_organisations():
            bearers = {
                ident
                for name in known.names
                for ident, bond in self.organisation_names.get(fold(name), {}).items()
                if bond >= Bond.OWN and ident not in self.stands_for
            }
            self.organisations[known.entry.id] = known.entry
            self.stands_for[known.entry.id] = frozenset(bearers)
            self.own_names[known.entry.id] = tuple(map(fold, known.names))
            for ident in bearers:
                self.known_as[ident].add(known.entry.id)
            for ident in (*bearers, known.entry.id):
                for name in (*known.names, *known.shared):
                    self._name_organisation(name, ident, Bond.KNOWN)

    def _add_governments(self) -> None:
        self.governments: dict[str, tuple[str, ...]] = {}
        """Country -> its government as the index has it, else one that no record need name."""
        for country, (entry, names) in governments().items():
            bearers = frozenset(
                ident
                for name in names
                for ident, bond in self.organisation_names.get(name, {}).items()
                if bond >= Bond.OWN
            )
            self.organisations[entry.id] = entry
            self.stands_for[entry.id] = bearers
            self.own_names[entry.id] = names
            for ident in bearers:
                self.known_as[ident].add(entry.id)
            self.governments[country] = (*sorted(bearers), entry.id)
            self._name_organisation(entry.name, entry.id, Bond.KNOWN)


def _red_cross_names(key: str) -> list[str]:
    """ "kenya red cross society" is also "kenyan red cross" and "kenya red cross"."""
    match = _RED_CROSS.search(key)
    if not match:
        return []
    rest = f" {key} "
    for words in country_words().values():
        forms = {fold(name) for name in (words.names[0], *words.demonyms)}
        if any(f" {form} " in rest for form in forms):
            return [f"{form} {match.group(1)}" for form in sorted(forms)] + [
                f"{match.group(1)} {form}" for form in sorted(forms)
            ]
    return []


def _compact(names: Mapping[str, object]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[name.replace(" ", "")].append(name)
    return dict(found)
