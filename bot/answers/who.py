"""The answer to "who does what where": a headline with counts, a screenful of rows, what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.words import Words
from knowledge.access import Audience
from knowledge.answers import Ledger, summary, text
from knowledge.finding import Facets
from knowledge.records import Role
from knowledge.reply import (
    Answer,
    Button,
    Column,
    Notice,
    OrganisationSummary,
    Part,
    Query,
    Reply,
    Span,
    Table,
)
from knowledge.store import models as m
from knowledge.timing import Timing
from knowledge.whowhatwhere import Findings, Involved, coverage, who

SCREENFUL = 8
_CITES_PER_ROW = 3
_ROLE_ORDER = (Role.IMPLEMENTING, Role.EXTENDING, Role.ACCOUNTABLE, Role.FUNDING, Role.REPORTING)


def answer(
    session: Session,
    query: Query,
    audience: Audience,
    words: Words,
    today: date,
    *,
    kept: Sequence[str] = (),
    pks: tuple[int, ...] | None = None,
) -> Answer:
    """The whole answer; `reply` shows the screenful at `query.offset`. `pks`: records that a text search found."""
    now = query.period.start == query.period.end == today
    facets = Facets(
        places=tuple(place.id for place in query.places),
        themes=tuple(theme.id for theme in query.themes),
        organisations=tuple(organisation.id for organisation in query.organisations),
        start=None if now else query.period.start,
        end=None if now else query.period.end,
        pks=pks,
    )
    findings = who(session, facets, audience, today, kinds=query.organisation_kinds, only_open=now)
    of_any_kind = 0
    if query.organisation_kinds and not findings.hits:
        of_any_kind = len(who(session, facets, audience, today, only_open=now).organisations)
    covered = coverage(session, facets.places, audience)
    said = phrases.coverage(words, covered, today)
    said.state = "reported" if findings.hits else "none_reported" if covered.anything else "not_covered"
    page = _Page(session, query, words, today, findings, of_any_kind)
    parts = page.opening(now=now, kept=kept) if findings.hits else page.nothing(covered.anything)
    parts.append(text(said.text))
    return Answer(
        reply=Reply(
            language=words.language,
            parts=parts,
            citations=page.ledger.citations,
            buttons=page.buttons(),
            remaining=page.remaining,
        ),
        query=query,
        records=[summary(hit) for hit in findings.hits],
        organisations=[_summary(organisation) for organisation in findings.organisations],
        coverage=said,
    )


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


class _Page:
    """One screenful of findings, in the words of one language."""

    def __init__(
        self, session: Session, query: Query, words: Words, today: date, findings: Findings, of_any_kind: int
    ) -> None:
        self.session, self.query, self.words, self.today, self.findings = session, query, words, today, findings
        self.of_any_kind = of_any_kind
        self.ledger = Ledger()
        self._by_record = bool(query.organisations)
        total = len(findings.hits) if self._by_record else len(findings.organisations)
        self.remaining = max(0, total - query.offset - SCREENFUL)

    def opening(self, *, now: bool, kept: Sequence[str]) -> list[Part]:
        words, findings, query = self.words, self.findings, self.query
        cites = self.ledger.sources(findings.hits)
        doing = phrases.doing(words, query)
        parts: list[Part] = []
        if kept:
            parts.append(Notice(tone="info", spans=[Span(text=words("kept_from_before", list=words.listed(kept)))]))
        parts += self._readings()
        if query.offset == 0:
            if self._by_record:
                names = words.listed(organisation.name for organisation in query.organisations)
                headline = words("org_found", n=len(findings.hits), organisations=names, doing=doing)
                sentences = [headline]
            else:
                headline = words("who_found", n=len(findings.organisations), doing=doing)
                sentences = [headline, self._by_kind(), self._by_timing()]
            limits = [
                words("of_kinds", kinds=words.listed(phrases.kind(words, kind) for kind in query.organisation_kinds))
                if query.organisation_kinds
                else "",
                words("only_open") if now else "",
            ]
            parts.append(text(*sentences, *limits, cites=cites))
        parts.append(self._records() if self._by_record else self._organisations())
        notes = [
            words("wider", n=findings.wider) if findings.wider else "",
            words("unnamed", n=findings.unnamed) if findings.unnamed and not self._by_record else "",
        ]
        if any(notes) and query.offset == 0:
            parts.append(Notice(tone="info", spans=[Span(text=" ".join(filter(None, notes)), cites=cites)]))
        return parts

    def _readings(self) -> list[Part]:
        """Readings that a person should be able to contradict."""
        words, period = self.words, self.query.period
        said: list[str] = []
        if period.start != period.end and (period.start or period.end):
            start = words.date(period.start) if period.start else words("open_start")
            end = words.date(period.end) if period.end else words("open_end")
            said.append(words("read_period", words=period.words, start=start, end=end))
        if self.query.words:
            said.append(words("text_only", words=self.query.words))
        return [Notice(tone="info", spans=[Span(text=" ".join(said))])] if said and self.query.offset == 0 else []

    def _by_kind(self) -> str:
        counts = self.findings.by_kind()
        if len(self.findings.organisations) < 2:
            return ""
        listed = [f"{self.words.number(n)} {phrases.kind(self.words, kind)}" for kind, n in counts.most_common()]
        return self.words("by_kind", list=", ".join(listed))

    def _by_timing(self) -> str:
        counts = self.findings.by_timing()
        listed = [self.words(f"timing_{timing}", n=counts[timing]) for timing in Timing if counts[timing]]
        return self.words("by_timing", list="; ".join(listed))

    def _organisations(self) -> Table:
        words = self.words
        shown = self.findings.organisations[self.query.offset : self.query.offset + SCREENFUL]
        return Table(
            caption=words("table_who"),
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
        topics = [phrases.theme_name(words, theme_id) for theme_id, _ in organisation.themes.most_common()]
        where = [place for place, _ in organisation.places.most_common()] or [words("no_place_named")]
        cites = [
            self.ledger.record(hit) for hit in [best, *(h for h in organisation.hits if h is not best)][:_CITES_PER_ROW]
        ]
        return [
            [Span(text=name, strong=True), Span(text=f" — {phrases.kind(words, organisation.kind)}")],
            [Span(text=phrases.cut(self._work(organisation, topics), 140))],
            [Span(text=phrases.shortened(words, where, 3))],
            [Span(text=phrases.standing(words, best, best.standing(self.today)))],
            [Span(text=words.number(len(organisation.hits)), cites=cites)],
        ]

    def _work(self, organisation: Involved, topics: Sequence[str]) -> str:
        titles = [
            title.partition(": ")[2].rpartition(" in ")[0] or title for title, _ in organisation.work.most_common()
        ]
        if all(hit.kind.value == "presence" for hit in organisation.hits):
            return phrases.shortened(self.words, list(dict.fromkeys(titles)), 2)
        title = phrases.cut(organisation.work.most_common(1)[0][0], 90)
        more = len(organisation.work) - 1
        return f"{title} {self.words('and_more', n=more)}" if more else title

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
            caption=words("table_records"),
            columns=[
                Column(title=words("column_what")),
                Column(title=words("column_role")),
                Column(title=words("column_where")),
                Column(title=words("column_when")),
            ],
            rows=rows,
        )

    def nothing(self, covered: bool) -> list[Part]:
        """No record: said as what it is, with the nearest thing that is known."""
        words, query, findings = self.words, self.query, self.findings
        day = words.date(self.today)
        doing = phrases.doing(words, query)
        parts: list[Part] = list(self._readings())
        if query.organisations:
            names = words.listed(organisation.name for organisation in query.organisations)
            said = [words("org_none", organisations=names, doing=doing, date=day)]
        elif query.organisation_kinds and covered:
            kinds = words.listed(phrases.kind(words, kind) for kind in query.organisation_kinds)
            said = [words("none_of_kinds", kinds=kinds, doing=doing, date=day)]
            said += [words("without_kinds", n=self.of_any_kind)] if self.of_any_kind else []
        elif covered:
            said = [words("none_reported", date=day, doing=doing)]
        else:
            said = [words("not_covered", places=phrases.places(words, query.places), date=day)]
        for place_id, number in findings.elsewhere:
            said.append(words("nearest_wider", n=number, place=self._name_of(place_id)))
        if others := self._other_themes():
            listed = [f"{phrases.theme_name(words, theme)} ({words.number(n)})" for theme, n in others]
            said.append(words("other_themes", list=", ".join(listed)))
        parts.append(Notice(tone="warning", spans=[Span(text=" ".join(said))]))
        return parts

    def _other_themes(self) -> list[tuple[str, int]]:
        asked = {theme.id for theme in self.query.themes}
        return [(theme, number) for theme, number in self.findings.other_themes if theme not in asked]

    def _name_of(self, place_id: str) -> str:
        row = self.session.get(m.PlaceRow, place_id)
        return row.name if row else place_id

    def _about(self, place_name: str, place_id: str) -> str:
        """The question asked anew for a place, unmistakable by its id."""
        topic = phrases.themes(self.words, self.query)
        key = "send_all_areas" if topic else "send_all_areas_any"
        return self.words(key, themes=topic, place=place_name, id=place_id)

    def buttons(self) -> list[Button]:
        words, query, findings = self.words, self.query, self.findings
        found: list[Button] = []
        if self.remaining:
            found.append(Button(title=words("button_more"), send=words("send_more")))
        if findings.hits:
            if not query.organisation_kinds and not self._by_record:
                kinds = [kind for kind, _ in findings.by_kind().most_common() if kind]
                for kind in kinds[:2] if len(kinds) > 1 else []:
                    label = phrases.kind(words, kind)
                    found.append(
                        Button(title=words("button_only_kind", kind=label), send=words("send_only_kind", kind=label))
                    )
            found.append(Button(title=words("button_source"), send=words("button_source")))
        if self.of_any_kind and query.places:
            place = query.places[0]
            found.append(Button(title=words("button_all_kinds"), send=self._about(place.name, place.id)))
        for place_id, _ in findings.elsewhere:
            name = self._name_of(place_id)
            found.append(Button(title=words("button_all_areas", place=name), send=self._about(name, place_id)))
        for theme_id, _ in self._other_themes()[:3]:
            label = phrases.theme_name(words, theme_id)
            found.append(Button(title=words("button_theme", theme=label), send=words("send_theme", theme=label)))
        return found


def _other_language(language: str, reply_language: str) -> str:
    return language if language and language != reply_language else ""
