"""What the records of a home are for the graph just now: one number for each, which changes with all it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.access import Audience, allows, visible
from knowledge.overlap.profiles import INITIATIVES
from knowledge.records import Access, Level
from knowledge.store import models as m
from knowledge.vocabulary import table_text

FIRST_PASSAGES = 3
"""Passages of a record whose mean is its vector: purpose comes first."""
_TABLES = (
    "overlap_model.json",
    "overlap_words.yml",
    "overlap_parties.yml",
    "overlap_regions.yml",
    "themes.yml",
    "sectors.csv",
)
_CODE = (
    *("candidates", "corpus", "decision", "evidence", "graph", "kept", "labels", "linked", "loading", "making"),
    "numbering",
    *("packing", "parties", "profiles", "raw", "regions", "resolver", "sparse", "state", "taking_part", "words"),
)


@dataclass(frozen=True, slots=True)
class Records:
    """Initiatives that an audience may see, in the order of their keys. `prints[i]` changes with what record i says,
    with whom and what its mentions are taken for, and when its texts get vectors. `kind` names the engine, the model of
    the vectors and the gazetteers: with another one nothing that was made before stands."""

    kind: str
    pks: list[int]
    ids: list[str]
    prints: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.pks)


def records(session: Session, audience: Audience, model: str) -> Records:
    """The state of the records now. `model` names the vectors."""
    where = (
        visible(audience),
        m.RecordRow.retired_at.is_(None),
        m.RecordRow.kind.in_([kind.value for kind in INITIATIVES]),
    )
    rows = session.execute(
        select(m.RecordRow.pk, m.RecordRow.id, m.RecordRow.content_hash).where(*where).order_by(m.RecordRow.pk)
    ).all()
    at = {row.pk: i for i, row in enumerate(rows)}
    prints = np.array([_number(row.content_hash) for row in rows], np.uint64)
    mention, place = m.OrganisationMentionRow, m.PlaceMentionRow
    organisations = _numbers(session.execute(select(mention.id, mention.organisation_id)))
    places = _numbers(
        session.execute(
            select(place.id, place.place_id, m.PlaceRow.path).outerjoin(m.PlaceRow, m.PlaceRow.id == place.place_id)
        )
    )
    for values, of in (
        (organisations, select(m.RecordOrganisationRow.record_pk, m.RecordOrganisationRow.mention_id)),
        (places, select(m.RecordPlaceRow.record_pk, m.RecordPlaceRow.mention_id)),
    ):
        found = [(at[pk], values[number]) for pk, number in session.execute(of) if pk in at]
        _add(prints, found)
    embedded = session.execute(
        select(m.PassageRow.record_pk, func.count())
        .join(m.EmbeddingRow, m.EmbeddingRow.text_hash == m.PassageRow.text_hash)
        .where(m.EmbeddingRow.model == model, m.PassageRow.ordinal < FIRST_PASSAGES)
        .group_by(m.PassageRow.record_pk)
    )
    _add(prints, [(at[pk], _number(f"embedded {count}")) for pk, count in embedded if pk in at])
    kind = blake2b("\n".join((engine(), model, _gazetteers(session, audience))).encode(), digest_size=16).hexdigest()
    return Records(kind, [row.pk for row in rows], [row.id for row in rows], prints)


def _numbers(rows: Iterable[Sequence[Any]]) -> dict[int, int]:
    return {row[0]: _number(repr(tuple(row))) for row in rows}


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _add(prints: NDArray[np.uint64], found: Sequence[tuple[int, int]]) -> None:
    """Sums wrap around, so that the order in which things are read does not matter."""
    if found:
        rows, values = zip(*found, strict=True)
        np.add.at(prints, np.array(rows, np.int64), np.array(values, np.uint64))


@lru_cache(maxsize=1)
def engine() -> str:
    """Of what the engine is made: its parameters, its tables and its code."""
    digest = blake2b(digest_size=16)
    for name in _TABLES:
        digest.update(table_text(name).encode())
    for name in _CODE:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()


def _gazetteers(session: Session, audience: Audience) -> str:
    """The lists of places that texts are searched for."""
    table = m.GazetteerRow
    rows = session.execute(select(table.source_id, func.count()).group_by(table.source_id)).all()
    counts = {row[0]: row[1] for row in rows}
    return repr(
        [
            (row.sha256, counts[row.id])
            for row in session.scalars(select(m.SourceRow).order_by(m.SourceRow.id))
            if row.id in counts and allows(audience, Access(Level(row.level), row.owner, tuple(row.named)))
        ]
    )
