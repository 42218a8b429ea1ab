"""What Chroma leaves behind on disk: run as a program of its own, `python -m knowledge.vector_files FOLDER`.

Chroma keeps the files of deleted collections and the pages of deleted rows. It opens its database with a SQLite of its
own; a second SQLite in the same process would take away its locks, so this needs another process.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

_PATIENCE = 30.0


def clean(folder: Path) -> None:
    """Removes in a process of its own what no collection of the Chroma in `folder` uses; raises OSError on failure."""
    command = [sys.executable, "-m", "knowledge.vector_files", str(folder)]
    ended = subprocess.run(
        command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False, timeout=3_600
    )
    if ended.returncode:
        raise OSError(f"the folder of vectors cannot be cleaned ({ended.stderr.strip().rpartition(chr(10))[2]})")


def _clean(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chroma.sqlite3", timeout=_PATIENCE)) as database:
        database.execute("PRAGMA secure_delete = ON")
        used = {row[0] for row in database.execute("SELECT id FROM segments")}
        for path in folder.iterdir():
            if path.is_dir() and _is_segment(path.name) and path.name not in used:
                shutil.rmtree(path)
        database.execute("VACUUM")


def _is_segment(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


if __name__ == "__main__":
    _clean(Path(sys.argv[1]))
