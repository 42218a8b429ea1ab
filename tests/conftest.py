"""What every test relies on: no other host is reached, and the person's own home is not touched."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
BROWSER_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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


def _browser_path() -> str | None:
    """An explicit path, an installed browser, or None for Playwright's own."""
    named = os.environ.get("COMMONGROUND_BROWSER")
    return named or next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests that need one: Playwright runs once in a thread."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_browser_path(), args=BROWSER_ARGUMENTS)
        except Error as error:
            pytest.skip(
                "no browser could be started: install chromium or set COMMONGROUND_BROWSER to one "
                f"({error.message.splitlines()[0]})"
            )
        yield browser
        browser.close()
