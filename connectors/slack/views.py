"""What Slack shows besides messages: the app's home, the form for a remark, the preview of a link to a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.words import Words
from connectors.channels.rendering import clean, opening
from connectors.slack import blocks
from connectors.slack.blocks import Block
from knowledge.feedback import FeedbackKind

REMARK = "cg_remark"
_MOST_WATCHES = 20


def home(words: Words, examples: Sequence[str], watches: Sequence[str] | None) -> dict[str, Any]:
    """`examples` are questions that have an answer, `watches` a line for each alert, None for who may have none."""
    start = opening(words.language)

    def line(text: str, *, bold: bool = False) -> Block:
        return blocks.rich_text(blocks.section([blocks.text_element(start + clean(text), bold=bold)]))

    found = [blocks.header(start + words("channel_home_title")), line(words("channel_home_lead"))]
    if examples:
        buttons = [blocks.button(text, f"cg_ask_{i}", text) for i, text in enumerate(examples)]
        found += [line(words("channel_home_examples"), bold=True), *blocks.actions(buttons)]
    found.append({"type": "divider"})
    if watches is None:
        found.append(line(words("channel_home_visitor")))
    else:
        found.append(line(words("channel_home_watches"), bold=True))
        lines = [[blocks.text_element(start + clean(text))] for text in watches[:_MOST_WATCHES]]
        found += blocks.bullets(lines) or [line(words("channel_home_no_watches"))]
    return {"type": "home", "blocks": found[: blocks.MOST_BLOCKS]}


def remark(words: Words, receipt: str) -> dict[str, Any]:
    """The form in which a person says what is not right about the answer of that receipt."""
    kinds = {
        FeedbackKind.WRONG: words("channel_feedback_wrong"),
        FeedbackKind.OUTDATED: words("channel_feedback_outdated"),
        FeedbackKind.MISSING: words("channel_feedback_missing"),
        FeedbackKind.OTHER: words("channel_feedback_other"),
    }
    options = [{"text": blocks.plain_text(title, 75), "value": kind.value} for kind, title in kinds.items()]
    return {
        "type": "modal",
        "callback_id": REMARK,
        "private_metadata": receipt,
        "title": blocks.plain_text(words("channel_feedback_title"), 24),
        "submit": blocks.plain_text(words("channel_feedback_send"), 24),
        "close": blocks.plain_text(words("channel_feedback_cancel"), 24),
        "blocks": [
            {
                "type": "input",
                "block_id": "kind",
                "label": blocks.plain_text(words("channel_feedback_kind"), 2000),
                "element": {
                    "type": "radio_buttons",
                    "action_id": "kind",
                    "options": options,
                    "initial_option": options[0],
                },
            },
            {
                "type": "input",
                "block_id": "why",
                "optional": True,
                "label": blocks.plain_text(words("channel_feedback_why"), 2000),
                "element": {"type": "plain_text_input", "action_id": "why", "multiline": True, "max_length": 3000},
            },
        ],
    }


def remarked(view: dict[str, Any]) -> tuple[FeedbackKind, str]:
    """What was filled in."""
    values = (view.get("state") or {}).get("values") or {}
    kind = ((values.get("kind") or {}).get("kind") or {}).get("selected_option") or {}
    why = ((values.get("why") or {}).get("why") or {}).get("value") or ""
    return FeedbackKind(str(kind.get("value", "other"))), str(why)


def preview(words: Words, title: str, publisher: str) -> dict[str, Any]:
    """A record as the preview of its link."""
    found = [blocks.rich_text(blocks.section([blocks.text_element(clean(title), bold=True)]))]
    if publisher:
        by = words("channel_published_by", publisher=clean(publisher))
        found.append(blocks.rich_text(blocks.section([blocks.text_element(by)])))
    return {"blocks": found}
