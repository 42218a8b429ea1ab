"""Keys of the channels, readable by the owner of the home only: opaque ids, and tokens under encryption."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from connectors.conversation import conversation_key


class Opaque:
    """Ids that tell nothing of what they stand for, the same in every run of a home."""

    def __init__(self, home: Path) -> None:
        self._key = conversation_key(home)

    def __call__(self, *parts: str) -> str:
        """43 characters of A-Z, a-z, 0-9, _ and -."""
        digest = hmac.new(self._key, "\x1f".join(("channels", *parts)).encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def sealing_key(home: Path) -> bytes:
    """The key under which tokens are stored; made whole or not at all, once per home."""
    path = home / "channels.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"channels.key.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(urlsafe_b64encode(secrets.token_bytes(32)))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
