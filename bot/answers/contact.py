"""Whom to turn to: the public offices of organisations, never a person."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.answers import frame, phrases, talk, who
from bot.answers.frame import Frame, plain_span
from bot.answers.record import by_ids
from bot.words import Words
from knowledge.access import Audience
from knowledge.extracts import contacts, cues
from knowledge.extracts.contacts import Office
from knowledge.finding import Hit, Participation
from knowledge.records import Role
from knowledge.reply import Answer, Column, Query, Span, Table

SCREENFUL = 8
_OF_EACH = 3
_WITHOUT_NAMED = 6


def answer(session: Session, query: Query, audience: Audience, words: Words, today: date) -> Answer:
    """The offices of the organisations that `query` names, of those behind its records, or of those at work there."""
    query = query.model_copy(update={"words": cues.topic(query.words, "contact")})
    made = Frame(session, query, audience, words, today)
    if query.words != query.words.casefold() and not (query.organisations or query.records):
        # A name that nobody knows: the offices of others would be no answer.
        made.note(words("words_unknown", words=query.words), warning=True)
        made.offer(*talk.examples(session, audience, words))
        return made.done(found=False)
    people, hits = _asked(made)
    if people is None:
        return talk.ask_back(words, query, words("contact_ask"), [])
    offices = contacts.of_organisations(session, list(people), audience)
    reached = [organisation for organisation in people if organisation in offices]
    names = words.listed(people[organisation].name for organisation in people)
    several = not query.organisations and not query.records
    if not reached:
        kinds = words.listed(phrases.kind(words, kind) for kind in query.organisation_kinds)
        if several and not people:
            said = made.none_fits()
        elif several:
            said = words("contact_none_several", date=made.day, doing=made.doing, count=words.number(len(people)))
        else:
            said = words("contact_none", date=made.day, organisation=names or made.organisations)
        made.note(said, words("of_kinds", kinds=kinds) if kinds and several else "", warning=True)
        for organisation in query.organisations[:2]:
            made.offer(words("ask_doing", organisation=organisation.name))
        made.offer(who.question(words, query) if several and query.places else "")
        return made.done(hits, found=False)
    shown = reached[:SCREENFUL]
    table = _table(made, [people[organisation] for organisation in shown], offices)
    opening = (
        words("contact_several", doing=made.doing)
        if several
        else words("contact_of", organisation=words.listed(people[organisation].name for organisation in shown))
    )
    cites = [citation.number for citation in made.ledger.citations]
    made.say(opening, cites=cites[:3])
    made.parts.append(table)
    without = [people[organisation].name for organisation in people if organisation not in offices]
    said = phrases.shortened(words, without, _WITHOUT_NAMED)
    ignored = words("left_out", words=query.words) if query.words and several else ""
    made.note(words("contact_without", list=said) if without else "", words("contact_offices_only"), ignored)
    made.offer(words("ask_doing", organisation=people[shown[0]].name))
    made.offer(words("ask_mandate_of", organisation=people[shown[0]].name))
    stand_behind = [office.hit for organisation in reached for office in offices[organisation]]
    return made.done(
        stand_behind,
        [frame.of_organisation(people[o], [office.hit for office in offices[o]]) for o in reached],
    )


def _asked(made: Frame) -> tuple[dict[str, Participation] | None, list[Hit]]:
    """Organisation id -> how it takes part, for those whose office is asked for; None where nobody is named."""
    query = made.query
    if query.organisations:
        named = {
            organisation.id: Participation(
                organisation.id, organisation.name, organisation.kind, "", organisation.name, Role.REPORTING
            )
            for organisation in query.organisations
        }
        return named, []
    if query.records:
        hits = by_ids(made.session, query.records, made.audience)
        speaking = (part for hit in hits for part in hit.organisations if part.role is Role.REPORTING)
        return {part.organisation: part for part in speaking}, hits
    if not (query.places or query.themes):
        return None, []
    found = who.findings(made.session, query, made.audience, made.today)
    at_work = {
        organisation.id: Participation(
            organisation.id, organisation.display, organisation.kind, organisation.acronym, organisation.display,
            Role.IMPLEMENTING,
        )
        for organisation in found.organisations
    }  # fmt: skip
    return at_work, found.hits


def _table(made: Frame, people: list[Participation], offices: dict[str, list[Office]]) -> Table:
    words = made.words
    rows: list[list[list[Span]]] = []
    for part in people:
        for number, office in enumerate(offices[part.organisation][:_OF_EACH]):
            cites = [made.ledger.record(office.hit, office.evidence)]
            name = frame.name_of(words, part) if number == 0 else [plain_span(part.name)]
            kind = words("office_mailbox") if office.kind == "mailbox" else words("office_website")
            rows.append([name, [plain_span(kind)], [plain_span(office.address, cites)]])
    return Table(
        caption=words("table_contacts"),
        columns=[
            Column(title=words("column_organisation")),
            Column(title=words("column_office")),
            Column(title=words("column_address")),
        ],
        rows=rows,
    )
