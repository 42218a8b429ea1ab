"""One record described, and where what was said comes from."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.actions.asking import answer_who
from bot.actions.context import Item, Request, pointed_at
from bot.actions.open_questions import answer_open, is_open
from bot.answers import record, texts, who
from knowledge.finding import Hit
from knowledge.reply import Answer, OrganisationReading, Query

_OF_LISTS = frozenset({"who_does_what", "describe_record"})
"""Intents whose answers may be a list: an organisation that was picked from one is read as a record is."""


def describe(session: Session, request: Request) -> Answer:
    """A record by its identifier, by its row, or the one spoken of; for a row of organisations, what it does."""
    request.context.clarification = None
    request.query.intent = "describe_record"
    if request.message.records:
        request.query.records = request.message.records
        return _described(session, request)
    rows = pointed_at(request)
    if of_organisations := [row for row in rows if row.type == "organisation"]:
        return _organisations(session, request, of_organisations)
    if rows and rows[0].type == "watch":
        return request.capability("list_watches")(session, request)
    query = _of_rows(request)
    query.intent = "describe_record"
    query.records = [row.record for row in rows] or ([] if _points(request) else _spoken_of(request))
    request.query = query
    return _described(session, request)


def _described(session: Session, request: Request) -> Answer:
    if is_open(request):
        return answer_open(session, request)
    if len(request.query.records) > 1:
        answer = record.several(session, request.query, request.audience, request.words_of, request.index.today())
        if answer.records:
            request.context.listed = [Item("record", one.id, one.title, one.id) for one in answer.records]
            request.context.described = ""
        return answer
    answer = record.describe(session, request.query, request.audience, request.words_of, request.index.today())
    if answer.records:
        request.context.described = answer.records[0].id
    return answer


def _organisations(session: Session, request: Request, picked: list[Item]) -> Answer:
    """What the organisations of these rows do, within the question that listed them."""
    query = _of_rows(request)
    query.intent, query.records, query.offset = "who_does_what", [], 0
    query.organisations = [OrganisationReading(id=row.id, name=row.name) for row in picked]
    query.organisation_kinds = []
    query.excluding.organisations, query.excluding.organisation_kinds = [], []
    context = request.context
    rows = context.earlier if picked[0] in context.earlier else context.listed
    answer = answer_who(session, request, query)
    context.earlier = rows
    if request.intent == "describe_record":
        answer.query = query.model_copy(update={"intent": "describe_record"})
    return answer


def _of_rows(request: Request) -> Query:
    """The question that listed the rows, whose facets a pick from them takes over."""
    return request.context.query.model_copy(deep=True) if request.context.query else request.query


def _points(request: Request) -> bool:
    return bool(request.message.ordinals)


def _spoken_of(request: Request) -> list[str]:
    """The record that "it" means: the one named before, else the only or first one that was listed."""
    context = request.context
    if context.described:
        return [context.described]
    if context.asked is not None and context.asked.records:
        return context.asked.records
    return [context.listed[0].record] if context.listed else []


def provenance(session: Session, request: Request) -> Answer:
    """Of a record or a place, where the message names one; else of the last answer; else of the whole index."""
    message, context, query = request.message, request.context, request.query
    query.intent = "provenance"
    if rows := pointed_at(request) if _points(request) else []:
        query.records = [row.record for row in rows]
    named = bool(message.records or message.places or query.records)
    before = context.asked
    of_one = before is None or before.intent == "describe_record"
    if not named and context.described and of_one:
        query.records = [context.described]
    elif not named and before is not None and (hits := _behind(session, request, before)) is not None:
        request.query = query = before.model_copy(update={"intent": "provenance", "records": [], "offset": 0})
        today = request.index.today()
        return record.provenance_of_answer(session, query, hits, request.audience, request.words_of, today)
    return record.provenance(session, query, request.audience, request.words_of, request.index.today())


def _behind(session: Session, request: Request, before: Query) -> list[Hit] | None:
    """The records that the last answer rests on: of a list all that it counted, else those that it showed."""
    listed = request.context.query
    if before.intent in _OF_LISTS and listed is not None and listed.intent == "who_does_what":
        asked = texts.found(request.index.home, session, listed, request.audience)
        return list(who.findings(session, listed, request.audience, request.index.today(), asked).hits)
    return record.by_ids(session, request.context.cited, request.audience) or None
