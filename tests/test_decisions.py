"""Each direct dependency has its page in docs/decisions, and each page still has its dependency."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PACKAGE = re.compile(r"^[A-Za-z0-9._-]+")
SET_UP_ITSELF = {"uv", "setuptools"}


def direct_dependencies(root: Path) -> set[str]:
    application = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    engine = tomllib.loads((root / "bot" / "engine" / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [
        *application["project"]["dependencies"],
        *application["dependency-groups"]["dev"],
        *engine["project"]["dependencies"],
    ]
    return {found[0].lower() for line in lines if (found := PACKAGE.match(line))} | SET_UP_ITSELF


def decided(root: Path) -> dict[str, str]:
    """Package to page."""
    found: dict[str, str] = {}
    for page in sorted((root / "docs" / "decisions").glob("*.md")):
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.startswith("Packages:"):
                for name in re.findall(r"`([^`]+)`", line):
                    assert name not in found, f"{name} stands in {page.name} and {found[name]}"
                    found[name] = page.name
    return found


def test_pages_and_dependencies_are_the_same(repo_root: Path) -> None:
    assert set(decided(repo_root)) == direct_dependencies(repo_root)


def test_every_page_says_what_it_costs(repo_root: Path) -> None:
    for page in sorted((repo_root / "docs" / "decisions").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if re.search(r"^Packages:", text, re.MULTILINE):
            assert all(word in text for word in ("**Job**", "**Why", "**Licence**")), page.name
