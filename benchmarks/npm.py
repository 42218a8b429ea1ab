"""Packages of npm for benchmarks that hold the product against somebody else's software."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


class Missing(Exception):
    """Something that is not part of the project and is not here."""


def installed(folder: Path, package: str, version: str) -> None:
    """Puts the package under `folder`/node_modules; none of its scripts is run. Raises Missing."""
    npm = shutil.which("npm")
    if not npm:
        raise Missing("npm is not here")
    install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    try:
        made = subprocess.run([*install, f"{package}@{version}"], capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        raise Missing("the registry of npm does not answer") from None
    if made.returncode:
        raise Missing(f"npm cannot install {package} {version}:\n{made.stderr.strip()[-1000:]}")
