"""The bytes of an answer, unpacked where the server insists on packing them, and never more than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from knowledge.sources.guard import MB

_STEP = MB


class Unreadable(Exception):
    """A body that is not taken. The message says why."""


class Body:
    """`encoding` is the Content-Encoding header; `limit` counts bytes after unpacking."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._encoding = encoding.casefold() or "identity"
        self._left = self._limit = limit

    def of(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Raises Unreadable in the middle where the limit is passed or the packing is broken."""
        if self._encoding == "identity":
            yield from map(self._counted, chunks)
        elif self._encoding in ("gzip", "x-gzip"):
            yield from self._unpacked(chunks)
        else:
            raise Unreadable(f"is packed as {self._encoding}, though the plain file was asked for")

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(f"is larger than the limit of {max(self._limit // MB, 1)} MB")
        return data

    def _unpacked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        packing = zlib.decompressobj(wbits=31)
        try:
            for chunk in chunks:
                data = chunk
                # Bounded steps: a kilobyte may unpack to a megabyte.
                while out := packing.decompress(data, _STEP):
                    yield self._counted(out)
                    data = packing.unconsumed_tail
        except zlib.error as error:
            raise Unreadable("is packed wrongly (gzip)") from error
        if not packing.eof or packing.unused_data.strip(b"\0"):
            raise Unreadable("is packed wrongly (gzip ends too early, or goes on after its end)")
