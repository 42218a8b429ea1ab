"""Another embedding model: the vectors of all passages are made beside those that answer, and then take their place.

Each part is durable as soon as it is made, so a run that is killed goes on where it was; until the last step, which is
one transaction, the old vectors answer alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from sqlalchemy import insert, select

from knowledge import embedded, indexing
from knowledge.embedded import REPLACED, EmbeddedWith
from knowledge.embeddings import Embedder, Vectors
from knowledge.home import Home
from knowledge.progress import NoProgress, Progress
from knowledge.store import models as m
from knowledge.store import state

_AT_ONCE = 256


class Busy(RuntimeError):
    """Another reindexing of the home is under way."""


@dataclass(slots=True)
class ReindexReport:
    """`embedded` counts the texts of this run: fewer than `texts` where an earlier run had begun. `before`: the model
    that answered until now, "" where there was none."""

    model: str
    before: str = ""
    dimension: int = 0
    texts: int = 0
    embedded: int = 0
    swapped: bool = False
    version: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def reindex(home: Home, model: str = "", progress: Progress | None = None) -> ReindexReport:
    """Makes `model` (else that of the settings) the one that answers. Raises ModelError where it cannot be loaded, and
    Busy; everything else goes on meanwhile, and files that are read meanwhile are in it."""
    if not home.reindexing.acquire(blocking=False):
        raise Busy("The index is being made anew already. Wait until that is done")
    try:
        return _reindex(home, model or home.settings.embedding_model, progress or NoProgress())
    finally:
        home.reindexing.release()


def _reindex(home: Home, setting: str, progress: Progress) -> ReindexReport:
    settings = home.settings
    target = Embedder(setting, settings.embedding_backend, settings.models_path)
    made = embedded.of(setting, target)
    report = ReindexReport(setting, dimension=made.dimension)
    with home.database.write() as session:
        current = embedded.read(session)
        if current is not None:
            # Before there are vectors of two models, which of them answer.
            embedded.note(session, current)
    report.before = current.setting if current else ""
    started = perf_counter()
    if current is not None and current.name == made.name and current.dimension != made.dimension:
        _forget_all(home, made)
    report.embedded = _embed(home, target, progress)
    report.seconds["embed"] = perf_counter() - started
    started = perf_counter()
    with home.ingesting:
        # What was read meanwhile; from here on nothing is.
        report.embedded += _embed(home, target, progress)
        report.swapped = current != made
        _swap(home, target, made, progress)
    report.seconds["swap"] = perf_counter() - started
    indexing.finish(home, progress=progress)
    with home.database.read() as session:
        report.version = state.version(session)
    report.texts = len(home.vectors)
    return report


def _swap(home: Home, target: Embedder, made: EmbeddedWith, progress: Progress) -> None:
    index = home.vectors.beside(target.name)
    progress.start("writing vectors", 0)
    indexing.level_vectors(home, index, target.name)
    progress.finish()
    with home.database.write() as session:
        embedded.note(session, made)
        state.owe(session, REPLACED)
        state.publish(session)
    home.answer_with(target, index)


def _embed(home: Home, target: Embedder, progress: Progress) -> int:
    """Vectors of `target` for all texts that have none; how many were made."""
    with home.database.read() as session:
        done = select(m.EmbeddingRow.text_hash).where(m.EmbeddingRow.model == target.name)
        missing = session.execute(
            select(m.PassageRow.text_hash, m.PassageRow.text)
            .where(m.PassageRow.text_hash.not_in(done))
            .group_by(m.PassageRow.text_hash)
        ).all()
    if not missing:
        return 0
    missing = sorted(missing, key=lambda row: len(row.text))
    progress.start(f"embedding with {target.name}", len(missing))
    for start in range(0, len(missing), _AT_ONCE):
        part = missing[start : start + _AT_ONCE]
        vectors = whole(target, [row.text for row in part])
        with home.database.write() as session:
            # What was forgotten meanwhile leaves no vector behind.
            hashes = [row.text_hash for row in part]
            kept = set(session.scalars(select(m.PassageRow.text_hash).where(m.PassageRow.text_hash.in_(hashes))))
            rows = [
                {"text_hash": key, "model": target.name, "vector": vector.tobytes()}
                for key, vector in zip(hashes, vectors, strict=True)
                if key in kept
            ]
            if rows:
                session.execute(insert(m.EmbeddingRow).prefix_with("OR REPLACE"), rows)
        progress.advance(len(part))
    progress.finish()
    return len(missing)


def whole(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Vectors of `texts`, each read to its end. Passages were cut for the model before: what this one does not read in
    one go is the mean of its parts."""
    parts = [list(_parts(embedder, text)) for text in texts]
    vectors = embedder.embed([part for of_text in parts for part in of_text])
    found, at = np.zeros((len(texts), embedder.dimension), np.float32), 0
    for row, of_text in enumerate(parts):
        mean = vectors[at : at + len(of_text)].mean(axis=0)
        found[row] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        at += len(of_text)
    return found


def _parts(embedder: Embedder, text: str) -> Iterator[str]:
    if len(text) < 2 or embedder.fits(text):
        yield text
        return
    middle = text.rfind(" ", 1, len(text) // 2 + 20)
    middle = middle if middle > 0 else len(text) // 2
    yield from _parts(embedder, text[:middle])
    yield from _parts(embedder, text[middle:].strip() or " ")


def _forget_all(home: Home, made: EmbeddedWith) -> None:
    """Another model stands where that of the vectors stood: they can be compared with nothing any more."""
    while True:
        with home.database.write() as session:
            if not embedded.drop_others(session, "", 5_000):
                break
    home.vectors.beside(made.name).clear()
