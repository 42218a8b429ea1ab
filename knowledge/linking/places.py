"""Names of places in a text: which words are one, and which places they may mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.linking.context import Context, capitals_only
from knowledge.linking.entities import Claim, PlaceEntry
from knowledge.linking.lexicon import Bond, level_hint, level_words, place_words
from knowledge.linking.marks import place_codes
from knowledge.linking.matching import phrase_forms
from knowledge.text import fold, stem
from knowledge.vocabulary import ordinary_words, theme_words

_STRENGTH, _LOCATED, _FUZZY_STRENGTH, _BEGINNING_STRENGTH, _DEMONYM_STRENGTH, _CODE_STRENGTH = (
    5.0,
    2.0,
    -3.0,
    -4.0,
    1.0,
    500.0,
)
_EXACT, _FUZZY, _BEGINNING, _DEMONYM, _CODE = 0.97, 0.88, 0.8, 0.75, 0.99
_FUZZY_FROM, _FUZZY_UNCUED_FROM, _FUZZY_WORDS = 5, 6, 3
_SHORT = 3
_MAX_HINT = 2
_BRIEF = 3
_SURE_FROM = 8
"""Letters from which a misspelt name of several words needs no other sign."""
_UNCERTAIN_SPREAD = 3
"""A beginning of a name ("Cox's") counts only where at most so many places begin so."""


@dataclass(slots=True)
class Mention:
    """A name in the text and the places it may mean. `first` and `last` include a level word beside the name."""

    first: int
    last: int
    candidates: list[tuple[PlaceEntry, Bond]]
    hint: frozenset[int] = frozenset()
    sure: float = _EXACT
    weak: bool = False
    probabilities: dict[str, float] = field(default_factory=dict)

    @property
    def best(self) -> PlaceEntry:
        ident = max(self.probabilities, key=lambda ident: (self.probabilities[ident], ident))
        return next(place for place, _ in self.candidates if place.id == ident)


def spoken_countries(context: Context) -> frozenset[str]:
    """Countries that the text names outright, with those of the conversation."""
    found = set(context.countries)
    for first in range(len(context.tokens)):
        reach = context.lexicon.place_reach(context.tokens[first])
        for last in range(min(len(context.tokens), first + reach), first, -1):
            for phrase in phrase_forms(context.tokens[first:last]):
                bearers = context.lexicon.place_names.get(phrase, {})
                countries = [ident for ident in bearers if len(ident) == 2]
                if countries and not _is_person(context, first, last):
                    found.update(countries)
                found.update(context.lexicon.demonyms.get(phrase, ()))
    return frozenset(found)


def mentions(context: Context, spoken: frozenset[str]) -> Iterator[tuple[Mention, float]]:
    """All names of places in the text, each with the strength of its claim."""
    taken: set[int] = set()
    for first, last, ident in place_codes(context):
        place = context.lexicon.places[ident]
        first = _name_before_code(context, first, place)
        taken.update(range(first, last))
        yield Mention(first, last, [(place, Bond.OWN)], sure=_CODE), _CODE_STRENGTH
    for first in range(len(context.tokens)):
        if first not in taken and (found := _exact(context, first, spoken)):
            taken.update(range(found[0].first, found[0].last))
            yield found
    for first in range(len(context.tokens)):
        if first not in taken and (
            found := _misspelt(context, first, taken, spoken) or _beginning(context, first, taken)
        ):
            taken.update(range(found[0].first, found[0].last))
            yield found


def _name_before_code(context: Context, first: int, place: PlaceEntry) -> int:
    """ "Central [TD03]": the name right before the code belongs to it."""
    for size in range(min(5, first), 0, -1):
        for phrase in phrase_forms(context.tokens[first - size : first]):
            if place.id in context.lexicon.place_names.get(phrase, {}):
                return first - size
    return first


def _exact(context: Context, first: int, spoken: frozenset[str]) -> tuple[Mention, float] | None:
    tokens, lexicon = context.tokens, context.lexicon
    for last in range(min(len(tokens), first + lexicon.place_reach(tokens[first])), first, -1):
        demonym: list[str] = []
        for phrase in phrase_forms(tokens[first:last]):
            candidates = _visible(context, lexicon.place_names.get(phrase, {}))
            if candidates and (found := _accepted(context, first, last, phrase, candidates, spoken)):
                return found
            demonym = demonym or lexicon.demonyms.get(phrase, [])
        if demonym and not _is_person(context, first, last):
            candidates = _visible(context, dict.fromkeys(demonym, Bond.OWN))
            mention = Mention(first, last, candidates, sure=_DEMONYM, weak=True)
            return (mention, 10 * (last - first) + _DEMONYM_STRENGTH) if candidates else None
    return None


def _visible(context: Context, bearers: dict[str, Bond]) -> list[tuple[PlaceEntry, Bond]]:
    found = [(context.lexicon.places[ident], bond) for ident, bond in bearers.items()]
    return [(place, bond) for place, bond in found if context.visible(place)]


def _accepted(
    context: Context,
    first: int,
    last: int,
    phrase: str,
    candidates: list[tuple[PlaceEntry, Bond]],
    spoken: frozenset[str],
) -> tuple[Mention, float] | None:
    if _is_person(context, first, last):
        return None
    hint, start, end = _level_beside(context, first, last)
    is_country = any(place.level == 0 for place, _ in candidates)
    if is_country and not hint:
        if (phrase in capitals_only() or len(phrase) < _SHORT) and not context.in_capitals(first, last):
            return None
    elif not _enough_evidence(context, first, last, phrase, candidates, bool(hint), spoken):
        return None
    if phrase in context.lexicon.demonyms and not hint and not _stands_alone(context, first, last, candidates, spoken):
        return None
    located = context.located(first) or start < first
    strength = 10 * (end - start) + _STRENGTH + (_LOCATED if located else 0.0)
    return Mention(start, end, candidates, hint), strength


def _enough_evidence(
    context: Context,
    first: int,
    last: int,
    phrase: str,
    candidates: Sequence[tuple[PlaceEntry, Bond]],
    hinted: bool,
    spoken: frozenset[str],
) -> bool:
    """Whether a name that is also a word, or very short, is used as a name here."""
    unknown = all(not place.weight for place, _ in candidates)
    lower = not context.tokens[first].capitalised and phrase.isascii()
    needed = 0
    if context.is_ordinary(first, last) or phrase in theme_words():
        needed = 2
    elif len(phrase) <= _SHORT or (unknown and lower and len(phrase) <= _SHORT + 1):
        needed = 1
    if unknown and context.in_capitals(first, last) and not needed:
        needed = 1  # more likely an acronym
    if not needed:
        return True
    evidence = (
        (context.written_as_name(first, last) and not context.in_capitals(first, last))
        + context.located(first)
        + 2 * hinted
    )
    evidence += any(place.country in spoken for place, _ in candidates if place.level > 0)
    evidence += _followed_by_outer_place(context, last, candidates)
    evidence += len(context.tokens) == last - first and context.tokens[first].capitalised
    return evidence >= needed


def _followed_by_outer_place(context: Context, last: int, candidates: Sequence[tuple[PlaceEntry, Bond]]) -> bool:
    """Right behind the name, after a comma or "in", stands a place that a bearer of the name lies in."""
    around = {outer.id for place, _ in candidates for outer in context.lexicon.ancestors(place)}
    position = last
    while position < len(context.tokens) and context.tokens[position].form in place_words()["locatives"]:
        position += 1
    for end in range(position + 1, min(len(context.tokens), position + 4) + 1):
        for phrase in phrase_forms(context.tokens[position:end]):
            if not around.isdisjoint(context.lexicon.place_names.get(phrase, ())):
                return True
    return False


def _stands_alone(
    context: Context, first: int, last: int, candidates: Sequence[tuple[PlaceEntry, Bond]], spoken: frozenset[str]
) -> bool:
    """A name that is also a people's ("Somali") is a place after "in", not before "refugees"."""
    followed = last < len(context.tokens) and not context.tokens[last].before.strip()
    if any(place.level == 0 and fold(place.name) == fold(context.tokens[first].text) for place, _ in candidates):
        return True
    after = context.tokens[last].form if followed else ""
    return context.located(first) and (
        not after
        or after in place_words()["locatives"]
        or (after in ordinary_words() and after not in theme_words() and stem(after) == after)
    )


def _level_beside(context: Context, first: int, last: int) -> tuple[frozenset[int], int, int]:
    """(levels, first, last) with the level word beside the name taken in: "Somali Region", "province du Lac"."""
    tokens = context.tokens
    if last < len(tokens) and not tokens[last].before.strip(" -") and (levels := level_hint(tokens[last].forms)):
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


def _misspelt(context: Context, first: int, taken: set[int], spoken: frozenset[str]) -> tuple[Mention, float] | None:
    tokens, lexicon = context.tokens, context.lexicon
    for last in range(min(len(tokens), first + _FUZZY_WORDS), first, -1):
        window = tokens[first:last]
        if any(number in taken for number in range(first, last)) or not _may_be_misspelt(context, first, last):
            continue
        near = lexicon.place_spellings.near("".join(token.form for token in window))
        bearers = {
            ident: Bond.DERIVED
            for compact in near
            for name in lexicon.compact_places[compact]
            if name not in ordinary_words() or last - first > 1
            for ident in lexicon.place_names[name]
        }
        hint, start, end = _level_beside(context, first, last)
        candidates = _visible(context, bearers)
        if (last - first > 1 and len("".join(token.form for token in window)) >= _SURE_FROM and candidates) or any(
            _likely_meant(context, first, place, bool(hint), spoken) for place, _ in candidates
        ):
            return Mention(start, end, candidates, hint, _FUZZY), 10 * (end - start) + _FUZZY_STRENGTH
    return None


def _inside_longer_name(context: Context, position: int) -> bool:
    """Beside another word written as a name that nothing knows: "Kebri Dehar" is not a slip for Kebbi."""
    for other, seam in ((position - 1, position), (position + 1, position + 1)):
        if not (0 <= other < len(context.tokens)) or context.tokens[seam].before != " ":
            continue
        token = context.tokens[other]
        known = context.names_place(token.form) or token.form in ordinary_words() or token.form in level_words()
        if token.capitalised and not token.text.isupper() and not known:
            return True
    return False


def _likely_meant(context: Context, first: int, place: PlaceEntry, hinted: bool, spoken: frozenset[str]) -> bool:
    """Whether a misspelt word may mean this place: the index speaks of it, or the text leads there."""
    if place.weight or hinted or context.located(first) or place.country in spoken:
        return True
    brief = len(context.tokens) <= _BRIEF and context.tokens[first].capitalised
    return brief or (place.level < 2 and context.written_as_name(first, first + 1))


def _may_be_misspelt(context: Context, first: int, last: int) -> bool:
    window = context.tokens[first:last]
    compact = "".join(token.form for token in window)
    if len(compact) < _FUZZY_FROM or not compact.isascii() or any(token.form.isdigit() for token in window):
        return False
    if window[0].form in ordinary_words() or all(token.form in ordinary_words() for token in window):
        return False
    if last - first > 1:
        return (
            len(window[-1].form) > 2
            and window[-1].form not in place_words()["locatives"]
            and not any(context.names_place(token.form) for token in window)
        )
    if _inside_longer_name(context, first):
        return False
    form = window[0].form
    if context.seen_organisations(form) or form in theme_words() or stem(form) in ordinary_words():
        return False
    if form in context.lexicon.demonyms:
        return False
    cued = window[0].capitalised or context.located(first) or bool(_level_beside(context, first, last)[0])
    return cued or len(compact) >= _FUZZY_UNCUED_FROM


def _beginning(context: Context, first: int, taken: set[int]) -> tuple[Mention, float] | None:
    """ "Cox's" for Cox's Bazar: the beginning of few names only, written and used as a name."""
    tokens, lexicon = context.tokens, context.lexicon
    if not (tokens[first].capitalised and context.located(first)) or tokens[first].form in ordinary_words():
        return None
    last = first + 1
    if last < len(tokens) and tokens[last].form == "s" and tokens[last].before in ("'", "\u2019"):
        last += 1
    begun = " ".join(token.form for token in tokens[first:last])
    if len(begun) < _FUZZY_FROM or any(number in taken for number in range(first, last)):
        return None
    names = [name for name in lexicon.place_beginnings.get(tokens[first].form, ()) if name.startswith(begun + " ")]
    bearers = {ident: Bond.DERIVED for name in names for ident in lexicon.place_names[name]}
    candidates = _visible(context, bearers)
    if not 0 < len(candidates) <= _UNCERTAIN_SPREAD:
        return None
    mention = Mention(first, last, candidates, sure=_BEGINNING)
    return (mention, 10 * (last - first) + _BEGINNING_STRENGTH) if candidates else None


def _is_person(context: Context, first: int, last: int) -> bool:
    """ "Chad told me", "ask Jordan": the name of a country, but a person's here."""
    words = place_words()
    if last - first > 1 or context.tokens[first].form not in words["given_names"]:
        return False
    if context.cue_before(first, words["person_before"]) and not context.cue_before(
        first, frozenset({"in", "en", "au"})
    ):
        return True
    return context.cue_after(last, words["person_after"]) and not (context.located(first) and first > 0)


def person_claims(context: Context) -> Iterator[Claim]:
    """Names of countries that are a person's here: they hold their word and mean nothing."""
    for first in range(len(context.tokens)):
        if _is_person(context, first, first + 1):
            yield Claim("person", first, first + 1, 10 + _STRENGTH, [], silent=True)
