"""The answer to "who does what where": a headline with counts, a screenful of rows, what was searched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.answers.texts import Manner, Texts
from bot.words import Words
from knowledge.access import Audience
from knowledge.answers import Ledger, summary, text
from knowledge.finding import Facets, Hit
from knowledge.records import RecordKind, Role
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
_TITLES, _TITLE = 2, 80
_CODED = Texts()
_ROLE_ORDER = (Role.IMPLEMENTING, Role.EXTENDING, Role.ACCOUNTABLE, Role.FUNDING, Role.REPORTING)


def findings(
    session: Session, query: Query, audience: Audience, today: date, texts: Texts = _CODED, *, any_kind: bool = False
) -> Findings:
    """Everything that answers `query`. `any_kind`: as if no kind of organisation were asked for."""
    now = _asks_for_now(query, today)
    facets = Facets(
        places=tuple(place.id for place in query.places),
        themes=() if texts.manner is Manner.THEME else tuple(theme.id for theme in query.themes),
        organisations=tuple(organisation.id for organisation in query.organisations),
        start=None if now else query.period.start,
        end=None if now else query.period.end,
        pks=texts.pks,
    )
    return who(session, facets, audience, today, kinds=() if any_kind else query.organisation_kinds, only_open=now)


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
) -> tuple[Answer, list[str]]:
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
    page = _Page(session, query, words, today, found, texts, of_any_kind)
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
        records=[summary(hit) for hit in found.hits],
        organisations=[_summary(organisation) for organisation in found.organisations],
        coverage=said,
    )
    return whole, page.listed


def question(words: Words, query: Query, place: str = "", place_id: str = "") -> str:
    """The question asked anew for a place (else for its own first one), unmistakable by the place's id."""
    if not place_id:
        place, place_id = query.places[0].name, query.places[0].id
    if query.organisations:
        names = words.listed(organisation.name for organisation in query.organisations)
        return words("send_organisation_area", organisation=names, place=place, id=place_id)
    topic = phrases.themes(words, query)
    return words("send_all_areas" if topic else "send_all_areas_any", themes=topic, place=place, id=place_id)


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
        self,
        session: Session,
        query: Query,
        words: Words,
        today: date,
        findings: Findings,
        texts: Texts,
        of_any_kind: int,
    ) -> None:
        self.session, self.query, self.words, self.today, self.findings = session, query, words, today, findings
        self.manner, self.text_found, self.of_any_kind = texts.manner, bool(texts.pks), of_any_kind
        self.besides = texts.besides
        self.ledger = Ledger()
        self.listed: list[str] = []
        self._by_record = bool(query.organisations)
        self._total = len(findings.hits) if self._by_record else len(findings.organisations)
        self.remaining = max(0, self._total - query.offset - SCREENFUL)

    def opening(self, *, now: bool, kept: Sequence[str]) -> list[Part]:
        words, findings, query = self.words, self.findings, self.query
        cites = [] if query.offset else self.ledger.sources(findings.hits)
        doing = phrases.doing(words, query)
        parts: list[Part] = self._readings(kept)
        if query.offset == 0:
            if self._by_record:
                names = words.listed(organisation.name for organisation in query.organisations)
                headline = words("org_found", n=len(findings.hits), organisations=names, doing=doing)
                sentences = [headline]
            elif self.manner is Manner.NEAR:
                headline = words("near_found", n=len(findings.organisations), words=query.words)
                sentences = [headline, self._by_kind(), self._by_timing()]
            else:
                saying = words("in_records_saying", words=query.words) if self.manner is Manner.WORDS else ""
                headline = words("who_found", n=len(findings.organisations), doing=doing)
                sentences = [saying, headline, self._by_kind(), self._by_timing()]
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
            words("besides", n=self.besides, themes=phrases.themes(words, query)) if self.besides else "",
        ]
        if any(notes) and query.offset == 0:
            parts.append(Notice(tone="info", spans=[Span(text=" ".join(filter(None, notes)), cites=cites)]))
        return parts

    def _readings(self, kept: Sequence[str]) -> list[Part]:
        """Readings that a person should be able to contradict. `kept`: what the question before had named."""
        words, query, period = self.words, self.query, self.query.period
        if query.offset:
            return []
        said = [words("kept_from_before", list=words.listed(kept))] if kept else []
        if period.start != period.end and (period.start or period.end):
            start = words.date(period.start) if period.start else words("open_start")
            end = words.date(period.end) if period.end else words("open_end")
            said.append(words("read_period", words=period.words, start=start, end=end))
        match self.manner:
            case Manner.WORDS if self.findings.hits:
                said.append(words("text_only", words=query.words))
            case Manner.NEAR if self.findings.hits:
                said.append(words("text_near", words=query.words))
            case Manner.THEME:
                said.append(words("theme_by_text", themes=phrases.themes(words, query)))
            case Manner.LEFT_OUT:
                said.append(words("left_out", words=query.words))
        tone: Literal["info", "warning"] = "warning" if self.manner is Manner.LEFT_OUT else "info"
        return [Notice(tone=tone, spans=[Span(text=" ".join(said))])] if said else []

    def _by_kind(self) -> str:
        counts = self.findings.by_kind()
        if len(self.findings.organisations) < 2:
            return ""
        listed = [f"{phrases.kind(self.words, kind)} ({self.words.number(n)})" for kind, n in counts.most_common()]
        return self.words("by_kind", list=self.words.listed(listed))

    def _by_timing(self) -> str:
        counts = self.findings.by_timing()
        listed = [self.words(f"timing_{timing}", n=counts[timing]) for timing in Timing if counts[timing]]
        return self.words("by_timing", list="; ".join(listed))

    def _caption(self, key: str) -> str:
        """The table's name, and which rows of how many stand in it."""
        first, last = self.query.offset + 1, min(self.query.offset + SCREENFUL, self._total)
        number = self.words.number
        rows = f" ({number(first)}\u2013{number(last)} / {number(self._total)})" if self._total > SCREENFUL else ""
        return self.words(key) + rows

    def _organisations(self) -> Table:
        words = self.words
        shown = self.findings.organisations[self.query.offset : self.query.offset + SCREENFUL]
        return Table(
            caption=self._caption("table_who"),
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
            caption=self._caption("table_records"),
            columns=[
                Column(title=words("column_what")),
                Column(title=words("column_role")),
                Column(title=words("column_where")),
                Column(title=words("column_when")),
            ],
            rows=rows,
        )

    def nothing(self, *, covered: bool, kept: Sequence[str]) -> list[Part]:
        """No record: said as what it is, with the nearest thing that is known."""
        words, query, findings = self.words, self.query, self.findings
        day = words.date(self.today)
        doing = phrases.doing(words, query)
        parts: list[Part] = self._readings(kept)
        if self.manner is Manner.WORDS and not self.text_found:
            said = [words("words_unknown", words=query.words)]
        elif query.organisations:
            names = words.listed(organisation.name for organisation in query.organisations)
            said = [words("org_none", organisations=names, doing=doing, date=day)]
        elif query.organisation_kinds and covered:
            kinds = words.listed(phrases.kind(words, kind) for kind in query.organisation_kinds)
            said = [words("none_of_kinds", kinds=kinds, doing=doing, date=day)]
            said += [words("without_kinds", n=self.of_any_kind)] if self.of_any_kind else []
        elif covered:
            said = [words("none_reported", date=day, doing=doing)]
        elif query.places:
            said = [words("not_covered", places=phrases.places(words, query.places), date=day)]
        else:
            said = [words("searched_none")]
        for place_id, number in findings.elsewhere:
            said.append(words("nearest_wider", n=number, place=self._name_of(place_id)))
        if others := self._other_themes():
            listed = [f"{phrases.theme_name(words, theme)} ({words.number(n)})" for theme, n in others]
            said.append(words("other_themes", list="; ".join(listed)))
        parts.append(Notice(tone="warning", spans=[Span(text=" ".join(said))]))
        return parts

    def _other_themes(self) -> list[tuple[str, int]]:
        asked = {theme.id for theme in self.query.themes}
        return [(theme, number) for theme, number in self.findings.other_themes if theme not in asked]

    def _name_of(self, place_id: str) -> str:
        row = self.session.get(m.PlaceRow, place_id)
        if row is None:
            return place_id
        return self.words.country(row.country, row.name) if row.level == 0 else row.name

    def buttons(self) -> list[Button]:
        words, query, findings = self.words, self.query, self.findings
        found: list[Button] = []
        if self.remaining:
            found.append(Button(title=words("button_more"), send=words("send_more")))
        if findings.hits:
            if not query.organisation_kinds and not self._by_record:
                kinds = [kind for kind, _ in findings.by_kind().most_common() if kind not in ("", "other")]
                for kind in kinds[:2] if len(kinds) > 1 else []:
                    label = phrases.kind(words, kind)
                    found.append(
                        Button(title=words("button_only_kind", kind=label), send=words("send_only_kind", kind=label))
                    )
            found.append(Button(title=words("button_source"), send=words("button_source")))
        if self.of_any_kind and query.places:
            found.append(Button(title=words("button_all_kinds"), send=question(words, query)))
        for place_id, _ in findings.elsewhere:
            name = self._name_of(place_id)
            found.append(
                Button(title=words("button_all_areas", place=name), send=question(words, query, name, place_id))
            )
        for theme_id, _ in self._other_themes()[:3]:
            label = phrases.theme_name(words, theme_id)
            found.append(Button(title=words("button_theme", theme=label), send=words("send_theme", theme=label)))
        return found


def _work_of(hit: Hit) -> str:
    """What a record says is done. The title of a presence row repeats who and where: they have their own columns."""
    if hit.kind is not RecordKind.PRESENCE:
        return hit.title
    return hit.title.partition(": ")[2].rpartition(" in ")[0] or hit.title


def _other_language(language: str, reply_language: str) -> str:
    return language if language and language != reply_language else ""
