"""The shipped corpus gets into the home when it, or the code that reads it, changed since the last time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from connectors.ops import layout
from connectors.ops.layout import APPLICATION, ROOT
from connectors.ops.progress import Progress, StepError

STAMP = "corpus.stamp"


def corpus_digest() -> str:
    suffixes = {".pyc"}
    return layout.digest_of(path for path in layout.files_under(ROOT / "knowledge") if path.suffix not in suffixes)


def index_corpus(progress: Progress) -> None:
    """Runs `commonground corpus` for the home unless nothing changed. The command shows its own progress."""
    home = layout.home()
    digest = corpus_digest()
    if layout.read_stamp(home / STAMP) == digest and (home / "commonground.db").exists():
        return
    progress.say("Shipped corpus (invented records to try things on)")
    command: list[str | Path] = [APPLICATION / "bin" / "commonground", "corpus"]
    status = subprocess.run(command, env=os.environ | {"COMMONGROUND_HOME": str(home)}, check=False).returncode
    if status:
        raise StepError(f"commonground corpus ended with exit status {status}; its own words above say why.")
    layout.write_whole(home / STAMP, digest + "\n")
