"""Countries that give: "funded by Japan", "how much has Germany given" speak of a government, not of a place."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.linking.context import Context
from knowledge.linking.cues import cue_words, place_words
from knowledge.linking.entities import Claim
from knowledge.linking.lexicon import Bond
from knowledge.linking.matching import phrase_forms
from knowledge.linking.organisations import claim_of, names_country

_STRENGTH, _SURE = 9.0, 0.97


def government_claims(context: Context) -> Iterator[Claim]:
    """Countries that give: "funded by Japan", "how much has Germany given", "Norway's funding"."""
    for first in range(len(context.tokens)):
        for last in range(
            min(len(context.tokens), first + context.lexicon.place_reach(context.tokens[first])), first, -1
        ):
            countries = [
                ident
                for phrase in phrase_forms(context.tokens[first:last])
                for ident in context.lexicon.place_names.get(phrase, {})
                if len(ident) == 2
            ]
            if len(countries) == 1 and _gives(context, first, last):
                bearers = dict.fromkeys(context.lexicon.governments.get(countries[0], ()), Bond.KNOWN)
                if claim := claim_of(context, first, last, bearers, frozenset(), _SURE, _STRENGTH):
                    yield claim
                break


def _gives(context: Context, first: int, last: int) -> bool:
    start = first
    while start > 0 and context.tokens[start - 1].form in place_words()["articles"]:
        start -= 1
    if context.cue_before(start, cue_words()["given_by"]) or context.cue_before(first, cue_words()["given_by"]):
        return True
    owned = (
        last < len(context.tokens)
        and context.tokens[last].form == "s"
        and "'" in context.tokens[last].before.replace("\u2019", "'")
    )
    behind = last + owned
    gives = context.cue_after(behind, cue_words()["gives_after"])
    asked = any(context.cue_before(position, cue_words()["gives_before"]) for position in {start, first})
    if asked:
        return gives or context.language != "en" or _verb_behind(context, behind)
    passive = behind < len(context.tokens) and context.tokens[behind].form in ("given", "funded", "paid", "spent")
    if gives and not passive and not context.located(first):
        return owned or context.tokens[behind].form not in cue_words()["given_things"]
    return _asked_in_french(context, start, behind) or _one_of_two_givers(context, first, last)


def _one_of_two_givers(context: Context, first: int, last: int) -> bool:
    """ "¿Quién financia la respuesta en Yemen, Alemania o Japón?": two countries with "or" after a word of giving."""
    if context.located(first) or not any(token.form in cue_words()["gives_after"] for token in context.tokens[:first]):
        return False
    for way in (-1, 1):
        middle = first - 1 if way < 0 else last
        other = middle + way
        joined = 0 <= other < len(context.tokens) and context.tokens[middle].form in ("or", "ou", "o", "او")
        if joined and any(names_country(context, form) for form in context.tokens[other].forms):
            return True
    return False


def _verb_behind(context: Context, position: int) -> bool:
    return any(context.cue_after(place, cue_words()["gives_after"]) for place in range(position, position + 2))


def _asked_in_french(context: Context, first: int, last: int) -> bool:
    """ "Combien la Norvège a-t-elle versé", "combien la France donne"."""
    if first == 0 or context.tokens[first - 1].form != "combien":
        return False
    return any(token.form in cue_words()["gives_after"] for token in context.tokens[last : last + 5])
