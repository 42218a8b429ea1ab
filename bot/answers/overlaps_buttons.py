"""Buttons that ask on about a record or a pair: people read its title or row, the question names its identifier."""

from __future__ import annotations

from bot.answers import phrases
from bot.words import Words
from knowledge.finding import Hit
from knowledge.reply import Button

_TITLE = 40


def describe(words: Words, hit: Hit) -> Button:
    return Button(title=words("button_describe", title=_title(hit)), send=words("send_describe", id=hit.id))


def overlaps_of(words: Words, hit: Hit) -> Button:
    return Button(title=words("button_overlaps_of", title=_title(hit)), send=words("send_overlaps_of", id=hit.id))


def of_row(words: Words, row: int, a: str, b: str) -> Button:
    """Compares the records `a` and `b`, of which the row with that number, from 1, tells."""
    return Button(title=words("button_compare_row", n=row), send=words("send_compare", id=a, other=b))


def _title(hit: Hit) -> str:
    return phrases.cut(hit.title or hit.id, _TITLE)
