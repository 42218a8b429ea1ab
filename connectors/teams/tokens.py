"""Tokens of the Bot Framework: those that come in are verified here, those that go out are fetched. The only import of
jwt."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"
LEEWAY = 300
"""Seconds by which Microsoft's clock and ours may differ."""
LONGEST = 16_000
"""Characters of a token; Microsoft's have about 1,500."""
KEYS_FRESH = 24 * 3600.0
ASKED_AGAIN = 60.0
"""Seconds before an unknown key makes us ask for all of them again."""
_EARLIER = 300.0
"""Seconds before its end at which a token is fetched anew."""


class NoToken(Exception):
    """Microsoft gave no token for what goes out. The message holds nothing of the credentials."""


class BadToken(Exception):
    """A token that is not Microsoft's own for us, and in force."""


class NoKeys(Exception):
    """Microsoft's keys cannot be had just now, so no token can be judged."""


@dataclass(frozen=True, slots=True)
class Key:
    """`endorsed`: the channels whose activities it may sign."""

    key: Any
    endorsed: frozenset[str]


class Keys:
    """The public keys behind the OpenID metadata at `address`, fetched when they are needed."""

    def __init__(self, client: httpx.AsyncClient, address: str) -> None:
        self._client, self._address = client, address
        self._keys: dict[str, Key] = {}
        self._fetched = -KEYS_FRESH
        self._asking = asyncio.Lock()

    async def find(self, name: str) -> Key | None:
        """The key of that id; None where Microsoft has none. Raises NoKeys."""
        if (age := self._age()) >= KEYS_FRESH or (name not in self._keys and age >= ASKED_AGAIN):
            async with self._asking:
                if self._age() >= min(age, ASKED_AGAIN):
                    await self._fetch()
        return self._keys.get(name)

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    async def _fetch(self) -> None:
        try:
            metadata = (await self._client.get(self._address)).raise_for_status().json()
            address = str(metadata["jwks_uri"])
            if urlsplit(address).scheme != "https" and urlsplit(address).netloc != urlsplit(self._address).netloc:
                raise NoKeys
            found = (await self._client.get(address)).raise_for_status().json()["keys"]
            self._keys = {str(one["kid"]): _key(one) for one in found if one.get("kty") == "RSA" and "kid" in one}
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
            if not self._keys:
                raise NoKeys from None
            # Those we have are Microsoft's too; asked again in a minute.
            self._fetched = max(self._fetched, time.monotonic() - KEYS_FRESH + ASKED_AGAIN)
            return
        self._fetched = time.monotonic()


def _key(one: dict[str, Any]) -> Key:
    return Key(jwt.PyJWK(one, algorithm="RS256").key, frozenset(map(str, one.get("endorsements") or ())))


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. `service` is the address that it speaks for."""

    service: str
    endorsed: frozenset[str]


async def verified(token: str, keys: Keys, app_id: str) -> Claims:
    """What the token says. Raises BadToken: not signed with one of `keys` by RS256, not from Microsoft, not for
    `app_id`, over, not begun, without an end; or NoKeys."""
    try:
        if len(token) > LONGEST:
            raise BadToken
        header = jwt.get_unverified_header(token)
        name = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(name, str):
            raise BadToken
        # Before any key is asked for: what is not even meant for us costs nothing.
        _claims(token, None, app_id)
        key = await keys.find(name)
        if key is None:
            raise BadToken
        claims = _claims(token, key.key, app_id)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise BadToken from None
    service = claims.get("serviceurl") or claims.get("serviceUrl")
    if not isinstance(service, str) or not service or claims.get("aud") != app_id:
        raise BadToken
    return Claims(service, key.endorsed)


def _claims(token: str, key: Any, app_id: str) -> dict[str, Any]:
    options: Any = {"require": ["exp", "iss", "aud"], "verify_signature": key is not None}
    if key is None:
        options |= dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), True)
    found: dict[str, Any] = jwt.decode(
        token, key or "", algorithms=["RS256"], audience=app_id, issuer=ISSUER, leeway=LEEWAY, options=options
    )
    return found


class Tokens:
    """The app's own tokens for what it sends. `login` is the address of Microsoft's login, `tenant` the app's own."""

    def __init__(self, client: httpx.AsyncClient, login: str, tenant: str, app_id: str, secret: str) -> None:
        self._client, self._url = client, f"{login}/{tenant}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials", "client_id": app_id, "client_secret": secret, "scope": SCOPE
        }  # fmt: skip
        self._token, self._until = "", 0.0
        self._asking = asyncio.Lock()

    async def __call__(self) -> str:
        """Raises NoToken."""
        async with self._asking:
            if time.monotonic() >= self._until:
                self._token, lasting = await self._fetch()
                self._until = time.monotonic() + max(lasting - _EARLIER, min(lasting, 30.0))
            return self._token

    def forget(self) -> None:
        self._until = 0.0

    async def _fetch(self) -> tuple[str, float]:
        try:
            response = await self._client.post(self._url, data=self._form)
            given = response.json()
            return str(given["access_token"]), float(given.get("expires_in", 3600))
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            raise NoToken from None
