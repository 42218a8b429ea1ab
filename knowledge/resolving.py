"""After reading: who and where every mention stands for, computed anew over the whole store and written in one go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from knowledge import identity, places
from knowledge.records import GazetteerPlace, OrganisationName, Role
from knowledge.store import models as m
from knowledge.store.writer import split_names


def resolve(session: Session) -> tuple[int, int]:
    """Assigns organisations and places to all mentions. Returns (organisations, places)."""
    return _resolve_organisations(session), _resolve_places(session)


def _resolve_organisations(session: Session) -> int:
    counted = (
        select(
            m.RecordOrganisationRow.mention_id,
            func.count().label("weight"),
            func.max(m.RecordOrganisationRow.role == Role.REPORTING.value).label("own"),
        )
        .group_by(m.RecordOrganisationRow.mention_id)
        .subquery()
    )
    rows = session.execute(
        select(m.OrganisationMentionRow, counted.c.weight, counted.c.own).join(
            counted, counted.c.mention_id == m.OrganisationMentionRow.id
        )
    )
    mentions = [
        identity.Mention(
            row.id, row.ref, row.name, row.acronym, row.kind, row.country, int(weight), bool(own and row.ref)
        )
        for row, weight, own in rows
    ]
    curated = [
        OrganisationName(row.name, row.canonical, row.acronym, row.kind, row.country)
        for row in session.scalars(select(m.OrganisationNameRow))
    ]
    organisations = identity.resolve(mentions, curated)
    session.execute(delete(m.OrganisationRow))
    if organisations:
        session.execute(
            insert(m.OrganisationRow),
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
                for organisation in organisations
            ],
        )
    session.execute(update(m.OrganisationMentionRow).values(organisation_id=None))
    _assign(
        session,
        m.OrganisationMentionRow,
        "organisation_id",
        [(mention, organisation.id) for organisation in organisations for mention in organisation.members],
    )
    return len(organisations)


def _resolve_places(session: Session) -> int:
    gazetteer = [
        GazetteerPlace(row.country, row.level, row.pcode, row.name, row.parent)
        for row in session.scalars(select(m.GazetteerRow))
    ]
    mentions = [
        places.Mention(row.id, row.country, split_names(row.names), row.pcode, row.region, row.latitude, row.longitude)
        for row in session.scalars(select(m.PlaceMentionRow))
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
