"""Who a person of Teams is to us: which tenant, or which of its people, speaks for which organisation.

Without a line in the settings everybody is a visitor. What is said where several people read is for all of them: it
holds what the tenant may see where they are all members of it, and else nothing but public records.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from connectors.channels.organisations import of_many
from connectors.teams.incoming import Task
from connectors.teams.sdk import Member
from knowledge import access
from knowledge.access import PUBLIC, Audience

_KEPT = 5000
_FRESH = 600.0
"""Seconds for which what Teams says of a person or a conversation is believed."""
_FULL = frozenset({"user", "owner", "admin"})
"""Roles of full members; guests and people who did not sign in have others."""


class People:
    """`organisations`: a tenant, or "tenant/person", to a name, as the setting teams_organisations has them.

    `members` gives everybody of the conversation of a task, `member` the person who asks; both None where Teams does
    not say.
    """

    def __init__(
        self,
        organisations: Mapping[str, str],
        own: str,
        members: Callable[[Task], Awaitable[list[Member] | None]],
        member: Callable[[Task], Awaitable[Member | None]],
    ) -> None:
        self._organisations = {who.casefold(): name for who, name in organisations.items()}
        self._own, self._members, self._member = own, members, member
        self._known: OrderedDict[tuple[str, str], tuple[float, bool]] = OrderedDict()

    async def audience(self, task: Task) -> Audience:
        """Who the answer to the task is for: the person where nobody else sees it, else everybody there."""
        return await self.of_person(task) if task.direct else await self.of_conversation(task)

    async def of_person(self, task: Task) -> Audience:
        named = self._organisations.get(f"{task.tenant}/{task.user}".casefold())
        if named is not None:
            return access.named(named, organisation=self._own)
        return await self._of_tenant(task, ("person", f"{task.tenant}/{task.account}"), self._is_full_member)

    async def of_conversation(self, task: Task) -> Audience:
        if task.shared:
            return PUBLIC
        return await self._of_tenant(task, ("place", task.conversation.partition(";")[0]), self._are_full_members)

    def forget(self, task: Task) -> None:
        """Somebody came to the conversation, or left it."""
        self._known.pop(("place", task.conversation.partition(";")[0]), None)

    async def _of_tenant(
        self, task: Task, key: tuple[str, str], ask: Callable[[Task], Awaitable[bool | None]]
    ) -> Audience:
        name = self._organisations.get(task.tenant.casefold())
        if name is None:
            return PUBLIC
        known = self._known.get(key)
        if known is None or known[0] < time.monotonic():
            found = await ask(task)
            if found is None:
                return PUBLIC
            known = self._known[key] = (time.monotonic() + _FRESH, found)
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return of_many(name) if known[1] else PUBLIC

    async def _is_full_member(self, task: Task) -> bool | None:
        found = await self._member(task)
        return None if found is None else _is_full(found, task.tenant)

    async def _are_full_members(self, task: Task) -> bool | None:
        found = await self._members(task)
        return None if found is None else bool(found) and all(_is_full(one, task.tenant) for one in found)


def _is_full(one: Member, tenant: str) -> bool:
    return one.role in _FULL and one.tenant.casefold() == tenant.casefold()


def within(one: Audience, other: Audience) -> bool:
    """Whether everything `one` may see may be seen by `other` too."""
    return one.organisations <= other.organisations and (other.community or not one.community)
