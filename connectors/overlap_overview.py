"""The views over all overlaps, filled from the index for the audience of each request."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request

from connectors import overlap_cells
from connectors.client import CommandError, NotYet
from connectors.identity import Identities, person_key
from connectors.web import cell_pages
from connectors.web.cell_pages import CellPages, CellsView, EntryView, JudgementsView
from connectors.web.initiative_lines import Lines, compare_href, said_by
from connectors.web.overlap_views import RecordLine
from connectors.web.rendering import language_of
from connectors.web.words import day, number, words
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.overlap import judgements
from knowledge.overlap.judgements import State

_LISTED = 20


def router(index: Index, identities: Identities) -> APIRouter:
    """The routes of the busiest cells and of the judgements."""

    async def cells(request: Request) -> CellsView:
        form, language = overlap_cells.form_of(request.query_params), language_of(request)
        return await asyncio.to_thread(overlap_cells.view, index, identities.audience(request), form, language)

    async def csv(request: Request) -> str:
        form, language = overlap_cells.form_of(request.query_params), language_of(request)
        try:
            return await asyncio.to_thread(overlap_cells.as_csv, index, identities.audience(request), form, language)
        except NotYet as error:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}.") from None
        except CommandError as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error}.") from None

    async def said(offset: int, request: Request) -> JudgementsView:
        audience = identities.audience(request)
        who = Who(audience, person_key(audience, identities.person(request)))
        return await asyncio.to_thread(_judgements, index, who, offset, language_of(request))

    return cell_pages.router(CellPages(cells, csv, said))


def _judgements(index: Index, who: Who, offset: int, language: str) -> JudgementsView:
    told = words(language)
    with index.home.database.read() as session:
        every = judgements.history(session, who.audience)
        shown = every[offset : offset + _LISTED]
        idents = [ident for entry in shown for ident in (entry.judgement.a, entry.judgement.b)]
        lines = Lines.of(session, idents, who.audience, index.today(), language)
    entries = []
    for entry in shown:
        one = entry.judgement
        mine = one.mine and entry.state in (State.COUNTS, State.STANDS, State.SKIPPED)
        made = f"{one.by}, {day(one.at.date(), language)}"
        entries.append(
            EntryView(
                lines.line(one.a) if one.a in lines.hits else RecordLine(one.a, one.a),
                lines.line(one.b) if one.b in lines.hits else RecordLine(one.b, one.b),
                told=said_by(lines, one) if one.label else made,
                state=told[f"state_{entry.state.value}"],
                reason=one.reason,
                href=compare_href(one.a, one.b) if {one.a, one.b} <= lines.hits.keys() else "",
                undo=one.id if mine else "",
            )
        )
    last = offset + len(shown)
    return JudgementsView(
        tuple(entries),
        shown=f"{offset + 1}–{last} / {number(len(every), language)}" if shown else "",
        previous=f"/overlaps/judgements?offset={max(0, offset - _LISTED)}" if offset else "",
        next=f"/overlaps/judgements?offset={last}" if last < len(every) else "",
    )
