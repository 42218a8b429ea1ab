"""A web server of files for tests: on loopback, with validators, ranges, and every kind of bad day."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from knowledge.fetching.download import Downloader, Limits

Answer = Callable[["Handler"], None]


@dataclass
class Files:
    """What the server holds by path, how it answers instead (each entry of `instead` once), and what it was asked.
    `pause`: seconds after each thousand bytes."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    instead: list[Answer] = field(default_factory=list)
    always: Answer | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    pause: float = 0.0

    def put(self, path: str, content: str | bytes, kind: str = "application/xml") -> str:
        """The address of the file."""
        self.files[path] = content.encode() if isinstance(content, str) else content
        self.types[path] = kind
        return self.url + path


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        held: Files = self.server.held
        held.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        if held.instead:
            held.instead.pop(0)(self)
        elif held.always is not None:
            held.always(self)
        elif self.path in held.files:
            self.file(held.files[self.path], held.types[self.path])
        else:
            self.answer(404)

    def file(self, data: bytes, kind: str, *, cut: int | None = None, etag: str = "") -> None:
        """The file as a good server gives it; with `cut` only so many of the bytes before the connection ends."""
        etag = etag or f'"{hashlib.sha256(data).hexdigest()[:12]}"'
        start = 0
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, {"ETag": etag})
            return
        wanted = self.headers.get("Range", "")
        headers = {"ETag": etag, "Content-Type": kind, "Accept-Ranges": "bytes"}
        status = 200
        if wanted.startswith("bytes=") and self.headers.get("If-Range") == etag:
            start = int(wanted[6:].partition("-")[0])
            if start >= len(data):
                self.answer(416, {"Content-Range": f"bytes */{len(data)}"})
                return
            status, headers["Content-Range"] = 206, f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.answer(status, headers, data[start:], cut=cut)

    def answer(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body if cut is None else body[:cut]
        pause = self.server.held.pause
        for start in range(0, len(body), 1_000) if pause else ():
            time.sleep(pause)
            self._write(body[start : start + 1_000])
        if not pause:
            self._write(body)
        if cut is not None:
            self.close_connection = True

    def _write(self, data: bytes) -> None:
        # Whoever asked may have been killed.
        with suppress(OSError):
            self.wfile.write(data)
            self.wfile.flush()


def redirect(where: str, status: int = 302) -> Answer:
    return lambda handler: handler.answer(status, {"Location": where})


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.answer(code, {name.replace("_", "-"): value for name, value in headers.items()})


def broken_after(data: bytes, cut: int, kind: str = "application/xml", etag: str = "") -> Answer:
    return lambda handler: handler.file(data, kind, cut=cut, etag=etag)


def packed(data: bytes, encoding: str = "gzip") -> Answer:
    body = gzip.compress(data) if encoding == "gzip" else data
    return lambda handler: handler.answer(200, {"Content-Encoding": encoding, "Content-Type": "text/csv"}, body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Those who ask break off in these tests; nobody needs to read of it."""


@contextmanager
def serving(pause: float = 0.0) -> Iterator[Files]:
    server = _Server(("127.0.0.1", 0), Handler)
    held = Files(f"http://127.0.0.1:{server.server_port}", pause=pause)
    server.held = held  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="files", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def quick(paused: list[float] | None = None, **limits: Any) -> Downloader:
    """A downloader that may reach loopback and does not wait."""
    waits = paused if paused is not None else []
    return Downloader(("127.0.0.1", "localhost"), limits=Limits(**limits), sleep=waits.append)
