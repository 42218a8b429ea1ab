"""What two or more records are to each other: which are meant, what is asked for where one is missing, the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from sqlalchemy.orm import Session

from bot.actions import said
from bot.actions.context import Item, Request, pointed_at
from bot.answers import overlaps_compare, overlaps_found, record
from bot.answers.overlaps_pairs import several
from bot.answers.talk import ask_back
from knowledge.finding import Hit
from knowledge.overlap.comparing import Compared, compare
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.judging import Judgement, judged
from knowledge.overlap.profiles import INITIATIVES
from knowledge.overlap.standing import NotReady
from knowledge.reply import Answer, OrganisationReading, Query
from knowledge.text import tokens

OF_OVERLAPS = frozenset({"find_overlaps", "compare_records"})
_MOST_COMPARED = 4
_SENT_AGAIN = 300


def compare_records(session: Session, request: Request) -> Answer:
    """What the records that are meant are to each other; asks for the one that is missing."""
    request.context.clarification = None
    query = request.query
    query.intent, query.records = "compare_records", _meant(request)
    words = request.words_of
    if picked := _organisations(session, request):
        return _between(session, request, picked)
    if len(query.records) > _MOST_COMPARED:
        return record.say(words, query, words("compare_two", n=_MOST_COMPARED))
    hits = record.by_ids(session, query.records, request.audience)
    if unknown := _unknown(query.records, hits):
        return record.say(words, query, words("record_unknown", id=unknown), tone="warning")
    if len(hits) < len(("one", "other")):
        return ask_for_more(request, query, hits)
    return compared(session, request, query, hits)


def _organisations(session: Session, request: Request) -> list[OrganisationReading]:
    """The organisations of the rows pointed at, where what speaks for them is no initiative but a row of a table."""
    rows = _rows(request)
    if len(rows) < len(("one", "other")) or any(row.type != "organisation" for row in rows):
        return []
    hits = record.by_ids(session, [row.record for row in rows], request.audience)
    if all(hit.kind in INITIATIVES for hit in hits):
        return []
    return [OrganisationReading(id=row.id, name=row.name) for row in rows]


def _between(session: Session, request: Request, organisations: list[OrganisationReading]) -> Answer:
    """Where the initiatives of these organisations meet, within the question that listed them."""
    request.intent = request.query.intent = "find_overlaps"
    request.query.organisations, request.query.records = organisations, []
    request.message.ordinals, request.continued = [], True
    request.context.proposal = ""
    return request.capability("find_overlaps")(session, request)


def _rows(request: Request) -> list[Item]:
    """The rows that the message points at; "the first and the third" are two, also where only one is read as a pick."""
    words = tokens(request.text)
    found = sorted((at[0], number) for number in range(1, 6) if (at := said.find(words, f"row_{number}")))
    for listed in (request.context.listed, request.context.earlier):
        rows = [listed[number - 1] for _, number in found if number <= len(listed)]
        if len(rows) >= len(("one", "other")):
            return rows
    return pointed_at(request)


def _unknown(ids: Sequence[str], hits: Sequence[Hit]) -> str:
    known = {hit.id.casefold() for hit in hits}
    return next((ident for ident in ids if ident.casefold() not in known), "")


def _meant(request: Request) -> list[str]:
    """The records to compare: named, pointed at, spoken of before, or those that still waited for the other one."""
    context, message = request.context, request.message
    rows = _rows(request)
    if pairs := [pair for row in rows if (pair := overlaps_found.pair_of(row))]:
        return list(pairs[0])
    named = list(dict.fromkeys([*message.records, *(row.record for row in rows if row.record)]))
    if len(named) >= 2:
        return named
    asked = context.asked
    before = asked.records if asked is not None and asked.intent in OF_OVERLAPS else []
    if named:
        waiting = before[:1] if len(before) == 1 else []
        spoken = [context.described] if context.described and asked is not None and not waiting else []
        return list(dict.fromkeys([*(waiting or spoken), *named]))
    listed = [item.record for item in context.listed if item.type in ("record", "organisation") and item.record]
    if len(listed) == 2 and said.says(request.text, "same_two"):
        return listed
    if len(context.listed) == 1 and (pair := overlaps_found.pair_of(context.listed[0])):
        return list(pair)
    if len(before) >= 2:
        return before
    return (
        listed if len(listed) == 2 and not context.described else [context.described] if context.described else before
    )


def ask_for_more(request: Request, query: Query, hits: Sequence[Hit]) -> Answer:
    """Asks for the record that is missing, or for both."""
    words = request.words_of
    listed = [item for item in request.context.listed if item.type == "record" and item.record]
    if not hits:
        sends = [words("send_compare", id=a.record, other=b.record) for a, b in combinations(listed[:2], 2)]
        return ask_back(words, query, words("compare_which"), [(send, send) for send in sends])
    title = hits[0].title or hits[0].id
    others = [item for item in listed if item.record != hits[0].id][:3]
    options = [(item.name or item.record, words("send_compare", id=hits[0].id, other=item.record)) for item in others]
    return ask_back(words, query, words("compare_with_which", title=title), options)


def compared(session: Session, request: Request, query: Query, hits: Sequence[Hit]) -> Answer:
    """The answer for two records or more, or why there is none."""
    words = request.words_of
    try:
        corpus = request.index.overlaps.corpus(request.audience)
    except NotReady as unready:
        return not_ready(request, query, unready)
    if other := next((hit for hit in hits if hit.id not in corpus.index), None):
        return record.say(words, query, words("not_an_initiative", title=other.title or other.id), tone="warning")
    pairs = list(combinations([hit.id for hit in hits], 2))
    found = compare(corpus, pairs)
    known = judged(session, request.audience, pairs)
    if len(pairs) > 1:
        answer = several(query, words, hits, found, known, request.index.today())
        request.context.listed = [Item("meeting", f"{each.a}\n{each.b}", "", each.a) for each in found]
        return answer
    if len(request.message.records) > 1 and request.intent == "compare_records" and not pointed_at(request):
        request.context.listed = [Item("record", hit.id, hit.title, hit.id) for hit in hits]
        request.context.described = ""
    return _pair(session, request, query, hits, corpus, found[0], known)


def _pair(
    session: Session,
    request: Request,
    query: Query,
    hits: Sequence[Hit],
    corpus: Corpus,
    found: Compared,
    known: Mapping[frozenset[str], Judgement],
) -> Answer:
    one, other = hits
    sides = corpus.profiles[corpus.index[one.id]], corpus.profiles[corpus.index[other.id]]
    judgement = known.get(frozenset((one.id, other.id)))
    return overlaps_compare.answer(
        session, query, request.words_of, request.index.today(), (one, other), sides, found, judgement
    )


def not_ready(request: Request, query: Query, unready: NotReady) -> Answer:
    """How far the comparing is, with the question to ask again."""
    words = request.words_of
    text = (
        words("still_comparing", done=unready.done, all=unready.all)
        if unready.done and unready.all
        else words("still_reading")
    )
    again = request.text if len(request.text) <= _SENT_AGAIN else ""
    return ask_back(words, query, text, [(words("button_again"), again)] if again else [])
