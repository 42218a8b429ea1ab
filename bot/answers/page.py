"""What every answer about records has: the readings it rests on, what it says where there is none, the next steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from bot.actions.context import Item
from bot.answers import phrases
from bot.answers.texts import Manner, Texts
from bot.words import Words
from knowledge.access import Audience
from knowledge.answers import Ledger, text
from knowledge.finding import Facets, find
from knowledge.linking.known import GOVERNMENT, KNOWN
from knowledge.reply import BulletList, Button, Notice, Paragraph, Part, Query, Result, Span
from knowledge.search import mentioning
from knowledge.store import models as m
from knowledge.timing import Timing
from knowledge.whowhatwhere import Findings

SCREENFUL = 8
_NOT_INDEXED = (KNOWN, GOVERNMENT)
_IN_TEXTS = 3


def question(words: Words, query: Query, place: str = "", place_id: str = "") -> str:
    """The question asked anew for a place (else for its own first one), unmistakable by the place's id."""
    if not place_id:
        place, place_id = query.places[0].name, query.places[0].id
    if query.organisations:
        names = words.listed(organisation.name for organisation in query.organisations)
        return words("send_organisation_area", organisation=names, place=place, id=place_id)
    topic = phrases.themes(words, query)
    return words("send_all_areas" if topic else "send_all_areas_any", themes=topic, place=place, id=place_id)


class Page:
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
        audience: Audience,
    ) -> None:
        self.session, self.query, self.words, self.today, self.findings = session, query, words, today, findings
        self.audience = audience
        self.manner, self.text_found, self.of_any_kind = texts.manner, bool(texts.pks), of_any_kind
        self.besides = texts.besides
        self.ledger = Ledger()
        self.listed: list[str | Item] = []
        self.picked = findings.hits
        self.result: Result | None = None
        self.by_record = bool(query.organisations)
        self.total = len(findings.hits) if self.by_record else len(findings.organisations)
        self.remaining = max(0, self.total - query.offset - SCREENFUL)

    def opening(self, *, now: bool, kept: Sequence[str]) -> list[Part]:
        """The answer where records are found. `now`: only what is open was asked for."""
        raise TypeError(type(self).__name__)

    def readings(self, kept: Sequence[str]) -> list[Part]:
        """Readings that a person should be able to contradict. `kept`: what the question before had named."""
        words, query = self.words, self.query
        if query.offset:
            return []
        said = phrases.readings(words, query, kept)
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

    def kinds_said(self) -> str:
        counts = self.findings.by_kind()
        if len(self.findings.organisations) < 2:
            return ""
        listed = [f"{phrases.kind(self.words, kind)} ({self.words.number(n)})" for kind, n in counts.most_common()]
        return self.words("by_kind", list=self.words.listed(listed))

    def timings_said(self) -> str:
        counts = self.findings.by_timing()
        listed = [self.words(f"timing_{timing}", n=counts[timing]) for timing in Timing if counts[timing]]
        return self.words("by_timing", list="; ".join(listed))

    def caption(self, key: str) -> str:
        """The table's name, and which rows of how many stand in it."""
        first, last = self.query.offset + 1, min(self.query.offset + SCREENFUL, self.total)
        number = self.words.number
        rows = f" ({number(first)}\u2013{number(last)} / {number(self.total)})" if self.total > SCREENFUL else ""
        return self.words(key) + rows

    def nothing(self, *, covered: bool, kept: Sequence[str]) -> list[Part]:
        """No record: said as what it is, with the nearest thing that is known."""
        words, query, findings = self.words, self.query, self.findings
        day = words.date(self.today)
        doing = phrases.doing(words, query)
        parts: list[Part] = self.readings(kept)
        if self.manner is Manner.WORDS and not self.text_found:
            said = [words("words_unknown", words=query.words)]
        elif unknown := [o.name for o in query.organisations if o.id.startswith(_NOT_INDEXED)]:
            said = [words("focus_not_indexed", organisations=words.listed(unknown), date=day)]
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
        parts.append(Notice(tone="warning", spans=[Span(text=" ".join(said))]))
        near = [words("nearest_wider", n=n, place=self._name_of(place)) for place, n in findings.elsewhere]
        if others := self._other_themes():
            listed = [f"{phrases.theme_name(words, theme)} ({words.number(n)})" for theme, n in others]
            near.append(words("other_themes", list="; ".join(listed)))
        if near:
            parts.append(text(*near, cites=self.ledger.sources(findings.nearby)))
        return [*parts, *self._in_texts()]

    def _in_texts(self) -> list[Part]:
        """Records whose text names an organisation that none of them names as one."""
        names = [o.name for o in self.query.organisations if o.id.startswith(_NOT_INDEXED)]
        places = tuple(place.id for place in self.query.places)
        pks = mentioning(self.session, names, Facets(places=places), self.audience) if names else ()
        if not pks:
            return []
        hits = find(self.session, Facets(pks=pks[:_IN_TEXTS]), self.audience)
        self.listed += [Item("record", hit.id, hit.title, hit.id) for hit in hits]
        said = Paragraph(spans=[Span(text=self.words("focus_in_text", n=len(pks)), cites=self.ledger.sources(hits))])
        cited = [[Span(text=phrases.cut(hit.title, 120), cites=[self.ledger.record(hit)])] for hit in hits]
        return [said, BulletList(items=cited)]

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
            if not query.organisation_kinds and not self.by_record:
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
