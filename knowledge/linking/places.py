"""Names of places in a text: which words are one, and which places they may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from knowledge.linking.context import Context, capitals_only
from knowledge.linking.cues import cue_words, level_words, place_words
from knowledge.linking.entities import Claim, PlaceEntry
from knowledge.linking.lexicon import Bond
from knowledge.linking.marks import place_codes
from knowledge.linking.matching import phrase_forms
from knowledge.linking.mention import Mention, level_beside, visible
from knowledge.linking.misspelt import beginning, misspelt
from knowledge.text import Token, fold, stem
from knowledge.vocabulary import kind_of, ordinary_words, theme_words

_STRENGTH, _LOCATED, _DEMONYM_STRENGTH, _CODE_STRENGTH = 5.0, 2.0, 1.0, 500.0
_DEMONYM, _CODE = 0.75, 0.99

_SHORT = 3


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


def countries_of(found: Iterable[Mention]) -> frozenset[str]:
    """Countries of places whose name leaves no doubt about the country."""
    certain: set[str] = set()
    for mention in found:
        renowned = {place.country for place, bond in mention.candidates if bond == Bond.KNOWN}
        countries = renowned or {place.country for place, _ in mention.candidates}
        if len(countries) == 1 and not mention.weak:
            certain |= countries - {""}
    return frozenset(certain)


def mentions(context: Context, spoken: frozenset[str]) -> Iterator[tuple[Mention, float]]:
    """All names of places in the text, each with the strength of its claim."""
    taken = {position for position, token in enumerate(context.tokens) if _common_noun(token)}
    exact: list[Mention] = []
    for first, last, ident in place_codes(context):
        place = context.lexicon.places[ident]
        first = _name_before_code(context, first, place)
        taken.update(range(first, last))
        yield Mention(first, last, [(place, Bond.OWN)], sure=_CODE), _CODE_STRENGTH
    for first in range(len(context.tokens)):
        if first not in taken and (found := _exact(context, first, spoken)):
            taken.update(range(found[0].first, found[0].last))
            exact.append(found[0])
            yield found
    spoken |= countries_of(exact)
    for first in range(len(context.tokens)):
        if first not in taken and (
            found := misspelt(context, first, taken, spoken) or beginning(context, first, taken)
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
        # "Lac, Tchad" is a place and the one around it, and not the lake.
        if any("," in token.before or "\u060c" in token.before for token in tokens[first + 1 : last]):
            continue
        for phrase in phrase_forms(tokens[first:last]):
            candidates = visible(context, lexicon.place_names.get(phrase, {}))
            if candidates and (found := _accepted(context, first, last, phrase, candidates, spoken)):
                return found
            demonym = demonym or lexicon.demonyms.get(phrase, [])
            demonym_name = phrase
        if demonym and not _is_person(context, first, last):
            candidates = visible(context, dict.fromkeys(demonym, Bond.OWN))
            mention = Mention(first, last, candidates, sure=_DEMONYM, weak=True, name=demonym_name)
            return (mention, 10 * (last - first) + _DEMONYM_STRENGTH) if candidates else None
    return None


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
    hint, start, end = level_beside(context, first, last)
    is_country = any(place.level == 0 for place, _ in candidates)
    if not hint and _begins_longer_name(context, first, last, phrase):
        return None
    if len(phrase) < _SHORT and not context.tokens[first].capitalised:
        return None  # "lá" is "there", and a district of Laos
    if is_country and not hint:
        if (phrase in capitals_only() or len(phrase) < _SHORT) and not context.in_capitals(first, last):
            return None
        if _common_noun(context.tokens[last - 1]):
            return None
    elif not _enough_evidence(context, first, last, phrase, candidates, bool(hint), spoken):
        return None
    if phrase in context.lexicon.demonyms and not hint and not _stands_alone(context, first, last, candidates, spoken):
        return None
    located = context.located(first) or start < first
    strength = 10 * (end - start) + _STRENGTH + (_LOCATED if located else 0.0)
    weak = _origin(context, start)
    return Mention(start, end, candidates, hint, name=phrase, weak=weak), strength


def _common_noun(token: Token) -> bool:
    """ "Une réunion": a meeting, and not the island."""
    return token.form in place_words()["nouns"] and not token.capitalised


def _begins_longer_name(context: Context, first: int, last: int, phrase: str) -> bool:
    """ "Northern" before "Bahr el Gazal" or "Uganda": a point of the compass, not the state that is called so."""
    if phrase not in place_words()["beginnings"] or last >= len(context.tokens):
        return False
    behind = context.tokens[last]
    return behind.before in (" ", "-") and behind.capitalised and behind.form not in level_words()


def _origin(context: Context, first: int) -> bool:
    """ "Refugees from South Sudan": where people come from, not where the work is."""
    words = place_words()
    start = first
    while start > 0 and context.tokens[start - 1].form in words["articles"] and start - 1 > 0:
        start -= 1
    for position in {first, start}:
        if position > 1 and context.cue_before(position, words["from"]):
            people = position - 1
            if context.cue_before(people, words["moved_people"]) or context.cue_before(
                people - 1, words["moved_people"]
            ):
                return True
    return False


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
    small = unknown and all(place.level > 1 and not place.members for place, _ in candidates)
    lower = not context.tokens[first].capitalised and phrase.isascii()
    if context.is_grammar(first, last) and not (hinted and context.written_as_name(first, last)):
        return False
    if small and _more_likely_an_acronym(context, first, last, phrase):
        return hinted
    if context.is_long and context.in_capitals(first, last) and len(phrase) <= _SHORT + 2:
        return hinted  # LAC is a region, not the province
    area = any(place.members for place, _ in candidates)
    needed = 0
    if context.is_ordinary(first, last) or phrase in theme_words():
        here = context.is_ordinary_here(first, last) or phrase in theme_words()
        needed = 2 if here and not (area and last - first > 1) else 1
    elif len(phrase) <= (_SHORT if phrase.isascii() else _SHORT - 1) or (
        unknown and lower and len(phrase) <= _SHORT + 1
    ):
        needed = 1
    elif small and (context.is_long or not context.language_is_known):
        needed = 2 if lower or not context.language_is_known else 1 + _beside_a_name(context, first, last)
    elif small and lower and not context.careless:
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
    evidence += bool(needed > evidence and context.tokens[first].capitalised) and 2 * _joined_to_namesake(
        context, last, candidates
    )
    return evidence >= needed


def _beside_a_name(context: Context, first: int, last: int) -> bool:
    """Part of a longer name that nothing knows: "Belmont Forum", "Elena Roksmann"."""
    before = first > 0 and context.tokens[first].before == " " and context.tokens[first - 1].capitalised
    behind = last < len(context.tokens) and context.tokens[last].before == " " and context.tokens[last].capitalised
    return before or behind


def _more_likely_an_acronym(context: Context, first: int, last: int, phrase: str) -> bool:
    """A small place without records, written as an acronym or as the name of a well-known organisation."""
    if context.in_capitals(first, last) and (len(phrase) <= _SHORT + 2 or kind_of(phrase)):
        return True
    known = context.seen_organisations(phrase).values()
    return any(bond == Bond.KNOWN for bond in known) and context.tokens[first].capitalised


def _joined_to_namesake(context: Context, last: int, candidates: Sequence[tuple[PlaceEntry, Bond]]) -> bool:
    """ "Bay and Bakool": beside it stands another place of the same country, of the same level."""
    position = last
    if position < len(context.tokens) and context.tokens[position].form in cue_words()["and"]:
        position += 1
    elif position >= len(context.tokens) or context.tokens[position].before.strip() not in (",", "/", "&", "+"):
        return False
    ours = {(place.country, place.level) for place, _ in candidates}
    for end in range(position + 1, min(len(context.tokens), position + 3) + 1):
        for phrase in phrase_forms(context.tokens[position:end]):
            if phrase in ordinary_words():
                continue
            bearers = visible(context, context.lexicon.place_names.get(phrase, {}))
            if any((place.country, place.level) in ours for place, _ in bearers):
                return True
    return False


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
