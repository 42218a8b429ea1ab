"""What Slack sends, read into tasks: who asks what, where, and where the answer goes. No network, no state."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.channels.files import SUFFIXES

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ADDRESSES_SOMEBODY = re.compile(r"\s*<@([UW][A-Z0-9]+)")
_SAID = frozenset({"", "thread_broadcast", "file_share"})
"""Subtypes of messages that a person wrote."""


@dataclass(frozen=True, slots=True)
class Task:
    """`kind`: ask, page, share, keep, alert, quiet or stop. `team` is the workspace the app is installed in, `home`
    that of the person.

    `channel` "" is the person's own messages. `thread` is the timestamp of the thread's first message. `private`
    answers are seen by the person alone. `shared` channels reach into other workspaces. `of` is the receipt that a
    button belongs to, `page` the page it turns to (from 0). `file` is what came with a message, of `files`; `alert` is
    what is to be told of an alert, whose buttons name it in `text`.
    """

    kind: str
    team: str
    user: str
    home: str
    channel: str = ""
    thread: str = ""
    text: str = ""
    private: bool = False
    shared: bool = False
    direct: bool = False
    response_url: str = ""
    of: int = 0
    page: int = 0
    file: dict[str, Any] = field(default_factory=dict)
    files: int = 0
    alert: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message in a channel or to us. `follows`: it counts only where we take part in its thread already."""

    task: Task
    event: str
    message: str
    follows: bool


def heard(body: dict[str, Any], bot: str) -> Heard | None:
    """An `app_mention` or `message` event; None for one that is not for us. `bot` is our user id in the workspace."""
    event = body.get("event", {})
    channel, stamp, user = _text(event, "channel"), _text(event, "ts"), _text(event, "user")
    if not (channel and stamp and user and user != bot) or event.get("bot_id") or event.get("hidden"):
        return None
    if _text(event, "subtype") not in _SAID or event.get("edited"):
        return None
    text, thread = _text(event, "text"), _text(event, "thread_ts")
    direct = event.get("channel_type") == "im"
    named = _text(event, "type") == "app_mention" or (bool(bot) and f"<@{bot}" in text)
    follows = not direct and not named
    if follows and (not thread or _speaks_to_another(text, bot)):
        return None
    team = installed_in(body)
    file, number = _file_of(event)
    task = Task(
        kind="ask",
        team=team,
        user=user,
        home=_text(event, "user_team") or _text(event, "source_team") or _text(event, "team") or team,
        channel=channel,
        thread=thread if direct else thread or stamp,
        text=said(text, bot),
        shared=bool(body.get("is_ext_shared_channel")),
        direct=direct,
        file=file,
        files=number,
    )
    return Heard(task, _text(body, "event_id") or f"{channel}:{stamp}", f"{channel}:{stamp}", follows)


def commanded(body: dict[str, Any]) -> tuple[Task, str]:
    """The slash command, and what tells it from every other."""
    task = Task(
        kind="ask",
        team=_text(body, "team_id"),
        user=_text(body, "user_id"),
        home=_text(body, "team_id"),
        channel=_text(body, "channel_id"),
        text=said(_text(body, "text"), ""),
        private=True,
        response_url=_text(body, "response_url"),
    )
    return task, f"command:{_text(body, 'trigger_id')}"


def pointed_at(body: dict[str, Any]) -> tuple[Task, str]:
    """The shortcut on a message: the task holds the message's words, still to be put into a question."""
    channel = _text(body.get("channel", {}), "id")
    message = body.get("message")
    file, number = _file_of(message if isinstance(message, dict) else {})
    task = Task(
        kind="ask",
        team=team_of(body),
        user=_text(body.get("user", {}), "id"),
        home=_text(body.get("user", {}), "team_id") or team_of(body),
        channel=channel,
        text=said(_text(message, "text"), ""),
        private=True,
        response_url=_text(body, "response_url"),
        file=file,
        files=number,
    )
    return task, f"shortcut:{_text(body, 'trigger_id')}"


def pressed(body: dict[str, Any]) -> tuple[Task, str] | None:
    """A button of ours: the next question, a further page, share or keep, an alert's. None for one that is not."""
    action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
    name, value = _text(action, "action_id"), _text(action, "value")
    kind = "ask" if name.startswith("cg_ask") else name.removeprefix("cg_")
    if kind not in ("ask", "page", "share", "keep", "quiet", "stop"):
        return None
    container, user = body.get("container", {}), body.get("user", {})
    channel = _text(body.get("channel", {}), "id") or _text(container, "channel_id")
    private = bool(container.get("is_ephemeral"))
    of, _, page = value.partition(":")
    message = body.get("message") or {}
    thread = _text(message, "thread_ts") or _text(container, "thread_ts")
    direct = channel.startswith("D")
    task = Task(
        kind=kind,
        team=team_of(body),
        user=_text(user, "id"),
        home=_text(user, "team_id") or team_of(body),
        channel="" if kind == "keep" else channel,
        thread="" if private or kind == "keep" else thread or ("" if direct else _text(container, "message_ts")),
        text=value if kind in ("ask", "quiet", "stop") else "",
        private=private and kind in ("ask", "page"),
        direct=direct or not channel or kind == "keep",
        response_url=_text(body, "response_url") if private else "",
        of=int(of) if kind in ("page", "share", "keep") and of.isdecimal() else 0,
        page=int(page) if kind == "page" and page.isdecimal() else 0,
    )
    return task, f"action:{_text(body, 'trigger_id')}:{_text(action, 'action_ts')}"


def installed_in(body: dict[str, Any]) -> str:
    """The workspace by whose installation an event reaches us; bolt looks for the token in the same one."""
    by = body.get("authorizations")
    first = by[0] if isinstance(by, list) and by else None
    return _text(first, "team_id") or _text(body, "team_id")


def team_of(body: dict[str, Any]) -> str:
    """The workspace that an interaction belongs to."""
    team = body.get("team")
    return (_text(team, "id") if isinstance(team, dict) else "") or _text(body.get("user", {}), "team_id")


def said(text: str, bot: str) -> str:
    """The words a person typed: without our name, Slack's own tokens as people see them, entities as characters."""

    def shown(token: re.Match[str]) -> str:
        sign, target, label = token.groups()
        if sign == "@":
            return "" if target == bot else f"@{label}" if label else ""
        if sign == "#":
            return f"#{label}" if label else ""
        if sign == "!":
            return label or ""
        return label or target

    return re.sub(r"[ \t]+", " ", html.unescape(_TOKEN.sub(shown, text))).strip()


def _file_of(event: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The file of a message, {} for none, and how many there are: the first whose ending is one we read, else the
    first."""
    listed = event.get("files")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not found:
        return {}, 0

    best = next((one for one in found if _text(one, "name").casefold().endswith(SUFFIXES)), found[0])
    size = best.get("size")
    return {
        "id": _text(best, "id")[:100],
        "name": _text(best, "name")[:300],
        "size": size if isinstance(size, int) and size > 0 else 0,
        "url": _text(best, "url_private_download")[:2000],
        "access": _text(best, "file_access")[:40],
    }, len(found)


def _speaks_to_another(text: str, bot: str) -> bool:
    found = _ADDRESSES_SOMEBODY.match(text)
    return found is not None and found[1] != bot


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
