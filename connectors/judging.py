"""What persons say of who is one organisation: for the API and for commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.client import CommandError
from knowledge import identity_decisions, indexing
from knowledge.access import Audience
from knowledge.home import Home
from knowledge.identity import Verdict
from knowledge.identity_decisions import Undecidable
from knowledge.index import Index
from knowledge.progress import Progress


class DecisionRequest(BaseModel):
    """That two organisations are the "same" or "different". `one` and `other` are names as records write them, ids, or
    names with their country: "Ministry of Health (KE)". `by` is who says so."""

    model_config = ConfigDict(extra="forbid")
    verdict: Verdict
    one: str = Field(min_length=1, max_length=500)
    other: str = Field(min_length=1, max_length=500)
    by: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=500)


class UndoRequest(BaseModel):
    """Which decision is taken back, by its number, and by whom."""

    model_config = ConfigDict(extra="forbid")
    decision: int
    by: str = Field(default="", max_length=200)


def pairs(index: Index, audience: Audience, organisation: str = "", limit: int = 50) -> dict[str, Any]:
    """Organisations that are possibly one; `organisation` is an id, or empty for all."""
    with index.home.database.read() as session:
        return {"pairs": identity_decisions.possible(session, audience, organisation, limit)}


def decisions(index: Index) -> dict[str, Any]:
    with index.home.database.read() as session:
        return {"decisions": identity_decisions.decisions(session)}


def decide(home: Home, asked: DecisionRequest, progress: Progress) -> dict[str, Any]:
    """Keeps the decision and resolves organisations anew. Raises CommandError for names that no record has."""
    return _judge(
        home,
        progress,
        lambda session: identity_decisions.decide(
            session, asked.verdict, asked.one, asked.other, asked.by or home.settings.organisation, asked.reason
        ),
    )


def undo(home: Home, asked: UndoRequest, progress: Progress) -> dict[str, Any]:
    """Takes a decision back and resolves organisations anew. Raises CommandError where no such decision stands."""
    by = asked.by or home.settings.organisation
    return _judge(home, progress, lambda session: identity_decisions.undecide(session, asked.decision, by))


def _judge(home: Home, progress: Progress, change: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    try:
        with home.ingesting, home.database.write() as session:
            decision = change(session)
    except Undecidable as error:
        reason = str(error)
        raise CommandError(f"{reason[:1].upper()}{reason[1:]}. {error.mend}", 2) from None
    report = indexing.finish(home, progress=progress)
    return {"decision": decision, "organisations": report.organisations}
