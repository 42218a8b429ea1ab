"""Which model the vectors of an index are of: written down beside them, for a setting may have changed since."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knowledge.embeddings import PACKAGED, PACKAGED_NAME, Embedder
from knowledge.store import models as m
from knowledge.store import state

REPLACED = "replaced-vectors"
"""The stage that is owed while vectors of a model that no longer answers are still on disk."""

_KEY = "embedding"


@dataclass(frozen=True, slots=True)
class EmbeddedWith:
    """`setting`: what `embedding_model` says for it; `name`: what its vectors are kept under; `dimension` of them."""

    setting: str
    name: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.setting!r} ({self.dimension} numbers a vector)"


def of(setting: str, embedder: Embedder) -> EmbeddedWith:
    """What is written down for a model. Loads it."""
    return EmbeddedWith(setting, embedder.name, embedder.dimension)


def read(session: Session) -> EmbeddedWith | None:
    """None where nothing was embedded yet. Without a note, the vectors themselves tell."""
    if noted := state.meta(session, _KEY):
        return EmbeddedWith(**json.loads(noted))
    row = session.execute(select(m.EmbeddingRow.model, m.EmbeddingRow.vector).limit(1)).first()
    if row is None:
        return None
    name, numbers = row.model, len(row.vector) // np.dtype(np.float32).itemsize
    if name == PACKAGED_NAME:
        return EmbeddedWith(PACKAGED, name, numbers)
    return EmbeddedWith(name, name, numbers) if "/" in name or Path(name).is_dir() else None


def note(session: Session, made: EmbeddedWith) -> None:
    state.set_meta(session, _KEY, json.dumps(asdict(made)))


def drop_others(session: Session, name: str, at_most: int) -> int:
    """Deletes up to `at_most` vectors of other models than `name`; returns how many."""
    rows = session.execute(
        select(m.EmbeddingRow.text_hash, m.EmbeddingRow.model).where(m.EmbeddingRow.model != name).limit(at_most)
    ).all()
    by_model: dict[str, list[str]] = {}
    for row in rows:
        by_model.setdefault(row.model, []).append(row.text_hash)
    for model, hashes in by_model.items():
        session.execute(
            delete(m.EmbeddingRow).where(m.EmbeddingRow.model == model, m.EmbeddingRow.text_hash.in_(hashes))
        )
    return len(rows)
