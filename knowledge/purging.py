"""Bytes off the disk: what was erased from the tables still stands in free pages, in the text index, in Chroma's files
and in copies of fetched files, until they are written anew.

Every step may be repeated, so a run that is killed is simply done again: it stays owed until all is done.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import select, text

from knowledge.embeddings import Vectors
from knowledge.extracts import cues
from knowledge.extracts.sentences import sentences
from knowledge.home import Home
from knowledge.progress import Progress
from knowledge.store import models as m
from knowledge.store import state

PURGE = "purge"
"""The stage that is owed after something was forgotten."""

_AT_ONCE = 5_000
_PATIENCE = 60.0


class Unfinished(Exception):
    """Bytes are still on disk, because something is reading them. The message says what; the next run goes on."""


def purge(home: Home, progress: Progress) -> None:
    """Raises Unfinished where something holds on to old bytes; the stage then stays owed."""
    progress.start("taking it from the disk", 4)
    remove_copies(home)
    home.retrieval.clear()
    for told in home.on_forget:
        told()
    sentences.cache_clear()
    cues.spoken.cache_clear()
    progress.advance()
    with home.database.write() as session:
        # Merging all of its segments drops the words of deleted rows.
        session.execute(text("INSERT INTO record_text(record_text) VALUES ('optimize')"))
    progress.advance()
    try:
        home.vectors.make_anew(_vectors(home))
    except (OSError, subprocess.SubprocessError) as error:
        raise Unfinished(f"{error}. Run the command again") from error
    progress.advance()
    _rewrite(home)
    with home.database.write() as session:
        state.settle(session, PURGE)
    progress.finish()


def remove_copies(home: Home) -> None:
    """Files of the home's folder of sources that no source stands on: copies whose records were forgotten, and
    versions that a killed run left half-settled. Nothing while a sync is fetching."""
    if not home.fetching.acquire(blocking=False):
        raise Unfinished("A sync is fetching. What was forgotten leaves the disk when it is done")
    try:
        folder = home.settings.sources_path
        with home.database.read() as session:
            kept = {folder / file for file in session.scalars(select(m.FetchRow.file)) if file}
        for place in folder.iterdir() if folder.is_dir() else ():
            if place.is_dir() and not any(file.parent == place for file in kept):
                shutil.rmtree(place)
                continue
            for file in place.iterdir() if place.is_dir() else ():
                if file not in kept:
                    file.unlink()
    finally:
        home.fetching.release()


def _vectors(home: Home) -> Iterator[tuple[Sequence[str], Vectors]]:
    """The vectors of all texts in the store, in parts."""
    model = home.embedder.name
    with home.database.read() as session:
        wanted = session.scalars(select(m.PassageRow.text_hash).distinct()).all()
        for start in range(0, len(wanted), _AT_ONCE):
            rows = session.execute(
                select(m.EmbeddingRow.text_hash, m.EmbeddingRow.vector).where(
                    m.EmbeddingRow.model == model, m.EmbeddingRow.text_hash.in_(wanted[start : start + _AT_ONCE])
                )
            ).all()
            if rows:
                vectors = np.stack([np.frombuffer(row.vector, dtype=np.float32) for row in rows])
                yield [row.text_hash for row in rows], vectors


def _rewrite(home: Home) -> None:
    """The database without its free pages, and nothing left in its write-ahead log."""
    with home.database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        # Its settings are not for the next user of a pooled connection.
        plain.detach()
        plain.execute(text("PRAGMA secure_delete = ON"))
        plain.execute(text("VACUUM"))
        plain.execute(text("PRAGMA busy_timeout = 200"))
        until = time.monotonic() + _PATIENCE
        while plain.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
            if time.monotonic() > until:
                raise Unfinished("A question is still being answered from the old state. Run the command again")
            time.sleep(0.05)
