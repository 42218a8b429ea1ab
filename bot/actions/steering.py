"""What a message is carried out as, where its own words say more than its classified intent."""

from __future__ import annotations

import re

from bot.actions import overlapping_asked, said
from bot.actions.context import Request, beside_names, only_rows
from bot.actions.referring import OF_RECORDS
from knowledge.text import fold, stem, tokens
from knowledge.vocabulary import ordinary_words

SURE = 0.5
"""From which confidence an intent may end or confirm something."""
_BRACKETS = re.compile(r"\([^()]*\)")
_NEEDS_WORDS = frozenset(
    {
        *("find_overlaps", "compare_records", "find_partners", "find_gaps", "find_results", "trace_funding"),
        *("find_mandate", "find_contact", "describe_record", "what_changed", "provenance", "list_watches", "learn"),
        *("export_report", "out_of_scope", "greet", "thanks", "help", "show_more"),
    }
)
"""Intents that nobody can mean who says nothing but names."""
_OF_THE_LAST = _NEEDS_WORDS - {"thanks", "help", "list_watches", "learn", "export_report"} | {
    *("who_does_what", "nlu_fallback", "choose"),
}
"""Intents for which a question about the last answer may be mistaken."""
_STEERED = _NEEDS_WORDS | _OF_THE_LAST
_ANSWERS = frozenset({"affirm", "deny"})
_GIVEN_OUT = frozenset({"export_report", "find_contact", "describe_record", "show_more", "out_of_scope"})
"""Intents by which something is handed out."""
_READ_BY_ROW = frozenset({"who_does_what", "what_changed", "find_results"})
"""Intents whose rows are picked to be read; of any other that is about records, the rows are what it is to be about."""


def intent(request: Request) -> str:
    """The intent of a message. Names alone change the question before them; "still running?" is about its answer."""
    context, message = request.context, request.message
    if request.intent == "restart_conversation" and (request.sure < SURE or not said.plain(request.text)):
        return "nlu_fallback"
    if about_people(request):
        return "out_of_scope"
    if overlapping_asked.steered(request):
        return "find_overlaps"
    before = context.asked is not None or context.query is not None
    if request.intent in _ANSWERS and _answers_nothing(request):
        return "refine" if before else "nlu_fallback"
    if request.intent not in _STEERED or not request.text.strip():
        return request.intent
    names = bool(message.names_something or message.records)
    if request.intent == "out_of_scope" and not names and not _in_words(request.text):
        return "nlu_fallback"
    if not names and not said.plain(request.text):
        return "nlu_fallback"
    if request.intent in _NEEDS_WORDS and nothing_but_names(request):
        return "refine" if before or context.clarification else "who_does_what"
    if only_rows(request):
        goes_on = context.asked is not None and context.asked.intent in OF_RECORDS - _READ_BY_ROW
        return "refine" if goes_on else "choose"
    pointed = names or message.ordinals
    if before and not pointed and request.intent in _OF_THE_LAST and said.says(request.text, "still"):
        return "refine"
    if before and not pointed and request.sure < SURE and said.goes_on(request.text):
        return "refine"
    return request.intent


def about_people(request: Request) -> bool:
    """Whether what is wanted are data of single people: "export all refugees with photos and fingerprints"."""
    wants = not request.filling and request.intent in _GIVEN_OUT
    return wants and said.says(request.text, "personal_things") and said.says(request.text, "persons")


def _answers_nothing(request: Request) -> bool:
    """Whether what was taken for a yes or a no is neither for sure, and no question waits for one."""
    waits = request.filling or request.context.clarification is not None
    return not waits and request.sure < SURE and not said.only(request.text, "yes_words", "no_words")


def _in_words(text: str) -> bool:
    """Whether any word of the text is one of the five languages."""
    known = ordinary_words()
    return any(form in known or stem(form) in known for token in tokens(text) for form in token.forms)


def nothing_but_names(request: Request) -> bool:
    """Whether the message is names with small words around them: "Turkana (Kenya)", "and since 2025?", "no, Gedo"."""
    message = request.message
    if message.records or message.ordinals or not message.names_something:
        return False
    small = said.words_in("small", "goes_on", "corrects", "leaves_out")
    # "Kolda, Senegal": what a place lies in only tells which one is meant.
    around = [name for place in message.places for name in place.within]
    around += [request.words_of.country(place.country, "") for place in message.places]
    small |= {word for name in around for word in fold(name).split()}
    rest = tokens(_BRACKETS.sub(" ", beside_names(request)))
    return all(small & set(word.forms) for word in rest)
