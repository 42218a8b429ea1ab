"""A reply as Slack messages: pages of Block Kit, each with the sources of what stands on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.words import Words
from connectors.channels.asking import Said
from connectors.channels.rendering import clean, opening, own_link, plain, shortened, source_line
from connectors.slack import blocks
from connectors.slack.blocks import Block, Links
from knowledge.reply import BulletList, Citation, Heading, Notice, Paragraph, Part, Picture, Quote, Reply, Span, Table

PAGE_BLOCKS = 30
PAGE_CHARACTERS = 6000
"""Of what an answer says on one page, without its sources; Slack cuts messages that are much longer."""
PAGE_SOURCES = 40
"""Sources listed on one page; the marks of the others still lead to their records."""
_NOTIFICATION = 300
_MARK = re.compile(r"\[(\d{1,5})\]")


@dataclass(slots=True)
class Page:
    """One message. `text` is what notifications and screen readers get."""

    blocks: list[Block]
    text: str


@dataclass(slots=True)
class _Draft:
    blocks: list[Block] = field(default_factory=list)
    cites: list[int] = field(default_factory=list)
    characters: int = 0
    has_table: bool = False


def pages(said: Said, *, base: str, receipt: int, private: bool, alert: str = "") -> list[Page]:
    """All pages of an answer, at least one. `base` is our public address ("" for none: sources are then named, not
    linked), `receipt` what buttons refer to. A `private` answer is seen by one person, who may share or keep it.
    `alert` is the alert that it tells. Blocks of pictures name them as replies do: see `Sender`."""
    reply = said.answer.reply
    words = Words(reply.language)
    links = Links({one.number: own_link(base, one.href) for one in reply.citations})
    drafts = _drafts(reply, words, links)
    by_number = {one.number: one for one in reply.citations}
    found = []
    for number, draft in enumerate(drafts, 1):
        last = number == len(drafts)
        end = _sources([by_number[n] for n in dict.fromkeys(draft.cites) if n in by_number], words, base)
        if not last:
            title = words("channel_more", page=number + 1, pages=len(drafts))
            end += blocks.actions([blocks.button(title, "cg_page", f"{receipt}:{number}")])
        else:
            asks = [blocks.button(one.title, f"cg_ask_{i}", one.send) for i, one in enumerate(reply.buttons)]
            end += blocks.actions(asks[: blocks.MOST_ACTIONS])
        if last and alert:
            end += _of_alert(alert, words)
        if said.answered and private and number == 1:
            end += blocks.actions(
                [
                    blocks.button(words("channel_share"), "cg_share", str(receipt)),
                    blocks.button(words("channel_keep"), "cg_keep", str(receipt)),
                ]
            )
        elif said.answered and last:
            end.append(blocks.feedback(words("channel_good"), words("channel_bad"), str(receipt)))
        found.append(Page(draft.blocks + end, blocks.escaped(_notification(reply))))
    return found


def cut_off(words: Words, receipt: int, number: int) -> Page:
    """Says that a page of the answer of that receipt may not have arrived, with a button that brings it."""
    said = words("channel_cut_off")
    line = blocks.text_element(opening(words.language) + said)
    again = blocks.button(words("channel_show"), "cg_page", f"{receipt}:{number}")
    return Page([blocks.rich_text(blocks.section([line])), *blocks.actions([again])], said)


def _drafts(reply: Reply, words: Words, links: Links) -> list[_Draft]:
    drafts = [_Draft()]
    found = [block for part in reply.parts for block in _blocks(part, reply.language, words, links)]
    nothing = blocks.rich_text(blocks.section([blocks.text_element(words("channel_nothing"))]))
    for block in found or [nothing]:
        now = drafts[-1]
        said = list(blocks.texts(block))
        characters = sum(map(len, said))
        is_table = block["type"] == "table"
        full = len(now.blocks) >= PAGE_BLOCKS or now.characters + characters > PAGE_CHARACTERS
        # Slack takes one table in a message.
        if now.blocks and (full or (is_table and now.has_table)):
            drafts.append(now := _Draft())
        now.blocks.append(block)
        now.cites += [int(mark[1]) for text in said if (mark := _MARK.fullmatch(text))]
        now.characters += characters
        now.has_table = now.has_table or is_table
    return drafts


def _blocks(part: Part, language: str, words: Words, links: Links) -> list[Block]:
    def line(spans: list[Span]) -> list[Block]:
        return blocks.elements(spans, language, links)

    match part:
        case Paragraph(spans=spans):
            found = line(spans)
            return [blocks.rich_text(blocks.section(found))] if found else []
        case Heading(text=text):
            return [blocks.header(opening(language) + clean(text))]
        case BulletList(items=items):
            return blocks.bullets([line(item) for item in items])
        case Quote(text=text, lang=lang, cites=cites):
            said = line([Span(text=text, cites=cites, lang=lang)])
            return [blocks.rich_text(blocks.quote(said))] if said else []
        case Notice(tone=tone, spans=spans):
            tones = {
                "info": words("channel_tone_info"),
                "warning": words("channel_tone_warning"),
                "error": words("channel_tone_error"),
            }
            first = blocks.text_element(f"{opening(language)}{tones[tone]}: ", bold=True)
            return [blocks.rich_text(blocks.section([first, *line(spans)]))]
        case Table():
            return _table(part, line)
        case Picture(src=src, alt=alt):
            return [blocks.image(src, alt)]


def _table(part: Table, line: Callable[[list[Span]], list[Block]]) -> list[Block]:
    titles = [line([Span(text=column.title, strong=True)]) for column in part.columns]
    rows = [[line(cell) for cell in row] for row in part.rows]
    found = blocks.tables(titles, [column.numeric for column in part.columns], rows)
    caption = line([Span(text=part.caption, strong=True)])
    return [blocks.rich_text(blocks.section(caption)), *found] if found and caption else found


def _of_alert(alert: str, words: Words) -> list[Block]:
    why = blocks.text_element(opening(words.language) + words("alert_why"))
    return [
        blocks.rich_text(blocks.section([why])),
        *blocks.actions(
            [
                blocks.button(words("alert_quiet"), "cg_quiet", alert),
                blocks.button(words("alert_stop"), "cg_stop", alert),
            ]
        ),
    ]


def _sources(cited: list[Citation], words: Words, base: str) -> list[Block]:
    if not cited:
        return []
    lines: list[list[Block]] = [[blocks.text_element(opening(words.language) + words("channel_sources"), bold=True)]]
    for one in cited[:PAGE_SOURCES]:
        title = shortened(clean(one.title), 150) or shortened(clean(one.record), 150) or "–"
        url = own_link(base, one.href)
        named = {"type": "link", "url": url, "text": title} if url else blocks.text_element(title)
        date = words.date(one.reported_on) if one.reported_on else ""
        where = source_line(one, date)
        mark = blocks.text_element(f"\n{opening(words.language)}[{one.number}] ")
        lines.append([mark, named, *([blocks.text_element(f" ({shortened(where, 150)})")] if where else [])])
    if len(cited) > PAGE_SOURCES:
        left = words("channel_sources_left", n=len(cited) - PAGE_SOURCES)
        lines.append([blocks.text_element(f"\n{left}")])
    found: list[Block] = []
    held: list[Block] = []
    for line in lines:
        if held and blocks.size(held) + blocks.size(line) > blocks.MOST_TEXT:
            found.append(blocks.rich_text(blocks.section(held)))
            held = []
        held += line
    return [*found, blocks.rich_text(blocks.section(held))]


def _notification(reply: Reply) -> str:
    """The first words of the answer."""
    for part in reply.parts:
        if isinstance(part, Paragraph | Notice) and part.spans:
            return shortened(plain(part.spans, reply.language), _NOTIFICATION)
        if isinstance(part, Quote | Heading):
            return shortened(clean(part.text), _NOTIFICATION)
        if isinstance(part, Table) and part.caption:
            return shortened(clean(part.caption), _NOTIFICATION)
    return "Common Ground"
