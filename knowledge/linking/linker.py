"""From a text to what it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from knowledge.language import detect
from knowledge.linking import marks, places, placing
from knowledge.linking.context import Context
from knowledge.linking.entities import Alternative, Claim, Entry, LinkedEntity, LinkResult
from knowledge.linking.lexicon import Lexicon, level_words, place_words
from knowledge.linking.organisations import organisation_claims
from knowledge.linking.periods import PeriodReader
from knowledge.linking.phrases import kind_claims, silence_wider_themes, theme_claims
from knowledge.text import Token, tokens
from knowledge.vocabulary import asking_words, function_words

_PERIOD_STRENGTH = 7.0
_PERIOD_SURE = 0.95
_SEASON_SURE = 0.6
MAX_CHARACTERS = 4_000
"""Longer texts are read up to here: a question is short, and a pasted proposal says what it is about early."""


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
        read = text[:MAX_CHARACTERS]
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
                *organisation_claims(context, spoken),
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
        placing.resolve(context, mentioned)
        dropped = placing.spoken_for(context, mentioned)
        settled = [claim for claim in claims if id(claim) not in by_claim]
        for number, (mention, claim) in enumerate(standing):
            final = placing.as_claim(context, mention, claim.strength)
            final.silent = number in dropped
            settled.append(final)
        settled.sort(key=lambda claim: claim.first)
        entities = tuple(entity for claim in settled if not claim.silent for entity in _entities(context, claim))
        return LinkResult(text, context.language, entities, _left_over(context, settled))


def _place_holder(mention: places.Mention, strength: float) -> Claim:
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
    for first in range(len(context.tokens)):
        if last := reader.season(first):
            value = {"start": None, "end": None, "words": f"{_typed(context, first, last)} (no dates read)"}
            yield Claim("period", first, last, 10 * (last - first) + _PERIOD_STRENGTH, [(value, _SEASON_SURE)])


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
    """Content words that no claim holds, as typed."""
    held = {position for claim in claims for position in range(claim.first, claim.last)}
    return " ".join(
        token.text for position, token in enumerate(context.tokens) if position not in held and _says_something(token)
    )


def _says_something(token: Token) -> bool:
    if len(token.form) < 2 or token.form.isdigit():
        return False
    empty = any(
        form in words
        for form in token.forms
        for words in (asking_words(), level_words(), place_words()["joiners"], *function_words().values())
    )
    return not empty
