"""The overlaps views filled from the index, for the audience of each request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from bot.answers import phrases
from bot.answers.overlaps_compare import place_names
from bot.answers.pictures import planned
from bot.words import Words
from connectors import overlap_judging, overlap_overview
from connectors.identity import Identities, person_key
from connectors.overlap_judging import JudgementRequest
from connectors.overlap_pictures import Pictures, cells, pictures_for
from connectors.pictures.renderer import NotDrawn
from connectors.problems import status_of
from connectors.web import overlap_pages
from connectors.web.compare_view import Compared, compare_view
from connectors.web.initiative_lines import Lines, compare_href, pair_view
from connectors.web.overlap_pages import OverlapPages
from connectors.web.overlap_view import PAGE, Layout, address
from connectors.web.overlap_views import CompareView, OverlapForm, OverlapsView, QueueView
from connectors.web.rendering import language_of
from connectors.web.words import number, words
from knowledge.access import HOME_OWNER, Audience
from knowledge.countries import country_names
from knowledge.index import Index
from knowledge.keeping import NotKept, Who
from knowledge.overlap import judging, proposals, ranking
from knowledge.overlap.cells import busiest
from knowledge.overlap.labels import Label
from knowledge.overlap.proposals import Corrections, Proposal, UnreadableProposal
from knowledge.overlap.queue import WantedPairs, queue
from knowledge.overlap.ranking import Unknown, Wanted
from knowledge.overlap.standing import NotReady
from knowledge.overlap.wanted import MEET, SAME
from knowledge.records import Level
from knowledge.vocabulary import kinds

_QUEUED, _STARTS = 10, 8
_MOST_MONTHS, _MOST_ORGANISATIONS = 120, 50


class Unread(ValueError):
    """Something in the form names nothing: the key of what to say, and what was typed."""

    def __init__(self, key: str, typed: str) -> None:
        super().__init__(key)
        self.key, self.typed = key, typed


def router(index: Index, identities: Identities) -> APIRouter:
    """The routes of the overlaps views."""
    pictures = Pictures(index)

    def who(request: Request) -> Who:
        audience = identities.audience(request)
        return Who(audience, person_key(audience, identities.person(request)))

    async def overlaps(form: OverlapForm, request: Request) -> OverlapsView:
        asker, language = who(request), language_of(request)
        return await asyncio.to_thread(_overlaps if form.asks else _start, index, asker, form, language)

    async def compared(a: str, b: str, request: Request) -> CompareView:
        asker, language = who(request), language_of(request)
        if not (a and b):
            return CompareView(a, b)
        return await asyncio.to_thread(_compared, index, asker, a, b, language)

    async def queued(offset: int, request: Request) -> QueueView:
        asker, language = who(request), language_of(request)
        return await asyncio.to_thread(_queued, index, asker, offset, language)

    async def judge(fields: Mapping[str, str], request: Request) -> str:
        return await asyncio.to_thread(_judge, index, who(request), fields)

    async def picture(name: str, kind: str, request: Request) -> bytes | None:
        audience, parameters = identities.audience(request), request.query_params.multi_items()
        try:
            return await asyncio.to_thread(pictures.draw, name, kind, parameters, audience)
        except NotDrawn as error:
            raise HTTPException(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}. The table beside it says the same."
            ) from None

    routes = overlap_pages.router(OverlapPages(overlaps, compared, queued, judge, picture))
    routes.include_router(overlap_overview.router(index, identities))
    return routes


def _overlaps(index: Index, who: Who, form: OverlapForm, language: str) -> OverlapsView:
    said = words(language)
    try:
        form = _with_text(form)
        wanted, read = wanted_of(index, who.audience, form)
        found = ranking.meetings(index, who.audience, wanted, form.offset, PAGE)
    except Unread as error:
        return OverlapsView(form, problem=said[error.key].replace("{n}", error.typed))
    except Unknown:
        return OverlapsView(form, problem=said["not_an_initiative"].replace("{n}", form.record))
    except UnreadableProposal as error:
        return OverlapsView(form, problem=said[f"proposal_{error.code}"])
    except NotReady as error:
        return OverlapsView(form, waiting=_so_far(error, language))
    layout = Layout(found, form, language)
    rows = layout.rows()
    named = len(cells([found.hits[ident] for ident, _ in rows if ident in found.hits], language)[2])
    view = layout.view(
        read,
        may_judge=bool(who.organisation),
    )
    drawn = [(ident, relation) for ident, relation in rows if ident in found.hits]
    return replace(view, pictures=pictures_for(drawn, language, cells=named, planned=planned(found)))


def _start(index: Index, who: Who, form: OverlapForm, language: str) -> OverlapsView:
    """Where most initiatives overlap: of those that are not over, or of all where every one is."""
    try:
        graph = index.overlaps.graph(who.audience, 0)
    except NotReady:
        return OverlapsView(form)
    with index.home.database.read() as session:
        judged = {pair: each.label for pair, each in judging.judged(session, who.audience).items() if each.label}
    said, known = Words(language), country_names()
    found = []
    open_now = busiest(graph, open_on=index.today().toordinal(), judged=judged, limit=_STARTS)
    for cell in open_now or busiest(graph, judged=judged, limit=_STARTS):
        place = said.country(cell.place, known[cell.place][0]) if cell.place in known else ""
        if place:
            theme = phrases.theme_name(said, cell.theme)
            asked = OverlapForm(place=place, theme=theme, open=bool(open_now))
            found.append((f"{theme}, {place}", number(cell.pairs, language), address(asked)))
    every = "/overlaps/cells?open=1" if open_now else "/overlaps/cells"
    return OverlapsView(form, starts=tuple(found), cells_href=every)


def _so_far(error: NotReady, language: str) -> str:
    told = f"{number(error.done, language)} / {number(error.all, language)}"
    return words(language)["compared_so_far"].replace("{n}", told)


def _with_text(form: OverlapForm) -> OverlapForm:
    """The form with the text of its file, so that a person can correct it without choosing the file again. Raises
    UnreadableProposal."""
    if form.content is None:
        return form
    title, text = proposals.text_of_file(form.file, form.content)
    text = text[: proposals.MOST_CHARACTERS - len(title) - 1]
    return replace(form, proposal=f"{title}\n{text}" if title else text, content=None)


def wanted_of(index: Index, audience: Audience, form: OverlapForm) -> tuple[Wanted, Proposal | None]:
    """What the form asks for, and the proposal as it was read. Raises UnreadableProposal, Unread for unknown names.

    Beside a proposal, place, theme and period are what a person says instead of what was read of it.
    """
    places = _named(index, audience, form.place, "place")
    themes = _named(index, audience, form.theme, "theme")
    start, end = _day(form.start), _day(form.end)
    if form.proposal or form.file:
        corrections = Corrections(places=places or None, themes=themes or None, start=start, end=end)
        read = proposals.from_text(index, audience, form.proposal, corrections)
        return Wanted(proposal=read.record), read
    wanted = Wanted(
        record=form.record,
        places=places,
        themes=themes,
        organisations=_named(index, audience, form.organisation, "organisation")[:1],
        start=start,
        end=end,
        kinds=_kind(form.kind),
        starting_within=_number(form.within, _MOST_MONTHS),
        at_least=_number(form.least, _MOST_ORGANISATIONS),
        only_open=form.open,
        labels=_labels(form.label),
    )
    return wanted, None


def _named(index: Index, audience: Audience, typed: str, kind: str) -> tuple[str, ...]:
    """The ids of what was typed: by name, or an id; of an area ("Darfur") the places in it."""
    if not typed.strip():
        return ()
    found = [entity.value for entity in index.link(typed, audience).entities if entity.type == kind]
    ids = [str(one["id"]) for value in found for one in value.get("members") or [value]]
    if not ids:
        raise Unread("unread_name", typed)
    return tuple(dict.fromkeys(ids))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Unread("unread_date", typed) from None


def _kind(typed: str) -> tuple[str, ...]:
    if typed and typed not in kinds():
        raise Unread("unread_name", typed)
    return (typed,) if typed else ()


def _labels(typed: str) -> tuple[Label, ...]:
    if typed and typed not in (*MEET, *SAME):
        raise Unread("unread_name", typed)
    return (Label(typed),) if typed else MEET


def _number(typed: str, most: int) -> int:
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= most):
        raise Unread("unread_number", typed)
    return int(typed)


def _compared(index: Index, who: Who, a: str, b: str, language: str) -> CompareView:
    said = words(language)
    try:
        found = Compared.read(index, who, a, b)
    except Unknown as error:
        return CompareView(a, b, problem=said["not_an_initiative"].replace("{n}", str(error)))
    except NotReady as error:
        return CompareView(a, b, waiting=_so_far(error, language))
    rows = [(found.a, ""), (found.b, "")]
    return replace(
        compare_view(found, index.today(), language),
        pictures=pictures_for(rows, language, cells=0),
        may_judge=bool(who.organisation),
        may_share=HOME_OWNER in who.audience.organisations,
    )


def _queued(index: Index, who: Who, offset: int, language: str) -> QueueView:
    try:
        found = queue(index, who, WantedPairs(), offset=offset, limit=_QUEUED)
    except NotReady as error:
        return QueueView(waiting=_so_far(error, language))
    idents = [ident for pair in found.pairs for ident in (pair.a, pair.b)]
    with index.home.database.read() as session:
        lines = Lines.of(session, idents, who.audience, index.today(), language)
        names = place_names(session, [clause for pair in found.pairs for clause in pair.clauses])
    pairs = []
    for one in found.pairs:
        chances = {one.label: one.probability, one.other: one.other_probability}
        href = compare_href(one.a, one.b)
        told = pair_view(lines, one.a, one.b, one.label, chances, one.clauses, names, one.judgement, href=href)
        pairs.append((lines.line(one.a), lines.line(one.b), told))
    last = found.offset + len(found.pairs)
    return QueueView(
        pairs=tuple(pairs),
        total=found.total,
        previous=f"/overlaps/queue?offset={max(0, offset - _QUEUED)}" if offset else "",
        next=f"/overlaps/queue?offset={last}" if last < found.total else "",
        shown=f"{found.offset + 1}–{last} / {number(found.total, language)}" if found.pairs else "",
        may_judge=bool(who.organisation),
    )


def _judge(index: Index, who: Who, fields: Mapping[str, str]) -> str:
    """Raises HTTPException."""
    try:
        if fields.get("what") == "undo":
            overlap_judging.undo(index, who, fields.get("undo", ""))
            return "undone"
        says = "skip" if fields.get("what") == "skip" else fields.get("label", "")
        asked = JudgementRequest.model_validate(
            {
                "a": fields.get("a", ""),
                "b": fields.get("b", ""),
                "says": says,
                "shown": fields.get("shown") or None,
                "reason": fields.get("reason", ""),
                "audience": Level.PUBLIC if fields.get("share") else Level.OWN,
            }
        )
        overlap_judging.judge(index, who, asked)
    except NotKept as error:
        raise HTTPException(status_of(error), f"{error}.") from None
    except ValidationError:
        raise HTTPException(
            HTTPStatus.UNPROCESSABLE_ENTITY, "Name two records and what they are to each other."
        ) from None
    return "saved"
