"""Tokens of the widget: short-lived, of one session on one site, replaced at every renewal. Nothing else proves who
asks: no cookie is set or read, and no secret stands in a page."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection, delete

from connectors.channels.database import ChannelDatabase, sealed
from connectors.channels.keys import Opaque
from connectors.channels.vault import Vault

TOKEN_SECONDS = 15 * 60
RENEW_SECONDS = 24 * 3600
"""How long after its end a token still renews its session: a page that slept goes on where it was."""
NAME = "widget"
_KIND = "session"
_LONGEST = 1_000
_REMEMBERED = 10_000


class Refused(Exception):
    """Who asks may not. `status` is 401 or 403, the text is for people."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class Session:
    """`ident` is known to nobody but the server and the browser it was made for. `renewed` counts renewals; `ends` is
    the end of the token in seconds since 1970."""

    ident: str
    origin: str
    renewed: int
    ends: float


class Tokens:
    """Issues and reads tokens. A renewed token replaces the one before as soon as it is used, not when it is sent: a
    response that is lost on its way must not end a conversation."""

    def __init__(self, opaque: Opaque, vault: Vault, database: ChannelDatabase) -> None:
        self._opaque, self._vault, self._database = opaque, vault, database
        self._renewed: OrderedDict[str, int] = OrderedDict()

    def begin(self, origin: str) -> Session:
        return Session(secrets.token_urlsafe(18), origin, 0, time.time() + TOKEN_SECONDS)

    def renew(self, session: Session) -> Session:
        return replace(session, renewed=session.renewed + 1, ends=time.time() + TOKEN_SECONDS)

    def token(self, session: Session) -> str:
        content = orjson.dumps([session.ident, session.origin, session.renewed, session.ends])
        body = urlsafe_b64encode(content).decode().rstrip("=")
        return f"{body}.{self._sign(body)}"

    async def read(self, authorization: str, origin: str, *, late: float = 0.0) -> Session:
        """The session of a bearer token that a page of `origin` shows, at most `late` seconds after its end.

        Raises Refused.
        """
        session = self._opened(authorization)
        if session is None:
            raise Refused(401, "Show a token of this server: POST /widget/session gives one.")
        if session.origin != origin:
            raise Refused(403, "This token was given to a page of another site.")
        if session.ends + late <= time.time():
            raise Refused(401, "This token has ended. Renew it, or begin a new session.")
        if not await self._is_current(session):
            raise Refused(401, "This token was replaced by a newer one.")
        return session

    async def purge(self) -> None:
        """Forgets renewals of sessions that cannot be renewed any more."""
        await self._database.do(_purge, time.time() - 2 * RENEW_SECONDS)

    def _opened(self, authorization: str) -> Session | None:
        scheme, _, token = authorization.partition(" ")
        body, _, signature = token.partition(".")
        if scheme.lower() != "bearer" or len(token) > _LONGEST or not token.isascii():
            return None
        if not hmac.compare_digest(signature, self._sign(body)):
            return None
        ident, origin, renewed, ends = orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return Session(ident, origin, renewed, ends)

    def _sign(self, body: str) -> str:
        return self._opaque("widget token", body)

    async def _is_current(self, session: Session) -> bool:
        current = self._renewed.get(session.ident)
        if current is None:
            kept = await self._database.do(self._vault.get, _KIND, session.ident)
            current = int(kept["renewed"]) if kept else 0
        if session.renewed == current + 1:
            await self._database.do(self._vault.put, _KIND, session.ident, {"renewed": session.renewed})
            current = session.renewed
        # Two requests may come at once; a renewal that one of them has seen is not undone by the other.
        self._renewed[session.ident] = max(current, self._renewed.get(session.ident, 0))
        self._renewed.move_to_end(session.ident)
        while len(self._renewed) > _REMEMBERED:
            self._renewed.popitem(last=False)
        return session.renewed == self._renewed[session.ident]


def _purge(connection: Connection, before: float) -> None:
    old = (sealed.c.channel == NAME, sealed.c.kind == _KIND, sealed.c.sealed_at < before)
    connection.execute(delete(sealed).where(*old))
