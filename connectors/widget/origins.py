"""Which pages may embed the chat, and what a browser is told about it (CORS)."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from knowledge.settings import Settings, web_origin

_HEADERS = "authorization, content-type, last-event-id"
_MAX_AGE = "600"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Origins:
    """`ours` are the addresses of this installation; beside them only what the setting widget_origins names may ask."""

    def __init__(self, settings: Settings) -> None:
        self.ours = frozenset({web_origin(settings.address), *_local(settings)})
        self._allowed = self.ours | {web_origin(one) for one in settings.widget_origins.split(",") if one.strip()}

    def allows(self, origin: str) -> bool:
        return origin in self._allowed

    def of(self, request: Request) -> str:
        """The origin of the page that asks; "" where the browser names none, or one that may not ask."""
        given = request.headers.get("origin", "")
        return given if self.allows(given) else ""


def _local(settings: Settings) -> set[str]:
    """The names by which a browser on this machine may know it."""
    local = urlsplit(settings.local_url)
    hosts = _LOOPBACK if local.hostname in ("127.0.0.1", "localhost", "::1") else (local.netloc.rpartition(":")[0],)
    return {web_origin(f"{local.scheme}://{host}:{local.port}") for host in hosts}


def cors(origin: str) -> dict[str, str]:
    """Headers that let a page of `origin`, and no other, read the response; nothing but that it differs for ""."""
    if not origin:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }


def preflight(origin: str) -> dict[str, str]:
    return cors(origin) | {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": _MAX_AGE,
    }
