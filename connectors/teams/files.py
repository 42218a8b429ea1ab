"""Files that people hand in on Teams, and those that are handed to them. Their addresses are Microsoft's own."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from bot.words import Words
from connectors.channels import files
from connectors.channels.files import NotRead, Proposal
from connectors.teams.guard import is_service

_HOSTS = (".sharepoint.com", ".sharepoint.us")
"""Where Teams keeps the files of chats."""


class Files:
    """`hosts`: others that files may be fetched from and sent to, as the guard has them."""

    def __init__(self, client: httpx.AsyncClient, hosts: frozenset[str]) -> None:
        self._client, self._hosts = client, hosts

    async def read(self, words: Words, name: str, url: str) -> Proposal:
        """A file that was handed in under that name. Raises NotRead."""
        files.check(words, name, 0)
        not_fetched = NotRead(words("file_not_fetched", name=files.called(name)))
        # What is not at Microsoft's is not fetched: the address came with a message.
        if not self.is_microsofts(url):
            raise not_fetched
        found = bytearray()
        try:
            async with self._client.stream("GET", url, follow_redirects=False) as response:
                if response.status_code != 200:
                    raise not_fetched
                async for part in response.aiter_bytes():
                    found += part
                    files.check(words, name, len(found))
        except httpx.HTTPError:
            raise not_fetched from None
        return await files.read(words, name, bytes(found))

    async def hand_over(self, url: str, content: bytes) -> bool:
        """Puts a file where the person agreed to have it; whether it arrived."""
        if not self.is_microsofts(url):
            return False
        headers = {"content-range": f"bytes 0-{len(content) - 1}/{len(content)}"}
        try:
            response = await self._client.put(url, content=content, headers=headers)
        except httpx.HTTPError:
            return False
        return response.is_success

    def is_microsofts(self, url: str) -> bool:
        """Whether an address is of Microsoft's own storage."""
        try:
            found = urlsplit(url)
            bare = found._replace(query="").geturl()
            name = found.hostname or ""
        except ValueError:
            return False
        return is_service(bare, self._hosts | ({name} if name.endswith(_HOSTS) else frozenset()))
