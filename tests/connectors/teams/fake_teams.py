"""A stand-in for Microsoft's side on loopback, as far as we use it: OpenID metadata and keys, the token endpoint, the
Bot Connector's conversations and members, and the storage of files.

It signs what it sends with a real RSA key, holds messages by conversation, refuses messages and cards that break the
documented limits, and can fail in the ways the real one does. What it cannot show: how Teams renders, its real rate
limits, consent and policies of a tenant, and whatever of its rules is not documented.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.words import LANGUAGES, Words

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
SECRET = "a-client-secret-of-tests"
ISSUER = "https://api.botframework.com"
Json = dict[str, Any]


def settings_for(host: str) -> dict[str, str]:
    """What the product has to be told of a stand-in at that address."""
    return {
        "teams_app_id": APP,
        "teams_app_secret": SECRET,
        "teams_tenants": TENANT,
        "teams_service_hosts": host,
        "teams_login_url": f"http://{host}",
        "teams_openid_url": f"http://{host}/v1/.well-known/openidconfiguration",
    }


@cache
def _waiting() -> frozenset[str]:
    return frozenset(Words(language)("channel_looking") for language in LANGUAGES)


@cache
def private_key(name: str = "first") -> rsa.RSAPrivateKey:
    """One key for each name, made once in a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(name: str, endorsements: list[str] | None) -> Json:
    made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(name).public_key()))
    endorsed = {} if endorsements is None else {"endorsements": endorsements}
    return {**made, "kid": name, "use": "sig", "x5t": name} | endorsed


class FakeTeams:
    """`failures[what]` is used up call by call, for "send", "update", "members" and "token": a status as text, "cut"
    (done, but the answer is lost) or "lost" (not done, and the answer is lost). `roster` is who is in a conversation
    ("" for all that have none of their own)."""

    def __init__(self) -> None:
        self.keys: list[Json] = [jwk("first", ["msteams"]), jwk("other channel", ["webchat"])]
        self.messages: dict[str, list[Json]] = defaultdict(list)
        self.calls: list[tuple[str, str, Json]] = []
        self.failures: dict[str, list[str]] = defaultdict(list)
        self.roster: dict[str, list[Json]] = {"": []}
        self.files: dict[str, bytes] = {}
        self.refused: list[str] = []
        self.tokens: set[str] = set()
        self.port = 0
        self._number = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake teams", daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def service(self) -> str:
        return f"http://{self.host}/amer/"

    @property
    def settings(self) -> dict[str, str]:
        """What the product has to be told."""
        return settings_for(self.host)

    def token(self, key: str = "first", kid: str = "", **claims: Any) -> str:
        """A token as the Bot Connector sends it; a claim that is None is left out."""
        now = int(time.time())
        whole = {"iss": ISSUER, "aud": APP, "nbf": now - 10, "exp": now + 3600, "serviceurl": self.service} | claims
        given = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(given, private_key(key), algorithm="RS256", headers={"kid": kid or key})

    def every(self, conversation: str) -> list[Json]:
        return list(self.messages[conversation])

    def said(self, conversation: str) -> list[Json]:
        """Messages there but those that only say that something is being looked up."""
        return [one for one in self.every(conversation) if one.get("text") not in _waiting()]

    def count(self, what: str) -> int:
        return sum(1 for name, _, _ in list(self.calls) if name == what)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- the server

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()

    def routes(self, router: web.UrlDispatcher) -> None:
        """What is served; one that serves more adds to it."""
        router.add_get("/v1/.well-known/openidconfiguration", self._metadata)
        router.add_get("/v1/.well-known/keys", self._keys)
        router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        conversation = "/amer/v3/conversations/{conversation}"
        router.add_post(f"{conversation}/activities", self._send)
        router.add_put(f"{conversation}/activities/{{activity}}", self._update)
        router.add_get(f"{conversation}/pagedMembers", self._members)
        router.add_get(f"{conversation}/members/{{member}}", self._member)
        router.add_get("/files/{name}", self._file)
        router.add_put("/files/{name}", self._stored)

    async def _start(self) -> None:
        app = web.Application(client_max_size=20_000_000)
        self.routes(app.router)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def _metadata(self, request: web.Request) -> web.Response:
        self.calls.append(("metadata", "", {}))
        found = {"issuer": ISSUER, "jwks_uri": f"http://{self.host}/v1/.well-known/keys"}
        return web.json_response(found | {"id_token_signing_alg_values_supported": ["RS256"]})

    async def _keys(self, request: web.Request) -> web.Response:
        self.calls.append(("keys", "", {}))
        return web.json_response({"keys": self.keys})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        given = dict(await request.post())
        self.calls.append(("token", request.match_info["tenant"], {}))
        if failure := self._failure("token"):
            return web.json_response({"error": "temporarily_unavailable"}, status=int(failure))
        good = {"client_id": APP, "client_secret": SECRET, "grant_type": "client_credentials"}
        if any(given.get(name) != value for name, value in good.items()):
            return web.json_response({"error": "invalid_client"}, status=401)
        made = jwt.encode({"appid": APP, "n": len(self.tokens)}, private_key(), algorithm="RS256")
        self.tokens.add(made)
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": made})

    def _failure(self, what: str) -> str:
        return self.failures[what].pop(0) if self.failures[what] else ""

    async def _called(self, what: str, request: web.Request) -> tuple[str, Json, str]:
        """The conversation, the body and the failure of a call. Raises where it has no token or fails at once."""
        given = await request.json() if request.can_read_body else {}
        conversation = request.match_info["conversation"]
        self.calls.append((what, conversation, given))
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise web.HTTPUnauthorized
        failure = self._failure(what)
        if failure == "lost":
            _cut(request)
        if failure.isdecimal():
            raise _Failed(int(failure))
        return conversation, given, failure

    async def _send(self, request: web.Request) -> web.StreamResponse:
        try:
            conversation, given, failure = await self._called("send", request)
            self._checked(given)
        except _Failed as failed:
            return failed.response
        self._number += 1
        ident = f"1763900000{self._number:03d}"
        self.messages[conversation].append(given | {"id": ident})
        if failure == "cut":
            _cut(request)
        return web.json_response({"id": ident}, status=201)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        try:
            conversation, given, failure = await self._called("update", request)
            self._checked(given)
        except _Failed as failed:
            return failed.response
        ident = request.match_info["activity"]
        for number, message in enumerate(self.messages[conversation]):
            if message["id"] == ident:
                self.messages[conversation][number] = given | {"id": ident, "updated": True}
                if failure == "cut":
                    _cut(request)
                return web.json_response({"id": ident})
        return web.json_response({"error": {"code": "NotFound"}}, status=404)

    async def _members(self, request: web.Request) -> web.StreamResponse:
        try:
            conversation, _, _ = await self._called("members", request)
        except _Failed as failed:
            return failed.response
        return web.json_response({"members": self.roster.get(conversation, self.roster[""])})

    async def _member(self, request: web.Request) -> web.StreamResponse:
        try:
            conversation, _, _ = await self._called("members", request)
        except _Failed as failed:
            return failed.response
        for one in self.roster.get(conversation, self.roster[""]):
            if one["id"] == request.match_info["member"]:
                return web.json_response(one)
        return web.json_response({"error": {"code": "MemberNotFoundInConversation"}}, status=404)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self.files.get(request.match_info["name"])
        return web.Response(status=404) if found is None else web.Response(body=found)

    async def _stored(self, request: web.Request) -> web.StreamResponse:
        self.files[request.match_info["name"]] = await request.read()
        return web.json_response({}, status=201)

    def _checked(self, message: Json) -> None:
        if wrong := wrong_message(message):
            self.refused += wrong
            raise _Failed(400)


class _Failed(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        headers = {"Retry-After": "1"} if status == 429 else {}
        self.response = web.json_response({"error": {"code": str(status)}}, status=status, headers=headers)


def _cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError


def member(account: str, tenant: str = TENANT, role: str = "user") -> Json:
    return {
        "id": account, "objectId": guid(account), "tenantId": tenant, "userRole": role, "name": f"Name of {account}"
    }  # fmt: skip


def guid(name: str) -> str:
    """The id of a person in Entra, the same for the same name."""
    found = hashlib.sha256(name.encode()).hexdigest()
    return f"{found[:8]}-{found[8:12]}-4{found[13:16]}-8{found[17:20]}-{found[20:32]}"


# --- documented limits of messages and cards

CARD = "application/vnd.microsoft.card.adaptive"
_KNOWN = {
    "AdaptiveCard": {"type", "version", "lang", "fallbackText", "body", "rtl", "msteams", "actions"},
    "RichTextBlock": {"type", "inlines", "horizontalAlignment", "spacing", "separator"},
    "TextRun": {"type", "text", "weight", "size", "italic", "isSubtle", "selectAction"},
    "Container": {"type", "style", "items", "spacing", "separator"},
    "Table": {"type", "columns", "rows", "firstRowAsHeaders", "showGridLines"},
    "TableRow": {"type", "cells"},
    "TableCell": {"type", "items"},
    "Image": {"type", "url", "altText", "size"},
    "ActionSet": {"type", "actions"},
    "Action.OpenUrl": {"type", "url", "title"},
    "Action.Submit": {"type", "title", "data"},
}


def wrong_message(message: Json) -> list[str]:
    """What Teams would refuse, or show in another way than it is meant, each with its reason."""
    wrong = [] if len(json.dumps(message, ensure_ascii=False).encode()) <= 28 * 1024 else ["message too large"]
    wrong += [] if message.get("type") in ("message", "typing") else [f"activity {message.get('type')}"]
    if not (message.get("text") or message.get("attachments")):
        wrong.append("nothing in it")
    for attachment in message.get("attachments") or ():
        if attachment.get("contentType") == CARD:
            wrong += wrong_card(attachment.get("content") or {})
    for entity in message.get("entities") or ():
        claims = entity.get("citation") or []
        wrong += ["too many citations"] if len(claims) > 20 else []
        for claim in claims:
            appearance = claim["appearance"]
            if len(appearance["name"]) > 80 or len(appearance["abstract"]) > 160:
                wrong.append("citation too long")
            if f"[{claim['position']}]" not in message.get("text", ""):
                wrong.append("citation without a mark")
    return wrong


def wrong_card(card: Json) -> list[str]:
    wrong = [] if card.get("type") == "AdaptiveCard" and card.get("version") == "1.5" else ["no card of 1.5"]
    return wrong + [reason for inner in card.get("body") or ["nothing"] for reason in _wrong(inner)]


def _wrong(element: Any) -> list[str]:
    if not isinstance(element, dict) or element.get("type") not in _KNOWN:
        return [f"unknown {element if isinstance(element, str) else element.get('type')}"]
    kind = element["type"]
    wrong = [f"{kind}.{name}" for name in element.keys() - _KNOWN[kind]]
    if kind == "TextRun" and not element.get("text"):
        wrong.append("empty text")
    if kind == "RichTextBlock" and not element.get("inlines"):
        wrong.append("empty line")
    if kind == "ActionSet" and not 0 < len(element["actions"]) <= 6:
        wrong.append("buttons in a row")
    if kind == "Table" and any(len(row["cells"]) != len(element["columns"]) for row in element["rows"]):
        wrong.append("cells of a row")
    if kind.startswith("Action.") and "title" in element and not element["title"]:
        wrong.append("button without a title")
    for name in ("inlines", "items", "actions", "rows", "cells"):
        wrong += [reason for inner in element.get(name) or () for reason in _wrong(inner)]
    return wrong + (_wrong(element["selectAction"]) if "selectAction" in element else [])


def shown(message: Json) -> str:
    """What can be read on the cards of a message, a line for each block, buttons in square brackets."""
    lines: list[str] = []

    def read(element: Json) -> None:
        if element["type"] == "RichTextBlock":
            lines.append("".join(one["text"] for one in element["inlines"]))
        elif element["type"].startswith("Action."):
            lines.append(f"[{element['title']}]")
        for name in ("body", "items", "actions", "rows", "cells"):
            for inner in element.get(name) or ():
                read(inner)

    for card in cards(message):
        read(card)
    return "\n".join(lines)


def cards(message: Json) -> list[Json]:
    return [one["content"] for one in message.get("attachments") or () if one.get("contentType") == CARD]


def actions(message: Json) -> list[Json]:
    """The buttons of a message."""
    found: list[Json] = []

    def read(element: Json) -> None:
        found.extend(element.get("actions") or ())
        for name in ("body", "items"):
            for inner in element.get(name) or ():
                read(inner)

    for card in cards(message):
        read(card)
    return found


def unsigned(**claims: Any) -> str:
    """A token with the algorithm "none"."""
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT","kid":"first"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return (head + b"." + body + b".").decode()


@contextmanager
def fake_teams() -> Iterator[FakeTeams]:
    running = FakeTeams()
    try:
        yield running
    finally:
        running.close()
