"""A thousand hostile texts in every place of a reply, on the terminal and in the messages of chat channels."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from rich.console import Console

from bot.words import Words
from connectors.channels.asking import Said
from connectors.slack import rendering as slack
from connectors.slack import views
from connectors.teams import cards
from connectors.teams import rendering as teams
from connectors.terminal import show_answer
from knowledge.reply import Answer
from tests.connectors.slack.fake_slack import wrong_blocks
from tests.hostile.grammar import COUNT, hostile_texts
from tests.hostile.replies import hostile_replies

BASE = "https://ground.example"
Json = dict[str, Any]
# What turns or hides text, or steers a terminal; the marks that we set ourselves are taken out before.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


@cache
def answers() -> list[Answer]:
    return [Answer(reply=reply, conversation="c-1") for reply in hostile_replies()]


def values(value: Any, *names: str) -> Iterator[Any]:
    """Every value that stands under one of these names, at whatever depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in names:
                yield inner
            yield from values(inner, *names)
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner, *names)


def test_texts_are_many_and_of_every_kind() -> None:
    texts = hostile_texts()
    assert len(set(texts)) == COUNT
    for mark in (
        "<script",
        "javascript:",
        "\x1b[",
        "\x1b]8;;",
        "<!channel>",
        "<at>",
        "![",
        "[link=",
        "onerror",
        "\u202e",
    ):
        assert any(mark in text for text in texts), mark


def test_the_terminal_prints_letters_only() -> None:
    steered: list[str] = []
    for answer in answers():
        for colours in (None, "truecolor"):
            said = io.StringIO()
            console = Console(
                file=said, emoji=False, width=300, force_terminal=colours is not None, color_system=colours
            )
            show_answer(console, answer.model_dump(mode="json"))
            shown = STYLE.sub("", said.getvalue()) if colours else said.getvalue()
            if found := STEERING.search(shown):
                steered.append(f"{found[0]!r} of {answer.reply.citations[0].title!r}")
    assert steered == []


def test_slack_is_sent_letters_only() -> None:
    for number, answer in enumerate(answers()):
        for page in slack.pages(Said(answer, True), base=BASE, receipt=7, private=bool(number % 2)):
            # A picture becomes a file of Slack's when it is sent.
            assert wrong_blocks([block for block in page.blocks if block["type"] != "image"]) == []
            assert set(values(page.blocks, "url", "image_url")) <= {f"{BASE}/records/XX-1"}
            assert "mrkdwn" not in set(values(page.blocks, "type"))
            assert not re.search("[<>]", page.text), "the text beside the blocks is read as mark-up"
            assert not any(STEERING.search(text) for text in values(page.blocks, "text") if isinstance(text, str))
    for text in hostile_texts():
        preview = views.preview(Words("en"), text, text)
        assert set(values(preview, "url")) == set()
        assert "mrkdwn" not in set(values(preview, "type"))


def test_teams_is_sent_letters_only() -> None:
    for answer in answers():
        for message in teams.pages(Said(answer, True), base=BASE, receipt=7):
            assert cards.size(message) <= 28_000
            card = message["attachments"][0]["content"]
            # A TextBlock reads markdown, a text run does not.
            assert "TextBlock" not in set(values(card, "type"))
            assert set(values(message, "url", "iconUrl")) - {None} <= {
                f"{BASE}/records/XX-1",
                f"{BASE}/pictures/overlaps.png?id=XX-1",
            }
            assert not [one for one in values(message, "entities") for kind in values(one, "type") if kind == "mention"]
            said = [one for one in values(card, "text", "title", "altText", "fallbackText") if isinstance(one, str)]
            assert not any(STEERING.search(text) for text in said)
            assert not re.search("[<>]", message.get("text", "")), "the text beside the card is read as mark-up"
