"""Records and pairs of records in the words of one language, as the overlaps views show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.answers import overlaps_telling as telling
from bot.answers import phrases
from bot.answers.overlaps import named_places
from bot.words import Words
from connectors.pictures.texts import isolated
from connectors.web.overlap_views import PairView, RecordLine
from connectors.web.words import day, direction, percent, words
from knowledge import finding
from knowledge.access import Audience, visible
from knowledge.finding import Facets, Hit
from knowledge.overlap.explaining import Clause
from knowledge.overlap.judgements import Judgement
from knowledge.overlap.labels import Label
from knowledge.overlap.profiles import INITIATIVES
from knowledge.store import models as m
from knowledge.timing import Timing

_MOST_PLACES, _MOST_THEMES = 4, 4
_NAME: Final = 60
_NEXT_FROM: Final = 0.2
"""The next likeliest label is named from this probability on."""


def record_href(ident: str) -> str:
    return f"/records/{quote(ident)}"


def meets_href(ident: str) -> str:
    return f"/overlaps?{urlencode({'record': ident})}"


def compare_href(a: str, b: str) -> str:
    return f"/overlaps/compare?{urlencode({'a': a, 'b': b})}"


def initiatives(session: Session, idents: Sequence[str], audience: Audience) -> dict[str, Hit]:
    """The initiatives of these identifiers that `audience` may see."""
    pks = session.scalars(
        select(m.RecordRow.pk).where(m.RecordRow.id.in_(idents), visible(audience), m.RecordRow.retired_at.is_(None))
    ).all()
    if not pks:
        return {}
    return {hit.id: hit for hit in finding.find(session, Facets(kinds=INITIATIVES, pks=tuple(pks)), audience)}


class Lines:
    """Records in the words of one language. What is not among `hits` is the proposal that is asked about."""

    def __init__(self, language: str, today: date, hits: Mapping[str, Hit]) -> None:
        self.said = words(language)
        self.words = Words(language)
        self.language, self.today, self.hits = language, today, hits

    def line(self, ident: str) -> RecordLine:
        hit = self.hits.get(ident)
        if hit is None:
            return RecordLine(ident, self.said["your_proposal"])
        stands = hit.standing(self.today)
        return RecordLine(
            id=hit.id,
            title=hit.title or self.said["untitled"],
            lang=hit.language,
            publisher=hit.publisher,
            start=day(hit.start, self.language) if hit.start else "",
            end=day(hit.end, self.language) if hit.end else "",
            timing=phrases.standing(self.words, hit, stands),
            stale=stands.timing in (Timing.STALE, Timing.UNDATED),
            places=self._places(hit),
            themes=self._themes(hit),
            href=record_href(hit.id),
            meets_href=meets_href(hit.id),
        )

    @classmethod
    def of(cls, session: Session, idents: Sequence[str], audience: Audience, today: date, language: str) -> Lines:
        """The lines of these records, those that `audience` may see."""
        return cls(language, today, initiatives(session, idents, audience))

    def called(self, a: str, b: str) -> tuple[str, str]:
        """How two records are called in a sentence."""
        one, other = self.hits.get(a), self.hits.get(b)
        if one is not None and other is not None:
            return telling.names(one, other)
        return self._name(one), self._name(other)

    def _name(self, hit: Hit | None) -> str:
        return phrases.cut(telling.whose(hit) or hit.title or hit.id, _NAME) if hit else self.said["your_proposal"]

    def end(self, ident: str) -> date | None:
        hit = self.hits.get(ident)
        return hit.end if hit is not None else None

    def _places(self, hit: Hit) -> str:
        found = {place.place: place.name for place in hit.places}
        below = {place.place: place.name for place in hit.places if place.level}
        shown = below or found
        named = [self._apart(named_places(self.words, [place], shown)) for place in [*shown][:_MOST_PLACES]]
        return self.words.listed(named) + self._more(len(shown), _MOST_PLACES)

    def listed(self, names: Iterable[str]) -> str:
        """Names of sources in one line, each in a direction of its own."""
        return self.words.listed(map(self._apart, names))

    def _apart(self, name: str) -> str:
        return isolated(name) if direction(self.language) == "rtl" else name

    def _themes(self, hit: Hit) -> str:
        named = [phrases.theme_name(self.words, ident) for ident in hit.themes]
        return self.words.listed(named[:_MOST_THEMES]) + self._more(len(named), _MOST_THEMES)

    @staticmethod
    def _more(number_of: int, shown: int) -> str:
        return f" +{number_of - shown}" if number_of > shown else ""


def pair_view(
    lines: Lines,
    a: str,
    b: str,
    label: Label,
    probabilities: Mapping[Label, float],
    clauses: Sequence[Clause],
    places: Mapping[str, str],
    judgement: Judgement | None = None,
    *,
    href: str = "",
) -> PairView:
    """What two records are to each other in words. `judgement`: what people said, which then is what counts."""
    told = telling.told(lines.words, clauses, lines.called(a, b), (lines.end(a), lines.end(b)), places, lines.today)
    return PairView(
        a=a,
        b=b,
        label=label.value,
        sure="" if judgement is not None else telling.sure(lines.words, probabilities.get(label, 0.0)),
        other="" if judgement is not None else _next_likeliest(lines, label, probabilities),
        judged=said_by(lines, judgement) if judgement is not None else "",
        speaks_for=tuple(told.shared),
        against=tuple(told.parting),
        between=tuple(told.between),
        href=href,
    )


def _next_likeliest(lines: Lines, label: Label, probabilities: Mapping[Label, float]) -> str:
    others = sorted((chance, other) for other, chance in probabilities.items() if other is not label)
    if not others or others[-1][0] < _NEXT_FROM:
        return ""
    chance, other = others[-1]
    told = f"{lines.said[f'label_{other.value}']} ({percent(chance, lines.language)})"
    return lines.said["next_likeliest"].replace("{n}", told)


def said_by(lines: Lines, judgement: Judgement) -> str:
    """Who said what of a pair, and when."""
    label = lines.said[f"label_{judgement.label.value}"] if judgement.label else lines.said["queue_skip"]
    return f"{judgement.by}, {day(judgement.at.date(), lines.language)}: {label}"
