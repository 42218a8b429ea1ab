"""Replies as Adaptive Cards: within every limit, nothing active in them, sources on each page, right to left."""

from __future__ import annotations

import random
from typing import Any

import pytest

from connectors.channels.asking import Said
from connectors.teams import cards
from connectors.teams.rendering import pages, whole_card
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
    Picture,
    Quote,
    Reply,
    Span,
    Table,
)
from tests.connectors.slack.test_rendering import HOSTILE
from tests.connectors.teams.fake_teams import actions, shown, wrong_card, wrong_message

BASE = "https://ground.example"
Json = dict[str, Any]


def citation(number: int, title: str = "", href: str = "", audience: str = "public") -> Citation:
    return Citation(
        number=number, record=f"XX-{number}", title=title or f"Record {number}", publisher="Publisher", file="f.xml",
        element="iati-activity", href=href or f"/records/XX-{number}", audience=audience,
    )  # fmt: skip


def reply(*parts: Part, citations: int = 0, language: str = "en", **more: Any) -> Said:
    cited = [citation(n) for n in range(1, citations + 1)]
    return Said(Answer(reply=Reply(language=language, parts=list(parts), citations=cited, **more)), True)


def rendered(said: Said, base: str = BASE) -> list[Json]:
    found = pages(said, base=base, receipt=7)
    assert found
    for page in found:
        assert wrong_message(page) == []
    assert wrong_card(whole_card(said, base=base)) == []
    return found


def links(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["url"]] if isinstance(value.get("url"), str) else []
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
    text = shown(page)
    for words in (
        "Two organisations work there. [1] [2]",
        "In Bakool",
        "• One [1]",
        "By year",
        "3 [2]",
        "\u2068Nous construisons\u2069",
        "Please note: Reported as active",
        "[1] Record 1 (Publisher, f.xml)",
        "[Describe it]",
    ):
        assert words in text
    assert set(links(page)) == {f"{BASE}/records/XX-1", f"{BASE}/records/XX-2"}
    (button,) = actions(page)
    assert button["data"]["msteams"]["text"] == "Describe XX-1"


def test_sources_are_teams_own_citations_and_the_label_is_there() -> None:
    (page,) = rendered(reply(Paragraph(spans=[Span(text="Yes.", cites=[1, 3])]), citations=3))
    (entity,) = page["entities"]
    assert [claim["position"] for claim in entity["citation"]] == [1, 3]
    assert entity["citation"][0]["appearance"]["name"] == "Record 1"
    assert entity["citation"][0]["appearance"]["url"] == f"{BASE}/records/XX-1"
    assert entity["additionalType"] == ["AIGeneratedContent"]
    assert page["channelData"]["feedbackLoop"] == {"type": "default"}
    assert page["text"] == "Sources: [1] [3]"


def test_what_is_no_answer_has_no_label_and_is_not_judged() -> None:
    part = Notice(tone="warning", spans=[Span(text="Please wait.")])
    (page,) = rendered(Said(Answer(reply=Reply(parts=[part])), False))
    assert "entities" not in page
    assert "channelData" not in page


def test_without_a_public_address_sources_are_named_and_nothing_is_linked() -> None:
    (page,) = rendered(reply(Paragraph(spans=[Span(text="Yes.", cites=[1])]), citations=1), base="")
    assert links(page) == []
    assert "[1] Record 1" in shown(page)


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "//evil.example/x", "https://evil.example", "/\\evil.example", ""]
)
def test_no_citation_leads_elsewhere(href: str) -> None:
    said = reply(Paragraph(spans=[Span(text="Yes.", cites=[1])]))
    said.answer.reply.citations.append(citation(1).model_copy(update={"href": href}))
    (page,) = rendered(said)
    assert links(page) == []


@pytest.mark.parametrize("text", [*HOSTILE, "<at>Everybody</at>", "[x](https://evil.example)", "{{DATE(1)}}"])
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
    for page in rendered(said):
        assert set(links(page)) <= {f"{BASE}/records/XX-1"}
        assert not any(mark in shown(page) for mark in "\x1b\x00\u202e\u200b")
        # Teams reads markdown in these, and mentions only where a list of them comes along.
        assert "'TextBlock'" not in str(page)
        assert page.get("text") in (None, "Sources: [1]")
        assert all(entity["type"] == "https://schema.org/Message" for entity in page.get("entities", ()))
        assert "entities" not in page["attachments"][0]["content"]["msteams"]


def test_what_is_too_long_for_one_card_becomes_pages_that_hold_all_of_it() -> None:
    items = [[Span(text=f"item {n:03d} " + "word " * 40, cites=[n + 1])] for n in range(150)]
    found = rendered(reply(BulletList(items=items), citations=150))
    text = "".join(map(shown, found))
    assert len(found) > 3
    assert all(f"item {n:03d}" in text for n in range(150))
    assert all(f"[{n}] Record {n} " in text for n in range(1, 151))
    for number, page in enumerate(found, 1):
        turn = [one["data"] for one in actions(page)]
        last = number == len(found)
        assert turn == ([] if last else [{"commonground": "page", "of": 7, "page": number}])
        assert ("channelData" in page) == last


def test_long_tables_are_divided_each_with_its_head() -> None:
    columns = [Column(title=f"Column {n}") for n in range(6)]
    rows = [[[Span(text=f"r{row}c{column}")] for column in range(6)] for row in range(130)]
    found = rendered(reply(Table(caption="Large", columns=columns, rows=rows)))
    text = "".join(map(shown, found))
    assert all(f"r{row}c5" in text for row in range(130))
    assert text.count("Column 5") > 5


def test_a_line_of_many_sources_has_them_all() -> None:
    cell = [Span(text="Many", cites=list(range(1, 28)))]
    table = Table(caption="Who", columns=[Column(title="Name"), Column(title="Records")], rows=[[cell, cell]])
    found = rendered(reply(table, citations=27))
    text = "".join(map(shown, found))
    assert all(f"[{n}] Record {n} " in text for n in range(1, 28))


def test_arabic_runs_from_right_to_left_and_foreign_words_keep_their_own_direction() -> None:
    spans = [Span(text="WFP تعمل في "), Span(text="Bakool District", lang="en")]
    (page,) = rendered(reply(Paragraph(spans=spans), citations=1, language="ar"))
    card = page["attachments"][0]["content"]
    assert (card["rtl"], card["lang"]) == (True, "ar")
    assert shown(page).startswith("\u200f")
    assert "\u2068Bakool District\u2069" in shown(page)


def test_pictures_are_fetched_as_everybody_may_see_them_or_left_out() -> None:
    picture = Picture(src="/pictures/timeline.svg?asked=XX-1&lang=en", alt="When each of 2 runs")
    said = reply(Paragraph(spans=[Span(text="Two.", cites=[1])]), picture, citations=1)
    (page,) = rendered(said)
    assert f"{BASE}/pictures/timeline.png?asked=XX-1&lang=en" in links(page)
    said.answer.reply.citations[0].audience = "own"
    assert not any("/pictures/" in url for page in rendered(said) for url in links(page))
    assert not any("/pictures/" in url for page in rendered(said, "http://ground.example") for url in links(page))


def test_an_empty_reply_says_that_there_is_nothing() -> None:
    (page,) = rendered(reply())
    assert "nothing to show" in shown(page)


@pytest.mark.parametrize("seed", range(30))
def test_any_reply_keeps_the_limits(seed: int) -> None:
    choose = random.Random(seed)

    def words(most: int = 60) -> str:
        return choose.choice(
            [choose.choice(HOSTILE), " ".join(["كلمة"] * choose.randint(0, most)), "x" * choose.randint(0, 4000)]
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
                return BulletList(items=[spans() for _ in range(choose.randint(0, 40))])
            case 3:
                width = choose.randint(0, 20)
                rows = [[spans() for _ in range(width)] for _ in range(choose.randint(0, 40))]
                return Table(
                    caption=words(), columns=[Column(title=words(4), numeric=choose.random() < 0.5)] * width, rows=rows
                )
            case 4:
                return Quote(text=words(), lang="fr", cites=[choose.randint(1, 60)] * choose.randint(0, 500))
            case _:
                return Notice(tone=choose.choice(["info", "warning", "error"]), spans=spans())

    said = reply(
        *(part() for _ in range(choose.randint(0, 9))),
        citations=choose.choice([0, 3, 60]),
        language=choose.choice(["en", "ar"]),
        buttons=[Button(title=words() or "x", send=words()) for _ in range(choose.randint(0, 40))],
    )
    for one in said.answer.reply.citations:
        one.title = words()
    rendered(said)


def test_the_limits_are_those_of_teams() -> None:
    assert cards.VERSION == "1.5"
    assert cards.MOST_BUTTONS <= 6
