"""Which language a text is in: of questions one of the five, of documents any that their words or script tell."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from knowledge.countries import LANGUAGES
from knowledge.text import Token, fold, fold_word, tokens
from knowledge.vocabulary import function_words, language_words, table_yaml

_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LATIN = ("en", "fr", "es", "pt")
_LETTERS = {"es": "ñ¿¡", "pt": "ãõ", "fr": "èùûœëï"}
_SHARED_LETTERS = {"ç": ("fr", "pt"), "ê": ("fr", "pt"), "â": ("fr", "pt"), "ô": ("fr", "pt"), "à": ("fr", "pt")}
_FUNCTION, _WORD, _LETTER, _TRIGRAM = 3.0, 1.5, 2.0, 0.35
_SINGLE_LETTERS = 0.5
_MARGIN = 0.6


@lru_cache(maxsize=1)
def _trigrams() -> dict[str, tuple[Counter[str], float]]:
    found = {}
    for language in _LATIN:
        counts = Counter(gram for word in language_words()[language] for gram in _grams(word))
        found[language] = (counts, math.log(sum(counts.values()) + 0.5 * 27**3))
    return found


def _grams(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


def _likelihoods(word: str) -> dict[str, float]:
    """Mean log-likelihood of the word's letters, relative to the best language."""
    grams = _grams(word)
    raw = {
        language: sum(math.log(counts[gram] + 0.5) - total for gram in grams) / len(grams)
        for language, (counts, total) in _trigrams().items()
    }
    best = max(raw.values())
    return {language: value - best for language, value in raw.items()}


def _add(scores: dict[str, float], languages: list[str], weight: float) -> None:
    for language in languages:
        scores[language] += weight / len(languages)


def _is_name(token: Token) -> bool:
    return token.capitalised and not token.opens_sentence


def detect(text: str, default: str = "en") -> str:
    """The language of a text: "en", "fr", "es", "ar" or "pt"; `default` where nothing in it tells.

    Grammar words weigh most, then ordinary words, then letters and letter sequences; names count least,
    so that a question full of foreign names keeps its own language.
    """
    words = tokens(text)
    letters = sum(len(token.text) for token in words)
    arabic = len(_ARABIC.findall(text))
    if arabic and (
        arabic * 2 >= letters or any(_ARABIC.search(t.text) and t.form in function_words()["ar"] for t in words)
    ):
        return "ar"
    scores = dict.fromkeys(_LATIN, 0.0)
    grammar, lists = function_words(), language_words()
    shouted = text.isupper() and len(words) > 2
    for token in words:
        form = token.form
        if form.isdigit() or (token.text.isupper() and len(form) > 1 and not shouted):
            continue
        scale = _SINGLE_LETTERS if len(form) == 1 else 1.0
        if _is_name(token):
            scale *= 0.25
        in_grammar = [language for language in _LATIN if form in grammar[language]]
        in_words = [language for language in _LATIN if form in lists[language]]
        if in_grammar:
            _add(scores, in_grammar, _FUNCTION * scale)
        elif in_words:
            _add(scores, in_words, _WORD * scale)
        elif len(form) > 3 and form.isascii():
            for language, value in _likelihoods(form).items():
                scores[language] += _TRIGRAM * scale * max(value, -4.0)
    names = "".join(token.text for token in words if _is_name(token)).casefold()
    folded = "".join(letter for letter in text.casefold() if letter not in names)
    for language, marks in _LETTERS.items():
        scores[language] += _LETTER * sum(mark in folded for mark in marks)
    for mark, languages in _SHARED_LETTERS.items():
        if mark in folded:
            for language in languages:
                scores[language] += 0.5
    if default in LANGUAGES:
        scores[default] = scores.get(default, 0.0) + _MARGIN
    best = max(scores, key=lambda language: scores[language])
    others = max(value for language, value in scores.items() if language != best)
    known = default in LANGUAGES
    return best if scores[best] > others or not known else default


_READ = 3_000
"""Characters of a text that its language is told by."""
_LEAST_SHARE = 0.1
_LEAST_HITS = 2.0
_AHEAD = 1.3
_SCRIPTS = (
    ("am", "\u1200-\u137f"), ("el", "\u0370-\u03ff"), ("he", "\u0590-\u05ff"), ("hi", "\u0900-\u097f"),
    ("bn", "\u0980-\u09ff"), ("ta", "\u0b80-\u0bff"), ("si", "\u0d80-\u0dff"), ("th", "\u0e00-\u0e7f"),
    ("lo", "\u0e80-\u0eff"), ("my", "\u1000-\u109f"), ("ka", "\u10a0-\u10ff"), ("hy", "\u0530-\u058f"),
    ("km", "\u1780-\u17ff"), ("ko", "\uac00-\ud7af"), ("ja", "\u3040-\u30ff"), ("zh", "\u4e00-\u9fff"),
    ("ru", "\u0400-\u04ff"), ("ar", "\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff"),
)  # fmt: skip
_SCRIPT = {language: re.compile(f"[{letters}]") for language, letters in _SCRIPTS}
_BY_LETTER = {"ru": (("uk", "іїєґ"), ("sr", "ђјљњћџ")), "ar": (("ur", "ٹڈڑےں"), ("ps", "ټډړښځ"), ("fa", "پچژگ"))}
_LETTER_WORD = re.compile(r"[^\W\d_]+")
_OTHERS_LETTERS = 0.004


@lru_cache(maxsize=1)
def _marks() -> dict[str, tuple[str, ...]]:
    """Folded grammar word -> the languages that use it, of all languages written in Latin letters."""
    found: dict[str, list[str]] = {}
    others = {language: fold(words).split() for language, words in table_yaml("language_marks.yml").items()}
    for language, words in [*((one, function_words()[one]) for one in _LATIN), *others.items()]:
        for word in dict.fromkeys(words):
            found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}


def of_text(text: str) -> str:
    """The language of running text as an ISO 639-1 code, also beyond the five; "" where the text is too short or too
    mixed to tell. By its script, else by its grammar words."""
    text = text[:_READ]
    letters = len("".join(_LETTER_WORD.findall(text)))
    if not letters:
        return ""
    plain = text.isascii()
    counts = {language: 0 if plain else len(pattern.findall(text)) for language, pattern in _SCRIPT.items()}
    script = max(counts, key=lambda language: counts[language])
    if counts["ja"] and script == "zh":
        script = "ja"
    if counts[script] * 2 > letters:
        for language, marks in _BY_LETTER.get(script, ()):
            if sum(map(text.casefold().count, marks)) > counts[script] * _OTHERS_LETTERS:
                return language
        return script
    words = [fold_word(word) for word in _LETTER_WORD.findall(text)]
    hits: dict[str, float] = {}
    seen: dict[str, set[str]] = {}
    for word in words:
        languages = _marks().get(word, ())
        for language in languages:
            hits[language] = hits.get(language, 0.0) + 1 / len(languages)
            seen.setdefault(language, set()).add(word)
    ranked = sorted(((score, language) for language, score in hits.items()), reverse=True)[:2]
    if not ranked or ranked[0][0] < max(_LEAST_HITS, _LEAST_SHARE * len(words)) or len(seen[ranked[0][1]]) < 3:
        return ""
    if len(ranked) > 1 and ranked[0][0] < _AHEAD * ranked[1][0]:
        return ""
    return ranked[0][1]
