"""The guard in front of bolt: raw bytes are Slack's own, fresh, small and readable before anything parses them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

MOST_BYTES = 1_000_000
MOST_AGE = 300.0
"""Seconds by which a request's time may differ from ours, as Slack recommends."""
MOST_DEPTH = 64
_FORM = "application/x-www-form-urlencoded"


class Refused(Exception):
    """`status` is the HTTP status; the message holds nothing of the request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def check(headers: Mapping[str, str], body: bytes, secret: str, now: float | None = None) -> None:
    """Raises Refused: 413 too large, 401 not signed by Slack with `secret` or not just now, 400 unreadable.

    `headers` has lower-case names.
    """
    if len(body) > MOST_BYTES:
        raise Refused(413, "too large")
    stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise Refused(401, "no time")
    if abs((time.time() if now is None else now) - int(stamp)) > MOST_AGE:
        raise Refused(401, "not fresh")
    expected = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    # compare_digest takes text only where it is ASCII.
    if not secret or not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), expected.encode()):
        raise Refused(401, "wrong signature")
    _readable(headers.get("content-type", ""), body)


def _readable(kind: str, body: bytes) -> None:
    try:
        text = body.decode()
        if kind.partition(";")[0].strip().lower() != _FORM:
            _object(text)
            return
        values = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=200)
    except ValueError:
        raise Refused(400, "unreadable") from None
    payload = dict(values).get("payload")
    if payload is not None:
        _object(payload)


def _object(text: str) -> None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(400, "no JSON") from None
    if not isinstance(found, dict) or _deeper(found, MOST_DEPTH):
        raise Refused(400, "no object, or too deep")
    # Bolt looks into these without asking what they are.
    for name in ("event", "team", "user", "channel", "view", "message"):
        if name in found and name in ("event", "view", "message") and not isinstance(found[name], dict):
            raise Refused(400, "not as Slack writes it")
    actions = found.get("actions", [{}])
    if not (isinstance(actions, list) and actions and all(isinstance(one, dict) for one in actions)):
        raise Refused(400, "not as Slack writes it")


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
