"""What renderers of chat channels share: one line of spans, links to our own pages, direction, lengths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from connectors.web.rendering import safe_path
from knowledge.reply import Citation, Span

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})
_RIGHT_TO_LEFT_MARK = "\u200f"
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
# Marks that turn or hide text around them; a title may hold them, and then says something else than it shows.
_TURNING = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def is_right_to_left(language: str) -> bool:
    return language.split("-")[0].lower() in RIGHT_TO_LEFT


def clean(text: str) -> str:
    """Text of a record without what no reader sees: control characters and marks of direction."""
    return _CONTROL.sub(" ", _TURNING.sub("", text))


def opening(language: str) -> str:
    """What a line begins with, so that it runs as its language does whatever word stands first."""
    return _RIGHT_TO_LEFT_MARK if is_right_to_left(language) else ""


def directed(span: Span, language: str) -> str:
    """The span's text; where its own language differs, it is set apart so that both keep their direction."""
    text = clean(span.text)
    return f"{_ISOLATE}{text}{_END_ISOLATE}" if span.lang and span.lang != language else text


def plain(spans: Iterable[Span], language: str) -> str:
    """Spans as one text, with the numbers of their citations in brackets."""
    pieces = []
    for span in spans:
        marks = "".join(f"[{number}]" for number in span.cites)
        pieces.append(directed(span, language) + (f" {marks}" if marks else ""))
    return opening(language) + "".join(pieces)


def shortened(text: str, most: int) -> str:
    """At most `most` characters, with an ellipsis where something was left out."""
    text = text.strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def pieces(text: str, most: int) -> list[str]:
    """The text in pieces of at most `most` characters, cut at the end of a line, else of a word."""
    found: list[str] = []
    while len(text) > most:
        cut = max(text.rfind("\n", 0, most), text.rfind(" ", 0, most)) + 1
        cut = cut if cut > most // 2 else most
        found.append(text[:cut])
        text = text[cut:]
    return [*found, text] if text else found


def own_link(base: str, href: str) -> str:
    """The whole address of a page of ours; "" where `href` is no path of ours."""
    path = safe_path(href)
    return f"{base}{path}" if base and path else ""


def record_of(base: str, url: str) -> str:
    """The identifier of the record whose page on our address `base` `url` is; "" for any other address."""
    ours, given = urlsplit(base), urlsplit(url)
    if (given.scheme, given.netloc) != (ours.scheme, ours.netloc):
        return ""
    prefix = f"{ours.path.rstrip('/')}/records/"
    return unquote(given.path[len(prefix) :]) if given.path.startswith(prefix) else ""


def source_line(citation: Citation, date: str) -> str:
    """Where a citation comes from besides its title: publisher, file, day; `date` is the day in words."""
    return ", ".join(clean(part) for part in (citation.publisher, citation.file, date) if part)
