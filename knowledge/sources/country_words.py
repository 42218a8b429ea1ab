"""Which country a name, a text or a p-code speaks of."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.countries import country_names, iso2
from knowledge.sources.guard import fold


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    named = {fold(name): code for code, names in country_names().items() for name in names}
    return _ALSO | named


_ALSO = {
    "dr congo": "CD",
    "democratic republic of the congo": "CD",
    "democratic republic of congo": "CD",
    "ivory coast": "CI",
    "swaziland": "SZ",
    "burma": "MM",
    "occupied palestinian territory": "PS",
    "state of palestine": "PS",
    "syrian arab republic": "SY",
    "lao people s democratic republic": "LA",
}
"""Names that tables of events and needs use and the Unicode list does not."""


@lru_cache(maxsize=4096)
def country_named(name: str) -> str:
    """ISO alpha-2 of a country by its whole name in any of our languages, or ""."""
    return _by_name().get(fold(name), "")


@lru_cache(maxsize=4096)
def country_in(text: str) -> str:
    """The country with the longest name that stands in a text as whole words, or ""."""
    padded = f" {fold(text.replace('_', ' '))} "
    named = [(len(name), code) for name, code in _by_name().items() if name and f" {name} " in padded]
    return max(named)[1] if named else ""


_NO_CODES = {"AND", "ARE", "CAN", "MAR", "PER", "COM", "NOR", "FIN"}
"""Country codes that in the name of a file are more often a word or a month."""


def country_code_in(name: str) -> str:
    """ISO alpha-2 of a country code that stands by itself in the name of a file ("conflict_BGD" is BD), or ""."""
    words = re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", name)
    return next((code for word in words if word not in _NO_CODES and (code := iso2(word))), "")


def country_of_pcode(pcode: str) -> str:
    """ISO alpha-2 of the letters a p-code begins with, or ""."""
    found = re.match(r"[A-Z]{2,3}(?=\d)", pcode.upper())
    return iso2(found[0]) or iso2(found[0][:2]) if found else ""
