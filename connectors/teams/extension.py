"""The message extension: records found from where people write, and a card with what an answer says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.words import Words
from connectors.channels.rendering import clean, opening, own_link, shortened
from connectors.teams import cards
from connectors.teams.sdk import CARD
from knowledge.answers import record_href

SEARCH, CHECK = "searchRecords", "doesAnyone"
"""Ids of the commands, as the app's manifest has them."""
MOST_FOUND = 10
_THUMBNAIL = "application/vnd.microsoft.card.thumbnail"
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>")
_MARKUP = re.compile(r"<[^>]*>")

Json = dict[str, Any]


def wanted(activity: Mapping[str, Any]) -> str:
    """The words that are searched for; "" where Teams only opens the list."""
    for one in (activity.get("value") or {}).get("parameters") or ():
        if isinstance(one, dict) and one.get("name") == "query" and isinstance(one.get("value"), str):
            return str(one["value"]).strip()
    return ""


def quoted(activity: Mapping[str, Any]) -> str:
    """The words of the message that a person points at."""
    body = ((activity.get("value") or {}).get("messagePayload") or {}).get("body") or {}
    content = body.get("content")
    if not isinstance(content, str):
        return ""
    if body.get("contentType") != "text":
        content = html.unescape(_MARKUP.sub("", _BREAK.sub("\n", content)))
    return re.sub(r"[ \t\u00a0]+", " ", content).strip()


def listed(results: Iterable[Mapping[str, Any]], words: Words, base: str) -> Json:
    """Records to choose from, each with the card that the one chosen becomes."""
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": [_attachment(one, words, base) for one in results],
        }
    }


def told(text: str) -> Json:
    """A line in place of a list."""
    return {"composeExtension": {"type": "message", "text": text}}


def shown(card: Json, title: str) -> Json:
    """A card in a window of its own, which nobody else sees."""
    value = {
        "title": title,
        "height": "large",
        "width": "large",
        "card": {"contentType": CARD, "content": card},
    }
    return {"task": {"type": "continue", "value": value}}


def _attachment(one: Mapping[str, Any], words: Words, base: str) -> Json:
    title = shortened(clean(str(one["title"])), 150) or "–"
    publisher = shortened(clean(str(one["publisher"])), 100)
    by = words("channel_published_by", publisher=publisher) if publisher else ""
    url = own_link(base, record_href(str(one["id"])))
    start = opening(words.language)
    link = {"selectAction": {"type": "Action.OpenUrl", "url": url}} if url else {}
    body = [cards.line([cards.run(start + title, weight="Bolder", **link)])]
    if by:
        body.append(cards.line([cards.run(start + by, isSubtle=True)], spacing="None"))
    preview = {"contentType": _THUMBNAIL, "content": {"title": html.escape(title), "text": html.escape(by)}}
    return {"contentType": CARD, "content": cards.card(body, words.language, title), "preview": preview}
