"""Which initiatives meet: of a record, of a pasted text, of an organisation, or at a place and on a theme."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

from sqlalchemy.orm import Session

from bot.actions import overlapping_asked, said, understanding
from bot.actions.asking import clarify, resume, returned
from bot.actions.context import Request, pointed_at
from bot.actions.forms import storing
from bot.actions.overlapping_pairs import not_ready
from bot.actions.overlapping_text import pasted, read_back
from bot.answers import overlaps_found, record
from bot.answers.talk import ask_back
from knowledge.access import HOME_OWNER
from knowledge.overlap.judging import judged
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import Heading, Meetings
from knowledge.overlap.proposals import UnreadableProposal
from knowledge.overlap.ranking import Unknown, Wanted, meetings
from knowledge.overlap.standing import NotReady
from knowledge.overlap.wanted import MEET
from knowledge.records import Record
from knowledge.reply import Answer
from knowledge.text import fold, tokens
from knowledge.whowhatwhere import Without

_TEXT_FROM = 30
"""Words from which a message that points at no record is a text to be compared."""
_PLAN_FROM = 20
"""Words from which a message with a place, a time to come and what is done is a plan."""
_PROPOSED_FROM = 9
"""Words from which a message is one that says it speaks of something planned."""
_ALL = 200


def find_overlaps(session: Session, request: Request) -> Answer:
    """Of a record or of a pasted text, what meets it; else who should meet where a place or theme is named."""
    if option := returned(request):
        return resume(session, request, option)
    query, context = request.query, request.context
    text = _proposal(request)
    if request.message.ambiguities and not text:
        return clarify(request, query, request.message.ambiguities[0])
    query.intent = "find_overlaps"
    if not text:
        _about(request)
        if len(query.records) == 2:
            request.message.records = query.records
            return request.capability("compare_records")(session, request)
    context.query, context.clarification, context.proposal = query, None, text
    try:
        if text:
            return _of_text(session, request, text)
        if query.records:
            return _of_record(session, request)
        if not request.continued and overlapping_asked.own(request) and (refusal := _own(request)):
            return refusal
        if not (query.places or query.themes or query.organisations):
            return _ask(session, request)
        return _at_place(session, request)
    except NotReady as unready:
        # The rows of an earlier answer are not those of this question.
        context.listed, context.described = [], ""
        return not_ready(request, query, unready)


def _proposal(request: Request) -> str:
    """The text that is to be compared: pasted now, or before and gone on from; "" where none is meant."""
    message = request.message
    if request.attached:
        return request.attached
    if request.continued:
        return request.context.proposal if not request.query.records else ""
    if message.records or message.ordinals or pointed_at(request):
        return ""
    size = len(tokens(request.text))
    planned = message.places and message.period and message.period.end and message.period.end > request.index.today()
    if (
        size >= _TEXT_FROM
        or (size >= _PLAN_FROM and planned and _content(request))
        or (size >= _PROPOSED_FROM and said.says(request.text, "proposes") and _content(request))
    ):
        return request.text
    return ""


def _content(request: Request) -> bool:
    """Whether a message says what is planned, and not only that there is a plan."""
    return bool(request.message.themes or request.words)


def _about(request: Request) -> None:
    """Puts the record that is spoken of into the question. What stood around it before narrows nothing by itself."""
    query, message, context = request.query, request.message, request.context
    if not query.records and not request.continued:
        one = context.described or next(iter(context.asked.records if context.asked else ()), "")
        bare = not (message.names_something or query.words)
        if one and bare and (said.means_one_thing(request.text) or not (query.places or query.themes)):
            query.records = [one]
        elif bare and context.described:
            query.records = [context.described]
    if query.records and not request.continued:
        query.places, query.themes, query.organisations = message.places, message.themes, message.organisations
        query.organisation_kinds, query.excluding, query.words = message.kinds, message.excluding, ""
        request.kept = []
    if not request.continued:
        query.words = " ".join(word for word in query.words.split() if fold(word) not in said.words_in("overlapping"))
    if not request.continued and (least := overlapping_asked.at_least(request)):
        query.at_least = least
        counted = overlapping_asked.numbers() | said.words_in("one_area")
        query.words = " ".join(word for word in query.words.split() if fold(word) not in counted)
    if not request.continued and (labels := overlapping_asked.labels(request.text)):
        query.labels = [label.value for label in labels]
        named = said.words_in(*(f"asks_{label}" for label in labels), "many_records")
        query.words = " ".join(word for word in query.words.split() if fold(word) not in named)


def _wanted(request: Request, subject: str = "") -> Wanted:
    query, today = request.query, request.index.today()
    period, out = query.period, query.excluding
    now = period.start == period.end == today
    within = 0
    if overlapping_asked.starting(request) and period.end:
        within = max(1, (period.end.year - today.year) * 12 + period.end.month - today.month)
    return Wanted(
        record=subject,
        places=tuple(place.id for place in query.places),
        themes=tuple(theme.id for theme in query.themes),
        organisations=tuple(organisation.id for organisation in query.organisations),
        start=None if now or within else period.start,
        end=None if now or within else period.end,
        kinds=tuple(query.organisation_kinds),
        starting_within=within,
        at_least=0 if subject else query.at_least,
        labels=tuple(map(Label, query.labels)) or MEET,
        only_open=now or said.says(request.text, "still"),
        without=Without(
            places=tuple(place.id for place in out.places),
            themes=tuple(theme.id for theme in out.themes),
            organisations=tuple(organisation.id for organisation in out.organisations),
            kinds=tuple(out.organisation_kinds),
        ),
    )


def _of_record(session: Session, request: Request) -> Answer:
    query, words = request.query, request.words_of
    hits = record.by_ids(session, query.records[:1], request.audience)
    if not hits:
        return record.say(words, query, words("record_unknown", id=query.records[0]), tone="warning")
    try:
        found = _met(session, request, _wanted(request, hits[0].id))
    except Unknown:
        return record.say(words, query, words("not_an_initiative", title=hits[0].title or hits[0].id), tone="warning")
    page = overlaps_found.Found(query, words, found)
    answer = page.answer(before=page.readings(request.kept))
    return _listed(request, answer, page)


def _of_text(session: Session, request: Request, written: str) -> Answer:
    """What a pasted text meets. Nothing of it is stored: the record is made for this question."""
    query, words = request.query, request.words_of
    try:
        text = pasted(session, request, written)
    except UnreadableProposal:
        return record.say(words, query, words("proposal_paste"), tone="warning")
    found = _met(session, request, _narrowed(request, text.record))
    query.places, query.themes, query.period = text.read.places, text.read.themes, text.read.period
    query.records, query.words = [], ""
    page = overlaps_found.Found(query, words, found)
    before = [] if query.offset else read_back(words, text)
    return _listed(request, page.answer(before=before, offers=[words("send_register")]), page)


def _narrowed(request: Request, proposal: Record) -> Wanted:
    """What the text meets, narrowed by who does the work: where, what and when are those of the text itself."""
    wanted = _wanted(request)
    return replace(wanted, proposal=proposal, places=(), themes=(), start=None, end=None, at_least=0, starting_within=0)


def _at_place(session: Session, request: Request) -> Answer:
    query, words = request.query, request.words_of
    if len(query.organisations) > 1 and not (query.at_least or query.labels):
        found = _of_organisations(session, request)
    else:
        found = _met(session, request, _wanted(request))
    page = overlaps_found.Found(query, words, found)
    answer = page.answer(before=page.readings(request.kept))
    return _listed(request, answer, page)


def _of_organisations(session: Session, request: Request) -> Meetings:
    """Meetings of the work of several organisations with each other."""
    query, limit = request.query, overlaps_found.SCREENFUL
    ids = [organisation.id for organisation in query.organisations]
    known = judged(session, request.audience)
    every = meetings(request.index, request.audience, _wanted(request), 0, _ALL, judged=known)

    def who(heading: Heading) -> set[str]:
        hits = (every.hits[ident] for ident in heading.records if ident in every.hits)
        return {part.organisation for hit in hits for part in hit.organisations} & set(ids)

    found = []
    for meeting in every.meetings:
        takes_part = [who(heading) for heading in meeting.headings]
        across = any(a != b for a, b in combinations(takes_part, 2))
        if across and set().union(*takes_part) == set(ids):
            found.append(meeting)
    counts = Counter(meeting.label for meeting in found)
    page = tuple(found[query.offset : query.offset + limit])
    return replace(every, meetings=page, total=len(found), offset=query.offset, limit=limit, by_label=counts)


def _met(session: Session, request: Request, wanted: Wanted) -> Meetings:
    known = judged(session, request.audience)
    limit = overlaps_found.SCREENFUL
    return meetings(request.index, request.audience, wanted, request.query.offset, limit, judged=known)


def _listed(request: Request, answer: Answer, page: overlaps_found.Found) -> Answer:
    if request.query.offset and not page.rows:
        return record.say(request.words_of, request.query, request.words_of("nothing_more"))
    request.context.listed, request.context.earlier, request.context.described = page.rows, [], ""
    return answer


def _own(request: Request) -> Answer | None:
    """Puts the organisation that the person speaks for into the question; why there is none to put."""
    words, query, who = request.words_of, request.query, storing.who(request)
    if not who.organisation:
        return record.say(words, query, words("overlaps_own_unknown"))
    linked = request.index.link(who.name, request.audience).entities
    mine = [understanding.organisation(dict(entity.value)) for entity in linked if entity.type == "organisation"]
    if not mine and who.organisation == HOME_OWNER:
        return record.say(words, query, words("overlaps_own_unknown"))
    if not mine:
        return record.say(words, query, words("overlaps_own_none", organisation=who.name))
    query.organisations = mine[:1]
    return None


def _ask(session: Session, request: Request) -> Answer:
    words, context = request.words_of, request.context
    if said.says(request.text, "proposes"):
        return record.say(words, request.query, words("proposal_paste"))
    listed = [item for item in context.listed if item.type == "record" and item.record][:3]
    sends = [words("send_overlaps_of", id=item.record) for item in listed]
    return ask_back(words, request.query, words("overlaps_which"), [(send, send) for send in sends])
