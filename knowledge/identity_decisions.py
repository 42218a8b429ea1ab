"""What persons decide about who is one organisation, what is possibly one, and why mentions stand together.

Decisions are kept by name, so that they outlast every resolving anew, re-reading and new file. They take effect when
mentions are resolved the next time: `decide` and `undecide` write down that this is owed, `indexing.finish` does it.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from knowledge import identity
from knowledge.access import Audience, visible
from knowledge.countries import iso2
from knowledge.identity.decided import Decided, name_key
from knowledge.identity.known import Curated
from knowledge.identity.nodes import key_of
from knowledge.identity.shapes import Decision, Name, Verdict
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from knowledge.store.state import owe

_WITH_COUNTRY = re.compile(r"^(?P<name>.*\S)\s*\((?P<country>[A-Z]{2})\)$")


class Undecidable(ValueError):
    """A decision that cannot be made: `str()` says why, `mend` what to do instead, each in one line."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.mend = mend


def decide(session: Session, verdict: Verdict | str, one: str, other: str, by: str, reason: str = "") -> dict[str, Any]:
    """Writes down that two organisations are the "same" or "different", and returns the decision as in `decisions`.

    `one` and `other` are names as written in records, acronyms, ids of organisations, or names with their country
    ("Ministry of Health (KE)"). Raises `Undecidable` for names that stand in no record and for a name and itself.
    """
    names = _name(session, one), _name(session, other)
    if name_key(names[0]) == name_key(names[1]):
        raise Undecidable(
            f"{one!r} and {other!r} are written the same",
            "Give two different names, or the country of each in brackets",
        )
    row = m.OrganisationDecisionRow(
        verdict=Verdict(verdict).value,
        one=names[0].text,
        one_country=names[0].country,
        other=names[1].text,
        other_country=names[1].country,
        by=by,
        at=utc_now(),
        reason=reason,
        undone_at=None,
        undone_by="",
    )
    session.add(row)
    session.flush()
    owe(session, "resolve")
    return next(entry for entry in decisions(session) if entry["id"] == row.id)


def undecide(session: Session, decision: int, by: str) -> dict[str, Any]:
    """Takes a decision back; it stays in the list as undone. Raises `Undecidable` where none of that number stands."""
    row = session.get(m.OrganisationDecisionRow, decision)
    if row is None or row.undone_at is not None:
        raise Undecidable(f"no decision {decision} stands", "List the decisions and give the number of one that stands")
    row.undone_at, row.undone_by = utc_now(), by
    session.flush()
    owe(session, "resolve")
    return next(entry for entry in decisions(session) if entry["id"] == decision)


def decisions(session: Session) -> list[dict[str, Any]]:
    """All decisions, the latest first: {id, verdict, one, other, by, at, reason, state, undone_at, undone_by}.

    `state`: "holds", "overruled" by a later one, or "undone". For who runs the installation: names may be private.
    """
    overruled = Decided(standing_decisions(session)).overruled
    rows = session.scalars(select(m.OrganisationDecisionRow).order_by(m.OrganisationDecisionRow.id.desc()))
    return [
        {
            "id": row.id,
            "verdict": row.verdict,
            "one": _shown(row.one, row.one_country),
            "other": _shown(row.other, row.other_country),
            "by": row.by,
            "at": row.at.isoformat(timespec="seconds"),
            "reason": row.reason,
            "state": "undone" if row.undone_at else "overruled" if row.id in overruled else "holds",
            "undone_at": row.undone_at.isoformat(timespec="seconds") if row.undone_at else "",
            "undone_by": row.undone_by,
        }
        for row in rows
    ]


def standing_decisions(session: Session) -> list[Decision]:
    """The decisions that nobody has undone, as `identity.resolution` takes them."""
    rows = session.scalars(
        select(m.OrganisationDecisionRow)
        .where(m.OrganisationDecisionRow.undone_at.is_(None))
        .order_by(m.OrganisationDecisionRow.id)
    )
    return [
        Decision(
            row.id,
            Verdict(row.verdict),
            Name(row.one, row.one_country),
            Name(row.other, row.other_country),
            row.by,
            row.at,
            row.reason,
        )
        for row in rows
    ]


def possible(
    session: Session, audience: Audience, organisation: str = "", limit: int = 50, least: float = 0.0
) -> list[dict[str, Any]]:
    """Pairs of organisations that are possibly one, the likeliest first, of what `audience` may see.

    Each: {score, one, other, evidence: [{likeness, detail}]}; a side is {organisation, name, ref, country}, the name as
    a record writes it. `organisation`: only pairs with the organisation of this id. `least`: the lowest score.
    """
    one, other = aliased(m.OrganisationMentionRow), aliased(m.OrganisationMentionRow)
    seen = _seen(audience)
    query = (
        select(m.PossiblePairRow, one, other)
        .join(one, one.id == m.PossiblePairRow.one_id)
        .join(other, other.id == m.PossiblePairRow.other_id)
        .where(one.id.in_(seen), other.id.in_(seen), m.PossiblePairRow.score >= least)
        .order_by(m.PossiblePairRow.score.desc(), one.name, other.name, one.id, other.id)
        .limit(limit)
    )
    if organisation:
        query = query.where((one.organisation_id == organisation) | (other.organisation_id == organisation))
    return [
        {"score": pair.score, "one": _side(first), "other": _side(second), "evidence": pair.evidence}
        for pair, first, second in session.execute(query)
    ]


def evidence(session: Session, audience: Audience, organisation: str) -> list[dict[str, Any]]:
    """How the organisation of this id is written in what `audience` may see, and why each way is taken as it.

    Each: {name, acronym, ref, country, reason, with, detail}; `with` is the other way of writing that it was compared
    with. Both are empty for the way that all others were joined to, directly or by steps.
    """
    other = aliased(m.OrganisationMentionRow)
    seen = _seen(audience)
    query = (
        select(m.OrganisationMentionRow, m.OrganisationEvidenceRow, other, other.id.in_(seen))
        .outerjoin(m.OrganisationEvidenceRow, m.OrganisationEvidenceRow.mention_id == m.OrganisationMentionRow.id)
        .outerjoin(other, other.id == m.OrganisationEvidenceRow.other_id)
        .where(m.OrganisationMentionRow.organisation_id == organisation, m.OrganisationMentionRow.id.in_(seen))
        .order_by(m.OrganisationMentionRow.name, m.OrganisationMentionRow.id)
    )
    found = []
    for mention, row, beside, shown in session.execute(query):
        told = row is not None and shown
        found.append(
            {
                "name": mention.name,
                "acronym": mention.acronym,
                "ref": mention.ref,
                "country": mention.country,
                "reason": row.reason if told else "",
                "with": (beside.name or beside.acronym or beside.ref) if told else "",
                "detail": row.detail if told else "",
            }
        )
    return found


def _seen(audience: Audience) -> Select[Any]:
    """The mentions that stand in records which `audience` may see."""
    return (
        select(m.RecordOrganisationRow.mention_id)
        .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
        .where(visible(audience), m.RecordRow.retired_at.is_(None))
    )


def _side(mention: m.OrganisationMentionRow) -> dict[str, str]:
    return {
        "organisation": mention.organisation_id or "",
        "name": mention.name or mention.acronym,
        "ref": mention.ref,
        "country": mention.country,
    }


def _name(session: Session, written: str) -> Name:
    """The name that a decision keeps for what a person gave. Raises `Undecidable` where no record has it."""
    text = " ".join(written.split())
    if organisation := session.get(m.OrganisationRow, text):
        return _name_of(session, organisation)
    country = ""
    if (match := _WITH_COUNTRY.match(text)) and iso2(match["country"]):
        country, text = match["country"], match["name"]
    wanted = identity.fold(identity.split_acronym(text)[0])
    rows = session.execute(
        select(m.OrganisationMentionRow.name, m.OrganisationMentionRow.acronym)
        .where(m.OrganisationMentionRow.organisation_id.is_not(None))
        .distinct()
    )
    if not wanted or not any(wanted == identity.fold(identity.split_acronym(name or acro)[0]) for name, acro in rows):
        raise Undecidable(
            f"no organisation in the index is called {text!r}", "Write it as a record does, or give its id"
        )
    return Name(text, country)


def _name_of(session: Session, organisation: m.OrganisationRow) -> Name:
    """The way most records write the organisation; its own name where records use that."""
    uses = (
        select(m.RecordOrganisationRow.mention_id, func.count().label("uses"))
        .group_by(m.RecordOrganisationRow.mention_id)
        .subquery()
    )
    rows = session.execute(
        select(m.OrganisationMentionRow, func.coalesce(uses.c.uses, 0))
        .outerjoin(uses, uses.c.mention_id == m.OrganisationMentionRow.id)
        .where(m.OrganisationMentionRow.organisation_id == organisation.id)
    ).all()
    named = [(mention, count) for mention, count in rows if mention.name or mention.acronym]
    if not named:
        raise Undecidable(
            f"{organisation.id!r} is an identifier without a name", "Decide about organisations with names"
        )
    own = identity.fold(organisation.name)

    def firmness(row: tuple[m.OrganisationMentionRow, int]) -> tuple[bool, int, str]:
        return identity.fold(row[0].name) == own, row[1], row[0].name

    mention, _ = max(((mention, count) for mention, count in named), key=firmness)
    _, _, country = key_of(
        identity.Mention(mention.id, mention.ref, mention.name, mention.acronym, mention.kind, mention.country),
        Curated(()),
    )
    return Name(mention.name or mention.acronym, country)


def _shown(name: str, country: str) -> str:
    return f"{name} ({country})" if country else name
