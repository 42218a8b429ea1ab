"""What texts say, in terms that compare across five languages: stems, sentences, themes, groups and services, codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from knowledge.countries import country_names
from knowledge.text import fold_word, stem
from knowledge.vocabulary import asking_words, country_words, function_words, split_words, table_yaml, theme_words

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_SENTENCE = re.compile(r"\s(?:(?<=[.!?؟;]\s)\s*|(?<=\n)\n*|[-•·]\s)")
_CODE = re.compile(r"[A-Za-z0-9]+(?:[-/_.]?[A-Za-z0-9]+)*")
_DATE_LIKE = re.compile(r"^(?:\d{1,2}[-/.]){2}\d{2,4}$|^(?:19|20)\d\d(?:[-/.]\d+)*$|^\d+(?:[.,]\d+)+$")
_NUMBER = re.compile(r"\d+")
_NO_CODE = re.compile(r"[\W_]+")
_PREFIX = 6
_LONGEST = 5
_SHORTEST_SENTENCE = 30
_SHORTEST_CODE = 5
_DIGITS_OF_CODE = 3
_LONGEST_NUMBER = 10
SHORTEST_NUMBER, _LONGEST_OWN, _DIGITS_OF_OWN = 8, 40, 4
_MOST_WORDS = 400_000
_ROMAN = frozenset(["ii", "iii", "iv", "vi", "vii", "viii", "ix"])


@dataclass(frozen=True, slots=True)
class Told:
    """What the words of a text name: ids of themes and of `overlap_words.yml`."""

    themes: frozenset[str]
    groups: frozenset[str]
    services: frozenset[str]


@lru_cache(maxsize=1)
def kinds_of_words() -> Mapping[str, Mapping[str, object]]:
    """The rows of `overlap_words.yml` by id."""
    return dict(table_yaml("overlap_words.yml"))


def word_ids(kind: str) -> tuple[str, ...]:
    """Ids of all groups (`kind` "group") or services, in the order of the table."""
    return tuple(ident for ident, row in kinds_of_words().items() if row["kind"] == kind)


def word_label(ident: str, language: str = "en") -> str:
    """The name of a group or service."""
    labels = kinds_of_words()[ident]["labels"]
    assert isinstance(labels, dict)
    return str(labels.get(language, labels["en"]))


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order."""
    if text.isascii():
        return text.translate(_ASCII_WORDS).split()
    return list(filter(None, map(fold_word, _WORD.findall(text))))


class Phrases:
    """Phrases of folded words, compared without plural endings, that stand for keys."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases`: (phrase as people write it, key)."""
        self._single: dict[str, set[str]] = {}
        longer: dict[tuple[str, ...], set[str]] = {}
        for phrase, key in phrases:
            words = words_of(phrase)
            # French "réfugiés" and English "parties" end alike: both stems of such a word are looked for.
            for stemmed in {tuple(map(stem, words)), tuple(stem(f"{w}s" if w.endswith("ie") else w) for w in words)}:
                if len(stemmed) == 1:
                    self._single.setdefault(stemmed[0], set()).add(key)
                elif 1 < len(stemmed) <= _LONGEST:
                    longer.setdefault(stemmed, set()).add(key)
        self._longer: dict[str, list[tuple[str, str, set[str]]]] = {}
        for stemmed, keys in longer.items():
            self._longer.setdefault(stemmed[0], []).append((stemmed[1], f" {' '.join(stemmed)} ", keys))

    def found(self, stems: Sequence[str]) -> set[str]:
        """The keys whose phrases stand in a text, given by the stems of its words."""
        spoken = set(stems)
        keys: set[str] = set()
        for word in spoken & self._single.keys():
            keys |= self._single[word]
        if begun := spoken & self._longer.keys():
            text = f" {' '.join(stems)} "
            for first in begun:
                for second, phrase, named in self._longer[first]:
                    if second in spoken and phrase in text:
                        keys |= named
        return keys


_THEME, _OWN = "theme:", "own:"


@lru_cache(maxsize=1)
def _told_phrases() -> Phrases:
    found = [(phrase, _THEME + ident) for phrase, ids in theme_words().items() for ident in ids]
    for ident, row in kinds_of_words().items():
        found += [(phrase, _OWN + ident) for phrase in split_words(str(row["words"]))]
    return Phrases(found)


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    return {ident: str(row["kind"]) for ident, row in kinds_of_words().items()}


def told(stems: Sequence[str]) -> Told:
    """Themes, groups and services that the text with these stems names."""
    themes: set[str] = set()
    groups: set[str] = set()
    services: set[str] = set()
    for key in _told_phrases().found(stems):
        if key.startswith(_THEME):
            themes.add(key[len(_THEME) :])
        else:
            ident = key[len(_OWN) :]
            (groups if _kinds()[ident] == "group" else services).add(ident)
    return Told(frozenset(themes), frozenset(groups), frozenset(services))


@lru_cache(maxsize=1)
def _empty_words() -> frozenset[str]:
    """Words without purpose: grammar, the words of asking and of the trade, and countries, which are places."""
    found = set(asking_words())
    for words in function_words().values():
        found |= words
    for code, names in country_names().items():
        forms = country_words()[code]
        for name in (*names, *forms.names, *forms.demonyms):
            found.update(words_of(name))
    return frozenset(found)


class _Remembered(dict[str, str]):
    """What `make` makes of words, which come by the hundred in every text: `lru_cache` would note the use of each."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[word] = made = self._make(word)
        return made


def _term(word: str) -> str:
    """The term of a folded word, or "" for one without purpose. What Romance languages and English have in common
    stands at the beginning of words."""
    if len(word) < 3 or word.isdigit() or word in _empty_words():
        return ""
    stemmed = stem(word)
    return stemmed[:_PREFIX] if stemmed.isascii() else stemmed


_stems, _terms = _Remembered(stem), _Remembered(_term)


def stems(words: Iterable[str]) -> list[str]:
    """The stem of each folded word."""
    return list(map(_stems.__getitem__, words))


def terms(words: Iterable[str]) -> dict[str, int]:
    """Terms of purpose with their counts."""
    return dict(Counter(filter(None, map(_terms.__getitem__, words))))


def sentences(text: str) -> list[str]:
    return [piece for part in _SENTENCE.split(text) if (piece := part.strip())]


def sentence_key(sentence: str) -> int:
    """A number that equal sentences share, whatever their case and spaces; 0 for short ones."""
    plain = " ".join(sentence.lower().split())
    if len(plain) < _SHORTEST_SENTENCE:
        return 0
    return int.from_bytes(blake2b(plain.encode(errors="replace"), digest_size=7).digest()) or 1


def codes(text: str) -> set[str]:
    """What looks like a number of a grant, contract or record: letters and digits, no date and no amount."""
    found = set()
    end = 0
    for number in _NUMBER.finditer(text):
        if number.start() < end:
            continue
        start, end = text.rfind(" ", end, number.start()) + 1, text.find(" ", number.end())
        end = end if end >= 0 else len(text)
        for word in _CODE.findall(text, start, end):
            digits = sum(map(str.isdigit, word))
            if digits >= _DIGITS_OF_CODE and len(word) >= _SHORTEST_CODE and not _DATE_LIKE.match(word):
                code = plain_code(word)
                if not code.isdigit() or (len(code) <= _LONGEST_NUMBER and not code.endswith("000")):
                    found.add(code)
    return found


def own_numbers(stated: Iterable[str]) -> Iterable[str]:
    """Numbers out of "type number", as activities state what they are numbered with beside their identifier. Shorter
    ones would be met by chance; types that begin with B name organisations."""
    for one in stated:
        kind, _, number = one.rpartition(" ")
        code = plain_code(number)
        fits = SHORTEST_NUMBER <= len(code) <= _LONGEST_OWN and sum(map(str.isdigit, code)) >= _DIGITS_OF_OWN
        if fits and not kind.startswith("B"):
            yield code


@lru_cache(maxsize=200_000)
def numbers(title: str) -> frozenset[str]:
    """The words of a title that count: with a digit, and Roman numbers above one. That of COVID-19 counts nothing."""
    return frozenset(w for w in words_of(title) if any(c.isdigit() for c in w) or w in _ROMAN) - {"19"}


def plain_code(text: str) -> str:
    """A code without case and separators."""
    return _NO_CODE.sub("", text.casefold())
