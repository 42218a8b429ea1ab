"""Block Kit pieces within Slack's limits.

Texts of records go into rich text, whose text elements Slack shows letter by letter: no mark-up, no mention and no link
can come to life in them. Only links that this module is given become links.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connectors.channels.rendering import clean, directed, opening, shortened
from knowledge.reply import Span

Block = dict[str, Any]

MOST_BLOCKS = 50
MOST_HEADER = 150
MOST_BUTTON = 75
MOST_VALUE = 2000
MOST_ACTIONS = 25
MOST_ROWS, MOST_COLUMNS = 100, 20
MOST_TEXT = 3000
"""Characters of one text; Slack documents it for sections, and we hold every block to it."""
MOST_ALT = 1000
"""Characters of what is said of a picture; an upload takes no more."""
MOST_TITLE = 100
"""Characters of the title of a column."""
MOST_TABLE = 8000
"""Characters of one table; Slack takes 10,000."""


class Links:
    """The addresses of citations by number; one without an address is shown as its number alone."""

    def __init__(self, by_number: dict[int, str]) -> None:
        self._by_number = by_number

    def mark(self, number: int) -> Block:
        text = f"[{number}]"
        url = self._by_number.get(number, "")
        return {"type": "link", "url": url, "text": text} if url else {"type": "text", "text": text}


def escaped(text: str) -> str:
    """Text where Slack would read mark-up: the three characters that begin it are written out."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_text(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": shortened(clean(text), most) or "–", "emoji": False}


def text_element(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if bold else {})


def elements(spans: Iterable[Span], language: str, links: Links) -> list[Block]:
    """The elements of one line of rich text."""
    found: list[Block] = []
    for span in spans:
        if text := directed(span, language):
            found.append(text_element(text, bold=span.strong))
        for number in span.cites:
            found += [text_element(" "), links.mark(number)]
    if not any(element["text"].strip() for element in found):
        return []
    if mark := opening(language):
        found.insert(0, text_element(mark))
    return found


def size(found: Sequence[Block]) -> int:
    """Characters of elements as a reader sees them."""
    return sum(len(element["text"]) for element in found)


def texts(block: Block) -> Iterator[str]:
    """Every text in a block, at whatever depth."""
    for value in block.values():
        if isinstance(value, dict):
            yield from texts(value)
        elif isinstance(value, list):
            for one in value:
                yield from texts(one) if isinstance(one, dict) else _of_rows(one)
    if isinstance(block.get("text"), str):
        yield block["text"]


def _of_rows(row: Any) -> Iterator[str]:
    for cell in row if isinstance(row, list) else ():
        yield from texts(cell)


def fitted(found: Sequence[Block], most: int) -> list[Block]:
    """The elements cut to at most `most` characters in all; marks of citations stay whole."""
    kept: list[Block] = []
    left = most
    for element in found:
        if len(element["text"]) > left and element["type"] == "text":
            element = element | {"text": shortened(element["text"], max(left, 1))}
        if len(element["text"]) > left:
            break
        if element["text"]:
            kept.append(element)
        left -= len(element["text"])
    return kept


def rich_text(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def section(found: Sequence[Block]) -> Block:
    return {"type": "rich_text_section", "elements": fitted(found, MOST_TEXT)}


def quote(found: Sequence[Block]) -> Block:
    return {"type": "rich_text_quote", "elements": fitted(found, MOST_TEXT)}


def bullets(lines: Sequence[Sequence[Block]]) -> list[Block]:
    """One block of rich text for as many lines as one may hold."""
    found: list[Block] = []
    held: list[Block] = []
    room = MOST_TEXT
    for line in lines:
        fits = fitted(line, MOST_TEXT)
        if held and size(fits) > room:
            found.append(rich_text({"type": "rich_text_list", "style": "bullet", "elements": held}))
            held, room = [], MOST_TEXT
        if fits:
            held.append({"type": "rich_text_section", "elements": fits})
            room -= size(fits)
    return [*found, rich_text({"type": "rich_text_list", "style": "bullet", "elements": held})] if held else found


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, MOST_HEADER)}


def tables(
    titles: Sequence[Sequence[Block]], numeric: Sequence[bool], rows: Sequence[Sequence[Sequence[Block]]]
) -> list[Block]:
    """Tables of at most 100 rows, each with its head; columns beyond the twentieth are left out."""
    width = min(len(titles), MOST_COLUMNS)
    if not width:
        return []
    named = [fitted(title, MOST_TITLE) for title in titles[:width]]
    head = [_cell(title) for title in named]
    settings = [{"is_wrapped": True} | ({"align": "right"} if number else {}) for number in numeric[:width]]
    whole = MOST_TABLE - sum(map(size, named))
    found: list[Block] = []
    held: list[list[Block]] = []
    room = 0
    for row in rows:
        cells = [fitted(cell, MOST_TEXT) for cell in row[:width]]
        if sum(map(size, cells)) > whole:
            # A row that is too long for a table of its own.
            cells = [fitted(cell, whole // width) for cell in cells]
        needed = sum(map(size, cells))
        if not held or needed > room or len(held) == MOST_ROWS:
            held = [head]
            room = whole
            found.append({"type": "table", "column_settings": settings, "rows": held})
        held.append([_cell(cell) for cell in cells])
        room -= needed
    return found


def _cell(found: Sequence[Block]) -> Block:
    if not found:
        return {"type": "raw_text", "text": "–"}
    return rich_text({"type": "rich_text_section", "elements": list(found)})


def image(source: str, alt: str) -> Block:
    """A picture that is on Slack; `source` is the id of its file."""
    return {"type": "image", "slack_file": {"id": source}, "alt_text": shortened(clean(alt), MOST_ALT) or "–"}


def button(title: str, action: str, value: str, *, style: str = "") -> Block:
    """`action` must differ from that of the other buttons of its block."""
    made = {"type": "button", "text": plain_text(title, MOST_BUTTON), "action_id": action, "value": value[:MOST_VALUE]}
    return made | ({"style": style} if style else {})


def actions(buttons: Sequence[Block]) -> list[Block]:
    return [
        {"type": "actions", "elements": list(buttons[start : start + MOST_ACTIONS])}
        for start in range(0, len(buttons), MOST_ACTIONS)
    ]


def feedback(good: str, bad: str, value: str) -> Block:
    """The two buttons Slack has for judging an answer."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "cg_feedback",
                "positive_button": {"text": plain_text(good, MOST_BUTTON), "value": f"good:{value}"},
                "negative_button": {"text": plain_text(bad, MOST_BUTTON), "value": f"bad:{value}"},
            }
        ],
    }
