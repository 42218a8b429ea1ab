"""Which country a name, a text or a p-code speaks of."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.countries import country_names, iso2
from knowledge.sources.guard import fold


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {fold(name): code for code, names in country_names().items() for name in names}


def country_named(name: str) -> str:
    """ISO alpha-2 of a country by its whole name in any of our languages, or ""."""
    return _by_name().get(fold(name), "")


def country_in(text: str) -> str:
    """The country with the longest name that stands in a text as whole words, or ""."""
    padded = f" {fold(text.replace('_', ' '))} "
    named = [(len(name), code) for name, code in _by_name().items() if name and f" {name} " in padded]
    return max(named)[1] if named else ""


def country_of_pcode(pcode: str) -> str:
    """ISO alpha-2 of the letters a p-code begins with, or ""."""
    found = re.match(r"[A-Z]{2,3}(?=\d)", pcode.upper())
    return iso2(found[0]) or iso2(found[0][:2]) if found else ""
