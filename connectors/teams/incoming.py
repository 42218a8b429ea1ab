"""What Teams sends, read into tasks: who asks what, where, and where the answer goes. No network, no state."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any

PERSONAL, GROUP, CHANNEL = "personal", "groupChat", "channel"
ACTION = "commonground"
"""The field by which a button of ours is known, and what it is: ask, page, offer, quiet or stop."""
FILE = "application/vnd.microsoft.teams.file.download.info"
_ROOT = ";messageid="
_TAG = re.compile(r"</?at\b[^>]*>")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """`kind`: ask, page, offer, alert, quiet or stop. `user` is the person's id in Entra, `account` that in Teams.

    `conversation` is where the answer goes, in a channel with the first message of its thread; `scope` is what kind of
    conversation it is, `service` the address of Teams that has it. `shared`: people of other tenants may read there.
    `of` is the receipt that a button belongs to, `page` the page it turns to (from 0). `file` is the address of a file
    that was handed in, `name` what it is called. `alert` is what is to be told of an alert, whose buttons name it in
    `text`.
    """

    kind: str
    tenant: str
    user: str
    account: str
    conversation: str
    scope: str
    service: str
    text: str = ""
    locale: str = ""
    shared: bool = False
    of: int = 0
    page: int = 0
    file: str = ""
    name: str = ""
    alert: dict[str, Any] = field(default_factory=dict)

    @property
    def direct(self) -> bool:
        """Whether nobody else reads along."""
        return self.scope == PERSONAL

    def as_json(self) -> Json:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something to answer. `follows`: it counts only where we take part in its thread already."""

    task: Task
    event: str
    follows: bool = False


def heard(activity: Json, tenant: str) -> Heard | None:
    """A message or a pressed button; None for one that is not for us."""
    task = whereabouts(activity, tenant)
    ours = _text(activity.get("recipient"), "id")
    if task is None or task.account == ours or _text(activity.get("from"), "role") == "bot":
        return None
    event = f"{_bare(task.conversation)}:{_text(activity, 'id')}"
    value = activity.get("value")
    button = value if isinstance(value, dict) else {}
    pressed = button.get(ACTION)
    if pressed in ("page", "offer"):
        return Heard(replace(task, kind=pressed, of=_number(button, "of"), page=_number(button, "page")), event)
    if pressed in ("quiet", "stop"):
        return Heard(replace(task, kind=pressed, text=_text(button, "alert")), event)
    # A client that knows nothing of buttons that speak sends what is behind the button, and no words.
    said = said_to(activity, ours) or (_text(button, "say") if pressed == "ask" else "")
    named = pressed == "ask" or task.direct or is_named(activity, ours)
    if not named and task.scope != CHANNEL:
        return None
    if task.direct and (file := handed_in(activity)):
        return Heard(replace(task, text=said, name=file[0], file=file[1]), event)
    return Heard(replace(task, text=said), event, follows=not named)


def arrived(activity: Json, tenant: str) -> Heard | None:
    """That we were added to a conversation, which is greeted; None for anything else."""
    task = whereabouts(activity, tenant)
    ours = _text(activity.get("recipient"), "id")
    added = activity.get("membersAdded")
    if task is None or not isinstance(added, list) or ours not in [_text(one, "id") for one in added]:
        return None
    return Heard(task, f"{_bare(task.conversation)}:added:{_text(activity, 'id')}")


def whereabouts(activity: Json, tenant: str) -> Task | None:
    """Who and where, for any activity; None where it does not say."""
    sender, conversation, data = activity.get("from"), activity.get("conversation"), activity.get("channelData")
    account, place = _text(sender, "id"), _text(conversation, "id")
    if not (account and place and _text(activity, "id")):
        return None
    channel = data.get("channel") if isinstance(data, dict) else None
    kind = _text(conversation, "conversationType")
    scope = kind if kind in (PERSONAL, GROUP, CHANNEL) else CHANNEL if channel else GROUP
    if scope == CHANNEL and _ROOT not in place and _text(activity, "type") == "message":
        place += f"{_ROOT}{_text(activity, 'replyToId') or _text(activity, 'id')}"
    return Task(
        kind="ask",
        tenant=tenant,
        user=_text(sender, "aadObjectId") or account,
        account=account,
        conversation=place,
        scope=scope,
        service=_text(activity, "serviceUrl"),
        locale=_text(activity, "locale"),
        shared=_text(channel, "type").casefold() == "shared",
    )


def is_named(activity: Json, ours: str) -> bool:
    return any(_text(one.get("mentioned"), "id") == ours for one in _mentions(activity))


def said_to(activity: Json, ours: str) -> str:
    """The words a person typed: without our name, other names as people see them."""
    text = _text(activity, "text")
    for one in _mentions(activity):
        if _text(one.get("mentioned"), "id") == ours and (name := _text(one, "text")):
            text = text.replace(name, " ")
    plain = html.unescape(_TAG.sub("", text)).replace("\u00a0", " ")
    return re.sub(r"[ \t]+", " ", plain).strip()


def handed_in(activity: Json) -> tuple[str, str] | None:
    """Name and address of the file that came with a message, the first one."""
    for one in activity.get("attachments") or ():
        if _text(one, "contentType") == FILE and (url := _text(one.get("content"), "downloadUrl")):
            return _text(one, "name"), url
    return None


def accepted(task: Task, value: Json) -> Task:
    """The task of who takes the file that they were offered."""
    context = value.get("context")
    return replace(task, kind="offer", of=_number(context, "of") if isinstance(context, dict) else 0)


def same_place(one: str, other: str) -> bool:
    """Whether two conversations are one, but for the thread."""
    return bool(one) and _bare(one) == _bare(other)


def beneath(conversation: str, message: str) -> str:
    """The thread under a message of a channel."""
    return f"{_bare(conversation)}{_ROOT}{message}"


def root(conversation: str) -> str:
    """The conversation without its thread."""
    return _bare(conversation)


def _mentions(activity: Json) -> list[Json]:
    entities = activity.get("entities")
    found = entities if isinstance(entities, list) else []
    return [one for one in found if isinstance(one, dict) and one.get("type") == "mention"]


def _bare(conversation: str) -> str:
    return conversation.partition(";")[0]


def _number(value: Json, name: str) -> int:
    found = value.get(name)
    return found if isinstance(found, int) and 0 <= found < 10**17 else 0


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
