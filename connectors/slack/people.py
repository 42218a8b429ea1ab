"""Who a person of Slack is to us: which workspace, or which of its people, speaks for which organisation.

Without a line in the settings everybody is a visitor. What is said in a channel is for the channel: it holds what its
workspace may see, and nothing but public records where others than its full members read along.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from connectors.channels.organisations import of_many
from connectors.slack.incoming import Task
from knowledge import access
from knowledge.access import PUBLIC, Audience

_KEPT = 5000
_FRESH = 600.0
"""Seconds for which what Slack says of a person is believed."""
_FRESH_CHANNEL = 120.0
"""The same of who reads along in a channel."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of a person. `guest`: not a full member of the workspace, or a stranger to it."""

    locale: str = ""
    guest: bool = True


class People:
    """`organisations`: "T..." or "T.../U..." to a name, as the setting slack_organisations has them. `is_open`: whether
    others than full members of the workspace read along in a channel, None where that is not known."""

    def __init__(
        self,
        organisations: Mapping[str, str],
        own: str,
        profile: Callable[[str, str], Awaitable[Profile | None]],
        is_open: Callable[[str, str], Awaitable[bool | None]],
    ) -> None:
        self._organisations, self._own = organisations, own
        self._profile, self._is_open = profile, is_open
        self._profiles: OrderedDict[tuple[str, str], tuple[float, Profile]] = OrderedDict()
        self._channels: OrderedDict[tuple[str, str], tuple[float, bool]] = OrderedDict()

    async def audience(self, task: Task) -> Audience:
        """Who the answer to the task is for: the person where nobody else sees it, else the channel."""
        return await self.of_person(task) if task.private or task.direct else await self.of_channel(task)

    async def of_person(self, task: Task) -> Audience:
        if task.home != task.team:
            return PUBLIC
        named = self._organisations.get(f"{task.team}/{task.user}")
        if named is not None:
            return access.named(named, organisation=self._own)
        if task.team not in self._organisations or (await self.profile(task)).guest:
            return PUBLIC
        return of_many(self._organisations[task.team])

    async def of_channel(self, task: Task) -> Audience:
        if task.shared or task.team not in self._organisations:
            return PUBLIC
        key = (task.team, task.channel)
        known = self._channels.get(key)
        if known is None or known[0] < time.monotonic():
            found = await self._is_open(*key)
            # Not known means it may be.
            known = (time.monotonic() + _FRESH_CHANNEL, True if found is None else found)
            if found is not None:
                self._channels[key] = known
                self._channels.move_to_end(key)
                while len(self._channels) > _KEPT:
                    self._channels.popitem(last=False)
        return PUBLIC if known[1] else of_many(self._organisations[task.team])

    async def profile(self, task: Task) -> Profile:
        """What Slack says of who asks; a guest of unknown language where it says nothing."""
        key = (task.team, task.user)
        known = self._profiles.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = await self._profile(*key)
        if found is None:
            return Profile()
        self._profiles[key] = (time.monotonic() + _FRESH, found)
        self._profiles.move_to_end(key)
        while len(self._profiles) > _KEPT:
            self._profiles.popitem(last=False)
        return found

    def locale(self, task: Task) -> str:
        """The person's language, where it is known already."""
        known = self._profiles.get((task.team, task.user))
        return known[1].locale if known else ""


def within(one: Audience, other: Audience) -> bool:
    """Whether everything `one` may see may be seen by `other` too."""
    return one.organisations <= other.organisations and (other.community or not one.community)
