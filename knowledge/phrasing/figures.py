"""Figures of a sentence: their value, their unit, and what they are figures of, however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from knowledge.text import arabic_forms, fold, fold_word

_GROUP = r".,'’٬\u00a0\u202f\u2009 "
_PIECE = re.compile(
    rf"(?P<name>\{{\d+\}})"
    rf"|(?P<figure>(?<![\w.,])[-\u2212]?\d{{1,3}}(?:[{_GROUP}]\d{{3}})+(?!\d)(?:[.,٫]\d+(?!\d))?|\d+(?:[.,٫/:]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:[\u0300-\u036f\u0640\u064b-\u065f\u0670]+[^\W\d_]*)*)"
    r"|(?P<sign>[%٪$€£])"
    r"|(?P<stop>[,;:.!?()\[\]،؛؟\u2013\u2014|\n])"
)
_AND = ("and", "et", "y", "e", "و")


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, figure, name or stop of a sentence. `values`: what a figure may mean ("1.204": 1204 or 1.204)."""

    kind: str
    text: str
    forms: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    unit: str = ""


@lru_cache(maxsize=1)
def lexicon() -> Mapping[str, Any]:
    text = resources.files("knowledge.phrasing").joinpath("lexicon.yml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


@lru_cache(maxsize=32)
def words_of(language: str, group: str) -> frozenset[str]:
    """The folded words of a group ("glue", "limits") in a language."""
    return frozenset(fold_word(word) for word in lexicon().get(language, {}).get(group, "").split())


@lru_cache(maxsize=1)
def _units() -> dict[str, str]:
    found = {}
    for line in lexicon()["units"]:
        name, *written = str(line).split()
        found.update({fold(word) or word: name for word in (name, *written) if not word.isdigit()})
    return found


@lru_cache(maxsize=8)
def _numbers(language: str) -> dict[str, float]:
    return {fold_word(word): value for word, value in lexicon().get(language, {}).get("numbers", {}).items()}


def pieces(text: str, language: str) -> list[Piece]:
    """The text in order; number words are figures, and a figure has taken up its multiplier and unit."""
    return list(_with_units(list(_joined(list(_read(text, language))))))


def _read(text: str, language: str) -> Iterator[Piece]:
    numbers = _numbers(language)
    for match in _PIECE.finditer(text):
        kind, written = str(match.lastgroup), match.group()
        if kind == "figure":
            yield Piece(kind, written, values=_values(written))
        elif kind == "word":
            form = fold_word(written)
            if form in numbers:
                yield Piece("figure", written, values=frozenset({_plain(numbers[form])}))
            else:
                yield Piece(kind, written, frozenset(arabic_forms(written)))
        else:
            yield Piece(kind, written)


def _values(written: str) -> frozenset[str]:
    sign = "-" if written[0] in "-\u2212" else ""
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in written.lstrip("-\u2212"))
    parts = re.split(r"\D", digits)
    marks = re.findall(r"\D", digits)
    grouped = all(len(part) == 3 for part in parts[1:]) and not {"/", ":", "٫"} & set(marks)
    found = {"".join(parts)} if grouped else set()
    if marks and marks[-1] in ".,٫" and all(len(part) == 3 for part in parts[1:-1]) and marks[-1] not in marks[:-1]:
        found.add(_plain(float("".join(parts[:-1]) + "." + parts[-1])))
    return frozenset(sign + value for value in ({value.lstrip("0") or "0" for value in found} or {digits}))


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value).lstrip("0")


def _joined(read: list[Piece]) -> Iterator[Piece]:
    """Number words that are one figure: "twenty-five", "treinta y cinco"."""
    at = 0
    while at < len(read):
        piece, after = read[at], 1
        if piece.kind == "figure" and not piece.text[-1].isdigit() and _whole(piece) in range(20, 100, 10):
            if at + 2 < len(read) and read[at + 1].text.casefold() in _AND:
                after = 2
            ones = read[at + after] if at + after < len(read) else piece
            if ones.kind == "figure" and not ones.text[-1].isdigit() and _whole(ones) in range(1, 10):
                piece = Piece("figure", piece.text, values=frozenset({str(_whole(piece) + _whole(ones))}))
                at += after
        yield piece
        at += 1


def _whole(piece: Piece) -> int:
    value = next(iter(piece.values))
    return int(value) if value.isdigit() else -1


def _with_units(read: list[Piece]) -> Iterator[Piece]:
    units, at, before = _units(), 0, ""
    while at < len(read):
        piece = read[at]
        at += 1
        name = units.get(fold(piece.text) or piece.text, "") if piece.kind in {"word", "sign"} else ""
        if piece.kind == "sign" or name in {"usd", "eur", "gbp"}:
            before = name
            if at == len(read) or read[at].kind != "figure":
                yield piece
            continue
        if piece.kind != "figure":
            before = ""
            yield piece
            continue
        values, unit = piece.values, before
        while at < len(read) and read[at].kind in {"word", "sign"}:
            name = units.get(fold(read[at].text) or read[at].text, "")
            if name.isdigit():
                values = frozenset(_times(value, int(name)) for value in values)
            elif name:
                unit = name
            else:
                break
            at += 1
        before = ""
        yield Piece("figure", piece.text, values=values, unit=unit)


def _times(value: str, factor: int) -> str:
    try:
        return _plain(round(float(value) * factor, 6))
    except ValueError:
        return value
