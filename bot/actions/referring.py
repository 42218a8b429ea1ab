"""What "their", "it" and "the second one" mean: rows and records that were shown, put into the question."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.actions import said
from bot.actions.context import Item, Request, pointed_at
from bot.answers import record
from knowledge.reply import OrganisationReading
from knowledge.whowhatwhere import doing

OF_ORGANISATIONS = frozenset({"find_mandate", "find_contact"})
"""Intents that are about organisations, also where a record was pointed at."""
OF_RECORDS = frozenset(
    {
        *("compare_records", "find_overlaps", "trace_funding", "find_results", "find_partners", "export_report"),
        *("who_does_what", "what_changed"),
    }
)
_POINTING = frozenset({"compare_records"})
"""Intents whose bare numbers are rows also where no word says so: "compare 1 and 3"."""


def resolve(session: Session, request: Request) -> None:
    """Puts what the message points at into `request.query`. What it names itself stands."""
    message, context, query = request.message, request.context, request.query
    if message.records or request.intent not in OF_ORGANISATIONS | OF_RECORDS:
        return
    points = bool(message.ordinals) or request.intent in _POINTING
    rows = pointed_at(request) if points else []
    if request.intent in OF_ORGANISATIONS:
        if message.organisations:
            return
        about = rows or (_spoken_of(request) if not query.organisations else [])
        if found := organisations(session, request, about):
            query.organisations = found
    elif rows and request.intent not in _POINTING and rows[0].type == "organisation":
        query.organisations = [OrganisationReading(id=row.id, name=row.name) for row in rows]
    elif rows:
        query.records = [row.record for row in rows if row.record]
    elif context.described and not message.names_something and said.means_one_thing(request.text):
        query.records = [context.described]
    elif request.intent in _POINTING and context.asked is not None:
        query.records = context.asked.records


def _spoken_of(request: Request) -> list[Item]:
    """The one thing that was spoken of last, where the message points back to it."""
    context = request.context
    if not (said.points_back(request.text) or said.means_one_thing(request.text)):
        return []
    if context.described:
        return [Item("record", context.described, "", context.described)]
    return context.listed if len(context.listed) == 1 else []


def organisations(session: Session, request: Request, rows: list[Item]) -> list[OrganisationReading]:
    """The organisations of rows: those they stand for, else those who do the work of their records."""
    found: dict[str, OrganisationReading] = {}
    for row in rows:
        if row.type == "organisation":
            found[row.id] = OrganisationReading(id=row.id, name=row.name)
            continue
        for hit in record.by_ids(session, [row.record], request.audience) if row.record else ():
            for one in doing(hit):
                found[one.organisation] = OrganisationReading(id=one.organisation, name=one.name, kind=one.kind)
    return list(found.values())
