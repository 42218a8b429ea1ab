"""A whole server for tests: Rasa and the application under the supervisor, on loopback, over a home of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from connectors import serving
from connectors.ops.progress import Progress
from connectors.supervisor import Supervisor
from knowledge.settings import Settings

TODAY = "2026-11-23"
"""The day on which the shipped corpus is imagined to be read."""


@dataclass(frozen=True)
class Served:
    """`said` is what the supervisor told its operator."""

    url: str
    home: Path
    supervisor: Supervisor
    said: StringIO


@contextmanager
def served(home: Path, **env: str) -> Iterator[Served]:
    """A server of `home`; what ends is started again, as `commonground serve` does."""
    settings_env: Mapping[str, str] = {
        "COMMONGROUND_HOME": str(home),
        "COMMONGROUND_TODAY": TODAY,
        "COMMONGROUND_TURNS_PER_MINUTE": "100000",
        "COMMONGROUND_PORT": str(serving.free_port()),
        **env,
    }
    with patch.dict(os.environ, settings_env):
        settings = Settings.load()
        specs = serving.specs(settings)
    # In the children's own environment, so that one that is started again is told the same.
    specs = [replace(spec, env={**settings_env, **spec.env}) for spec in specs]
    said = StringIO()
    with Supervisor(specs, logs=settings.logs_path, progress=Progress(said)) as supervisor:
        watching = threading.Thread(target=supervisor.watch, name="supervisor", daemon=True)
        watching.start()
        try:
            yield Served(settings.local_url, home, supervisor, said)
        finally:
            supervisor.stop_soon()
            watching.join()


@contextmanager
def running(home: Path, **env: str) -> Iterator[str]:
    """The base URL of a server of `home`, which runs as long as the block."""
    with served(home, **env) as server:
        yield server.url
