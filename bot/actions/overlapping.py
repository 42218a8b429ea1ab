"""Messages that go on from an answer about overlaps: why, which row, the record that was still missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sqlalchemy.orm import Session

from bot.actions import overlapping_judged, said
from bot.actions.context import Capability, Item, Request, beside_names, only_rows, pointed_at
from bot.actions.following import refine
from bot.actions.overlapping_found import find_overlaps
from bot.actions.overlapping_pairs import OF_OVERLAPS, ask_for_more, compare_records, compared, not_ready
from bot.actions.overlapping_text import pasted, why_of_text
from bot.actions.steering import SURE, nothing_but_names
from bot.answers import overlaps_compare, overlaps_found, record
from bot.answers.talk import ask_back
from knowledge.finding import Hit
from knowledge.overlap.comparing import Compared, compare
from knowledge.overlap.judging import judged
from knowledge.overlap.labels import Label
from knowledge.overlap.ranking import Wanted, meetings
from knowledge.overlap.standing import NotReady
from knowledge.reply import Answer, Query
from knowledge.text import tokens

_WHY_UPTO, _BARE_WHY = 8, 2
_ALL = 200


def following(request: Request) -> Capability | None:
    """What a message is that goes on from an answer about overlaps: "why?", "why not the third?", "the second one"."""
    asked, message = request.context.asked, request.message
    if overlapping_judged.takes_back(request):
        return overlapping_judged.taken_back
    if asked is None or asked.intent not in OF_OVERLAPS or request.filling:
        return None
    names = bool(message.places or message.themes or message.organisations)
    open_still = asked.intent == "find_overlaps" and not (asked.places or asked.themes or asked.records)
    if names and open_still and not request.context.proposal and nothing_but_names(request):
        return refine
    if names:
        return None
    words = tokens(request.text)
    taught = request.intent == "learn" and request.sure >= SURE and len(words) > _BARE_WHY and not pointed_at(request)
    if said.says(request.text, "why") and len(words) <= _WHY_UPTO and not taught:
        return _why
    if asked.intent == "find_overlaps" and only_rows(request):
        return _why
    waits = asked.intent == "compare_records" and len(asked.records) == 1
    if waits and (message.records or pointed_at(request)) and _nothing_else(request):
        return compare_records
    return None


def _nothing_else(request: Request) -> bool:
    """Whether a message is a record or a row and small words: "XX-1", "with the third one"."""
    known = said.words_in("small", "goes_on", "row_words", "last_rows", "yes_words", *(f"row_{n}" for n in range(1, 6)))
    rest = tokens(beside_names(request))
    return all(word.form.isdecimal() or known & set(word.forms) for word in rest)


def _why(session: Session, request: Request) -> Answer:
    """The reasons behind the last answer, or behind one row of it."""
    context = request.context
    asked = context.asked
    assert asked is not None
    rows = pointed_at(request)
    request.intent = "compare_records"
    if asked.intent == "compare_records" and len(asked.records) == 2 and not (rows or request.message.records):
        hits = record.by_ids(session, asked.records, request.audience)
        return overlaps_compare.quoted(
            session, asked, request.words_of, request.index.today(), hits, _clauses(request, hits)
        )
    row = rows[0] if rows else context.listed[0] if context.listed else None
    if asked.intent == "find_overlaps" and not request.message.records:
        if not context.listed:
            # Nothing was found, or the comparing was not done yet: what is known now is the reason.
            request.query, request.intent, request.continued = asked, "find_overlaps", True
            return find_overlaps(session, request)
        if not (asked.records or context.proposal) and _in_vain(context.listed):
            return _why_none(request, asked)
    ids = list(request.message.records[:1]) or ([row.record] if row else [])
    if not request.message.records and row is not None and (pair := overlaps_found.pair_of(row)):
        ids = list(pair)
    elif asked.records and ids:
        ids = [asked.records[0], *ids]
    elif context.proposal and ids:
        return _why_of_text(session, request, asked, ids[0])
    ids = list(dict.fromkeys(ids))
    request.query = asked.model_copy(update={"intent": "compare_records", "records": ids, "offset": 0})
    request.message.records, request.message.ordinals = list(dict.fromkeys(ids)), []
    hits = record.by_ids(session, ids, request.audience)
    if len(hits) < len(("one", "other")):
        return ask_for_more(request, request.query, hits)
    return compared(session, request, request.query, hits)


def _in_vain(listed: Sequence[Item]) -> bool:
    """Whether what was listed is what was compared, and no two of it met."""
    return not any(overlaps_found.pair_of(item) for item in listed)


def _why_none(request: Request, asked: Query) -> Answer:
    words = request.words_of
    pairs = combinations([item.record for item in request.context.listed[:3]], 2)
    sends = [words("send_compare", id=one, other=other) for one, other in pairs]
    request.intent = "find_overlaps"
    return ask_back(words, asked, words("why_none"), [(send, send) for send in sends])


def _clauses(request: Request, hits: Sequence[Hit]) -> Compared | None:
    try:
        corpus = request.index.overlaps.corpus(request.audience)
        return compare(corpus, [(hits[0].id, hits[1].id)])[0] if len(hits) == 2 else None
    except (NotReady, KeyError):
        return None


def _why_of_text(session: Session, request: Request, asked: Query, ident: str) -> Answer:
    """Why the text that was compared last and one record meet."""
    words, written = request.words_of, request.context.proposal
    request.query, request.continued = asked, True
    hits = record.by_ids(session, [ident], request.audience)
    try:
        wanted = Wanted(proposal=pasted(session, request, written).record, labels=tuple(Label))
        found = meetings(request.index, request.audience, wanted, 0, _ALL, judged=judged(session, request.audience))
    except NotReady as unready:
        return not_ready(request, asked, unready)
    each = (*found.meetings, *found.same)
    meeting = next((m for m in each if m.pairs and ident in (m.headings[-1].lead, *m.headings[-1].records)), None)
    if not hits or meeting is None:
        said = words("text_unrelated") if hits else words("record_unknown", id=ident)
        return record.say(words, asked, said, tone="warning")
    return why_of_text(words, asked, found, meeting, hits[0], request.index.today())
