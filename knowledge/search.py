"""Records and passages by what their text says: full text and meaning together, narrowed by facets and audience before
ranking."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.finding import Facets, Hit
from knowledge.home import Home
from knowledge.retrieval import passages as inside
from knowledge.retrieval import ranking
from knowledge.retrieval.passages import FoundPassage
from knowledge.retrieval.ranking import NEAR as NEAR
from knowledge.store import models as m
from knowledge.store.remembered import recalled

_NEIGHBOURS = 400
"""Records that Chroma is asked for where it answers."""
_LOOKED_AT = 3
"""Nearest passages of a record among which its words choose."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record with its score between 0 and 1, and the passage that answers best with where it stands in the record
    ("page 7, 2.1 Mandate"; empty where the record is one text).

    `near`: cosine similarity of its nearest passage; `said`: the share of the question's words, by weight, in its text.
    """

    hit: Hit
    score: float
    passage: str = ""
    stands_in: str = ""
    near: float = 0.0
    said: float = 0.0
    at: FoundPassage | None = None


def search(
    home: Home, session: Session, words: str, facets: Facets, audience: Audience, limit: int = 20
) -> list[Found]:
    """The best records for `words` among those that answer `facets`, by text and meaning."""
    evidence = ranking.evidence(home, session, words, facets, audience, _NEIGHBOURS)
    if evidence is None:
        return []
    scores = dict(ranking.ranked(evidence, limit))
    pks = {i: int(evidence.held.columns.pks[i]) for i in scores}
    hits = _shown(session, pks.values(), facets, audience)
    answering: dict[int, FoundPassage] = {}
    for passage in inside.scored(home, session, words, evidence, list(scores), _LOOKED_AT):
        answering.setdefault(passage.pk, passage)
    found: list[Found] = []
    for i, pk in pks.items():
        if pk in hits:
            at = answering.get(pk)
            near, said = float(evidence.near.values[i]), float(evidence.text.shares[i])
            text_, stands_in = (at.text, at.stands_in) if at else ("", "")
            found.append(Found(hits[pk], scores[i], text_, stands_in, max(near, 0.0), said, at))
    return found


def passages(
    home: Home, session: Session, words: str, facets: Facets, audience: Audience, limit: int = 20
) -> list[FoundPassage]:
    """The best passages for `words` of the records that answer `facets`, with page and heading: several of one
    document where it says more than one thing on them."""
    evidence = ranking.evidence(home, session, words, facets, audience, _NEIGHBOURS)
    if evidence is None:
        return []
    found = inside.best(home, session, words, evidence, limit)
    hits = _shown(session, {passage.pk for passage in found}, facets, audience)
    return [replace(passage, hit=hits[passage.pk]) for passage in found if passage.pk in hits]


def _shown(session: Session, pks: Iterable[int], facets: Facets, audience: Audience) -> dict[int, Hit]:
    """The store has the last word on who may see what: a record that was withdrawn, or made private, since the columns
    were read is not shown."""
    if not (wanted := tuple(pks)):
        return {}
    return {hit.pk: hit for hit in finding.find(session, Facets(kinds=facets.kinds, pks=wanted), audience)}


def mentioning(session: Session, spellings: Iterable[str], facets: Facets, audience: Audience) -> tuple[int, ...]:
    """The records, among those that answer `facets`, whose text holds all words of one of `spellings`."""
    wanted = {" AND ".join(f'"{term}"' for term in re.findall(r"\w+", spelling)) for spelling in spellings} - {""}
    if not wanted:
        return ()
    match = " OR ".join(f"({terms})" for terms in sorted(wanted))
    # The words of a theme are asked for again and again.
    return recalled(session, "mentioning", (match, facets, audience), lambda: _said(session, match, facets, audience))


def _said(session: Session, match: str, facets: Facets, audience: Audience) -> tuple[int, ...]:
    saying = text("SELECT rowid FROM record_text WHERE record_text MATCH :match").bindparams(match=match)
    found = session.scalars(
        select(m.RecordRow.pk).where(
            m.RecordRow.pk.in_(saying.columns(m.RecordRow.pk).scalar_subquery()),
            *finding.clauses(session, facets, audience),
        )
    )
    return tuple(sorted(found))
