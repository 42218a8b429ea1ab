"""What Slack is asked about people and channels, to know who reads along."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.people import Profile
from connectors.slack.web import told

LOOK_UP = 2.0
"""Seconds to learn of a person or a channel; Slack waits three for a button."""
_PAGE, _MOST_PAGES = 200, 100
_FRESH = 600.0
"""Seconds for which the list of people of a workspace is believed."""
_GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
_SHARED = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared")

Clients = Callable[[str], Awaitable[AsyncWebClient | None]]


@dataclass(frozen=True, slots=True)
class _Directory:
    """Ids of the people of a workspace: full members, apps among them, and guests."""

    members: frozenset[str]
    guests: frozenset[str]
    until: float


class Lookups:
    """`clients` gives the client of a workspace, None for one that is not connected."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._directories: dict[str, _Directory] = {}

    async def profile(self, team: str, user: str) -> Profile | None:
        """None where Slack does not tell."""
        asked = await self._clients(team)
        found = await told(lambda: asked.users_info(user=user, include_locale=True), LOOK_UP) if asked else None
        if found is None:
            return None
        one = found.get("user") or {}
        guest = any(one.get(mark) for mark in _GUEST)
        return Profile(str(one.get("locale") or ""), bool(guest or one.get("team_id", team) != team))

    async def is_open(self, team: str, channel: str) -> bool | None:
        """Whether others than full members of the workspace are in a channel: it is shared with another workspace, or
        guests are in it. None where Slack does not tell."""
        asked = await self._clients(team)
        found = await told(lambda: asked.conversations_info(channel=channel), LOOK_UP) if asked else None
        if asked is None or found is None:
            return None
        one = found.get("channel") or {}
        if any(one.get(mark) for mark in _SHARED):
            return True
        listed = await _all(
            lambda cursor: asked.conversations_members(channel=channel, limit=_PAGE, cursor=cursor), "members"
        )
        if listed is None:
            return None
        inside = set(map(str, listed))
        known = self._directories.get(team)
        if known is None or known.until < time.monotonic() or inside - known.members - known.guests:
            # Whoever is not known may have come since.
            known = await self._directory(asked, team)
            if known is None:
                return None
            self._directories[team] = known
        return bool(inside - known.members)

    async def _directory(self, asked: AsyncWebClient, team: str) -> _Directory | None:
        listed = await _all(lambda cursor: asked.users_list(limit=_PAGE, cursor=cursor), "members")
        if listed is None:
            return None
        guests = {
            str(one.get("id", ""))
            for one in listed
            if any(one.get(mark) for mark in _GUEST) or one.get("team_id", team) != team
        }
        members = {str(one.get("id", "")) for one in listed} - guests
        return _Directory(frozenset(members), frozenset(guests), time.monotonic() + _FRESH)


async def _all(call: Callable[[str], Awaitable[Any]], name: str) -> list[Any] | None:
    """What a method lists on all its pages; None where Slack does not tell all of it."""
    listed: list[Any] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        found = await told(partial(call, cursor))
        if found is None:
            return None
        listed += found.get(name) or ()
        cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return listed
    return None
