"""One file from one address: only what changed, taken up where it broke off, bounded in size, time and patience.

    with Downloader() as downloader:
        result = downloader.fetch("https://example.org/activities.xml", folder, etag=known)

What arrives is written to `part` in the folder and gets a name of its own once it is whole; nothing else is touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self
from urllib.parse import unquote

import httpcore
import httpx

from knowledge.fetching.addresses import CheckedNetwork, Forbidden, checked_url
from knowledge.fetching.bodies import Body, Unreadable
from knowledge.sources import guard

AGENT = "commonground"
PART = "part"
_STATE = "part.json"
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429)
_SUFFIXES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/geo+json": ".geojson",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/pdf": ".pdf",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-excel": ".xls",
}


class Outcome(StrEnum):
    FETCHED = "fetched"
    NOT_MODIFIED = "not modified"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Fetched:
    """`path`: the whole new file, where there is one. `again_after`: seconds that the server asked to be left alone."""

    outcome: Outcome
    why: str = ""
    path: Path | None = None
    sha256: str = ""
    etag: str = ""
    modified: str = ""
    again_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    size: int = guard.MAX_FETCH_BYTES
    seconds: float = guard.MAX_FETCH_SECONDS
    silence: float = guard.FETCH_SILENCE_SECONDS
    redirects: int = guard.MAX_REDIRECTS
    attempts: int = guard.FETCH_ATTEMPTS
    pause: float = guard.FETCH_PAUSE_SECONDS
    longest_pause: float = guard.MAX_RETRY_AFTER_SECONDS


class _Final(Exception):
    """No further attempt helps."""

    def __init__(self, why: str, outcome: Outcome = Outcome.FAILED) -> None:
        super().__init__(why)
        self.outcome = outcome


class _Again(Exception):
    """A further attempt may help, `after` seconds at the earliest."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


class Downloader:
    """Keeps connections over a run. `allowed` names hosts that may have private addresses; `proxy` is the address of a
    proxy, which then is what reaches the hosts; `network` and `sleep` are for tests."""

    def __init__(
        self,
        allowed: tuple[str, ...] = (),
        proxy: str = "",
        limits: Limits = Limits(),
        network: httpcore.NetworkBackend | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._sleep = sleep
        self._checked = network if isinstance(network, CheckedNetwork) else CheckedNetwork(allowed)
        trusted = httpx.create_ssl_context()
        self._pool: httpcore.ConnectionPool
        if proxy:
            self._pool = httpcore.HTTPProxy(proxy, ssl_context=trusted)
        else:
            self._pool = httpcore.ConnectionPool(ssl_context=trusted, network_backend=self._checked)
        self._direct = not proxy

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fetch(self, url: str, folder: Path, *, etag: str = "", modified: str = "", web_page: bool = False) -> Fetched:
        """The file at `url` into `folder`, unless it is still the one that `etag` or `modified` names.

        `web_page`: HTML is what is wanted; otherwise it is taken for a notice or a log-in page and refused. Never
        raises for what is wrong with the address, the server or the network.
        """
        folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + self._limits.seconds
        attempt, why, after = 0, "", 0.0
        while True:
            attempt += 1
            try:
                return self._attempt(url, _Part(folder), etag, modified, web_page, until)
            except _Final as final:
                return Fetched(final.outcome, str(final))
            except _Again as again:
                why, after = str(again), again.after
            except (Forbidden, ValueError, httpx.InvalidURL) as error:
                return Fetched(Outcome.FAILED, str(error))
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                if (invalid := _invalid_certificate(error)) is not None:
                    return Fetched(Outcome.FAILED, f"its certificate is not valid ({invalid.verify_message})")
                why, after = _words(error), 0.0
            except (httpcore.ProxyError, httpcore.UnsupportedProtocol) as error:
                return Fetched(Outcome.FAILED, _words(error))
            except OSError as error:
                return Fetched(Outcome.FAILED, f"cannot be written ({error.strerror})")
            pause = max(after, min(self._limits.pause * 2 ** (attempt - 1), self._limits.longest_pause))
            pause *= random.uniform(1.0, 1.3) if after else random.uniform(0.5, 1.0)
            if attempt >= self._limits.attempts or after > self._limits.longest_pause:
                return Fetched(Outcome.FAILED, why, again_after=after)
            if time.monotonic() + pause > until:
                return Fetched(Outcome.FAILED, f"not done within {self._limits.seconds:.0f} s: {why}")
            self._sleep(pause)

    def _attempt(self, url: str, part: _Part, etag: str, modified: str, web_page: bool, until: float) -> Fetched:
        headers = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        if part.resumable:
            headers |= {"Range": f"bytes={part.size}-", "If-Range": part.etag or part.modified}
        else:
            headers |= {"If-None-Match": etag} if etag else {}
            headers |= {"If-Modified-Since": modified} if modified else {}
        here = checked_url(url)
        for _ in range(self._limits.redirects + 1):
            with self._answer(here, headers) as response:
                if response.status not in _REDIRECTS:
                    return self._take(response, here, part, web_page, until)
                there = here.join(_header(response, "location"))
            there = checked_url(str(there))
            if here.scheme == "https" and there.scheme != "https":
                raise _Final("is redirected from https to http")
            here = there
        raise _Final(f"is redirected more than {self._limits.redirects} times")

    @contextlib.contextmanager
    def _answer(self, url: httpx.URL, headers: dict[str, str]) -> Iterator[httpcore.Response]:
        port = url.port or (443 if url.scheme == "https" else 80)
        if not self._direct:
            self._checked.check_written(url.host, port)
        silence = self._limits.silence
        timeout = {"connect": silence, "read": silence, "write": silence, "pool": silence}
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with self._pool.stream(
            "GET", target, headers=list(headers.items()), extensions={"timeout": timeout}
        ) as response:
            yield response

    def _take(self, response: httpcore.Response, url: httpx.URL, part: _Part, web_page: bool, until: float) -> Fetched:
        status = response.status
        if status == 304:
            part.drop()
            return Fetched(Outcome.NOT_MODIFIED)
        if status in (404, 410):
            raise _Final(f"is gone (answers {status})", Outcome.GONE)
        if status == 416 or (status == 206 and not part.continues(_header(response, "content-range"))):
            part.drop()
            raise _Again("does not continue where it broke off")
        if status in _LATER or status >= 500:
            raise _Again(f"answers {status}", retry_after(_header(response, "retry-after")))
        if status not in (200, 206):
            raise _Final(f"answers {status}")
        kind = _header(response, "content-type").partition(";")[0].strip().casefold()
        if unfit := _unfit(kind, web_page):
            part.drop()
            raise _Final(unfit)
        length = _header(response, "content-length")
        if length.isdigit() and int(length) > self._limits.size - (part.size if status == 206 else 0):
            part.drop()
            raise _Final(f"is larger than the limit of {self._limits.size // guard.MB} MB")
        etag, modified = _header(response, "etag"), _header(response, "last-modified")
        if status == 200:
            part.begin(etag, modified, _header(response, "content-encoding"))
        try:
            body = Body(_header(response, "content-encoding"), self._limits.size - part.size)
            part.append(_until(body.of(response.iter_stream()), until, self._limits.seconds))
        except Unreadable as error:
            part.drop()
            raise _Final(str(error)) from None
        path, digest = part.whole(file_name(url, kind))
        return Fetched(Outcome.FETCHED, "", path, digest, etag, modified)


class _Part:
    """What has arrived of a file so far, and which version of the file it belongs to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / PART
        self.etag = self.modified = ""
        try:
            state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
            self.etag, self.modified = str(state["etag"]), str(state["modified"])
            self.size = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            self.size = 0

    @property
    def resumable(self) -> bool:
        return self.size > 0 and bool(self.etag or self.modified)

    def continues(self, content_range: str) -> bool:
        found = re.match(r"bytes (\d+)-", content_range)
        return self.resumable and found is not None and int(found[1]) == self.size

    def begin(self, etag: str, modified: str, encoding: str) -> None:
        """A version from its first byte. Only a strong validator of the plain bytes lets it be continued later."""
        self.drop()
        plain = encoding.casefold() in ("", "identity")
        self.etag = etag if plain and not etag.startswith("W/") else ""
        self.modified = modified if plain else ""
        state = {"etag": self.etag, "modified": self.modified}
        (self._folder / _STATE).write_text(json.dumps(state), encoding="utf-8")

    def append(self, chunks: Iterator[bytes]) -> None:
        with self.path.open("ab") as file:
            try:
                for chunk in chunks:
                    file.write(chunk)
            finally:
                file.flush()
                os.fsync(file.fileno())

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        (self._folder / _STATE).unlink(missing_ok=True)
        self.size = 0

    def whole(self, name: str) -> tuple[Path, str]:
        """The finished file under a name that says its content, and its SHA-256."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        path = self._folder / f"{digest[:16]}-{name}"
        self.path.replace(path)
        self.drop()
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return path, digest


def retry_after(value: str, now: datetime | None = None) -> float:
    """Seconds of a Retry-After header, which holds seconds or a date; 0 where it says nothing readable."""
    try:
        return max(0.0, float(int(value)))
    except ValueError:
        pass
    try:
        day = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    day = day if day.tzinfo else day.replace(tzinfo=UTC)
    return max(0.0, (day - (now or datetime.now(UTC))).total_seconds())


def file_name(url: httpx.URL, kind: str) -> str:
    """A name for the file: the last part of the path in plain characters, with a suffix that says its type."""
    last = PurePosixPath(unquote(url.path)).name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip("._")[-80:] or "file"
    suffix = _SUFFIXES.get(kind, "")
    return plain if PurePosixPath(plain).suffix or not suffix else plain + suffix


def _unfit(kind: str, web_page: bool) -> str:
    if kind.startswith(("image/", "video/", "audio/", "font/")):
        return f"is no file of records but {kind}"
    if kind in ("text/html", "application/xhtml+xml") and not web_page:
        return "answers a web page instead of a file; for a page that is a document, declare `format: document`"
    return ""


def _until(chunks: Iterator[bytes], until: float, seconds: float) -> Iterator[bytes]:
    for chunk in chunks:
        if time.monotonic() > until:
            raise _Final(f"was not done within {seconds:.0f} s")
        yield chunk


def _header(response: httpcore.Response, name: str) -> str:
    wanted = name.encode()
    return next((v.decode("latin-1").strip() for k, v in response.headers if k.lower() == wanted), "")


def _invalid_certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause


def _words(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "did not answer in time"
    return guard.one_line(str(error))[:200] or "the connection broke"
