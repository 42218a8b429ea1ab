"""A real Chromium for the tests of the page: found where it is, installed only where it is not."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from connectors.ops.layout import APPLICATION, logs, python_of
from connectors.ops.progress import Progress, StepError, run_step

VARIABLE = "COMMONGROUND_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHT_BROWSERS = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


def find() -> Path | None:
    """The browser: COMMONGROUND_BROWSER, one on PATH, an installed application, or Playwright's own."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    on_path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if on_path:
        return Path(on_path)
    installed = next((Path(path) for path in APPLICATIONS if os.access(path, os.X_OK)), None)
    return installed or _of_playwright()


def _of_playwright() -> Path | None:
    roots = [
        Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "-"),
        Path.home() / ".cache" / "ms-playwright",
        Path.home() / "Library" / "Caches" / "ms-playwright",
    ]
    found = (path for root in roots if root.is_dir() for pattern in PLAYWRIGHT_BROWSERS for path in root.glob(pattern))
    return next((path for path in sorted(found, reverse=True) if os.access(path, os.X_OK)), None)


def provide(progress: Progress) -> Path:
    """A browser, installed when there is none. Raises StepError when that fails too."""
    found = find()
    if found:
        return found
    if os.environ.get(VARIABLE):
        raise StepError(f"{VARIABLE} names no program that runs. Correct or unset it.")
    log = logs() / "setup-browser.log"
    attempts: list[tuple[str, list[list[str]]]] = []
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ["chromium", "fonts-noto-core"]
        install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        attempts.append(("Installing Chromium with apt", [["apt-get", "update"], install]))
    playwright = [str(python_of(APPLICATION)), "-m", "playwright", "install", "chromium"]
    attempts.append(("Installing Playwright's Chromium", [playwright]))
    progress.say("Browser for the tests of the page")
    for title, commands in attempts:
        try:
            for command in commands:
                env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
                run_step(progress, title, command, log, env=env, mend="")
        except StepError:
            progress.say(f"  {title}: did not succeed ({log})")
            continue
        if found := find():
            return found
    raise StepError(
        "The tests need Chromium or Google Chrome, and none could be installed.\n"
        f"  Install one (Debian: apt install chromium; macOS: brew install --cask chromium) or set {VARIABLE} to its "
        f"program.\n  Full output: {log}"
    )
