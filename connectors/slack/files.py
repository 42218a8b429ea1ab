"""Files on Slack: proposals that people sent are fetched, pictures of answers uploaded. From and to Slack alone."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.web import TIMEOUT, told

_HOSTS = ("slack.com", "slack-gov.com")
_UNFINISHED = frozenset({"check_file_info"})
_READY_TRIES, _READY_PAUSE = 6, 0.5


def is_file_host(url: str, api: str) -> bool:
    """Whether `url` is of Slack's files: of the host of `api`, the address of the Web API, or of one beside it."""
    try:
        given, ours = urlsplit(url), urlsplit(api)
        host = (given.hostname or "").lower()
        same = (given.scheme, given.netloc) == (ours.scheme, ours.netloc)
        port = given.port
    except ValueError:
        return False
    if same:
        return True
    beside = any(host == f"files.{slack}" for slack in _HOSTS)
    return given.scheme == "https" and port in (None, 443) and beside and not (given.username or given.password)


async def fetched(
    session: aiohttp.ClientSession, client: AsyncWebClient, api: str, file: dict[str, Any], most: int
) -> bytes | None:
    """The content of a file as an event names it, of at most `most` bytes: one more where it is larger; None where it
    cannot be had. The token goes to Slack's own hosts and nowhere else, also where Slack sends us on."""
    url = str(file.get("url") or "")
    if not url or file.get("access") in _UNFINISHED:
        # Of files from another workspace an event tells the id alone.
        found = await told(lambda: client.files_info(file=str(file.get("id", ""))))
        url = str(((found or {}).get("file") or {}).get("url_private_download") or "")
    if not is_file_host(url, api):
        return None
    content = bytearray()
    limit = aiohttp.ClientTimeout(total=2 * TIMEOUT)
    asked: dict[str, Any] = {"headers": {"Authorization": f"Bearer {client.token}"}, "proxy": client.proxy}
    try:
        async with session.get(url, allow_redirects=False, timeout=limit, **asked) as response:
            # Without the scope Slack answers with its page for signing in, or the way to it.
            if response.status != 200 or _is_page(response, str(file.get("name", ""))):
                return None
            async for chunk in response.content.iter_chunked(65_536):
                content += chunk
                if len(content) > most:
                    return bytes(content[: most + 1])
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    return bytes(content)


def _is_page(response: aiohttp.ClientResponse, name: str) -> bool:
    return response.content_type == "text/html" and not name.casefold().endswith((".html", ".htm"))


async def uploaded(
    session: aiohttp.ClientSession, client: AsyncWebClient, api: str, name: str, alt: str, content: bytes
) -> str:
    """The id of a picture that is now on Slack, seen by nobody until a message shows it; "" where that failed."""
    begun = await told(lambda: client.files_getUploadURLExternal(filename=name, length=len(content), alt_txt=alt))
    url, ident = str((begun or {}).get("upload_url") or ""), str((begun or {}).get("file_id") or "")
    if not ident or not is_file_host(url, api):
        return ""
    try:
        limit = aiohttp.ClientTimeout(total=TIMEOUT)
        sent = session.post(url, data=content, allow_redirects=False, timeout=limit, proxy=client.proxy)
        async with sent as response:
            if response.status != 200:
                return ""
    except (aiohttp.ClientError, TimeoutError):
        return ""
    done = await told(lambda: client.files_completeUploadExternal(files=[{"id": ident, "title": name}]))
    if done is None:
        return ""
    # Slack looks at the picture first; a message that shows it before then is refused.
    for _ in range(_READY_TRIES):
        found = await told(lambda: client.files_info(file=ident))
        if str(((found or {}).get("file") or {}).get("mimetype") or "").startswith("image/"):
            return ident
        await asyncio.sleep(_READY_PAUSE)
    return ""
