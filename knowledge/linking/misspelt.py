"""Misspelt names of places, names from other scripts, and beginnings of names."""

from __future__ import annotations

from functools import lru_cache

from knowledge.linking.context import Context
from knowledge.linking.cues import level_words, place_words
from knowledge.linking.entities import PlaceEntry
from knowledge.linking.lexicon import Bond
from knowledge.linking.matching import SpellingIndex
from knowledge.linking.mention import Mention, level_beside, visible
from knowledge.linking.spelling import skeleton
from knowledge.text import fold, stem
from knowledge.vocabulary import ordinary_words, theme_words

_FUZZY_STRENGTH, _BEGINNING_STRENGTH = -3.0, -4.0
_FUZZY, _BEGINNING = 0.88, 0.8
_FUZZY_FROM, _FUZZY_UNCUED_FROM, _FUZZY_WORDS, _SHORT_SLIP = 5, 6, 3, 4
_FARTHER = -0.4
_ORDINARY_FROM = 6
_SURE_ALONE = 6
"""Letters from which a misspelt name that opens a sentence may be a well-known place."""
_BRIEF = 3
_SURE_FROM = 8
"""Letters from which a misspelt name of several words needs no other sign."""
_UNCERTAIN_SPREAD = 3
"""A beginning of a name ("Cox's") counts only where at most so many places begin so."""


@lru_cache(maxsize=1)
def _spellings() -> SpellingIndex:
    """The ordinary words that are long enough to be known by their other letters."""
    return SpellingIndex(sorted(word for word in ordinary_words() if len(word) >= _ORDINARY_FROM and word.isascii()))


@lru_cache(maxsize=10_000)
def slips(form: str, words: frozenset[str]) -> bool:
    """Whether a folded word is no word itself and one slip of the pen away from one of these: "activty"."""
    if len(form) < _ORDINARY_FROM - 1 or not form.isascii() or not {form, stem(form)}.isdisjoint(ordinary_words()):
        return False
    return any(near in words for near in _spellings().near(form))


def misspelt(context: Context, first: int, taken: set[int], spoken: frozenset[str]) -> tuple[Mention, float] | None:
    tokens = context.tokens
    longest = _FUZZY_WORDS + (tokens[first].form in place_words()["beginnings"])
    for last in range(min(len(tokens), first + longest), first, -1):
        window = tokens[first:last]
        if any(number in taken for number in range(first, last)) or not _may_be_misspelt(context, first, last):
            continue
        compact = "".join(token.form for token in window)
        bearers = _near_names(context, first, last, compact)
        hint, start, end = level_beside(context, first, last)
        candidates = visible(context, bearers)
        long = last - first > 1 and len(compact) >= _SURE_FROM and candidates
        if long or any(_likely_meant(context, first, place, bool(hint), spoken) for place, _ in candidates):
            mention = Mention(start, end, candidates, hint, _FUZZY, name=compact)
            _add_mixed_up(context, mention, compact)
            return mention, 10 * (end - start) + _FUZZY_STRENGTH
    return None


def _near_names(context: Context, first: int, last: int, compact: str) -> dict[str, Bond]:
    """Bearers of names one slip away; where there are none, of names that sound alike."""
    lexicon = context.lexicon
    window = context.tokens[first:last]
    opens = window[0].form + " " if len(window) > 1 and window[0].form in ordinary_words() else ""
    names = [
        name
        for near in lexicon.place_spellings.near(compact)
        for name in lexicon.compact_places[near]
        if (name not in ordinary_words() or last - first > 1) and name.startswith(opens)
    ]
    names = [name for name in names if any(lexicon.places[ident].level >= 0 for ident in lexicon.place_names[name])]
    if len(compact) <= _SHORT_SLIP:
        names = [name for name in names if len(name) > len(compact)]
        return {
            ident: Bond.DERIVED
            for name in names
            for ident in lexicon.place_names[name]
            if lexicon.places[ident].level == 0
        }
    if not names and not opens and (sound := skeleton(" ".join(token.form for token in window))):
        names = [name for name in lexicon.sounds.get(sound, ()) if name not in ordinary_words()]
    return {
        ident: bond if bond == Bond.KNOWN else Bond.DERIVED
        for name in names
        for ident, bond in lexicon.place_names[name].items()
    }


def _add_mixed_up(context: Context, mention: Mention, compact: str) -> None:
    """ "Nigr" is nearer to Niger, but may be a beginning of Nigeria: the countries people mix up come along."""
    for pair in place_words()["mixed_up"]:
        codes = pair.upper().split(" ")
        named = [place.id for place, _ in mention.candidates]
        if not set(codes) & set(named):
            continue
        shortest = min(len(fold(context.lexicon.places[code].name)) for code in codes)
        for code in codes:
            if code not in named and len(compact) <= shortest:
                mention.candidates.append((context.lexicon.places[code], Bond.DERIVED))
                mention.slips[code] = _FARTHER


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
    sure = context.tokens[first].capitalised and len(context.tokens[first].form) >= _SURE_ALONE
    if sure and not context.titled and (place.level < 2 or place.id in context.lexicon.renowned):
        return True
    return brief or (place.level < 2 and context.written_as_name(first, first + 1))


def _may_be_misspelt(context: Context, first: int, last: int) -> bool:
    window = context.tokens[first:last]
    compact = "".join(token.form for token in window)
    least = _SHORT_SLIP if last - first == 1 and window[0].capitalised and context.located(first) else _FUZZY_FROM
    if len(compact) < least or not compact.isascii() or any(token.form.isdigit() for token in window):
        return False
    if all(token.form in ordinary_words() for token in window) or not context.language_is_known:
        return False
    if context.in_capitals(first, last) or (context.is_long and not context.written_as_name(first, last)):
        return False
    if last - first > 1 and context.is_grammar(last - 1, last):
        return False
    if window[0].form in ordinary_words() and window[0].form not in place_words()["beginnings"]:
        return False
    beginnings = place_words()["beginnings"]
    if last - first > 1:
        return (
            len(window[-1].form) > 2
            and window[-1].form not in place_words()["locatives"]
            and not any(context.names_place(token.form) for token in window if token.form not in beginnings)
        )
    if _inside_longer_name(context, first):
        return False
    form = window[0].form
    if context.seen_organisations(form) or form in theme_words() or stem(form) in ordinary_words():
        return False
    if form in context.lexicon.demonyms:
        return False
    cued = window[0].capitalised or context.located(first) or bool(level_beside(context, first, last)[0])
    named = context.written_as_name(first, last) or context.located(first) or len(context.tokens) <= _BRIEF
    if cued and named:
        return True
    # An ordinary word with a slip in it is likelier than a name with one.
    return not slips(form, ordinary_words()) and (cued or len(compact) >= _FUZZY_UNCUED_FROM)


def beginning(context: Context, first: int, taken: set[int]) -> tuple[Mention, float] | None:
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
    candidates = visible(context, bearers)
    if not 0 < len(candidates) <= _UNCERTAIN_SPREAD or tokens[first].form in lexicon.demonyms:
        return None
    if context.is_long and not any(place.weight for place, _ in candidates):
        return None
    mention = Mention(first, last, candidates, sure=_BEGINNING)
    return (mention, 10 * (last - first) + _BEGINNING_STRENGTH) if candidates else None
