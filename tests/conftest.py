"""What every test relies on: no other host is reached, and the person's own home is not touched."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.serving import Served

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = Path(__file__).resolve().parent / "offline"

os.environ.update(
    {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "ANONYMIZED_TELEMETRY": "False",
        "RASA_TELEMETRY_ENABLED": "false",
        "LANGSMITH_TRACING": "false",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "PYTHONPATH": os.pathsep.join([str(OFFLINE), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
)
KEPT_SETTINGS = {"COMMONGROUND_MODEL", "COMMONGROUND_BROWSER"}
for name in [name for name in os.environ if name.startswith("COMMONGROUND_") and name not in KEPT_SETTINGS]:
    del os.environ[name]
runpy.run_path(str(OFFLINE / "sitecustomize.py"))


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test that names no home gets an empty one instead of the person's own."""
    home = tmp_path_factory.mktemp("home")
    os.environ["COMMONGROUND_HOME"] = str(home)
    return home


@pytest.fixture(scope="session")
def repo_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records, where a checkout has it beside it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real records are not beside the checkout")
    return folder


@pytest.fixture(scope="session")
def corpus_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the shipped corpus in it, read by the command that people use."""
    home = tmp_path_factory.mktemp("corpus")
    subprocess.run(
        [Path(sys.executable).with_name("commonground"), "corpus"],
        env=os.environ | {"COMMONGROUND_HOME": str(home)},
        check=True,
        capture_output=True,
    )
    return home


@pytest.fixture(scope="session")
def corpus_service(corpus_home: Path) -> Iterator[Served]:
    """One server on the shipped corpus for all tests, with the supervisor that keeps it running."""
    from tests.serving import served

    with served(corpus_home) as server:
        yield server


@pytest.fixture(scope="session")
def corpus_server(corpus_service: Served) -> str:
    """The base URL of the server on the shipped corpus."""
    return corpus_service.url
