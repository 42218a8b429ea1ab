"""Mandates, results and contacts: what organisations say of themselves, with the sentence or field it stands in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from bot.actions.asking import clarify, resume, returned
from bot.actions.context import Item, Request
from bot.answers import contact, mandate, overlaps_found, results
from bot.words import Words
from knowledge.access import Audience
from knowledge.reply import Answer, Query, Table

Answering = Callable[[Session, Query, Audience, Words, date], Answer]

PAGED = {
    "find_mandate": mandate.SCREENFUL,
    "find_results": results.SCREENFUL,
    "find_overlaps": overlaps_found.SCREENFUL,
}
"""Intents whose lists "show more" goes on with, and the rows of a screenful."""


def find_mandate(session: Session, request: Request) -> Answer:
    return _answered(session, request, mandate.answer)


def find_results(session: Session, request: Request) -> Answer:
    return _answered(session, request, results.answer)


def find_contact(session: Session, request: Request) -> Answer:
    return _answered(session, request, contact.answer)


def _answered(session: Session, request: Request, answering: Answering) -> Answer:
    if option := returned(request):
        return resume(session, request, option)
    if request.message.ambiguities:
        return clarify(request, request.query, request.message.ambiguities[0])
    context = request.context
    context.query, context.clarification = request.query, None
    answer = answering(session, request.query, request.audience, request.words_of, request.index.today())
    # One text of an organisation is no list: "the second one" is still of the rows that led to it.
    if (rows := _rows(answer)) and (len(rows) > 1 or not request.query.organisations):
        context.listed, context.described = rows, ""
    return answer


def _rows(answer: Answer) -> list[Item]:
    """What stands behind each row that was shown: an organisation where the row is of one, else a record."""
    table = next((part for part in answer.reply.parts if isinstance(part, Table)), None)
    if table is None:
        return [Item("record", record.id, record.title, record.id) for record in answer.records[:8]]
    of_record = {citation.number: citation for citation in answer.reply.citations}
    by_record = {record: organisation for organisation in answer.organisations for record in organisation.records}
    found: list[Item] = []
    for row in table.rows:
        cited = [of_record[number] for cell in row for span in cell for number in span.cites]
        record = cited[0].record
        if organisation := by_record.get(record):
            found.append(Item("organisation", organisation.id, organisation.name, record))
        else:
            found.append(Item("record", record, cited[0].title, record))
    return found
