"""Which sentences of a language model are taken: those that one cited finding says, and says so.

A sentence rests on one finding, whose citations it must name. Every name in it is one of that finding's, used as
there; every other
word stands in the finding too or claims nothing (`lexicon.yml`); its figures have the finding's values and units, its
order, and count what they count there; and what the finding denies or narrows, the sentence denies and narrows too. So
a changed figure, a new name in any script, an added superlative or a lost "not" drops the sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from knowledge.phrasing.figures import Piece, pieces, words_of
from knowledge.phrasing.findings import Finding
from knowledge.text import fold_word, stem

_CITED = re.compile(r"[^\[\]]+(?:\[\d{1,4}\][\s.,;!?\u061f\u060c]*)+")
_MARK = re.compile(r"\[(\d{1,4})\]")
_BULLET = re.compile(r"^[\s\-*•–.,;]+")
_ACTIVE = re.compile(r"[<>|`\\*_#~^=@&]|://|\]\(")
_NO_TEXT = {"Cc", "Cf", "Co", "Cn", "Cs", "No", "Nl"}
_LONGEST = 600
_ENDINGS = (
    "ations", "ation", "ings", "ing", "edly", "ed", "es", "er", "ent", "ant", "ées", "ees", "ee", "és", "ando", "endo",
    "iendo", "indo", "ados", "adas", "ado", "ada", "idos", "idas", "ido", "ida", "ar", "ir", "am", "an", "en", "em",
    "as", "os", "s", "e", "a", "o",
)  # fmt: skip
_LEAST_ROOT = 4


@dataclass(frozen=True, slots=True)
class Taken:
    """A sentence that is taken, names hidden, and the number of the finding that it rests on."""

    text: str
    finding: int


def checked(
    said: str,
    findings: Sequence[Finding],
    language: str,
    restored: Callable[[str], str] = str,
    hide: Callable[[str], str] = str,
) -> list[Taken]:
    """The sentences of `said` that may be shown. `restored` puts names back, `hide` hides what the model wrote out."""
    readings = [_Reading(finding, language, restored) for finding in findings]
    allowed = {number for finding in findings for number in finding.cites}
    taken: list[Taken] = []
    for match in _CITED.finditer(said):
        marks = {int(number) for number in _MARK.findall(match.group())}
        written = _BULLET.sub("", _MARK.sub("", match.group())).rstrip(" \t\r\n.,;")
        sentence = hide_kept(" ".join(written.split()), hide)
        if not marks or not marks <= allowed or not _harmless(written) or not sentence:
            continue
        read = pieces(sentence, language)
        for place, reading in enumerate(readings):
            if set(reading.finding.cites) <= marks and reading.supports(read, restored(sentence)):
                if all(sentence != other.text for other in taken):
                    taken.append(Taken(sentence, place))
                break
    return taken


def hide_kept(sentence: str, hide: Callable[[str], str]) -> str:
    """Names that the model wrote out are hidden; the numbers of those it kept hidden stay."""
    return "".join(
        piece if re.fullmatch(r"\{\d+\}", piece) else hide(piece) for piece in re.split(r"(\{\d+\})", sentence)
    )


def _harmless(text: str) -> bool:
    """Whether it is text and nothing else: no markup, no address, nothing invisible, no odd figures."""
    return (
        len(text) <= _LONGEST
        and not _ACTIVE.search(text)
        and all(unicodedata.category(c) not in _NO_TEXT for c in text if c not in "\n\t\r")
    )


class _Reading:
    """One finding, read once and held against many sentences."""

    def __init__(self, finding: Finding, language: str, restored: Callable[[str], str]) -> None:
        self.finding = finding
        self._glue = words_of(language, "glue")
        self._limits = words_of(language, "limits")
        self._language = language
        self._pieces = pieces(finding.text, language)
        self._figures = [piece for piece in self._pieces if piece.kind == "figure"]
        self._names = [piece.text for piece in self._pieces if piece.kind == "name"]
        self._led = self._led_in(self._pieces)
        self._narrowed = self._limiting(pieces(restored(finding.text), language))
        words = [piece for piece in self._pieces if piece.kind == "word"]
        self._forms = {form for word in words for form in word.forms}
        self._stems = {stem(form) for form in self._forms}
        self._roots = {_root(fold_word(word.text)) for i, word in enumerate(words) if i == 0 or word.text[0].islower()}

    def _limiting(self, read: Iterable[Piece]) -> set[str]:
        return {form for piece in read for form in piece.forms if form in self._limits}

    def supports(self, read: Sequence[Piece], whole: str) -> bool:
        return (
            self._names_in_their_place(read)
            and self._says(read)
            and self._counts(read)
            and self._limiting(pieces(whole, self._language)) == self._narrowed
        )

    def _names_in_their_place(self, read: Sequence[Piece]) -> bool:
        """Names of a row in the row's order; those of a sentence behind the word that leads them in there: who and
        where, or about what, cannot change places."""
        names = [piece.text for piece in read if piece.kind == "name"]
        if not self.finding.heads:
            rest = iter(self._names)
            return all(name in rest for name in names)
        return set(names) <= set(self._names) and self._led_in(read) <= self._led

    def _led_in(self, read: Sequence[Piece]) -> set[tuple[str, frozenset[str]]]:
        """Each name with the joining word before it, where one stands there."""
        none = Piece("stop", "")
        return {
            (piece.text, before.forms & self._glue)
            for before, piece in zip([none, *read], read, strict=False)
            if piece.kind == "name"
        }

    def _says(self, read: Sequence[Piece]) -> bool:
        if any(piece.kind == "sign" for piece in read):
            return False
        words = [piece for piece in read if piece.kind == "word"]
        return bool(words) and all(self._knows(word, first=i == 0) for i, word in enumerate(words))

    def _knows(self, word: Piece, *, first: bool) -> bool:
        if word.forms & self._glue or word.forms & self._forms or {stem(form) for form in word.forms} & self._stems:
            return True
        return (first or word.text[0].islower()) and _root(fold_word(word.text)) in self._roots

    def _counts(self, read: Sequence[Piece]) -> bool:
        """Whether each figure is one of the finding's, of the same things, in the same order."""
        last = -1
        for at, piece in enumerate(read):
            if piece.kind != "figure":
                continue
            of = self._window(read, at)
            places = [
                place
                for place, own in enumerate(self._pieces)
                if own.kind == "figure" and own.values & piece.values and own.unit == piece.unit
                and (len(self._figures) == 1 or self._bound(of, place))
            ]  # fmt: skip
            later = [place for place in places if place > last]
            if not later:
                return False
            last = later[0]
        return True

    def _bound(self, of: list[Piece], place: int) -> bool:
        own = self._window(self._pieces, place)
        forms = {form for piece in own for form in piece.forms}
        stems = {stem(form) for form in forms}
        names = {piece.text for piece in own if piece.kind == "name"}
        return all(
            piece.text in names if piece.kind == "name" else {stem(form) for form in piece.forms} & stems
            for piece in of
        )

    def _window(self, read: Sequence[Piece], at: int) -> list[Piece]:
        """What stands behind a figure, up to the next figure or stop; where nothing does, what stands before it."""
        after: list[Piece] = []
        for piece in read[at + 1 :]:
            if piece.kind in {"figure", "stop"}:
                break
            after.append(piece)
        if found := self._meant(after):
            return found
        before: list[Piece] = []
        for piece in reversed(read[:at]):
            if piece.kind == "figure" or piece.forms & self._glue or (piece.kind == "stop" and piece.text not in "(:"):
                break
            before.append(piece)
        return self._meant(before)

    def _meant(self, read: Iterable[Piece]) -> list[Piece]:
        return [piece for piece in read if piece.kind == "name" or (piece.forms and not piece.forms & self._glue)]


def _root(form: str) -> str:
    """A folded word without its ending, as far as one list serves; names are not compared by it."""
    for ending in _ENDINGS:
        if form.endswith(ending) and len(form) - len(ending) >= _LEAST_ROOT:
            return form[: -len(ending)]
    return form


def covered(taken: Iterable[Taken], findings: Sequence[Finding], language: str) -> set[int]:
    """The findings all of whose figures stand in the sentences that rest on them: they need not be said again."""
    by_finding: dict[int, list[Piece]] = {}
    for sentence in taken:
        by_finding.setdefault(sentence.finding, []).extend(pieces(sentence.text, language))
    return {
        place
        for place, said in by_finding.items()
        if all(
            any(own.values & piece.values for piece in said if piece.kind == "figure")
            for own in pieces(findings[place].text, language)
            if own.kind == "figure"
        )
    }
