"""After reading: who and where every mention stands for, computed anew over the whole store and written in one go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, delete, false, func, insert, select, update
from sqlalchemy.orm import Session

from knowledge import identity, places
from knowledge.access import PRIVACY
from knowledge.identity_decisions import standing_decisions
from knowledge.records import GazetteerPlace, Level, OrganisationName, Role
from knowledge.store import models as m
from knowledge.store.rows import split_names


def resolve(session: Session) -> tuple[int, int]:
    """Assigns organisations and places to all mentions. Returns (organisations, places)."""
    return _resolve_organisations(session), _resolve_places(session)


def _resolve_organisations(session: Session) -> int:
    used = _most_open(
        session,
        select(
            m.RecordOrganisationRow.mention_id,
            m.RecordRow.level,
            func.count(),
            func.max(m.RecordOrganisationRow.role == Role.REPORTING.value),
        )
        .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
        .group_by(m.RecordOrganisationRow.mention_id, m.RecordRow.level),
    )
    mentions = [
        identity.Mention(
            row.id, row.ref, row.name, row.acronym, row.kind, row.country, weight, own and bool(row.ref), privacy
        )
        for row in session.scalars(select(m.OrganisationMentionRow))
        if row.id in used
        for privacy, weight, own in (used[row.id],)
    ]
    curated = [
        (PRIVACY[Level(level)], OrganisationName(row.name, row.canonical, row.acronym, row.kind, row.country))
        for row, level in session.execute(
            select(m.OrganisationNameRow, m.SourceRow.level).join(
                m.SourceRow, m.SourceRow.id == m.OrganisationNameRow.source_id
            )
        )
    ]
    resolution = identity.resolution(mentions, curated, standing_decisions(session))
    _replace(
        session,
        m.OrganisationRow,
        [
            {
                "id": organisation.id,
                "name": organisation.name,
                "acronym": organisation.acronym,
                "kind": organisation.kind,
                "country": organisation.country,
                "aliases": organisation.aliases,
                "refs": organisation.refs,
            }
            for organisation in resolution.organisations
        ],
    )
    session.execute(update(m.OrganisationMentionRow).values(organisation_id=None))
    _assign(
        session,
        m.OrganisationMentionRow,
        "organisation_id",
        [(mention, organisation.id) for organisation in resolution.organisations for mention in organisation.members],
    )
    _replace(
        session,
        m.OrganisationEvidenceRow,
        [
            {"mention_id": row.mention, "other_id": row.other, "reason": row.reason.value, "detail": row.detail}
            for row in resolution.evidence
        ],
    )
    _replace(
        session,
        m.PossiblePairRow,
        [
            {
                "one_id": pair.one,
                "other_id": pair.other,
                "score": pair.score,
                "evidence": [{"likeness": likeness.value, "detail": detail} for likeness, detail in pair.evidence],
            }
            for pair in resolution.possible
        ],
    )
    return len(resolution.organisations)


def _replace(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    session.execute(delete(table))
    if rows:
        session.execute(insert(table), rows)


def _most_open(session: Session, query: Select[int, str, int, bool]) -> dict[int, tuple[int, int, bool]]:
    """Mention id -> privacy of its most open records, how many these are, whether one of them reports under it."""
    found: dict[int, tuple[int, int, bool]] = {}
    for mention, level, number, own in session.execute(query):
        privacy = PRIVACY[Level(level)]
        if mention not in found or privacy < found[mention][0]:
            found[mention] = (privacy, number, bool(own))
    return found


def _resolve_places(session: Session) -> int:
    gazetteer = [
        GazetteerPlace(row.country, row.level, row.pcode, row.name, row.parent)
        for row in session.scalars(select(m.GazetteerRow))
    ]
    used = _most_open(
        session,
        select(m.RecordPlaceRow.mention_id, m.RecordRow.level, func.count(), false())
        .join(m.RecordRow, m.RecordRow.pk == m.RecordPlaceRow.record_pk)
        .group_by(m.RecordPlaceRow.mention_id, m.RecordRow.level),
    )
    mentions = [
        places.Mention(
            row.id,
            row.country,
            split_names(row.names),
            row.pcode,
            row.region,
            row.latitude,
            row.longitude,
            used[row.id][0],
        )
        for row in session.scalars(select(m.PlaceMentionRow))
        if row.id in used
    ]
    tree = places.build(gazetteer, mentions)
    session.execute(delete(m.PlaceRow))
    session.execute(
        insert(m.PlaceRow),
        [
            {
                "id": place.id,
                "name": place.name,
                "level": place.level,
                "country": place.country,
                "parent_id": place.parent,
                "path": place.path,
                "aliases": sorted(place.aliases),
                "latitude": place.latitude,
                "longitude": place.longitude,
            }
            for place in tree.places.values()
        ],
    )
    session.execute(update(m.PlaceMentionRow).values(place_id=None))
    _assign(session, m.PlaceMentionRow, "place_id", sorted(tree.of_mention.items()))
    return len(tree.places)


def _assign(session: Session, table: type[Any], column: str, pairs: list[tuple[int, str]]) -> None:
    if pairs:
        session.connection().execute(
            update(table.__table__)
            .where(table.__table__.c.id == bindparam("mention"))
            .values({column: bindparam("is")}),
            [{"mention": mention, "is": target} for mention, target in pairs],
        )
