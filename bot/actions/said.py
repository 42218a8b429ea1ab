"""What a message says beside names: whether it goes on, points back, leaves something out, or points at rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

import yaml

from knowledge.text import Token, fold, tokens
from knowledge.vocabulary import function_words

_BETWEEN = 4
"""Words of grammar that may stand between "without" and the name: "without any of the"."""
_BOTH = 2
_NAMED_ROWS = (1, 2, 3, 4, 5)
_NOT_PLAIN = re.compile(r"[{}<>|_=]|\]\(")
_NUMBER = re.compile(r"(?<![\w.,/-])(\d{1,3})(?![\w/-]|[.,]\d)")


def _longest_first(phrase: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return -len(phrase), phrase


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[tuple[str, ...], ...]]:
    content = yaml.safe_load(resources.files("bot.actions").joinpath("said.yml").read_text(encoding="utf-8"))
    return {
        line: tuple(sorted({tuple(fold(phrase).split()) for phrase in str(text).split(",")}, key=_longest_first))
        for line, text in content.items()
    }


def phrases(line: str) -> tuple[tuple[str, ...], ...]:
    """The phrases of one line of the table, each as folded words, the longest first."""
    return _table()[line]


def words_in(*lines: str) -> set[str]:
    """Every single word of these lines."""
    return {word for line in lines for phrase in phrases(line) for word in phrase}


def find(words: Sequence[Token], line: str) -> tuple[int, int] | None:
    """The first place where a phrase of `line` stands: (first word, last exclusive)."""
    for position in range(len(words)):
        for phrase in phrases(line):
            here = words[position : position + len(phrase)]
            if len(here) == len(phrase) and all(form in token.forms for form, token in zip(phrase, here, strict=True)):
                return position, position + len(phrase)
    return None


def says(text: str, line: str) -> bool:
    return find(tokens(text), line) is not None


def only(text: str, *lines: str) -> bool:
    """Whether the text is nothing but a phrase of one of `lines`."""
    words = tuple(fold(text).split())
    return any(words in phrases(line) for line in lines)


def _opens(text: str, line: str) -> bool:
    words = tokens(text)
    found = find(words, line)
    return found is not None and found[0] == 0


def goes_on(text: str) -> bool:
    """Whether the message continues the question before it: "and ...", "what about ..."."""
    return _opens(text, "goes_on")


def points_back(text: str) -> bool:
    """Whether words of the message stand for what was spoken of before: "them", "their", "who works there?"."""
    words = tokens(text)
    at_the_end = any(tuple(word.form for word in words[-len(phrase) :]) == phrase for phrase in phrases("ends_back"))
    return at_the_end or find(words, "points_back") is not None


def puts_right(text: str) -> bool:
    """Whether the message begins as a correction: "change ...", "sorry, ...", "no, ..." ("no hunger" is none)."""
    words = tokens(text)
    found = find(words, "corrects")
    if found is None or found[0] != 0:
        return False
    bare = words[: found[1]]
    return not _is_no(bare) or found[1] == len(words) or bool(words[found[1]].before.strip())


def _is_no(words: Sequence[Token]) -> bool:
    return tuple(word.form for word in words) in phrases("just_no")


def plain(text: str) -> bool:
    """Whether the text is what people write to each other: no markup, no JSON, no names of slots."""
    return _NOT_PLAIN.search(text) is None


def speaks_to_them(text: str) -> bool:
    """Whether a message that is to be passed on asks those whom it is for: "could we share a store?"."""
    return _opens(text, "to_them")


def means_one_thing(text: str) -> bool:
    return says(text, "one_thing")


def asks(text: str) -> bool:
    """Whether the message is a question of its own, by its mark or by its first words."""
    return "?" in text or "\u061f" in text or _opens(text, "questions")


def leaves_out(text: str, start: int) -> bool:
    """Whether the name that begins at character `start` is to be left out: "without the UN", "not education"."""
    before = [token for token in tokens(text) if token.end <= start]
    grammar = frozenset[str]().union(*function_words().values())
    gap = text[before[-1].end : start] if before else ""
    for step in range(min(len(before), _BETWEEN + 1)):
        if re.search(r"[,;:.!?\u060c]", gap):
            return False
        upto = len(before) - step
        for phrase in phrases("leaves_out"):
            here = before[max(0, upto - len(phrase)) : upto]
            if len(here) == len(phrase) and all(form in token.forms for form, token in zip(phrase, here, strict=True)):
                return find(before[upto - len(phrase) :], "not_only") is None
        token = before[upto - 1]
        if token.form not in grammar:
            return False
        gap = token.before
    return False


def topic(words: str) -> str:
    """Topic words that no vocabulary knows, without the words of this table that only steer."""
    steering = {
        phrase[0] for line in ("leaves_out", "points_back", "goes_on") for phrase in phrases(line) if len(phrase) == 1
    }
    return " ".join(word for word in words.split() if fold(word) not in steering)


def rows(text: str, total: int, ordinals: Sequence[int], spans: Sequence[tuple[int, int]] = ()) -> list[int]:
    """The rows of a list of `total` that a text points at, numbered from 1, in the order said.

    `ordinals`: as the linker read them (-1 is the last). `spans`: characters that name something else, whose figures
    count for nothing. Rows that the list does not have are left out.
    """
    if not total:
        return []
    bare = list(text)
    for start, end in spans:
        bare[start:end] = " " * (end - start)
    masked = "".join(bare)
    if several := _several(masked, total):
        return several
    numbered = [int(number) for number in _NUMBER.findall(fold_digits(masked))]
    found = [number if number > 0 else total + 1 + number for number in (*numbered, *ordinals)]
    if not found:
        found = [number for number in _NAMED_ROWS if says(masked, f"row_{number}")]
    if not found and says(masked, "last_rows"):
        found = [total]
    return [number for number in dict.fromkeys(found) if 1 <= number <= total]


def fold_digits(text: str) -> str:
    """Arabic-Indic digits as 0-9, character by character."""
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)


_COUNTS = {
    2: "two deux dos dois duas اثنين اثنتين اخيرين اخيرتين اولين",
    3: "three trois tres ثلاثه ثلاث",
    4: "four quatre cuatro quatro اربعه اربع",
    5: "five cinq cinco خمسه خمس",
}


def _several(text: str, total: int) -> list[int]:
    """ "The last two", "les trois premiers", "both"."""
    words = tokens(text)
    for line in ("last_rows", "first_rows"):
        found = find(words, line)
        if found is None:
            continue
        beside = [token.form for token in words[max(0, found[0] - 1) : found[1] + 1]]
        number = next((n for n, forms in _COUNTS.items() if set(beside) & set(forms.split())), 0)
        number = number or next((int(form) for form in beside if form.isdecimal()), 0)
        if number > 1:
            size = min(number, total)
            return list(range(total - size + 1, total + 1)) if line == "last_rows" else list(range(1, size + 1))
    if find(words, "all_rows") or (total == _BOTH and find(words, "both_rows")):
        return list(range(1, total + 1))
    return []
