"""The answer to "who does what where": a headline with counts, a screenful of rows, what was searched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from bot.actions.context import Item
from bot.answers import phrases
from bot.answers.focus import FocusPage, focused
from bot.answers.page import SCREENFUL as SCREENFUL
from bot.answers.page import Page
from bot.answers.page import question as question
from bot.answers.texts import Manner, Texts
from bot.words import Words
from knowledge.access import Audience
from knowledge.answers import summary, text
from knowledge.finding import Facets, Hit
from knowledge.records import RecordKind, Role
from knowledge.reply import (
    Answer,
    Column,
    Notice,
    OrganisationSummary,
    Part,
    Query,
    Reply,
    Span,
    Table,
)
from knowledge.timing import Timing
from knowledge.whowhatwhere import Findings, Involved, Without, coverage, who

_CITES_PER_ROW = 3
_TITLES, _TITLE = 2, 80
_CODED = Texts()
_ROLE_ORDER = (Role.IMPLEMENTING, Role.EXTENDING, Role.ACCOUNTABLE, Role.FUNDING, Role.REPORTING)


def findings(
    session: Session, query: Query, audience: Audience, today: date, texts: Texts = _CODED, *, any_kind: bool = False
) -> Findings:
    """Everything that answers `query`. `any_kind`: as if no kind of organisation were asked for."""
    now = _asks_for_now(query, today)
    # The period of such a question picks by one date of a record, not by all the time it takes.
    by_date = query.focus is not None and bool(query.focus.date)
    facets = Facets(
        places=tuple(place.id for place in query.places),
        themes=() if texts.manner is Manner.THEME else tuple(theme.id for theme in query.themes),
        organisations=tuple(organisation.id for organisation in query.organisations),
        start=None if now or by_date else query.period.start,
        end=None if now or by_date else query.period.end,
        pks=texts.pks,
    )
    out = query.excluding
    without = Without(
        tuple(place.id for place in out.places),
        tuple(theme.id for theme in out.themes),
        tuple(organisation.id for organisation in out.organisations),
        tuple(out.organisation_kinds),
    )
    kinds = () if any_kind else query.organisation_kinds
    return who(session, facets, audience, today, kinds=kinds, only_open=now, without=without)


def _asks_for_now(query: Query, today: date) -> bool:
    return query.period.start == query.period.end == today


def answer(
    session: Session,
    query: Query,
    audience: Audience,
    words: Words,
    today: date,
    kept: Sequence[str] = (),
    texts: Texts = _CODED,
) -> tuple[Answer, list[str | Item]]:
    """The whole answer, whose reply shows the screenful at `query.offset`, and one record id for each row of that."""
    found = findings(session, query, audience, today, texts)
    of_any_kind = 0
    if query.organisation_kinds and not found.hits:
        of_any_kind = len(findings(session, query, audience, today, texts, any_kind=True).organisations)
    covered = coverage(session, tuple(place.id for place in query.places), audience)
    said = phrases.coverage(words, covered, today)
    # Nobody can say that an area is covered which was not understood.
    known = bool(query.places or query.themes or query.organisations)
    said.state = "reported" if found.hits else "none_reported" if covered.anything and known else "not_covered"
    make = FocusPage if focused(query) else _WhoPage
    page: Page = make(session, query, words, today, found, texts, of_any_kind, audience)
    now = _asks_for_now(query, today)
    parts = page.opening(now=now, kept=kept) if found.hits else page.nothing(covered=covered.anything, kept=kept)
    if covered.anything:
        parts.append(text(said.text))
    reply = Reply(
        language=words.language,
        parts=parts,
        citations=page.ledger.citations,
        buttons=page.buttons(),
        remaining=page.remaining,
    )
    whole = Answer(
        reply=reply,
        query=query,
        records=[summary(hit) for hit in page.picked],
        organisations=[_summary(organisation) for organisation in found.organisations],
        coverage=said,
        result=page.result,
    )
    return whole, page.listed


def _summary(organisation: Involved) -> OrganisationSummary:
    return OrganisationSummary(
        id=organisation.id,
        name=organisation.display,
        kind=organisation.kind,
        roles=[role.value for role in _ROLE_ORDER if role in organisation.roles],
        themes=[name for name, _ in organisation.themes.most_common()],
        places=[name for name, _ in organisation.places.most_common()],
        records=[hit.id for hit in organisation.hits],
        reported_as=sorted(organisation.written),
        timing=organisation.standing.timing.value,
    )


class _WhoPage(Page):
    """Organisations, or the records of those asked about."""

    def opening(self, *, now: bool, kept: Sequence[str]) -> list[Part]:
        words, findings, query = self.words, self.findings, self.query
        cites = [] if query.offset else self.ledger.sources(findings.hits)
        doing = phrases.doing(words, query)
        parts: list[Part] = self.readings(kept)
        if query.offset == 0:
            if self.by_record:
                names = words.listed(organisation.name for organisation in query.organisations)
                headline = words("org_found", n=len(findings.hits), organisations=names, doing=doing)
                sentences = [headline]
            elif self.manner is Manner.NEAR:
                headline = words("near_found", n=len(findings.organisations), words=query.words)
                sentences = [headline, self.kinds_said(), self.timings_said()]
            else:
                saying = words("in_records_saying", words=query.words) if self.manner is Manner.WORDS else ""
                headline = words("who_found", n=len(findings.organisations), doing=doing)
                sentences = [saying, headline, self.kinds_said(), self.timings_said()]
            limits = [
                words("of_kinds", kinds=words.listed(phrases.kind(words, kind) for kind in query.organisation_kinds))
                if query.organisation_kinds
                else "",
                words("only_open") if now else "",
            ]
            parts.append(text(*sentences, *limits, cites=cites))
        parts.append(self._records() if self.by_record else self._organisations())
        notes = [
            words("wider", n=findings.wider) if findings.wider else "",
            words("unnamed", n=findings.unnamed) if findings.unnamed and not self.by_record else "",
            words("besides", n=self.besides, themes=phrases.themes(words, query)) if self.besides else "",
        ]
        if any(notes) and query.offset == 0:
            parts.append(Notice(tone="info", spans=[Span(text=" ".join(filter(None, notes)), cites=cites)]))
        return parts

    def _organisations(self) -> Table:
        words = self.words
        shown = self.findings.organisations[self.query.offset : self.query.offset + SCREENFUL]
        return Table(
            caption=self.caption("table_who"),
            columns=[
                Column(title=words("column_organisation")),
                Column(title=words("column_what")),
                Column(title=words("column_where")),
                Column(title=words("column_when")),
                Column(title=words("column_records"), numeric=True),
            ],
            rows=[self._row(organisation) for organisation in shown],
        )

    def _row(self, organisation: Involved) -> list[list[Span]]:
        words = self.words
        best = min(organisation.hits, key=lambda hit: list(Timing).index(hit.standing(self.today).timing))
        name = organisation.display
        if organisation.acronym and organisation.acronym.casefold() != name.casefold() and "(" not in name:
            name = f"{name} ({organisation.acronym})"
        where = [place for place, _ in organisation.places.most_common()] or [words("no_place_named")]
        cites = [
            self.ledger.record(hit) for hit in [best, *(h for h in organisation.hits if h is not best)][:_CITES_PER_ROW]
        ]
        self.listed.append(best.id)
        return [
            [Span(text=name, strong=True), Span(text=f" — {phrases.kind(words, organisation.kind)}")],
            [Span(text=self._work(organisation))],
            [Span(text=phrases.shortened(words, where, 3))],
            [Span(text=phrases.standing(words, best, best.standing(self.today)))],
            [Span(text=words.number(len(organisation.hits)), cites=cites)],
        ]

    def _work(self, organisation: Involved) -> str:
        work = Counter(_work_of(hit) for hit in organisation.hits)
        shown = [phrases.cut(title, _TITLE) for title, _ in work.most_common(_TITLES)]
        more = len(work) - len(shown)
        return "; ".join(shown) + (f" {self.words('and_more', n=more)}" if more else "")

    def _records(self) -> Table:
        words = self.words
        ordered = sorted(
            self.findings.hits,
            key=lambda hit: (list(Timing).index(hit.standing(self.today).timing), hit.title.casefold(), hit.id),
        )
        shown = ordered[self.query.offset : self.query.offset + SCREENFUL]
        asked = {organisation.id for organisation in self.query.organisations}
        rows = []
        for hit in shown:
            self.listed.append(hit.id)
            roles = dict.fromkeys(o.role for o in hit.organisations if o.organisation in asked)
            places = list(dict.fromkeys(p.name for p in hit.places)) or [words("no_place_named")]
            rows.append(
                [
                    [Span(text=phrases.cut(hit.title, 120), lang=_other_language(hit.language, words.language))],
                    [Span(text=words.listed(words(f"role_{role}") for role in roles))],
                    [Span(text=phrases.shortened(words, places, 3))],
                    [
                        Span(
                            text=phrases.standing(words, hit, hit.standing(self.today)),
                            cites=[self.ledger.record(hit)],
                        )
                    ],
                ]
            )
        return Table(
            caption=self.caption("table_records"),
            columns=[
                Column(title=words("column_what")),
                Column(title=words("column_role")),
                Column(title=words("column_where")),
                Column(title=words("column_when")),
            ],
            rows=rows,
        )


def _work_of(hit: Hit) -> str:
    """What a record says is done. The title of a presence row repeats who and where: they have their own columns."""
    if hit.kind is not RecordKind.PRESENCE:
        return hit.title
    return hit.title.partition(": ")[2].rpartition(" in ")[0] or hit.title


def _other_language(language: str, reply_language: str) -> str:
    return language if language and language != reply_language else ""
