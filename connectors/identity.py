"""Who asks over HTTP: the operator of this installation, somebody they speak for, or a visitor."""

from __future__ import annotations

import hmac
import json
import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from knowledge import access
from knowledge.access import Audience
from knowledge.settings import Settings

_FORWARDING = (
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port",
    "x-forwarded-server", "x-original-host", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip",
    "cf-connecting-ip", "fly-client-ip", "x-envoy-external-address", "cdn-loop",
)  # fmt: skip

OPERATOR = "operator"
"""The person who runs this installation, as what is kept for people knows them."""


class Identities:
    """Reads the audience of a request. `token` is the operator's, kept in the home for commands of this machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.token = secrets.token_urlsafe(32)

    def is_operator(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        if given:
            return hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode())
        return self._trusts_local() and is_local(request)

    def _trusts_local(self) -> bool:
        """A public address means a proxy on this machine, which may not say for whom it asks."""
        public = urlsplit(self._settings.public_url).hostname
        return self._settings.trust_local and (not public or _is_loopback(public))

    def audience(self, request: Request, speak_as: str = "") -> Audience:
        """Raises 403 where a visitor asks to speak as somebody."""
        organisation = self._settings.organisation
        if self.is_operator(request):
            return access.named(speak_as, organisation=organisation)
        if speak_as and speak_as.strip().casefold() not in ("public", "visitor"):
            raise HTTPException(403, "Only the operator of this installation may ask as somebody else. Leave `as` out.")
        return access.PUBLIC

    def require_operator(self, request: Request) -> None:
        if not self.is_operator(request):
            raise HTTPException(403, "Only the operator of this installation may do this, from the machine it runs on.")

    def person(self, request: Request) -> str:
        """Whose turns are counted; "" for commands that show the operator's token, which no limit holds back."""
        if request.headers.get("authorization") and self.is_operator(request):
            return ""
        return request.client.host if request.client else "unknown"


def person_key(audience: Audience, counted: str) -> str:
    """The opaque key under which something is kept for a person: the operator is one person, wherever they ask from.

    `counted` is what tells people apart for the limit on turns.
    """
    return OPERATOR if access.HOME_OWNER in audience.organisations or not counted else counted


def is_local(request: Request) -> bool:
    """Whether the request came straight from this machine: loopback peer, loopback Host, no proxy, no foreign page.

    A page of another site that a person has open also reaches loopback; its Origin gives it away.
    """
    if request.client is None or not _is_loopback(request.client.host):
        return False
    # HTTP/1.0 is how nginx speaks to what it stands before, unless told otherwise; no browser or command does.
    if any(name in request.headers for name in _FORWARDING) or request.scope.get("http_version") == "1.0":
        return False
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    try:
        if not _is_loopback(urlsplit(f"//{host}").hostname or ""):
            return False
        if origin is not None and urlsplit(origin).netloc != host:
            return False
    except ValueError:
        return False
    return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def write_server_file(path: Path, url: str, token: str) -> None:
    """Tells commands of this machine where the server is; readable by the owner of the home only."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"url": url, "token": token}), encoding="utf-8")


def read_server_file(path: Path) -> tuple[str, str] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return str(content["url"]), str(content["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
