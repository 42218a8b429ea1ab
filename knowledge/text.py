"""Folding and tokens: how words of all five languages are compared, with offsets into the text as typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f\u0640\u064b-\u065f\u0670]*)+")
_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
        "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ٱ": "ا", "ـ": None,
    }
)  # fmt: skip
_ARABIC = re.compile(r"[\u0621-\u064a]")
_ARTICLE = "ال"
_PROCLITICS = ("و", "ف", "ب", "ل", "ك", "ع")
_SENTENCE_END = re.compile(r"[.!?\u061f:;\n\u2026]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `start` and `end` count characters of the text as typed; `form` is folded.

    `forms` begins with `form` and adds, for Arabic, the word without its attached particles. `before` is what stands
    between this word and the one before it; `follows` is false for the first word.
    """

    text: str
    start: int
    end: int
    form: str
    forms: tuple[str, ...]
    before: str
    follows: bool = True

    @property
    def capitalised(self) -> bool:
        return self.text[0].isupper()

    @property
    def opens_sentence(self) -> bool:
        return not self.follows or bool(_SENTENCE_END.search(self.before))


@lru_cache(maxsize=200_000)
def fold_word(word: str) -> str:
    """One word in comparable form: no case, no accents, one spelling of Arabic letters, no Arabic article."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() and unicodedata.digit(c, -1) >= 0 else c
        for c in decomposed
        if not unicodedata.combining(c)
    ).translate(_LETTERS)
    if letters.startswith(_ARTICLE) and len(letters) > 4:
        return letters[2:]
    return letters


@lru_cache(maxsize=20_000)
def arabic_forms(word: str) -> tuple[str, ...]:
    """The folded word, then what is left when conjunction, preposition and article attached to it are taken off."""
    form = fold_word(word)
    if not _ARABIC.search(form):
        return (form,)
    forms = [form]
    if form.startswith(_ARTICLE) and len(form) > 4:
        forms.append(form[2:])  # a word that itself begins like the article: "الألغام" and "ألغام"
    rest = form
    for _ in range(2):
        if rest.startswith("لل") and len(rest) > 4:
            rest = rest[2:]
            forms.append(rest)
            break
        if rest[:1] in _PROCLITICS and len(rest) > 3:
            rest = rest[1:]
            if rest.startswith(_ARTICLE) and len(rest) > 4:
                rest = rest[2:]
                forms.append(rest)
                break
            forms.append(rest)
    return tuple(dict.fromkeys(forms))


def tokens(text: str) -> list[Token]:
    """The words of a text in order. Apostrophes, hyphens and other punctuation separate words."""
    found: list[Token] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        form = fold_word(word)
        if form:
            forms = (form,) if word.isascii() else arabic_forms(word)
            found.append(Token(word, match.start(), match.end(), form, forms, text[end : match.start()], bool(found)))
        end = match.end()
    return found


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """A text as its folded words with one space between them: the form in which names are compared."""
    return " ".join(form for match in _WORD.finditer(text) if (form := fold_word(match.group())))


@lru_cache(maxsize=100_000)
def stem(form: str) -> str:
    """A folded word without its plural ending, as far as one rule serves English, French, Spanish and Portuguese."""
    if len(form) < 4 or not form.isascii():
        return form
    if form.endswith("ies") and len(form) > 4:
        return form[:-3] + "y"
    if form.endswith(("coes", "soes", "ioes")):
        return form[:-3] + "ao"
    if form.endswith(("ches", "shes", "xes", "sses", "ores", "ales", "ones", "ades")):
        return form[:-2]
    if form.endswith("s") and not form.endswith(("ss", "us", "is")):
        return form[:-1]
    return form


def stems(folded: str) -> str:
    """`stem` over every word of a folded text."""
    return " ".join(stem(word) for word in folded.split(" "))
