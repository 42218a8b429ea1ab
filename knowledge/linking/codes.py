"""Themes typed as codes: DAC purpose codes and categories ("12240", "sector 151"), SDG goals and targets ("6.2")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge.linking.context import Context
from knowledge.linking.cues import cue_words
from knowledge.linking.entities import Claim
from knowledge.linking.marks import token_range
from knowledge.linking.matching import PhraseTable
from knowledge.text import fold
from knowledge.vocabulary import (
    DAC_3_DIGIT,
    DAC_5_DIGIT,
    sector_name,
    sectors,
    theme_label,
    theme_words,
    themes_of_sector,
)

_GOAL = re.compile(
    r"(?<!\w)(?:SDGs?|ODD|ODS|sustainable development goals?|objectifs? de développement durable"
    r"|objetivos? de desarrollo sostenible|objetivos? de desenvolvimento sustentável|أهداف التنمية المستدامة"
    r"|الهدف|هدف|goal|target|cible|objectif|meta)\s*(?:n[o°º]\.?\s*|#|-|number\s+|target\s+|goal\s+)?"
    r"(?P<code>1[0-7]|[1-9])(?:\.(?P<target>\d{1,2}|[a-d]))?(?![\w.]*\d)",
    re.I,
)
_PLAIN_WORDS = re.compile(r"^(?:goal|target|cible|objectif|meta|الهدف|هدف)", re.I)
_CODE = re.compile(r"(?<![\w.\-/:])(\d{5}|\d{3})(?![\w\-/:]|[.,]\d)")
_SURE, _BARE = 0.97, 0.8
_STRENGTH, _NAME_STRENGTH = 30.0, 2.5
_SHORTEST_NAME = 2


def code_claims(context: Context) -> Iterator[Claim]:
    """Claims of codes and of DAC names of several words, each with the code and its vocabulary in the value."""
    yield from _goals(context)
    yield from _dac_codes(context)
    yield from _dac_names(context)


def _claim(
    context: Context, first: int, last: int, ids: tuple[str, ...], code: str, vocabulary: str, sure: float
) -> Claim:
    readings = [
        ({"id": ident, "name": theme_label(ident, context.language), "code": code, "vocabulary": vocabulary}, sure)
        for ident in ids
    ]
    return Claim("theme", first, last, 10 * (last - first) + _STRENGTH, list(readings), several=True)


def _goals(context: Context) -> Iterator[Claim]:
    for match in _GOAL.finditer(context.text):
        target = match.group("target")
        if _PLAIN_WORDS.match(match.group()) and not target:
            continue  # "goal 2" may be the second goal of anything
        code = match.group("code") + (f".{target.lower()}" if target else "")
        ids = themes_of_sector("sdg", code)
        if ids:
            first, last = token_range(context.tokens, match.start(), match.end())
            yield _claim(context, first, last, ids, code, "sdg", _SURE)


def _dac_codes(context: Context) -> Iterator[Claim]:
    for match in _CODE.finditer(context.text):
        code = match.group(1)
        sector = sectors().get(code)
        if sector is None or not sector.themes:
            continue
        first, last = token_range(context.tokens, match.start(), match.end())
        start = first
        while start > 0 and context.tokens[start - 1].form in cue_words()["codes"] and first - start < 3:
            start -= 1
        told = start < first and any(token.form not in _WEAK_CUES for token in context.tokens[start:first])
        if len(code) == 3 and not told:
            continue
        if not told and (_counts(context, last) or (first > 0 and context.tokens[first - 1].text.isupper())):
            continue
        vocabulary = DAC_5_DIGIT if len(code) == 5 else DAC_3_DIGIT
        if context.text[match.end() : match.end() + 1] == ")":
            start = first
        yield _claim(context, start, last, sector.themes, code, vocabulary, _SURE if told else _BARE)


_WEAK_CUES = frozenset({"de", "la", "le", "el", "o", "no", "n", "the", "number"})


def _counts(context: Context, position: int) -> bool:
    """A number with a noun right behind it counts something: "15110 households", "12220 USD"."""
    if position >= len(context.tokens) or context.tokens[position].before.strip():
        return False
    token = context.tokens[position]
    return token.text.isupper() or not (token.capitalised or token.form in cue_words()["after_code"])


@lru_cache(maxsize=1)
def _names() -> PhraseTable[str]:
    found: dict[str, str] = {}
    for code, sector in sectors().items():
        if not sector.themes or len(code) != 5:
            continue
        for name in sector.names.values():
            bare = fold(re.sub(r"\([^)]*\)", " ", name))
            words = bare.split(" ")
            if _SHORTEST_NAME <= len(words) <= 8 and bare not in theme_words():
                found.setdefault(bare, code)
    return PhraseTable(found)


def _dac_names(context: Context) -> Iterator[Claim]:
    for first, last, code in _names().find(context.tokens):
        readings = [
            (
                {
                    "id": ident,
                    "name": theme_label(ident, context.language),
                    "code": code,
                    "vocabulary": DAC_5_DIGIT,
                    "sector": sector_name(code, context.language),
                },
                _SURE,
            )
            for ident in sectors()[code].themes
        ]
        yield Claim("theme", first, last, 10 * (last - first) + _NAME_STRENGTH, list(readings), several=True)
