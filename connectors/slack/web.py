"""Slack's Web API: one client for each workspace, and what its failures mean for an answer under way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from connectors.channels.inbox import NotSent, Unsure

QUIET = logging.getLogger("connectors.slack.sdk")
"""Given to Slack's libraries, which log bodies and signatures below WARNING."""
QUIET.setLevel(logging.WARNING)

TIMEOUT = 20
_UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
_LATER = frozenset({"ratelimited", "rate_limited", "accesslimited", "team_added_to_org"})


class Client(AsyncWebClient):
    """The library's client, but for one call that it makes in a way aiohttp is about to drop."""

    async def oauth_v2_access(
        self,
        *,
        client_id: str,
        client_secret: str,
        code: str | None = None,
        redirect_uri: str | None = None,
        grant_type: str | None = None,
        refresh_token: str | None = None,
        **kwargs: Any,
    ) -> AsyncSlackResponse:
        """The token for the code that a finished installation brought; Slack takes the credentials in the body too."""
        given = {"client_id": client_id, "client_secret": client_secret, "code": code, "redirect_uri": redirect_uri}
        return await self.api_call("oauth.v2.access", data={name: value for name, value in given.items() if value})


def client(token: str, api: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """`api` is the address of the Web API. Nothing is tried again by the library: it cannot tell what doubles."""
    made = Client(
        token=token or None,
        base_url=f"{api.rstrip('/')}/",
        timeout=TIMEOUT,
        session=session,
        logger=QUIET,
        retry_handlers=[],
    )
    if urlsplit(api).hostname in ("127.0.0.1", "localhost", "::1"):
        made.proxy = None  # the library takes one from the environment, which is not for this machine
    return made


async def called(call: Awaitable[Any]) -> dict[str, Any]:
    """What a method of the Web API answers. Raises NotSent, whose text is Slack's own code, or Unsure."""
    try:
        response = await call
    except SlackApiError as error:
        raise _meaning(error) from None
    except aiohttp.ClientConnectorError:
        raise NotSent("no connection") from None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise Unsure("the connection was cut") from None
    data = response.data
    return data if isinstance(data, dict) else {}


def _meaning(error: SlackApiError) -> Exception:
    response = error.response
    status = getattr(response, "status_code", 0)
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code in _LATER:
        headers = getattr(response, "headers", None) or {}
        return NotSent("ratelimited", wait=_seconds(headers.get("Retry-After", headers.get("retry-after", "1"))))
    if status >= 500 or code in _UNSURE or not code:
        return Unsure("Slack failed")
    return NotSent(code, final=True)


def _seconds(text: Any) -> float:
    try:
        return min(max(float(text), 1.0), 300.0)
    except (TypeError, ValueError):
        return 1.0


async def respond(session: aiohttp.ClientSession, url: str, api: str, body: dict[str, Any]) -> None:
    """Posts to the address that came with a command or a button. Raises NotSent or Unsure."""
    if not _is_slack(url, api):
        raise NotSent("no address of Slack", final=True)
    try:
        async with session.post(url, json=body, timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as response:
            status = response.status
            await response.read()
    except aiohttp.ClientConnectorError:
        raise NotSent("no connection") from None
    except (aiohttp.ClientError, TimeoutError):
        raise Unsure("the connection was cut") from None
    if status == 429:
        raise NotSent("ratelimited", wait=_seconds(response.headers.get("Retry-After", "1")))
    if status >= 500:
        raise Unsure("Slack failed")
    if status >= 400:
        raise NotSent(f"status {status}", final=True)


def _is_slack(url: str, api: str) -> bool:
    given, ours = urlsplit(url), urlsplit(api)
    if (given.scheme, given.netloc) == (ours.scheme, ours.netloc):
        return True
    return given.scheme == "https" and (given.hostname or "").endswith((".slack.com", ".slack-gov.com"))


async def told(call: Callable[[], Awaitable[Any]], seconds: float = 10.0) -> dict[str, Any] | None:
    """What a method answers where nothing hangs on it; None where it fails, or takes longer than `seconds`."""
    try:
        return await asyncio.wait_for(called(call()), seconds)
    except (NotSent, Unsure, TimeoutError):
        return None
