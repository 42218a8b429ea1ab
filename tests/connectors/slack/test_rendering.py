"""Replies as Block Kit: within every limit, nothing active in them, sources on each page, right to left where it is."""

from __future__ import annotations

import random
from typing import Any

import pytest

from connectors.channels.asking import Said
from connectors.slack.rendering import Page, pages
from knowledge.reply import (
    Answer,
    BulletList,
    Button,
    Citation,
    Column,
    Heading,
    Notice,
    Paragraph,
    Part,
    Quote,
    Reply,
    Span,
    Table,
)
from tests.connectors.slack.fake_slack import shown, wrong_blocks

BASE = "https://ground.example"
HOSTILE = [
    "<!channel> <!here> <!everyone>", "<@U123456>", "<#C123|general>", "<https://evil.example|click>",
    "<script>alert(1)</script>",
    "javascript:alert(1)", "https://evil.example/x", "*bold* _it_ ~no~ `code` ```block```", "&lt;!channel&gt;",
    "![x](https://evil.example/x.png)", "[x](javascript:1)", "@channel @everyone @here", ":smile:",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe", "a\u200bb", "\x00\x07", "<mailto:a@b|c>", "<tel:1|2>", "<!date^1^{date}^https://evil.example|x>",
    "<!subteam^S1>", "]]>", "{{7*7}}", "${x}", "%s%n", "﷽" * 50, "🏳️‍🌈" * 20, "𝕏" * 40, "\ud7ff",
    "\n" * 30, " ", "a" * 5000,
]  # fmt: skip


def citation(number: int, title: str = "", href: str = "") -> Citation:
    return Citation(
        number=number, record=f"XX-{number}", title=title or f"Record {number}", publisher="Publisher", file="f.xml",
        element="iati-activity", href=href or f"/records/XX-{number}",
    )  # fmt: skip


def reply(*parts: Part, citations: int = 0, language: str = "en", **more: Any) -> Said:
    cited = [citation(n) for n in range(1, citations + 1)]
    return Said(Answer(reply=Reply(language=language, parts=list(parts), citations=cited, **more)), True)


def rendered(said: Said, *, base: str = BASE, private: bool = False) -> list[Page]:
    found = pages(said, base=base, receipt=7, private=private)
    assert found
    for page in found:
        assert wrong_blocks(page.blocks) == []
        assert 0 < len(page.text) <= 2000
    return found


def links(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["url"]] if "url" in value else []
        return own + [url for inner in value.values() for url in links(inner)]
    return [url for inner in value for url in links(inner)] if isinstance(value, list) else []


def test_every_part_is_shown_with_links_to_our_own_pages() -> None:
    said = reply(
        Paragraph(spans=[Span(text="Two organisations work there.", cites=[1, 2], strong=True)]),
        Heading(text="In Bakool"),
        BulletList(items=[[Span(text="One", cites=[1])], [Span(text="Other")]]),
        Table(
            caption="By year",
            columns=[Column(title="Year"), Column(title="Records", numeric=True)],
            rows=[[[Span(text="2025")], [Span(text="3", cites=[2])]], [[Span(text="2026")], []]],
        ),
        Quote(text="Nous construisons", lang="fr", cites=[2]),
        Notice(tone="warning", spans=[Span(text="Reported as active, planned end passed.")]),
        citations=2,
        buttons=[Button(title="Describe it", send="Describe XX-1")],
    )
    (page,) = rendered(said)
    text = shown(page.blocks)
    for words in (
        "Two organisations work there.",
        "In Bakool",
        "By year",
        "\u2068Nous construisons\u2069",
        "Please note: ",
    ):
        assert words in text
    assert set(links(page.blocks)) == {f"{BASE}/records/XX-1", f"{BASE}/records/XX-2"}
    assert "[1] Record 1 (Publisher, f.xml)" in text
    assert [block["type"] for block in page.blocks].count("table") == 1


def test_without_a_public_address_sources_are_named_and_nothing_is_linked() -> None:
    (page,) = rendered(reply(Paragraph(spans=[Span(text="Yes.", cites=[1])]), citations=1), base="")
    assert links(page.blocks) == []
    assert "[1] Record 1" in shown(page.blocks)


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "//evil.example/x", "https://evil.example", "/\\evil.example", ""]
)
def test_no_citation_leads_elsewhere(href: str) -> None:
    said = reply(Paragraph(spans=[Span(text="Yes.", cites=[1])]))
    said.answer.reply.citations.append(citation(1).model_copy(update={"href": href}))
    (page,) = rendered(said)
    assert links(page.blocks) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_record_comes_to_life(text: str) -> None:
    span = Span(text=text, cites=[1])
    said = reply(
        Paragraph(spans=[span]),
        Heading(text=text),
        BulletList(items=[[span]]),
        Table(caption=text, columns=[Column(title=text)], rows=[[[span]]]),
        Quote(text=text, lang="en", cites=[1]),
        Notice(tone="info", spans=[span]),
        buttons=[Button(title=text, send=text)],
    )
    said.answer.reply.citations.append(citation(1, title=text))
    for private in (False, True):
        for page in rendered(said, private=private):
            assert set(links(page.blocks)) <= {f"{BASE}/records/XX-1"}
            assert not any(mark in page.text for mark in "<>\x1b\u202e")
            assert not any(mark in shown(page.blocks) for mark in "\x1b\x00\u202e\u200b")
            # The only kind of text in which Slack reads mark-up.
            assert "mrkdwn" not in str(page.blocks)


def test_what_is_too_long_for_one_message_becomes_pages_that_hold_all_of_it() -> None:
    items = [[Span(text=f"item {n:03d} " + "word " * 40, cites=[n + 1])] for n in range(150)]
    found = rendered(reply(BulletList(items=items), citations=150))
    text = "".join(shown(page.blocks) for page in found)
    assert len(found) > 3
    assert all(f"item {n:03d}" in text for n in range(150))
    for number, page in enumerate(found, 1):
        more = [
            e["value"]
            for b in page.blocks
            if b["type"] == "actions"
            for e in b["elements"]
            if e["action_id"] == "cg_page"
        ]
        assert more == ([] if number == len(found) else [f"7:{number}"])
        assert len(set(links(page.blocks))) > 1, "each page has its own sources"
    assert [b["type"] for page in found for b in page.blocks].count("context_actions") == 1


def test_each_table_has_a_message_of_its_own_and_a_long_one_several() -> None:
    columns = [Column(title=f"Column {n}") for n in range(25)]
    rows = [[[Span(text=f"r{row}c{column}")] for column in range(25)] for row in range(230)]
    small = Table(caption="Small", columns=columns[:2], rows=[row[:2] for row in rows[:3]])
    found = rendered(reply(small, Table(caption="Large", columns=columns, rows=rows), small))
    assert sum(block["type"] == "table" for page in found for block in page.blocks) >= 5
    assert "r229c19" in shown(found[-2].blocks) + shown(found[-1].blocks)


def test_arabic_runs_from_right_to_left_and_foreign_words_keep_their_own_direction() -> None:
    spans = [Span(text="WFP تعمل في "), Span(text="Bakool District", lang="en")]
    (page,) = rendered(
        reply(
            Paragraph(
                spans=spans,
            ),
            citations=1,
            language="ar",
        )
    )
    text = shown(page.blocks)
    assert text.startswith("\u200f")
    assert "\u2068Bakool District\u2069" in text


def test_an_empty_reply_says_that_there_is_nothing() -> None:
    (page,) = rendered(reply())
    assert "nothing to show" in shown(page.blocks)


@pytest.mark.parametrize("seed", range(30))
def test_any_reply_keeps_the_limits(seed: int) -> None:
    choose = random.Random(seed)

    def words(most: int = 60) -> str:
        return choose.choice(
            [choose.choice(HOSTILE), " ".join(["word"] * choose.randint(0, most)), "x" * choose.randint(0, 4000)]
        )

    def spans() -> list[Span]:
        return [
            Span(
                text=words(),
                cites=[choose.randint(1, 60)] * choose.randint(0, 3),
                strong=choose.random() < 0.2,
                lang=choose.choice(["", "fr", "ar"]),
            )
            for _ in range(choose.randint(0, 6))
        ]

    def part() -> Part:
        match choose.randint(0, 5):
            case 0:
                return Paragraph(spans=spans())
            case 1:
                return Heading(text=words())
            case 2:
                return BulletList(items=[spans() for _ in range(choose.randint(0, 70))])
            case 3:
                width = choose.randint(0, 24)
                rows = [[spans() for _ in range(width)] for _ in range(choose.randint(0, 130))]
                return Table(
                    caption=words(), columns=[Column(title=words(4), numeric=choose.random() < 0.5)] * width, rows=rows
                )
            case 4:
                return Quote(text=words(), lang="fr", cites=[choose.randint(1, 60)])
            case _:
                return Notice(tone=choose.choice(["info", "warning", "error"]), spans=spans())

    said = reply(
        *(part() for _ in range(choose.randint(0, 9))),
        citations=choose.choice([0, 3, 60]),
        language=choose.choice(["en", "ar"]),
        buttons=[Button(title=words() or "x", send=words()) for _ in range(choose.randint(0, 40))],
    )
    rendered(said, private=choose.random() < 0.5)
