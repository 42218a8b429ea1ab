"""Names of persons, by what stands before them: a label, an honorific, a closing word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.personal.words import HANDLE, NAME, Found, label_before, lexicon
from knowledge.text import fold, fold_word
from knowledge.vocabulary import ordinary_words

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁĻŃŅŇŌŐŘŚŞŠŢŤŪŮŰŲŹŻŽ"
_PART = rf"(?:(?:[aeAE][lnsdr]-|[dDlLO]['’])?[{_UPPER}][^\W\d_]{{1,30}}(?:[-'’][^\W\d_]{{1,30}}){{0,3}}|[{_UPPER}]\.)"
_PARTICLE = r"(?:d[aeiou]s?|de la|de los|de las|del|della|van|von|der|den|ter|bin|bint|ibn|ben|al|el|ould|ag|y|e)"
PERSON = re.compile(rf"{_PART}(?:[ \u00a0]{{1,2}}(?:{_PARTICLE} )?{_PART}){{0,4}}")
_ARABIC_PERSON = re.compile(r"[\u0621-\u064a]{2,}(?: [\u0621-\u064a]{2,}){1,4}")
_AND = re.compile(r"\s{0,2}(?:,|;|/|&|and|et|y|e|و)\s{1,2}")
WORD = re.compile(r"[^\W\d_]+")


def person(text: str, at: int, *, sure: bool, single: bool = False) -> int:
    """The end of the name of a person that begins at `at`, or `at` where none does.

    `sure`: the words before leave no doubt that somebody is named. `single`: one word is name enough.
    """
    words = lexicon()
    arabic = "\u0600" <= text[at : at + 1] <= "\u06ff"
    match = (_ARABIC_PERSON if arabic else PERSON).match(text, at)
    if match is None:
        return at
    if _opens_organisation(match.group()):
        return at
    end, kept, ordinary = at, 0, 0
    shouted = match.group().isupper()
    for word in WORD.finditer(match.group()):
        form = fold_word(word.group())
        if form in words.particles and kept:
            continue
        acronym = not arabic and not shouted and len(form) > 1 and word.group().isupper()
        if acronym or form in words.not_in_names or form in words.countries or (not kept and form in words.openers):
            if form not in words.jobs and not (arabic and kept > 1):
                return at
            break
        if form in words.institutions:
            if arabic and kept > 1:
                break
            return at
        if arabic and kept > 1 and form in ordinary_words() and not word.group().startswith("ال"):
            break
        kept += 1
        ordinary += form in ordinary_words()
        end = at + word.end()
    if kept < (1 if single else 2) or (ordinary == kept and (not sure or kept == 1)):
        return at
    if shouted and (arabic is False) and kept < 2:
        return at
    if text[end : end + 1] == "." and text[end - 1].isupper():
        end += 1
    return at if _names_a_thing(text, at, end) else end


def _opens_organisation(words: str) -> bool:
    """Whether a known organisation's name begins there."""
    parts = fold(words).split()
    return any(" ".join(parts[:count]) in lexicon().organisations for count in range(1, min(len(parts), 9) + 1))


def _names_a_thing(text: str, start: int, end: int) -> bool:
    """Whether the name is that of a hospital, a street, a foundation ..., by the words directly around it."""
    things = lexicon().institutions
    before = fold(text[max(0, start - 40) : start].rpartition("\n")[2]).split()
    after = (
        fold(text[end : end + 32].partition("\n")[0]).split()
        if text[end : end + 1] in " -'’" and text[start : start + 1] < "\u0600"
        else []
    )
    return any(word in things for word in before[-3:]) or any(word in things for word in after[:2])


def _people(text: str, at: int, *, sure: bool, single: bool = False) -> Iterator[Found]:
    """The names that begin at `at` and those listed after it."""
    honorifics = lexicon().honorific
    for _ in range(30):
        start = at
        if (titled := honorifics.match(text, at)) is not None:
            at = titled.end()
        end = person(text, at, sure=sure or titled is not None, single=single or titled is not None)
        if end == at:
            return
        yield Found(start, end, NAME)
        following = _AND.match(text, end)
        if following is None:
            return
        at, single = following.end(), False


_COLON = re.compile(r":\s{0,3}(?=[^\W\d_a-zß-öø-ÿ])")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_BY = tuple(re.compile(rf" {word} (?=[{_UPPER}])") for word in ("by", "par", "por"))
_IS = re.compile(rf"erson(?:[aens]{{0,2}})(?: [a-zà]{{1,9}}){{0,3}}[ ,–-]{{1,3}}(?=[{_UPPER}])")
_PESSOA = re.compile(rf"essoa(?: [a-z]{{1,9}}){{0,3}}[ ,–-]{{1,3}}(?=[{_UPPER}])")
_HANDLE = re.compile(r"@?[\w.\-]{3,40}")


def after_labels(text: str) -> Iterator[Found]:
    words = lexicon()
    for colon in _COLON.finditer(text):
        if label := label_before(text, colon.start(), words.labels):
            yield from _people(text, colon.end(), sure=label in words.strong_labels)
    for pattern in (*_BY, _IS, _PESSOA):
        for match in pattern.finditer(text):
            if label_before(text, match.end(), words.strong_labels):
                yield from _people(text, match.end(), sure=True)
    for colon in _MESSENGER.finditer(text):
        if label_before(text, colon.start(), words.messengers):
            handle = _HANDLE.match(text, colon.end())
            if handle and re.search(r"[@\d_]|\w\.\w", handle.group()):
                yield Found(colon.end(), handle.end() - handle.group().endswith("."), HANDLE)


def after_dashes(text: str) -> Iterator[Found]:
    words = lexicon()
    for dash in (" - ", " – "):
        at = text.find(dash)
        while at >= 0:
            if text[at + 3 : at + 4].isupper() and (label := label_before(text, at, words.labels)):
                yield from _people(text, at + 3, sure=label in words.strong_labels)
            at = text.find(dash, at + 3)


_MESSENGER = re.compile(r":\s{0,2}(?=[@\w])")


def after_honorifics(text: str) -> Iterator[Found]:
    words = lexicon()
    for title in words.honorific.finditer(text):
        before = text[: title.start()][-2:]
        if title.group().strip() in ("M.", "D.") and re.search(r"[\w.] ?$", before) and before[-1:] != " ":
            continue
        end = person(text, title.end(), sure=True, single=not title.group().startswith(("M.", "D.")))
        if end > title.end() and not _names_a_thing(text, title.start(), end):
            yield Found(title.start(), end, NAME)
    if not text.isascii() and _ARABIC_LETTER.search(text):
        for title in words.arabic_honorific.finditer(text):
            end = person(text, title.end(), sure=True)
            if end > title.end():
                yield Found(title.start(), end, NAME)


_LINE_END = re.compile(r"\n\s{0,3}(?=[^\W\d_a-zß-öø-ÿ])")


def signatures(text: str) -> Iterator[Found]:
    closings = lexicon().closings
    for end in _LINE_END.finditer(text):
        if label_before(text, end.start(), closings):
            yield from _people(text, end.end(), sure=True)
