"""Profiles of all initiatives of a home that an audience may see, with the vectors of their first passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.access import Audience, allows, visible
from knowledge.countries import iso3
from knowledge.overlap.profiles import INITIATIVES, Profile, profile
from knowledge.overlap.resolver import Resolver, place_names
from knowledge.overlap.state import FIRST_PASSAGES as FIRST_PASSAGES
from knowledge.records import Access, Level, Record, RecordKind
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from knowledge.store.rows import split_names
from knowledge.store.sql import in_parts

_AT_ONCE, _FEW = 2_000, 500

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Loaded:
    """`vectors` row i belongs to `profiles[i]`, float32 of unit length, zero where no passage has one."""

    profiles: list[Profile]
    vectors: Vectors


def resolver(session: Session, audience: Audience) -> Resolver:
    """What mentions of records that `audience` may see mean, and the places that it may know."""
    seen = visible(audience), m.RecordRow.retired_at.is_(None)
    mention = m.OrganisationMentionRow
    shown = (
        select(m.RecordOrganisationRow.mention_id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
        .where(*seen)
    )
    organisations = {
        (ref, name, acronym, kind, country): str(found)
        for ref, name, acronym, kind, country, found in session.execute(
            select(
                mention.ref, mention.name, mention.acronym, mention.kind, mention.country, mention.organisation_id
            ).where(mention.id.in_(shown), mention.organisation_id.is_not(None))
        )
    }
    written = (
        select(m.RecordPlaceRow.mention_id).join(m.RecordRow, m.RecordRow.pk == m.RecordPlaceRow.record_pk).where(*seen)
    )
    place = m.PlaceMentionRow
    places = {
        (country, split_names(names), pcode, region): path
        for country, names, pcode, region, path in session.execute(
            select(place.country, place.names, place.pcode, place.region, m.PlaceRow.path)
            .join(m.PlaceRow, m.PlaceRow.id == place.place_id)
            .where(place.id.in_(written))
        )
    }
    return Resolver(organisations, places, place_names(_known_places(session, audience, set(places.values()))))


def _known_places(
    session: Session, audience: Audience, spoken_of: set[str]
) -> Iterable[tuple[str, str, Sequence[str]]]:
    """Places that visible records or open gazetteers name: (path, name, aliases)."""
    steps = {step for path in spoken_of for step in path.strip("|").split("|")}
    sources = [
        row.id
        for row in session.scalars(select(m.SourceRow))
        if allows(audience, Access(Level(row.level), row.owner, tuple(row.named)))
    ]
    codes = {
        code.upper()
        for code in session.scalars(select(m.GazetteerRow.pcode).where(m.GazetteerRow.source_id.in_(sources)))
    }
    rows = session.execute(
        select(m.PlaceRow.id, m.PlaceRow.country, m.PlaceRow.path, m.PlaceRow.name).where(m.PlaceRow.level > 0)
    )
    for ident, country, path, name in rows:
        if ident in steps or ident in codes or iso3(country) + ident[len(country) :] in codes:
            yield path, name, ()


def load(
    session: Session,
    audience: Audience,
    model: str,
    kinds: Sequence[RecordKind] = INITIATIVES,
    on_records: Callable[[int, int], None] | None = None,
) -> Loaded:
    """All initiatives that `audience` may see, in the order of their keys. `model` names the vectors;
    `on_records(done, all)` is told how far it is."""
    means = resolver(session, audience)
    where = (
        visible(audience),
        m.RecordRow.retired_at.is_(None),
        m.RecordRow.kind.in_([kind.value for kind in kinds]),
    )
    pks = list(session.scalars(select(m.RecordRow.pk).where(*where).order_by(m.RecordRow.pk)))
    found: list[Profile] = []
    for part in profiles(session, pks, means):
        found += part
        if on_records is not None:
            on_records(len(found), len(pks))
    return Loaded(found, vectors(session, pks, model))


def profiles(session: Session, pks: Sequence[int], means: Resolver) -> Iterator[list[Profile]]:
    """Profiles of the records with these keys, in their order, some at a time."""
    for part in in_parts(pks):
        rows = session.execute(select(m.RecordRow.pk, m.RecordRow.body).where(m.RecordRow.pk.in_(part))).all()
        bodies = {row.pk: row.body for row in rows}
        yield [profile(RECORD.validate_json(bodies[pk]), means) for pk in part]


def one(session: Session, record: Record, audience: Audience) -> Profile:
    """The profile of a record that need not be stored: a proposal."""
    return profile(record, resolver(session, audience))


def vectors(session: Session, pks: Sequence[int], model: str) -> Vectors:
    """Row i is the vector of the record with key `pks[i]`."""
    at = {pk: i for i, pk in enumerate(pks)}
    wanted = (
        select(m.PassageRow.record_pk, m.EmbeddingRow.vector)
        .join(m.EmbeddingRow, m.EmbeddingRow.text_hash == m.PassageRow.text_hash)
        .where(m.EmbeddingRow.model == model, m.PassageRow.ordinal < FIRST_PASSAGES)
    )
    rows = session.execute(wanted.where(m.PassageRow.record_pk.in_(pks)) if len(pks) <= _FEW else wanted)
    found: Vectors = np.zeros((0, 0), np.float32)
    for part in rows.partitions(_AT_ONCE):
        kept = [(at[pk], vector) for pk, vector in part if pk in at]
        if kept:
            read = np.frombuffer(b"".join(vector for _, vector in kept), np.float32).reshape(len(kept), -1)
            if not found.size:
                found = np.zeros((len(pks), read.shape[1]), np.float32)
            np.add.at(found, [i for i, _ in kept], read)
    if not found.size:
        return np.zeros((len(pks), 1), np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0), np.float32)
