"""A name of a place in a text, and the word for its level beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.linking.context import Context
from knowledge.linking.cues import level_hint, level_words, place_words
from knowledge.linking.entities import PlaceEntry
from knowledge.linking.lexicon import Bond
from knowledge.text import stem
from knowledge.vocabulary import theme_words

EXACT = 0.97
_MAX_HINT = 2


@dataclass(slots=True)
class Mention:
    """A name in the text and the places it may mean. `first` and `last` include a level word beside the name.

    `name` is the name as folded. `slips` takes from the score of a place what its spelling is farther away by.
    """

    first: int
    last: int
    candidates: list[tuple[PlaceEntry, Bond]]
    hint: frozenset[int] = frozenset()
    sure: float = EXACT
    weak: bool = False
    name: str = ""
    slips: dict[str, float] = field(default_factory=dict)
    probabilities: dict[str, float] = field(default_factory=dict)

    @property
    def best(self) -> PlaceEntry:
        ident = max(self.probabilities, key=lambda ident: (self.probabilities[ident], ident))
        return next(place for place, _ in self.candidates if place.id == ident)


def visible(context: Context, bearers: dict[str, Bond]) -> list[tuple[PlaceEntry, Bond]]:
    found = [(context.lexicon.places[ident], bond) for ident, bond in bearers.items()]
    return [(place, bond) for place, bond in found if context.visible(place)]


def level_beside(context: Context, first: int, last: int) -> tuple[frozenset[int], int, int]:
    """(levels, first, last) with the level word beside the name taken in: "Somali Region", "province du Lac"."""
    tokens = context.tokens
    if last < len(tokens) and not tokens[last].before.strip(" -") and (levels := level_hint(tokens[last].forms)):
        if " ".join(token.form for token in tokens[last : last + 2]) in theme_words():
            return frozenset(), first, last  # "Marib camp management"
        return levels, first, last + 1
    position = first
    joiners = place_words()["joiners"]
    while position > max(0, first - _MAX_HINT) and tokens[position - 1].form in joiners:
        position -= 1
    if position and not any(token.before.strip(" '\u2019") for token in tokens[position : first + 1]):
        word = tokens[position - 1]
        plural = (stem(word.form) != word.form and stem(word.form) in level_words()) or word.form.endswith("ات")
        if not plural and (levels := level_hint(word.forms)) and (position < first or _prefix_level(word.form)):
            return levels, position - 1, last
    return frozenset(), first, last


def _prefix_level(form: str) -> bool:
    """Level words that stand right before the name without "of": Arabic ones, and "camp", "oblast" and the like."""
    return not form.isascii() or form in {
        "camp",
        "woreda",
        "zone",
        "district",
        "county",
        "oblast",
        "commune",
        "payam",
        "region",
        "state",
    }
