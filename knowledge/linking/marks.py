"""What is recognised by its shape: record identifiers, place codes, ordinals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from knowledge.countries import iso2
from knowledge.linking.context import Context
from knowledge.linking.cues import cue_words
from knowledge.linking.entities import Claim
from knowledge.linking.matching import phrase_forms
from knowledge.text import Token, fold
from knowledge.vocabulary import split_words, table_yaml

_RECORD = re.compile(
    r"(?<![\w\-:/])(?:3w:[\w.\-]+:(?=[\w\-]*\d)[\w\-]+"
    r"|(?:fts|hpc-plan|hpc|event|iati-publisher|un-entity|organisation-file|mandate):[\w.\-:/]*\w"
    r"|\d{3}G-[\w.\-:]*\w|\d{2}[A-Z]{3}-[\w.\-/]*\d|[A-Z]{3,5}-(?:(?!20\d\d-)\d{3,}|[A-Z]{2})-[A-Z]*\-?\d[\w.\-/]*"
    r"|[A-Za-z]{2}-[A-Za-z0-9_.]{1,14}-[\w.\-/:]*\d[\w.\-/:]*"
    r"|\d{5}-[\w.\-/:]*[A-Za-z0-9])(?![\w])"
)
_SCHEME = re.compile(r"3w:|[a-z\-]+:")
_LONG_WORD = re.compile(r"(?<!\S)[\w\-:/.]*\d[\w\-:/.]*(?!\S)")
_PLACE_CODE = re.compile(r"\[?\b([A-Za-z]{2}:[a-z0-9\-]+|[A-Za-z]{2,3}\d{1,10})\b\]?|\[([A-Z]{2})\]")
_NUMBER_SIGN = re.compile(
    r"(#|№|\bn[o°º]\.?\s?|\bnum(?:ber|ero|éro|ero)?\.?\s|\bnúm(?:ero)?\.?\s|رقم\s)\s*(\d{1,3}|\w+)\b", re.I
)
_NO = re.compile(r"no\s?", re.I)
_LONE_NUMBER = re.compile(r"^\W*([1-9]\d?)\W*$")
_RECORD_STRENGTH, _CODE_STRENGTH, _ORDINAL_STRENGTH = 1000.0, 500.0, 2.0


def token_range(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """The tokens that lie in these characters, as (first, last exclusive)."""
    inside = [number for number, token in enumerate(tokens) if token.start < end and token.end > start]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def record_claims(context: Context, known: Callable[[str], str | None]) -> Iterator[Claim]:
    """Identifiers as typed. `known` gives one as the index writes it, or None: then it is put in capitals."""
    held: set[int] = set()
    for match in _RECORD.finditer(context.text):
        typed = match.group().rstrip(".:/-")
        first, last = token_range(context.tokens, match.start(), match.start() + len(typed))
        found = known(typed) or known(typed.upper())
        ident = found or (typed if _SCHEME.match(typed) else typed.upper())
        held.update(range(first, last))
        yield Claim("record", first, last, _RECORD_STRENGTH, [({"id": ident}, 0.99 if found else 0.9)])
    for match in _LONG_WORD.finditer(context.text):
        typed = match.group().strip(".:/-")
        first, last = token_range(context.tokens, match.start(), match.end())
        if len(typed) > 3 and first not in held and (found := known(typed)):
            yield Claim("record", first, last, _RECORD_STRENGTH, [({"id": found}, 0.99)])


def place_codes(context: Context) -> Iterator[tuple[int, int, str]]:
    """(first token, last, place id) of every code of a known place, in brackets or bare."""
    for match in _PLACE_CODE.finditer(context.text):
        code = match.group(1) or match.group(2)
        for ident in _ids_of(code):
            place = context.lexicon.places.get(ident)
            if place and context.visible(place):
                first, last = token_range(context.tokens, match.start(), match.end())
                yield first, last, ident
                break


def _ids_of(code: str) -> tuple[str, ...]:
    if ":" in code:
        country, _, name = code.partition(":")
        return (f"{country.upper()}:{name.lower()}",)
    upper = code.upper()
    if upper[2:3].isalpha() and (short := iso2(upper[:3])):
        return (short + upper[3:], upper)
    return (upper,)


@lru_cache(maxsize=1)
def _ordinal_words() -> dict[str, int]:
    table = table_yaml("time_words.yml")
    return {fold(word): int(number) for number, words in table["ordinals"].items() for word in split_words(words)}


@lru_cache(maxsize=1)
def _number_words() -> dict[str, int]:
    table = table_yaml("time_words.yml")
    return {fold(word): int(number) for number, words in table["numbers"].items() for word in split_words(words)}


def ordinal_claims(context: Context) -> Iterator[Claim]:
    """ "the second one", "#2", "number four", "la deuxième", "الثاني", a bare "2"."""
    if lone := _LONE_NUMBER.match(context.text):
        yield _ordinal(0, len(context.tokens), int(lone.group(1)))
        return
    for match in _NUMBER_SIGN.finditer(context.text):
        sign, word = match.groups()
        # "No one" is nobody, "no two" are none alike.
        spelt = 0 if _NO.fullmatch(sign) else _number_words().get(fold(word), 0)
        number = int(word) if word.isdecimal() else spelt
        if number:
            yield _ordinal(*token_range(context.tokens, match.start(), match.end()), number)
    for position in range(len(context.tokens)):
        number = next(
            (
                n
                for form in phrase_forms(context.tokens[position : position + 1])
                if (n := _ordinal_words().get(form, 0))
            ),
            0,
        )
        if number and (last := _points_at_list(context, position)):
            yield _ordinal(position, last, number)


def _points_at_list(context: Context, position: int) -> int:
    """The position after "second one"; 0 where the ordinal belongs to something else ("the first quarter")."""
    after = position + 1
    if (
        after < len(context.tokens)
        and context.tokens[after].form in cue_words()["listed_things"]
        and not context.tokens[after].before.strip()
    ):
        return after + 1
    ends = after == len(context.tokens) or bool(context.tokens[after].before.strip())
    article = position > 0 and context.tokens[position - 1].form in cue_words()["articles"]
    arabic = context.tokens[position].text.startswith("ال")
    return after if ends and (article or arabic or len(context.tokens) == 1) else 0


def _ordinal(first: int, last: int, number: int) -> Claim:
    return Claim("ordinal", first, last, 10 * (last - first) + _ORDINAL_STRENGTH, [({"number": number}, 0.95)])
