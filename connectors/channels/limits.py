"""How much one person, and all of one tenant together, may ask in a minute; said once, not at every message."""

from __future__ import annotations

import time
from collections import OrderedDict

from connectors.conversation import RateLimits

_TOLD_KEPT = 10_000


class Limits:
    def __init__(self, per_person: int, per_tenant: int) -> None:
        self._people, self._tenants = RateLimits(per_person), RateLimits(per_tenant)
        self._told: OrderedDict[str, float] = OrderedDict()

    def wait(self, tenant: str, person: str) -> float:
        """Seconds until `person` may ask again; 0 counts this message."""
        return self._people.wait(person) or self._tenants.wait(tenant)

    def tell(self, person: str, wait: float) -> bool:
        """Whether the person is to be told that they have to wait: true once until `wait` seconds are over."""
        now = time.monotonic()
        if self._told.get(person, 0.0) > now:
            return False
        self._told[person] = now + wait
        self._told.move_to_end(person)
        while len(self._told) > _TOLD_KEPT:
            self._told.popitem(last=False)
        return True
