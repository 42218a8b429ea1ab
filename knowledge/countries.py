"""Countries and IATI regions: codes and names."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

from babel import Locale

LANGUAGES = ("en", "fr", "es", "ar", "pt")


def _rows(table: str) -> list[dict[str, str]]:
    text = resources.files("knowledge").joinpath("tables", table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _iso3() -> dict[str, str]:
    return {row["iso2"]: row["iso3"] for row in _rows("countries.csv")}


def iso3(country: str) -> str:
    """The ISO 3166-1 alpha-3 code of an alpha-2 code, or ""."""
    return _iso3().get(country, "")


@lru_cache(maxsize=1)
def _iso2() -> dict[str, str]:
    return {long: short for short, long in _iso3().items()}


def iso2(code: str) -> str:
    """The alpha-2 code of an alpha-2 or alpha-3 code, or ""."""
    upper = code.strip().upper()
    return upper if upper in _iso3() else _iso2().get(upper, "")


@lru_cache(maxsize=1)
def country_labels() -> dict[str, dict[str, str]]:
    """Country code -> language -> name, for every ISO 3166-1 country. Source: Unicode CLDR through Babel."""
    territories = {language: Locale(language).territories for language in LANGUAGES}
    return {
        code: {language: str(names[code]) for language, names in territories.items() if code in names}
        for code in _iso3()
        if code in territories["en"]
    }


@lru_cache(maxsize=1)
def country_names() -> dict[str, tuple[str, ...]]:
    """Country code -> its names in all five languages, the English one first, without repeats."""
    return {code: tuple(dict.fromkeys(labels.values())) for code, labels in country_labels().items()}


@lru_cache(maxsize=1)
def region_names() -> dict[str, str]:
    """IATI (DAC) region code -> English name."""
    return {row["code"]: row["en"] for row in _rows("regions.csv")}
