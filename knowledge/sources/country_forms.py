"""Countries as registers of money write them: "Tanzania, United Republic of", "Republic of Kenya", "UK", "KENYA"."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.countries import iso2
from knowledge.sources.country_words import country_named
from knowledge.sources.guard import fold
from knowledge.vocabulary import country_words

_ALSO = {
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "great britain": "GB",
    "united kingdom of great britain and northern ireland": "GB",
    "uk": "GB",
    "usa": "US",
    "west bank and gaza": "PS",
    "kyrgyz republic": "KG",
    "slovak republic": "SK",
    "lao people s democratic republic": "LA",
    "russian federation": "RU",
    "viet nam": "VN",
    "democratic people s republic of korea": "KP",
    "republic of korea": "KR",
    "republic of the congo": "CG",
    "republic of congo": "CG",
    "democratic republic of the congo": "CD",
    "democratic republic of congo": "CD",
    "federated states of micronesia": "FM",
    "the former yugoslav republic of macedonia": "MK",
    "yemen rep": "YE",
    "egypt arab rep": "EG",
    "iran islamic rep": "IR",
    "lao pdr": "LA",
}
_STATES = re.compile(
    r"(?:the )?(?:[\w' -]+ )?(?:republic|kingdom|states?|union|commonwealth|principality|sultanate) of (?:the )?",
    re.IGNORECASE,
)
_LONGEST = 100
UK_NATIONS = ("England", "Scotland", "Wales", "Northern Ireland")


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, words in country_words().items():
        for name in words.names:
            found.setdefault(fold(name), code)
    return found


def _named(name: str) -> str:
    return country_named(name) or _ALSO.get(fold(name), "") or _forms().get(fold(name), "")


@lru_cache(maxsize=4096)
def country_written(text: str) -> str:
    """ISO alpha-2 of a country code or of a whole country name in any usual form; "" where it is none."""
    text = text.strip()
    if len(text) > _LONGEST:
        return ""
    if len(text) in (2, 3) and text.isascii() and text.isupper() and (code := iso2(text)):
        return code
    if found := _named(text):
        return found
    if text.count(",") == 1:
        name, rest = (part.strip() for part in text.split(","))
        turned = f"{rest} {name}"
        return _named(turned) or _named(turned.removeprefix("The ")) or (_named(name) if _STATES.match(turned) else "")
    bare = _STATES.sub("", text, count=1) if _STATES.match(text) else ""
    return _named(bare) if bare else ""
