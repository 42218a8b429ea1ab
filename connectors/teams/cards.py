"""Pieces of Adaptive Cards 1.5 within the limits of Teams.

Texts of records go into text runs, which Teams shows letter by letter: no markdown, no mention and no link can come to
life in them. Only links that this module is given become links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

import orjson

from connectors.channels.rendering import clean, directed, opening, shortened
from knowledge.reply import Span

Element = dict[str, Any]
_MARK = re.compile(r"\[\d{1,5}\]")

VERSION = "1.5"
MOST_TEXT = 3000
"""Characters of one text."""
MOST_LINE = 12_500
"""Bytes of one line with all its links."""
MOST_BUTTON = 60
MOST_SEND = 500
"""Characters that a button says; one that would say more is left out."""
MOST_BUTTONS = 6
"""Buttons of one row; Teams hides more behind a menu."""
MOST_TITLE = 150
"""Characters of the title of a source."""
_WIDEST = 4
MOST_COLUMNS = 12
MOST_CELL = 1_000
MOST_ROW = 10_000
"""Bytes of one row of a table."""
MOST_CITED = 20
"""Sources of one table: a message lists no more."""
MOST_TABLE = 12_000
"""Bytes of one table; a longer one becomes several, each with its head."""


def size(found: Any) -> int:
    """Bytes of it as it is sent."""
    return len(orjson.dumps(found))


def run(text: str, **style: Any) -> Element:
    return {"type": "TextRun", "text": text} | style


def runs(spans: Iterable[Span], language: str, links: Mapping[int, str], **style: Any) -> list[Element]:
    """One line of text; `links` has the addresses of citations by number, "" for one shown as its number alone."""
    found: list[Element] = []
    for span in spans:
        if text := directed(span, language):
            found.append(run(text, **(style | ({"weight": "Bolder"} if span.strong else {}))))
        for number in span.cites:
            url = links.get(number, "")
            follow = {"selectAction": {"type": "Action.OpenUrl", "url": url}} if url else {}
            found += [run(" "), run(f"[{number}]", **follow)]
    if not any(one["text"].strip() for one in found):
        return []
    if mark := opening(language):
        found.insert(0, run(mark))
    return found


def fitted(found: Sequence[Element], most: int) -> list[Element]:
    """The runs cut to at most `most` characters in all, and to `MOST_LINE` bytes; marks of citations stay whole."""
    kept: list[Element] = []
    left, room = most, MOST_LINE
    for one in found:
        if len(one["text"]) > left and "selectAction" not in one:
            one = one | {"text": shortened(one["text"], max(left, 1))}
        left -= len(one["text"])
        room -= size(one)
        if left < 0 or room < 0:
            break
        if one["text"]:
            kept.append(one)
    return kept


def line(found: Sequence[Element], **more: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": fitted(found, MOST_TEXT)} | more


def box(items: Sequence[Element], style: str) -> Element:
    return {"type": "Container", "style": style, "items": list(items)}


def tables(
    titles: Sequence[Sequence[Element]], numeric: Sequence[bool], rows: Sequence[Sequence[Sequence[Element]]]
) -> list[Element]:
    """Tables that each fit a card, each with its head; columns beyond the twelfth are left out."""
    width = min(len(titles), MOST_COLUMNS)
    if not width:
        return []
    numbers = list(numeric[:width])
    head = _row(titles[:width], numbers, MOST_CELL)
    columns = [{"width": _share(column, [titles, *rows])} for column in range(width)]
    room = MOST_TABLE - size(head)
    found: list[Element] = []
    held: list[Element] = []
    cited: set[str] = set()
    left = 0
    for row in rows:
        marks = {one["text"] for cell in row for one in cell if _MARK.fullmatch(one["text"])}
        most = MOST_CELL
        while size(made := _row(row[:width], numbers, most)) > MOST_ROW and most > 20:
            most //= 2
        needed = size(made)
        if not held or needed > left or len(cited | marks) > MOST_CITED:
            held, left, cited = [head], room, set()
            found.append({"type": "Table", "columns": columns, "firstRowAsHeaders": True, "rows": held})
        held.append(made)
        cited |= marks
        left -= needed
    return found


def _share(column: int, rows: Sequence[Sequence[Sequence[Element]]]) -> int:
    """The width of a column beside the others: with the root of how much is said in it, so that a long text does not
    squeeze the words of the others, and more where a long word would be broken."""
    said = ["".join(one["text"] for one in row[column]) for row in rows if column < len(row)]
    longest = max(len(word) for text in said for word in text.split() or [""])
    return max(1, min(_WIDEST, max(round(sqrt(sum(map(len, said)) / len(said)) / 3), longest // 6)))


def _row(cells: Sequence[Sequence[Element]], numeric: Sequence[bool], most: int) -> Element:
    made = []
    for cell, number in zip(cells, numeric, strict=False):
        side = {"horizontalAlignment": "Right"} if number else {}
        text = fitted(cell, most) or [run("–")]
        made.append({"type": "TableCell", "items": [{"type": "RichTextBlock", "inlines": text} | side]})
    return {"type": "TableRow", "cells": made}


def ask(title: str, send: str) -> Element:
    """A button that says `send` in the name of who presses it; everybody sees its title said."""
    title = shortened(clean(title), MOST_BUTTON)
    data = {"commonground": "ask", "say": clean(send)}
    said = {"type": "messageBack", "displayText": title, "text": data["say"], "value": data}
    return {"type": "Action.Submit", "title": title, "data": data | {"msteams": said}}


def turn(title: str, receipt: int, page: int) -> Element:
    """A button that turns to a page of the answer of that receipt."""
    data = {"commonground": "page", "of": receipt, "page": page}
    return {"type": "Action.Submit", "title": shortened(clean(title), MOST_BUTTON), "data": data}


def as_file(title: str, receipt: int) -> Element:
    """A button that offers the records of the answer of that receipt as a file."""
    return {"type": "Action.Submit", "title": title, "data": {"commonground": "offer", "of": receipt}}


def of_alert(title: str, asked: str, alert: str) -> Element:
    """A button under an alert; `asked` is what it asks for."""
    return {"type": "Action.Submit", "title": title, "data": {"commonground": asked, "alert": alert}}


def buttons(found: Sequence[Element]) -> list[Element]:
    return [
        {"type": "ActionSet", "actions": list(found[start : start + MOST_BUTTONS])}
        for start in range(0, len(found), MOST_BUTTONS)
    ]


def card(body: Sequence[Element], language: str, spoken: str) -> Element:
    """`spoken` is what stands in its place where a card cannot be shown."""
    right_to_left = {"rtl": True} if opening(language) else {}
    whole = {"type": "AdaptiveCard", "version": VERSION, "lang": language, "fallbackText": spoken, "body": list(body)}
    return whole | right_to_left | {"msteams": {"width": "Full"}}
