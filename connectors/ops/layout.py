"""Where things stand in a checkout, and how a set of files is known to be unchanged."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

APPLICATION = ROOT / ".venv"
ENGINE = ROOT / "bot" / "engine"
ENGINE_ENVIRONMENT = ENGINE / ".venv"
MODELS = ENGINE / "models"
MODEL = MODELS / "dialogue.tar.gz"

RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
ENGINE_LOCK = ENGINE / "requirements.lock"
UV_LOCK = ROOT / "connectors" / "ops" / "uv.txt"

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def home() -> Path:
    """The data folder: COMMONGROUND_HOME, else `.commonground/` in the checkout (as knowledge.settings has it)."""
    return Path(os.environ.get("COMMONGROUND_HOME") or ROOT / ".commonground").expanduser().absolute()


def logs() -> Path:
    return home() / "logs"


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def pins(lock: Path) -> dict[str, str]:
    """Package name (normalised as PEP 503 says) to version, of every line of a lock."""
    return {canonical(name): version for name, version in PINNED.findall(lock.read_text(encoding="utf-8"))}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def files_under(*paths: Path) -> list[Path]:
    """Every file at or below `paths`, in a stable order, without caches."""
    found: set[Path] = set()
    for path in paths:
        if path.is_file():
            found.add(path)
        else:
            found.update(
                inner
                for inner in path.rglob("*")
                if inner.is_file() and not {"__pycache__", ".venv"} & set(inner.parts)
            )
    return sorted(found)


def digest_of(paths: Iterable[Path], *words: str) -> str:
    """SHA-256 over names and contents of files (relative to the checkout), and over `words`."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        content = path.read_bytes()
        name = os.path.relpath(path, ROOT)
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def read_stamp(path: Path) -> str:
    """The stamp's content; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def write_whole(path: Path, text: str) -> None:
    """Writes so that a reader finds the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
