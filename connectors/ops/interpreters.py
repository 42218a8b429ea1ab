"""Finds a Python 3.10 for Rasa: one that really runs, on this machine first, fetched only when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.ops.layout import logs
from connectors.ops.progress import Progress, StepError, run_step

ENGINE_VERSION = "3.10"


def runs_as(python: Path | str, version: str) -> bool:
    """True when `python` starts and is of `version`; a version manager's shim may exist and still refuse to run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        shown = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown.returncode == 0 and shown.stdout.strip() == version


def candidates(version: str = ENGINE_VERSION) -> Iterator[Path]:
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    for folder in (
        "/opt/homebrew/bin",
        "/usr/local/bin",
        f"/Library/Frameworks/Python.framework/Versions/{version}/bin",
    ):
        if (found := Path(folder) / f"python{version}").exists():
            yield found


def local_python(version: str = ENGINE_VERSION) -> Path | None:
    """A Python of `version` that is already on this machine, or None."""
    return next((found for found in candidates(version) if runs_as(found, version)), None)


def engine_python(uv: Path, env: Mapping[str, str], progress: Progress) -> Path:
    """A Python 3.10; uv fetches one only where none is found. Raises StepError when neither succeeds."""
    found = local_python() or _known_to_uv(uv, env)
    if found:
        return found
    run_step(
        progress,
        "Fetching Python 3.10 for Rasa",
        [uv, "python", "install", ENGINE_VERSION],
        logs() / "setup-python.log",
        env=env,
        mend="Install Python 3.10 yourself (macOS: brew install python@3.10; elsewhere: pyenv install 3.10) and run "
        "make setup again.",
    )
    fetched = _known_to_uv(uv, env)
    if not fetched:
        raise StepError("Python 3.10 was fetched but does not run. Install one yourself, then make setup again.")
    return fetched


def _known_to_uv(uv: Path, env: Mapping[str, str]) -> Path | None:
    shown = subprocess.run(
        [uv, "python", "find", "--no-python-downloads", "--no-project", ENGINE_VERSION],
        capture_output=True,
        text=True,
        env=dict(env),
        check=False,
    )
    path = Path(shown.stdout.strip())
    return path if shown.returncode == 0 and runs_as(path, ENGINE_VERSION) else None
