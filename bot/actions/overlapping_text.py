"""A pasted text as something planned: what is read from it, and the record that is compared and never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from bot.actions import understanding
from bot.actions.context import Request
from bot.actions.forms import storing
from bot.answers import overlaps_telling as telling
from bot.answers import phrases
from bot.words import Words
from knowledge.access import HOME_OWNER
from knowledge.answers import Ledger, summary, text
from knowledge.finding import Hit
from knowledge.overlap import proposals
from knowledge.overlap.meetings import Meeting, Meetings
from knowledge.overlap.proposals import Corrections
from knowledge.records import Record, Role
from knowledge.reply import (
    Answer,
    Button,
    Coverage,
    Notice,
    Paragraph,
    Part,
    PeriodReading,
    PlaceReading,
    Query,
    Reply,
    Span,
    ThemeReading,
)
from knowledge.store import models as m

_TITLE = 120


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text as it was read: the record to compare, which is never stored, and the readings as a question has them."""

    record: Record
    read: Query
    organisations: tuple[str, ...] = ()


def pasted(session: Session, request: Request, written: str) -> Pasted:
    """Reads the text. What a follow-up names stands in its place: "no, Turkana". Raises UnreadableProposal."""
    corrections = Corrections(organisation=_own(request))
    if request.continued:
        now = request.query
        read = _linked(request, written)
        if now.places and {one.id for one in now.places} != {one.id for one in read.places}:
            written = _moved(request, written, now.places)
            corrections = replace(corrections, places=tuple(place.id for place in now.places))
        if now.themes:
            corrections = replace(corrections, themes=tuple(theme.id for theme in now.themes))
        corrections = replace(corrections, start=now.period.start, end=now.period.end)
    proposal = proposals.from_text(request.index, request.audience, written, corrections)
    known = {place.id: place for place in (*_linked(request, written).places, *request.query.places)}
    period = proposal.record.period
    return Pasted(
        proposal.record,
        Query(
            intent="find_overlaps",
            places=[known.get(ident) or _reading(session, ident, name) for ident, name in proposal.places],
            themes=[ThemeReading(id=ident, name=name) for ident, name in proposal.themes],
            period=PeriodReading(start=period.start, end=period.end),
        ),
        tuple(name for name, role in proposal.organisations if role is not Role.REPORTING),
    )


def _own(request: Request) -> str:
    """Whose plan it is: the organisation that the person speaks for, where the installation has a name for it."""
    who = storing.who(request)
    return who.name if who.organisation and who.organisation != HOME_OWNER else ""


def _linked(request: Request, written: str) -> Query:
    linked = request.index.link(written, request.audience).as_json()
    return understanding.fresh("find_overlaps", understanding.read(linked["entities"], written, "find_overlaps"), "")


def _moved(request: Request, written: str, places: Sequence[PlaceReading]) -> str:
    """The text with other places in it: what it says of where is not to speak against the correction."""
    entities = request.index.link(written, request.audience).as_json()["entities"]
    spans = sorted((e["start"], e["end"]) for e in entities if e["type"] == "place")
    for number, (start, end) in reversed(list(enumerate(spans))):
        written = written[:start] + (", ".join(place.name for place in places) if not number else "") + written[end:]
    return written


def _reading(session: Session, ident: str, name: str) -> PlaceReading:
    row = session.get(m.PlaceRow, ident)
    country, level = (row.country, row.level) if row is not None else ("", 0)
    return PlaceReading(id=ident, name=name, country=country, level=level)


def read_back(words: Words, text: Pasted) -> list[Part]:
    """How the text was read, so that a person can put it right; and that it is not kept."""
    read, period = text.read, text.read.period
    when = ""
    if period.start or period.end:
        start = words.date(period.start) if period.start else words("open_start")
        end = words.date(period.end) if period.end else words("open_end")
        when = words("period_from_to", start=start, end=end)
    amounts = [f"{words.number(round(money.amount))} {money.currency}" for money in text.record.money]
    facets = [phrases.themes(words, read), phrases.places(words, read.places), when, *amounts, *text.organisations]
    listed = "; ".join(filter(None, facets))
    said = words("proposal_read", list=listed) if read.places or read.themes else words("proposal_unread")
    return [Notice(tone="info", spans=[Span(text=f"{said} {words('proposal_not_kept')}")])]


def why_of_text(words: Words, query: Query, found: Meetings, meeting: Meeting, hit: Hit, today: date) -> Answer:
    """Why the text and one record meet: as for two records, but that only one of them can be cited."""
    ledger, pair = Ledger(), meeting.pairs[0]
    cites = [ledger.record(hit)]
    called = words("your_text"), phrases.cut(hit.publisher or hit.title, _TITLE)
    told = telling.told(words, pair.clauses, called, (query.period.end, hit.end), found.names, today)
    lang = hit.language if hit.language != words.language else ""
    title = [
        Span(text=f"{words('your_text')} {words('compared_with')} "),
        Span(text=f"“{hit.title}”", lang=lang, strong=True),
    ]
    parts: list[Part] = [
        Paragraph(spans=[*title, Span(text=telling.by(words, hit), cites=cites)]),
        text(*telling.verdict(words, pair.label, pair.probabilities, over=telling.is_over(hit, today)), cites=cites),
    ]
    if told.shared:
        parts.append(text(words("pair_for"), *told.shared, cites=cites))
    if told.parting:
        parts.append(text(words("pair_against"), *told.parting, cites=cites))
    if told.between:
        parts.append(text(*told.between, cites=cites))
    stands = phrases.standing(words, hit, hit.standing(today))
    parts.append(text(f"{words('record_status')}: {stands}.", cites=cites))
    sends = [words("send_describe", id=hit.id), words("send_overlaps_of", id=hit.id)]
    return Answer(
        reply=Reply(
            language=words.language,
            parts=parts,
            citations=ledger.citations,
            buttons=[Button(title=send, send=send) for send in sends],
        ),
        query=query,
        records=[summary(hit)],
        coverage=Coverage(state="reported", as_of=today),
    )
