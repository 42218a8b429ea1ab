"""Words beside a name that tell what it is, and what names of organisations tell of the continent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from babel.core import get_global

from knowledge.text import fold
from knowledge.vocabulary import split_words, table_yaml


@lru_cache(maxsize=1)
def place_words() -> Mapping[str, frozenset[str]]:
    """Cue words beside names of places, folded, by what they do."""
    table = table_yaml("place_words.yml")
    return {
        key: frozenset(fold(word) for word in split_words(words))
        for key, words in table.items()
        if isinstance(words, str)
    }


@lru_cache(maxsize=1)
def cue_words() -> Mapping[str, frozenset[str]]:
    """Folded words beside a name or number that tell what it is."""
    table = table_yaml("cue_words.yml")
    return {key: frozenset(fold(word) for word in split_words(words)) for key, words in table.items()}


@lru_cache(maxsize=1)
def level_words() -> Mapping[str, frozenset[int]]:
    """Folded word for an administrative unit -> the levels it can mean."""
    found: dict[str, set[int]] = defaultdict(set)
    for level, words in table_yaml("place_words.yml")["levels"].items():
        for word in split_words(words):
            found[fold(word)].add(int(level))
    return {word: frozenset(levels) for word, levels in found.items()}


def level_hint(words: Sequence[str]) -> frozenset[int]:
    """The levels that any of the words can mean."""
    return frozenset(level for word in words for level in level_words().get(word, ()))


_CONTINENTS = {
    "Africa": "african africaine africano africana africain",
    "Asia": "asian asiatique asiatico",
    "America": "interamerican american",
    "Europe": "european europeenne europeo",
    "Pacific": "pacific",
}


@lru_cache(maxsize=1)
def _continents() -> dict[str, str]:
    zones = ((zone.split("/")[0], country) for zone, country in get_global("zone_territories").items())
    return {country: area for area, country in zones if area in _CONTINENTS}


def continent(country: str) -> str:
    """The continent of a country as time zones name it: "Africa", "Asia" ...; "" where they do not."""
    return _continents().get(country, "")


@lru_cache(maxsize=50_000)
def continent_in_name(name: str) -> str:
    """The continent that an organisation's name claims ("African Development Bank" -> "Africa"), or ""."""
    words = frozenset(fold(name).split())
    return next((area for area, adjectives in _CONTINENTS.items() if words & frozenset(adjectives.split())), "")
