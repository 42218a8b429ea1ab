"""What the assistant says of its own, told apart from what it says of records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.extracts.denying import LOOKUPS
from knowledge.text import fold

_COUNTED = {
    "who_found": "organisations",
    "near_found": "organisations",
    "mandate_found": "organisations",
    "mandate_found_place": "organisations",
    "org_found": "records",
    "results_found": "records",
    "results_of": "records",
}
"""Sentences whose number is the size of one of the answer's sets, by their key among the assistant's texts."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What the assistant says of its own in one language: all its words, folded, and its sentences that count, each
    with the set that it counts."""

    words: frozenset[str]
    counting: tuple[tuple[re.Pattern[str], str], ...] = ()
    denying: tuple[tuple[re.Pattern[str], str], ...] = ()


def voice(texts: Mapping[str, str], more: Iterable[str] = ()) -> Voice:
    """`texts`: its texts by key, with {names} to fill in; `more`: whatever else it says, such as names of months."""
    words = (form for text in (*texts.values(), *more) for form in fold(re.sub(r"\{\w+\}", " ", text)).split())
    counting = [
        (re.compile(_FILLED.sub(_as_pattern, re.escape(text))), _COUNTED[family])
        for key, text in texts.items()
        if "{n}" in text and (family := _PLURAL.sub("", key)) in _COUNTED
    ]
    denying = [
        (re.compile(_FILLED.sub(_as_pattern, re.escape(text))), key) for key, text in texts.items() if key in LOOKUPS
    ]
    return Voice(frozenset(words), tuple(counting), tuple(denying))


_PLURAL = re.compile(r"_(?:zero|one|two|few|many|other)$")
_FILLED = re.compile(r"\\\{(\w+)\\\}")


def _as_pattern(name: re.Match[str]) -> str:
    return r"(?P<n>\d[\d.,\u00a0\u202f]*)" if name[1] == "n" else ".+?"
