"""Names of places from other scripts: what Latin letters make of the Arabic article, and what names sound like."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.text import fold

_ARTICLE_COUNTRIES = frozenset(
    ["YE", "SD", "SY", "IQ", "LB", "JO", "LY", "PS", "EG", "TN", "DZ", "MA", "MR", "SA", "OM", "AE", "SO", "DJ", "TD"]
)
_ARTICLES = frozenset(
    ["al", "el", "ar", "as", "ash", "at", "ad", "adh", "an", "ag", "az", "aj", "er", "es", "ed", "ez", "en", "et"]
)
_SHORTEST_BARE = 5
_SHORTEST_SOUND = 4
_LONGEST_SOUND = 30
_SOUNDS = (
    (re.compile(r"aa"), "a"),
    (re.compile(r"ou|oo"), "u"),
    (re.compile(r"ee|ey|ei|ay|ai|ie"), "i"),
    (re.compile(r"y"), "i"),
    (re.compile(r"kh|ch(?=[aou])"), "k"),
    (re.compile(r"gh"), "g"),
    (re.compile(r"dh"), "d"),
    (re.compile(r"th"), "t"),
    (re.compile(r"dj"), "j"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"q|c(?=[aoukl])"), "k"),
    (re.compile(r"w"), "u"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"h\b"), ""),
    (re.compile(r"(?<=[bcdfgjklmnprstvz])h"), ""),
    (re.compile(r"e"), "i"),
    (re.compile(r"o"), "u"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=100_000)
def skeleton(name: str) -> str:
    """What a folded name in Latin letters sounds like, roughly: "hodeidah" and "hudaydah" agree. "" where too short."""
    if not name.isascii() or not _SHORTEST_SOUND < len(name) <= _LONGEST_SOUND:
        return ""
    words = name.split(" ")
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    sound = "".join(words)
    for pattern, letters in _SOUNDS:
        sound = pattern.sub(letters, sound)
    return sound if len(sound) >= _SHORTEST_SOUND and not any(letter.isdigit() for letter in sound) else ""


def arabic_names(country: str, key: str) -> set[str]:
    """A folded name that begins with the Arabic article as it is also written: "ag geneina" -> "el geneina" ..."""
    article, _, rest = key.partition(" ")
    if country not in _ARTICLE_COUNTRIES or article not in _ARTICLES or not rest:
        return set()
    found = {f"al {rest}", f"el {rest}"}
    if len(rest) >= _SHORTEST_BARE:
        found.add(rest)
    return found


_DIRECTIONS = {
    "north": "north northern nord norte septentrional شمال",
    "south": "south southern sud sur sul meridional جنوب",
    "east": "east eastern est este leste oriental orientale شرق",
    "west": "west western ouest oeste occidental occidentale غرب",
    "centre": "central centrale centro centre وسط",
    "upper": "upper haut alto superior superieur أعالي",
    "lower": "lower bas bajo baixo inferior inferieur",
}


@lru_cache(maxsize=1)
def _directions() -> dict[str, str]:
    return {word: way for way, words in _DIRECTIONS.items() for word in fold(words).split()}


def directed_names(key: str) -> set[str]:
    """A folded name with a point of the compass as other languages write it: "nord kivu" -> "kivu du nord" ..."""
    words = key.split(" ")
    if len(words) < 2:
        return set()
    for position in (0, -1):
        way = _directions().get(words[position])
        if way is None:
            continue
        rest = words[1:] if position == 0 else words[:-1]
        if position == -1 and rest[-1] in ("du", "del", "do", "de"):
            rest = rest[:-1]
        base = " ".join(rest)
        if len(base) < 4 or base in _directions():
            return set()
        found: set[str] = set()
        for word in fold(_DIRECTIONS[way]).split():
            found |= {
                f"{word} {base}",
                f"{base} {word}",
                f"{base} du {word}",
                f"{base} del {word}",
                f"{base} do {word}",
            }
        return found - {key}
    return set()
