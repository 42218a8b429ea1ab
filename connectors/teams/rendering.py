"""A reply as Teams messages: pages of one Adaptive Card each, with the sources of what stands on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.words import Words
from connectors.channels.asking import Said
from connectors.channels.rendering import clean, directed, opening, own_link, plain, shortened, source_line
from connectors.teams import cards
from connectors.teams.cards import Element
from connectors.teams.sdk import CARD, labelled
from knowledge.reply import BulletList, Citation, Heading, Notice, Paragraph, Part, Picture, Quote, Reply, Span, Table

PAGE_BYTES = 20_000
"""Of what an answer says on one page, with its sources."""
PAGE_SOURCES = 20
"""Sources on one page: Teams shows no more of its own citations on a message."""
MOST_MESSAGE = 27_000
"""Bytes of a whole message; Teams takes 28 KB."""
MOST_BUTTONS = 12
BUTTON_BYTES = 4_000
_AROUND = 2_500
"""Bytes of a message besides: its first words, twice, and what makes it a card."""
_TITLE, _EXTRACT = 80, 160
"""Characters that Teams takes in its own citations."""
_NOTIFICATION = 300
_MARK = re.compile(r"\[(\d{1,5})\]")
_TONES = {"info": "accent", "warning": "warning", "error": "attention"}

Json = dict[str, Any]


@dataclass(slots=True)
class _Draft:
    body: list[Element] = field(default_factory=list)
    cites: list[int] = field(default_factory=list)
    bytes: int = 0


def pages(said: Said, *, base: str, receipt: int, alert: str = "", direct: bool = False) -> list[Json]:
    """All pages of an answer as messages, at least one. `base` is our public address ("" for none: sources are then
    named, not linked), `receipt` what buttons refer to, `alert` the alert that it tells. Where nobody else reads along
    (`direct`) its records are offered as a file."""
    found = []
    reply = said.answer.reply
    words = Words(reply.language)
    drafts = _drafts(reply, base)
    for number, draft in enumerate(drafts, 1):
        last = number == len(drafts)
        cited = _cited(draft, reply)
        if not last:
            title = words("channel_more", page=number + 1, pages=len(drafts))
            end = cards.buttons([cards.turn(title, receipt, number)])
        else:
            end = _next(reply) + (_of_alert(alert, words) if alert else [])
            if direct and said.answered and said.answer.records:
                end += cards.buttons([cards.as_file(words("teams_as_file"), receipt)])
        body = draft.body + _sources(cited, words, base, _room(draft, end)) + end
        spoken = _notification(reply)
        made: Json = {
            "type": "message",
            "summary": spoken,
            "attachments": [{"contentType": CARD, "content": cards.card(body, reply.language, spoken)}],
        }
        listed = cited[:PAGE_SOURCES]
        if listed:
            marks = " ".join(f"[{one.number}]" for one in listed)
            made |= {"text": f"{words('channel_sources')}: {marks}"}
        if said.answered:
            made = _within(made, listed, words, base, last and not alert)
        found.append(made)
    return found


def whole_card(said: Said, *, base: str) -> Element:
    """The first page of an answer as one card, for places where no page can be turned."""
    reply = said.answer.reply
    draft = _drafts(reply, base)[0]
    body = draft.body + _sources(_cited(draft, reply), Words(reply.language), base, _room(draft, []))
    return cards.card(body, reply.language, _notification(reply))


def with_button(said: str, button: Element, language: str) -> Json:
    """A message of one line of ours, and a button under it."""
    body = [cards.line([cards.run(opening(language) + said)]), *cards.buttons([button])]
    content = cards.card(body, language, said)
    return {"type": "message", "summary": said, "attachments": [{"contentType": CARD, "content": content}]}


def _room(draft: _Draft, end: list[Element]) -> int:
    """Bytes left for sources."""
    return MOST_MESSAGE - _AROUND - cards.size(draft.body) - cards.size(end)


def _cited(draft: _Draft, reply: Reply) -> list[Citation]:
    by_number = {one.number: one for one in reply.citations}
    return [by_number[n] for n in dict.fromkeys(draft.cites) if n in by_number]


def _next(reply: Reply) -> list[Element]:
    """Buttons for the next question, those there is room for."""
    found: list[Element] = []
    room = BUTTON_BYTES
    for one in reply.buttons[:MOST_BUTTONS]:
        made = cards.ask(one.title, one.send)
        room -= cards.size(made)
        if room > 0 and made["title"] and len(one.send) <= cards.MOST_SEND:
            found.append(made)
    return cards.buttons(found)


def _of_alert(alert: str, words: Words) -> list[Element]:
    why = cards.run(opening(words.language) + words("alert_why"), isSubtle=True, size="Small")
    quiet = cards.of_alert(words("alert_quiet"), "quiet", alert)
    stop = cards.of_alert(words("alert_stop"), "stop", alert)
    return [cards.line([why], separator=True), *cards.buttons([quiet, stop])]


def _within(made: Json, cited: list[Citation], words: Words, base: str, last: bool) -> Json:
    """The message with Teams' own citations, as many as it has room for; the card lists all."""
    left = len(cited)
    while True:
        told = [_citation(one, words, base) for one in cited[:left]]
        whole = labelled(made, told, judged=last)
        if left == 0 or cards.size(whole) <= MOST_MESSAGE:
            return whole
        left -= 1


def _citation(one: Citation, words: Words, base: str) -> tuple[int, str, str, str]:
    date = words.date(one.reported_on) if one.reported_on else ""
    return one.number, _title(one, _TITLE), shortened(source_line(one, date), _EXTRACT) or "–", own_link(base, one.href)


def _title(one: Citation, most: int) -> str:
    return shortened(clean(one.title), most) or shortened(clean(one.record), most) or "–"


def _drafts(reply: Reply, base: str) -> list[_Draft]:
    words = Words(reply.language)
    links = {one.number: own_link(base, one.href) for one in reply.citations}
    # A picture is fetched by Teams as by any visitor: it would not show what only some may see.
    pictured = urlsplit(base).scheme == "https" and all(one.audience == "public" for one in reply.citations)
    drafts = [_Draft()]
    found = [
        element
        for part in reply.parts
        if pictured or not isinstance(part, Picture)
        for element in _elements(part, reply.language, words, links, base)
    ]
    listed = {one.number: cards.size(_source(one, words, base)) for one in reply.citations}
    for element in found or [cards.line([cards.run(words("channel_nothing"))])]:
        now = drafts[-1]
        cites = {int(mark[1]) for text in texts(element) if (mark := _MARK.fullmatch(text))}
        needed = cards.size(element) + sum(listed.get(number, 0) for number in cites - set(now.cites))
        full = now.bytes + needed > PAGE_BYTES or len({*now.cites, *cites}) > PAGE_SOURCES
        if now.body and full:
            drafts.append(now := _Draft())
            needed = cards.size(element) + sum(listed.get(number, 0) for number in cites)
        now.body.append(element)
        now.cites += sorted(cites - set(now.cites))
        now.bytes += needed
    return drafts


def texts(value: Any) -> Iterator[str]:
    """Every text in a piece of a card, at whatever depth, in order."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def _elements(part: Part, language: str, words: Words, links: dict[int, str], base: str) -> list[Element]:
    def line(spans: list[Span], **style: Any) -> list[Element]:
        return cards.runs(spans, language, links, **style)

    match part:
        case Paragraph(spans=spans):
            found = line(spans)
            return [cards.line(found)] if found else []
        case Heading(text=text):
            found = line([Span(text=text, strong=True)], size="Medium")
            return [cards.line(found, spacing="Medium")] if found else []
        case BulletList(items=items):
            marked = [[cards.run(f"{opening(language)}• "), *found] for item in items if (found := line(item))]
            return [cards.line(found, spacing="Small") for found in marked]
        case Quote(text=text, lang=lang, cites=cites):
            found = line([Span(text=text, cites=cites, lang=lang)], italic=True)
            return [cards.box([cards.line(found)], "emphasis")] if found else []
        case Notice(tone=tone, spans=spans):
            tones = {
                "info": words("channel_tone_info"),
                "warning": words("channel_tone_warning"),
                "error": words("channel_tone_error"),
            }
            first = cards.run(f"{opening(language)}{tones[tone]}: ", weight="Bolder")
            return [cards.box([cards.line([first, *line(spans)])], _TONES[tone])]
        case Table():
            return _table(part, line)
        case Picture(src=src, alt=alt):
            path, mark, query = src.partition("?")
            url = own_link(base, path.removesuffix(".svg") + ".png" + mark + query)
            return [{"type": "Image", "url": url, "altText": shortened(clean(alt), 1000)}] if url else []


def _table(part: Table, line: Callable[..., list[Element]]) -> list[Element]:
    titles = [line([Span(text=column.title, strong=True)]) for column in part.columns]
    rows = [[line(cell) for cell in row] for row in part.rows]
    found = cards.tables(titles, [column.numeric for column in part.columns], rows)
    caption = line([Span(text=part.caption, strong=True)])
    return [cards.line(caption), *found] if found and caption else found


def _sources(cited: list[Citation], words: Words, base: str, room: int) -> list[Element]:
    """The list of sources, as many of them as `room` bytes hold."""
    if not cited:
        return []
    start = opening(words.language)
    found = [cards.line([cards.run(start + words("channel_sources"), weight="Bolder", size="Small")], separator=True)]
    for number, one in enumerate(cited):
        line = _source(one, words, base)
        room -= cards.size(line)
        if room < 0:
            left = words("channel_sources_left", n=len(cited) - number)
            return [*found, cards.line([cards.run(start + left, size="Small")], spacing="None")]
        found.append(line)
    return found


def _source(one: Citation, words: Words, base: str) -> Element:
    number, _, where, url = _citation(one, words, base)
    link = {"selectAction": {"type": "Action.OpenUrl", "url": url}} if url else {}
    line = [cards.run(f"{opening(words.language)}[{number}] ", size="Small")]
    line.append(cards.run(_title(one, cards.MOST_TITLE), size="Small", **link))
    if where != "–":
        line.append(cards.run(f" ({shortened(where, _TITLE)})", size="Small", isSubtle=True))
    return cards.line(line, spacing="None")


def _notification(reply: Reply) -> str:
    """The first words of the answer."""
    for part in reply.parts:
        if isinstance(part, Paragraph | Notice) and part.spans:
            return shortened(plain(part.spans, reply.language), _NOTIFICATION)
        if isinstance(part, Quote | Heading):
            return shortened(directed(Span(text=part.text), reply.language), _NOTIFICATION)
        if isinstance(part, Table) and part.caption:
            return shortened(clean(part.caption), _NOTIFICATION)
    return "Common Ground"
