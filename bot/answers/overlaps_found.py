"""Which initiatives meet: of a record, of a proposal, or at a place and on a theme; the most useful first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.actions.context import Item
from bot.answers import overlaps_buttons as buttons_for
from bot.answers import overlaps_telling as telling
from bot.answers import phrases
from bot.answers.overlaps import named_places
from bot.answers.page import question as page_question
from bot.answers.pictures import pictures_for
from bot.words import Words
from knowledge.answers import Ledger, summary, text
from knowledge.finding import Hit
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import Covered, Heading, Meeting, Meetings, Pair, When
from knowledge.overlap.wanted import SAME
from knowledge.reply import (
    Answer,
    BulletList,
    Button,
    Column,
    Coverage,
    Notice,
    Paragraph,
    Part,
    Query,
    Reply,
    Span,
    Table,
)
from knowledge.whowhatwhere import CoveredBy

SCREENFUL = 6
_TITLE = 90
_SAME_SHOWN = 5
_PUBLISHERS = 4
_PLACES = 6
_TOGETHER = 3
"""Initiatives that are named in one row."""
_BUTTONS = 4
_PAIR = "\n"


class Found:
    """One screenful of meetings, in the words of one language. `rows`: what stands behind each row of its table."""

    def __init__(self, query: Query, words: Words, found: Meetings) -> None:
        self.query, self.words, self.found = query, words, found
        self.ledger = Ledger()
        self.rows: list[Item] = []
        self.one = found.subject is not None
        self.asked = [Label(label) for label in query.labels]
        self.alike = bool(self.asked) and set(self.asked) <= set(SAME)
        self.of = query.organisations[0].name if len(query.organisations) == 1 and not query.at_least else ""

    def answer(self, *, before: Sequence[Part] = (), offers: Sequence[str] = ()) -> Answer:
        """`before` stands first: how a text or a question was read. `offers` are further questions to ask."""
        words, found, query = self.words, self.found, self.query
        covered = _coverage(words, found.coverage)
        parts: list[Part] = list(before)
        if self.one:
            parts += self._about_one()
        else:
            parts += self._about_many(covered)
        if found.meetings:
            if not self.alike and (said := self._passed()):
                parts.append(Notice(tone="warning", spans=[Span(text=said, cites=self.ledger.sources(self._shown()))]))
            parts += [self._table(), *pictures_for(words, found)]
        if found.coverage.tables and not self.one and not query.offset:
            parts.append(Notice(tone="info", spans=[Span(text=words("overlaps_presence"))]))
        if found.coverage.publishers or found.coverage.tables:
            parts.append(text(covered.text))
        return Answer(
            reply=Reply(
                language=words.language,
                parts=parts,
                citations=self.ledger.citations,
                buttons=self._buttons(offers),
                remaining=found.more,
            ),
            query=query,
            records=[summary(hit) for hit in self._shown()],
            coverage=covered,
        )

    def readings(self, kept: Sequence[str]) -> list[Part]:
        """How the question was read, where a person may want to contradict."""
        words, query = self.words, self.query
        if query.offset:
            return []
        said = phrases.readings(words, query, kept)
        if query.words and not self.found.proposal:
            said.append(words("left_out", words=query.words))
        tone: Literal["info", "warning"] = "warning" if query.words and not self.found.proposal else "info"
        return [Notice(tone=tone, spans=[Span(text=" ".join(said))])] if said else []

    def _passed(self) -> str:
        """That rows are over, or that none is sure to run: what is old must not be acted on as if it were not."""
        whens = [meeting.when for meeting in self.found.meetings]
        if all(when in (When.OPEN, When.PAST) for when in whens):
            return self.words("overlaps_old")
        over = sum(when is When.PAST for when in whens)
        return self.words("overlaps_over", n=over) if over else ""

    # --- what is said before the table ------------------------------------------------------------------------------

    def _about_one(self) -> list[Part]:
        words, found = self.words, self.found
        if self.query.offset:
            return []
        subject = found.hits.get(found.subject.lead) if found.subject else None
        spans = self._titled(subject) if subject else [Span(text=f"{words('your_text')}. ")]
        cites = [self.ledger.record(subject)] if subject else []
        said = [
            words("overlaps_compared", n=max(0, found.compared - (subject is not None)), date=words.date(found.today))
        ]
        if found.total:
            said.append(self._counted("n"))
        elif self.alike and not found.same:
            said.append(self._none_alike())
        elif not self.alike:
            said.append(words("overlaps_none"))
        parts: list[Part] = [Paragraph(spans=[*spans, Span(text=" ".join(said), cites=cites or self._sources())])]
        return [*parts, *self._same()]

    def _sources(self) -> list[int]:
        return self.ledger.sources(self._shown())

    def _titled(self, hit: Hit) -> list[Span]:
        lang = hit.language if hit.language != self.words.language else ""
        title = Span(text=f"“{phrases.cut(hit.title or hit.id, _TITLE)}”", lang=lang, strong=True)
        return [title, Span(text=f"{telling.by(self.words, hit)}. ")]

    def _counted(self, prefix: str) -> str:
        words, counts = self.words, self.found.by_label
        listed = []
        if n := counts.get(Label.OVERLAP, 0):
            listed.append(words("n_overlaps", n=n) if prefix == "n" else words("m_overlaps", n=n))
        if n := counts.get(Label.COMPLEMENTARY, 0):
            listed.append(words("n_complementary", n=n) if prefix == "n" else words("m_complementary", n=n))
        if n := counts.get(Label.DUPLICATE, 0):
            listed.append(words("m_duplicates", n=n))
        if n := counts.get(Label.CHAIN, 0):
            listed.append(words("m_chains", n=n))
        if n := counts.get(Label.FAMILY, 0):
            listed.append(words("m_families", n=n))
        return words("overlaps_found", list=words.listed(listed)) if listed else ""

    def _none_alike(self) -> str:
        """That nothing is of the relation that was asked for, and that other relations are another question."""
        words = self.words
        labels = words.listed(words(f"label_of_{label}") for label in self.asked)
        return f"{words('overlaps_none_alike', labels=labels)} {words('overlaps_also_meet')}"

    def _where(self) -> list[Part]:
        """Where most of it is, so that a person can narrow the question to one place."""
        words, found = self.words, self.found
        if len(found.where) < 2:
            return []
        counted = [words("place_counted", place=self._place(place), n=n) for place, n in found.where[:_PLACES]]
        return [text(words("overlaps_where_most", list=words.listed(counted)), cites=self._sources())]

    def _place(self, ident: str) -> str:
        return named_places(self.words, [ident], self.found.names)

    def _same(self) -> list[Part]:
        """Records of the same work or programme as what was asked about, under one heading."""
        words, found = self.words, self.found
        alike = [meeting for meeting in found.same if meeting.pairs]
        if not alike:
            return []
        items: list[list[Span]] = []
        for meeting in alike[:_SAME_SHOWN]:
            hit, pair = found.hits.get(meeting.headings[-1].lead), meeting.pairs[0]
            if hit is not None:
                said = words("same_line", label=words(f"label_of_{pair.label}"), sure=self._sure(pair))
                who = telling.by(words, hit)
                items.append([*self._title(hit), Span(text=f"{who}: {said}", cites=[self.ledger.record(hit)])])
        if more := len(alike) - len(items):
            items.append([Span(text=words("and_more", n=more))])
        return [text(words("same_work", n=len(alike)), cites=self._sources()), BulletList(items=items)]

    def _sure(self, pair: Pair) -> str:
        return self.words("sure_judged") if pair.judged else telling.sure(self.words, pair.probability)

    def _about_many(self, covered: Coverage) -> list[Part]:
        words, found, query = self.words, self.found, self.query
        if query.offset:
            return []
        about = asked_about(words, query.model_copy(update={"organisations": []}) if self.of else query)
        if not len(found.initiatives):
            if covered.state == "not_covered" and query.places:
                none = words("not_covered", places=phrases.places(words, query.places), date=words.date(found.today))
            else:
                none = words("overlaps_empty", date=words.date(found.today), about=about)
            return [Notice(tone="warning", spans=[Span(text=none)])]
        number = len(found.initiatives)
        if self.of:
            said = [words("overlaps_of_organisation", n=number, organisation=self.of, about=about)]
        else:
            said = [words("overlaps_among", n=number, about=about)]
        if found.total:
            said.append(self._counted("m"))
        elif self.alike:
            said.append(self._none_alike())
        elif self.of:
            said.append(words("overlaps_none_of_organisation"))
        else:
            said.append(words("overlaps_none_among") if number > 1 else words("overlaps_one_only"))
        parts: list[Part] = [text(*said, cites=self.ledger.sources(self._named()))]
        if found.meetings:
            return [*parts, *self._where()]
        return parts if self.alike else [*parts, *self._compared()]

    def _compared(self) -> list[Part]:
        """The initiatives that were compared in vain, so that two of them can be asked about."""
        items: list[list[Span]] = []
        for heading in self.found.initiatives[:SCREENFUL]:
            if (hit := self.found.hits.get(heading.lead)) is not None:
                self.rows.append(Item("record", hit.id, hit.title, hit.id))
                stands = phrases.standing(self.words, hit, hit.standing(self.found.today))
                items.append([*self._heading(heading), Span(text=f"; {stands}")])
        return [BulletList(items=items)] if items else []

    def _named(self) -> list[Hit]:
        """The records of all initiatives that were compared."""
        leads = (heading.lead for heading in self.found.initiatives)
        return [hit for lead in leads if (hit := self.found.hits.get(lead)) is not None]

    def _shown(self) -> list[Hit]:
        """The records that the answer names: the subject, then those of the rows."""
        found = self.found
        ids = [*(found.subject.records[:1] if found.subject else ())]
        ids += [heading.lead for meeting in found.meetings for heading in meeting.headings]
        ids += [meeting.headings[-1].lead for meeting in found.same[:_SAME_SHOWN]] if not self.query.offset else []
        if not found.meetings and not self.one:
            ids += [heading.lead for heading in found.initiatives[:SCREENFUL]]
        return [hit for ident in dict.fromkeys(ids) if (hit := found.hits.get(ident)) is not None]

    # --- the table --------------------------------------------------------------------------------------------------

    def _table(self) -> Table:
        words, found = self.words, self.found
        first, last = found.offset + 1, found.offset + len(found.meetings)
        number = words.number
        span = (
            f" ({number(first)}\u2013{number(last)} / {number(found.total)})"
            if found.total > len(found.meetings)
            else ""
        )
        titles = (
            words("column_initiative") if self.one else words("column_records" if self.alike else "column_meeting"),
            words("column_are"),
            words("column_shared"),
            words("column_when"),
        )
        caption = words("table_overlaps") if self.one else words("table_alike" if self.alike else "table_meetings")
        return Table(
            caption=caption + span,
            columns=[Column(title=title) for title in titles],
            rows=[self._row(meeting) for meeting in found.meetings],
        )

    def _row(self, meeting: Meeting) -> list[list[Span]]:
        words = self.words
        shown = meeting.headings[1:] if self.one else meeting.headings
        who: list[Span] = []
        if meeting.place:
            place = self.found.names.get(meeting.place, meeting.place)
            who.append(Span(text=words("in_district", place=place, n=len(shown)) + " — ", strong=True))
        for number, heading in enumerate(shown[:_TOGETHER]):
            who += [*([Span(text=" + ")] if number else []), *self._heading(heading)]
        if len(shown) > _TOGETHER:
            who.append(Span(text=f" {words('and_more', n=len(shown) - _TOGETHER)}"))
        pair = meeting.pairs[0] if meeting.pairs else None
        self.rows.append(self._item(meeting, pair))
        cites = [self.ledger.record(hit) for i in _ends(pair) if (hit := self.found.hits.get(i)) is not None]
        label = words(f"label_of_{pair.label}") if pair else ""
        what = words("same_line", label=label, sure=self._sure(pair)) if pair else ""
        shared = telling.in_short(words, pair.clauses, self.found.names) if pair else ""
        return [who, [Span(text=what)], [Span(text=shared, cites=cites)], [Span(text=self._when(meeting, shown))]]

    def _heading(self, heading: Heading) -> list[Span]:
        words, hit = self.words, self.found.hits.get(heading.lead)
        if hit is None:
            return [Span(text=words("your_text"))]
        said = [telling.by(words, hit)]
        if heading.reported > 1:
            ids = [ident for fold in heading.folded if fold.kind is not Label.FAMILY for ident in fold.records]
            hits = [hit, *(each for ident in ids if (each := self.found.hits.get(ident)) is not None)]
            names = phrases.shortened(words, list(dict.fromkeys(each.publisher for each in hits)), _PUBLISHERS)
            said.append(words("reported_times", n=heading.reported, publishers=names))
        if parts := sum(len(fold.records) for fold in heading.folded if fold.kind is Label.FAMILY):
            said.append(words("of_programme", n=parts))
        return [*self._title(hit), Span(text="; ".join(filter(None, said)), cites=[self.ledger.record(hit)])]

    def _title(self, hit: Hit) -> list[Span]:
        lang = hit.language if hit.language != self.words.language else ""
        return [Span(text=phrases.cut(hit.title or hit.id, _TITLE), lang=lang)]

    def _when(self, meeting: Meeting, shown: Sequence[Heading]) -> str:
        if len(shown) == 1 and (hit := self.found.hits.get(shown[0].lead)) is not None:
            return phrases.standing(self.words, hit, hit.standing(self.found.today))
        said = self.words(f"meets_{meeting.when}")
        if meeting.when not in (When.OPEN, When.PAST):
            return said
        hits = [hit for heading in shown if (hit := self.found.hits.get(heading.lead)) is not None]
        passed = [hit for hit in hits if telling.is_over(hit, self.found.today)]
        if not passed:
            return said
        first = min(passed, key=lambda hit: (hit.end or self.found.today, hit.id))
        return f"{said}: {phrases.standing(self.words, first, first.standing(self.found.today))}"

    def _item(self, meeting: Meeting, pair: Pair | None) -> Item:
        """Of one record's meetings a row is the other record; else it is the pair that decides."""
        lead = meeting.headings[-1 if self.one else 0].lead
        hit = self.found.hits.get(lead)
        title = hit.title if hit else ""
        if self.one or pair is None:
            return Item("record", lead, title, lead)
        return Item("meeting", _PAIR.join((pair.a, pair.b)), title, pair.a)

    # --- what can be asked next -------------------------------------------------------------------------------------

    def _buttons(self, offers: Sequence[str]) -> list[Button]:
        words, found = self.words, self.found
        sends: list[str] = [words("send_more")] if found.more else []
        sends += offers
        if not self.one and not found.meetings:
            sends += self._wider()
        sends += self._narrower()
        buttons = [Button(title=send, send=send) for send in sends]
        for row, meeting in enumerate(found.meetings[:2], 1):
            if meeting.pairs and all(ident in found.hits for ident in _ends(meeting.pairs[0])):
                buttons.append(buttons_for.of_row(words, row, meeting.pairs[0].a, meeting.pairs[0].b))
        if self.one and not found.proposal and found.subject:
            buttons.append(buttons_for.describe(words, found.hits[found.subject.lead]))
        elif found.meetings:
            buttons.append(buttons_for.overlaps_of(words, found.hits[found.meetings[0].headings[-1].lead]))
        elif found.initiatives:
            one, *others = (heading.lead for heading in found.initiatives)
            sends = [words("send_compare", id=one, other=other) for other in others[:1]]
            buttons += [Button(title=send, send=send) for send in sends]
            buttons.append(buttons_for.overlaps_of(words, found.hits[one]))
        return list({button.send: button for button in buttons}.values())[:_BUTTONS]

    def _narrower(self) -> list[str]:
        """Of one organisation, the question about the places where most is."""
        words, found = self.words, self.found
        if not self.of or self.alike or len(found.where) < 2:
            return []
        places = [place for place, _ in found.where[:2]]
        return [words("send_overlaps_of_at", organisation=self.of, place=self._place(p), id=p) for p in places]

    def _wider(self) -> list[str]:
        """The question without what narrowed it, where it has no answer."""
        words, query = self.words, self.query
        if not query.places:
            return []
        named, ident = query.places[0], query.places[0].id
        place = words.country(named.country, named.name) if named.level == 0 else named.name
        topic = phrases.themes(words, query)
        narrowed = bool(query.organisation_kinds or query.period.start or query.period.end or query.at_least)
        sends = [words("send_overlaps_at", themes=topic, place=place, id=ident)] if topic and narrowed else []
        return [*sends, words("send_overlaps_all", place=place, id=ident), page_question(words, query)]


def pair_of(item: Item) -> tuple[str, str] | None:
    """The two records of a row of meetings; None for any other row."""
    if item.type != "meeting":
        return None
    one, _, other = item.id.partition(_PAIR)
    return one, other


def asked_about(words: Words, query: Query) -> str:
    """What a question narrows to, as a list without grammar: "WASH; Turkana (Kenya); NGO; 2026"."""
    period = query.period
    facets = [
        phrases.themes(words, query),
        phrases.places(words, query.places),
        words.listed(organisation.name for organisation in query.organisations),
        words.listed(phrases.kind(words, kind) for kind in query.organisation_kinds),
        period.words if period.start or period.end else "",
        words.listed(words(f"label_of_{label}") for label in query.labels),
        query.words,
    ]
    return "; ".join(filter(None, facets)) or words("overlaps_anything")


def _ends(pair: Pair | None) -> tuple[str, ...]:
    return (pair.a, pair.b) if pair else ()


def _coverage(words: Words, covered: Covered) -> Coverage:
    said = phrases.coverage(words, CoveredBy(list(covered.tables), covered.publishers, covered.newest), covered.as_of)
    return said.model_copy(update={"state": covered.state})
