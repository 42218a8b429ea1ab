"""From a text to what it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from knowledge.language import detect
from knowledge.linking import aside, marks, misspelt, places, placing
from knowledge.linking.codes import code_claims
from knowledge.linking.context import Context
from knowledge.linking.cues import level_words, place_words
from knowledge.linking.entities import (
    AMBIGUOUS_BELOW,
    Alternative,
    Claim,
    Entry,
    LinkedEntity,
    LinkResult,
    OrganisationEntry,
)
from knowledge.linking.givers import government_claims
from knowledge.linking.lexicon import Lexicon
from knowledge.linking.mention import Mention
from knowledge.linking.organisations import organisation_claims, works_at_home
from knowledge.linking.periods import PeriodReader
from knowledge.linking.phrases import kind_claims, silence_wider_themes, theme_claims
from knowledge.linking.seasons import SeasonReading, dated, said
from knowledge.text import Token, tokens
from knowledge.vocabulary import asking_words, function_words

_PERIOD_STRENGTH = 7.0
_PERIOD_SURE = 0.95
_SEASON_SURE, _SEASON_DATED, _SEASON_STRENGTH = 0.6, 0.8, 0.5
MAX_CHARACTERS = 4_000
"""Longer texts are read up to here: a question is short, and a pasted proposal says what it is about early."""

_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\S+@\w[\w-]*\.\S+", re.I)
"""What is in an address of the web or of a person names nothing that is asked about."""


class Linker:
    """Reads texts against one lexicon. Safe to use from several threads.

    `today` may be a function, for a server that runs over midnight. `known_record` gives an identifier as the index
    writes it for one as typed, or None.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        today: date | Callable[[], date],
        known_record: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._lexicon = lexicon
        self._today = today
        self._known_record = known_record
        self.link("Who does health in Kenya in 2025?")  # reads the tables now, so that no person waits for it

    def link(
        self,
        text: str,
        *,
        visible: Callable[[Entry], bool] | None = None,
        countries: Sequence[str] = (),
        language: str = "en",
    ) -> LinkResult:
        """Organisations, kinds, places, themes, periods, records and ordinals of a text, and the topic words left over.

        Entries for which `visible` is false leave no trace in the result. Places in `countries` (ISO alpha-2) are
        likelier. `language` is taken where the text does not tell its own.
        """
        read = _ADDRESS.sub(lambda address: " " * len(address.group()), text[:MAX_CHARACTERS])
        context = Context(
            read,
            tokens(read),
            detect(read, language),
            self._lexicon,
            visible or (lambda _: True),
            frozenset(countries),
            self._today() if callable(self._today) else self._today,
        )
        spoken = places.spoken_countries(context)
        found = list(places.mentions(context, spoken))
        holders = [_place_holder(mention, strength) for mention, strength in found]
        by_claim = {id(holder): mention for holder, (mention, _) in zip(holders, found, strict=True)}
        claims = _without_overlap(
            [
                *marks.record_claims(context, self._known_record),
                *organisation_claims(context, spoken | places.countries_of(mention for mention, _ in found)),
                *government_claims(context),
                *code_claims(context),
                *theme_claims(context),
                *kind_claims(context),
                *_period_claims(context),
                *marks.ordinal_claims(context),
                *places.person_claims(context),
                *holders,
            ]
        )
        silence_wider_themes(context, claims)
        standing = [(by_claim[id(claim)], claim) for claim in claims if id(claim) in by_claim]
        mentioned = [mention for mention, _ in standing]
        placing.resolve(context, mentioned, _homes(context, claims))
        dropped = placing.spoken_for(context, mentioned) | placing.mere_slips(context, mentioned)
        settled = [claim for claim in claims if id(claim) not in by_claim]
        _date_seasons(context, settled, (m for number, m in enumerate(mentioned) if number not in dropped))
        for number, (mention, claim) in enumerate(standing):
            final = placing.as_claim(context, mention, claim.strength)
            final.silent = number in dropped
            settled.append(final)
        settled.sort(key=lambda claim: claim.first)
        entities = tuple(entity for claim in settled if not claim.silent for entity in _entities(context, claim))
        return LinkResult(text, context.language, entities, _left_over(context, settled))


def _homes(context: Context, claims: Iterable[Claim]) -> frozenset[str]:
    """Countries of organisations that are named without doubt and are at home in one country: they work there."""
    return frozenset(
        entry.country
        for claim in claims
        if claim.type == "organisation" and claim.readings[0][1] >= AMBIGUOUS_BELOW
        for entry in claim.entries[:1]
        if isinstance(entry, OrganisationEntry) and works_at_home(context, entry)
    )


def _place_holder(mention: Mention, strength: float) -> Claim:
    return Claim("place", mention.first, mention.last, strength, [])


def _without_overlap(claims: Iterable[Claim]) -> list[Claim]:
    """The strongest claims that share no token."""
    kept: list[Claim] = []
    taken: set[int] = set()
    for claim in sorted(claims, key=lambda claim: (-claim.strength, claim.first, claim.type)):
        span = range(claim.first, claim.last)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(claim)
    return kept


def _period_claims(context: Context) -> Iterable[Claim]:
    reader = PeriodReader(context.tokens, context.today)
    for reading in reader.read():
        words = _typed(context, reading.first, reading.last)
        value = {
            "start": reading.start.isoformat() if reading.start else None,
            "end": reading.end.isoformat() if reading.end else None,
            "words": words,
        }
        strength = 10 * (reading.last - reading.first) + _PERIOD_STRENGTH
        yield Claim("period", reading.first, reading.last, strength, [(value, _PERIOD_SURE)])
    for season in reader.seasons():
        strength = 10 * (season.last - season.first) + _PERIOD_STRENGTH + _SEASON_STRENGTH
        yield Claim("period", season.first, season.last, strength, [({"season": season}, _SEASON_SURE)])
    for first, last in reader.lengths():
        yield Claim("length", first, last, 10 * (last - first), [], silent=True)


def _date_seasons(context: Context, claims: Iterable[Claim], mentioned: Iterable[Mention]) -> None:
    """Seasons get the months they have in the one country that the text or its conversation is about."""
    countries = {mention.best.country for mention in mentioned} - {""} or context.countries
    country = next(iter(countries)) if len(countries) == 1 else ""
    for claim in claims:
        season = claim.readings[0][0].get("season") if claim.type == "period" else None
        if not isinstance(season, SeasonReading):
            continue
        span = dated(season, country, context.today)
        words = said(season, _typed(context, claim.first, claim.last), country, span, context.language)
        value = {
            "start": span[0].isoformat() if span else None,
            "end": span[1].isoformat() if span else None,
            "words": words,
        }
        claim.readings = [(value, _SEASON_DATED if span else _SEASON_SURE)]


def _typed(context: Context, first: int, last: int) -> str:
    return context.text[context.tokens[first].start : context.tokens[last - 1].end]


def _entities(context: Context, claim: Claim) -> list[LinkedEntity]:
    start, end = context.tokens[claim.first].start, context.tokens[claim.last - 1].end
    if context.text[end : end + 1] == "]":  # a place code: "Central [TD03]"
        end += 1
        start -= context.text[start - 1 : start] == "["
    text = context.text[start:end]
    if claim.several:
        return [LinkedEntity(claim.type, start, end, text, value, probability) for value, probability in claim.readings]
    (value, probability), *others = claim.readings
    alternatives = tuple(Alternative(other, share) for other, share in others)
    return [LinkedEntity(claim.type, start, end, text, value, probability, alternatives)]


def _left_over(context: Context, claims: Iterable[Claim]) -> str:
    """Content words that no claim holds, as typed.

    Where a sentence of the text names something, those without any name are taken as talk around the question: of them
    only what looks like a name is left over, and behind the question nothing.
    """
    held = {position for claim in claims for position in range(claim.first, claim.last)}
    named = [(context.tokens[position].start, context.tokens[position].end) for position in held]
    talk = aside.behind(context.text, named)
    left: list[str] = []
    for sentence in _sentences(context.tokens):
        around = bool(held) and held.isdisjoint(sentence)
        left += (
            context.tokens[position].text
            for position in sentence
            if position not in held
            and not any(start <= context.tokens[position].start < end for start, end in talk)
            and _says_something(context.tokens[position])
            and not (around and not context.written_as_name(position, position + 1) and not context.located(position))
        )
    return " ".join(left)


def _sentences(tokens: Sequence[Token]) -> Iterator[range]:
    """The positions of each sentence."""
    starts = [position for position, token in enumerate(tokens) if token.opens_sentence]
    for first, after in pairwise([*starts, len(tokens)]):
        yield range(first, after)


def _says_something(token: Token) -> bool:
    if len(token.form) < 2 or token.form.isdigit():
        return False
    empty = any(
        form in words
        for form in token.forms
        for words in (asking_words(), level_words(), place_words()["joiners"], *function_words().values())
    )
    return not empty and (token.capitalised or not misspelt.slips(token.form, asking_words()))
