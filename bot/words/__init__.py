"""All words the assistant says: a folder for each language, a file for each subject, the same in every language.

A text is looked up by key and filled in; nothing else holds sentences.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

LANGUAGES = ("en", "fr", "es", "ar", "pt")


@lru_cache(maxsize=len(LANGUAGES))
def _table(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    files = resources.files("bot.words").joinpath(language).iterdir()
    for file in sorted((file for file in files if file.name.endswith(".yml")), key=lambda file: file.name):
        for key, value in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            if found.setdefault(str(key), str(value)) != str(value):
                raise ValueError(
                    f"bot/words/{language}/{file.name}: {key} stands in another file too. Keep one of them"
                )
    return found


class Words:
    """The words of one language. `words("found", n=3)` takes the plural form of 3: "found_few", else "found_other"."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        # Dates of the field, not of one country: 23 Nov 2026.
        self._locale = Locale.parse("en_GB" if self.language == "en" else self.language)
        self._texts = _table(self.language)

    def __call__(self, key: str, **values: Any) -> str:
        n = values.get("n")
        if n is not None:
            form = self._locale.plural_form(n)
            key = next((k for k in (f"{key}_{form}", f"{key}_other") if k in self._texts), key)
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return self._texts[key].format(**shown)

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self._locale))

    def date(self, day: dt.date | None) -> str:
        return format_date(day, format="medium", locale=self._locale) if day else self("unknown_date")

    def month(self, day: dt.date) -> str:
        return format_skeleton("yMMMM", day, locale=self._locale)

    def country(self, code: str, name: str) -> str:
        """The country's name in this language, else `name`."""
        return str(self._locale.territories.get(code, name))

    def listed(self, items: Iterable[str]) -> str:
        return str(format_list([item for item in items if item], locale=self._locale))

    def has(self, key: str) -> bool:
        return key in self._texts
