"""The guard in front of the SDK: a request is Microsoft's own, about Teams, of a tenant and a service we take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.teams.tokens import BadToken, Keys, NoKeys, verified

MOST_BYTES = 500_000
MOST_DEPTH = 64
CHANNEL = "msteams"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Refused(Exception):
    """`status` is the HTTP status; the message holds nothing of the request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Passed:
    """An activity that may be read, with the token it came with. `tenant` and `service` are on our lists."""

    activity: dict[str, Any]
    token: str
    tenant: str
    service: str


class Guard:
    """`tenants` and `hosts` are the only ones we take; `hosts` are those of the addresses that answers go to."""

    def __init__(self, keys: Keys, app_id: str, tenants: frozenset[str], hosts: frozenset[str]) -> None:
        self._keys, self._app_id, self._tenants, self._hosts = keys, app_id, tenants, hosts

    async def check(self, headers: Mapping[str, str], body: bytes) -> Passed:
        """Raises Refused: 413 too large, 401 no token of Microsoft's for us, 400 unreadable, 403 another channel,
        service or tenant, 503 where Microsoft's keys cannot be had.

        `headers` has lower-case names.
        """
        if len(body) > MOST_BYTES:
            raise Refused(413, "too large")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token or not token.isascii():
            raise Refused(401, "no token")
        try:
            claims = await verified(token, self._keys, self._app_id)
        except BadToken:
            raise Refused(401, "not Microsoft's") from None
        except NoKeys:
            raise Refused(503, "cannot be verified just now") from None
        activity = _object(body)
        # The key that signed says for which channels it may; the activity alone could say anything.
        if activity.get("channelId") != CHANNEL or CHANNEL not in claims.endorsed:
            raise Refused(403, "not Teams")
        service = activity.get("serviceUrl")
        if not isinstance(service, str) or service.rstrip("/") != claims.service.rstrip("/"):
            raise Refused(403, "another service")
        if not is_service(service, self._hosts):
            raise Refused(403, "no service of Teams")
        tenant = tenant_of(activity)
        if tenant not in self._tenants:
            raise Refused(403, "another tenant")
        return Passed(activity, token, tenant, service)


def is_service(address: str, hosts: frozenset[str]) -> bool:
    """Whether answers may go to this address: https on a host of `hosts`, each a name, or a name with its port."""
    try:
        found = urlsplit(address)
        host, port = found.hostname or "", found.port
    except ValueError:
        return False
    if found.username or found.password or found.query or found.fragment or (host not in hosts and port is None):
        return False
    if port is None or (port == 443 and host in hosts):
        return found.scheme == "https"
    return f"{host}:{port}" in hosts and (found.scheme == "https" or host in _LOOPBACK)


def tenant_of(activity: Mapping[str, Any]) -> str:
    """The tenant an activity is of; "" where it names none, or several."""
    named = {
        found.casefold()
        for found in (
            _inner(activity.get("channelData"), "tenant", "id"),
            _inner(activity.get("conversation"), "tenantId"),
        )
        if isinstance(found, str) and found
    }
    return named.pop() if len(named) == 1 else ""


def _inner(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "no JSON") from None
    if not isinstance(found, dict) or _deeper(found, MOST_DEPTH):
        raise Refused(400, "no object, or too deep")
    return found


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
