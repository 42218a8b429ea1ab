"""What a message asks of overlaps beside names: which relation, how many organisations in one area, and whose work."""

from __future__ import annotations

import re

from bot.actions import said
from bot.actions.context import Request
from knowledge.overlap.labels import Label
from knowledge.text import fold, tokens

_ASKED = (Label.DUPLICATE, Label.CHAIN, Label.FAMILY, Label.COMPLEMENTARY)
_CROWDED = 3
"""Organisations in one area, where it is asked where most overlap."""
_FEW = {
    2: "two deux dos dois duas اثنان اثنتان",
    3: "three trois tres ثلاث ثلاثه",
    4: "four quatre cuatro quatro اربع اربعه",
}
_FEW |= {5: "five cinq cinco خمس خمسه", 6: "six seis ست سته"}
_MISTAKEN = frozenset({"who_does_what", "compare_records", "trace_funding", "find_partners", "nlu_fallback", "refine"})
"""Intents for which a question about many overlapping records may be taken."""


def labels(text: str) -> list[Label]:
    """What the records are to be to each other: "any duplicates?", "which are funding chains?"."""
    return [label for label in _ASKED if said.says(text, f"asks_{label}")]


def at_least(request: Request) -> int:
    """The number of organisations that are to be in one area: "three or more agencies in one district"."""
    focus = request.query.focus
    if not said.says(request.text, "at_least"):
        return _CROWDED if focus is not None and focus.rank == "most" else 0
    return _number(request.text)


def _number(text: str) -> int:
    words = {token.form for token in tokens(text)}
    named = next((n for n, forms in _FEW.items() if words & set(forms.split())), 0)
    digits = re.search(r"(?<![\d-])([2-9])(?![\d-])", said.fold_digits(fold(text)))
    return int(digits.group(1)) if digits else named


def numbers() -> set[str]:
    """The words that say such a number."""
    return {word for forms in _FEW.values() for word in forms.split()}


def starting(request: Request) -> bool:
    """Whether the period of the question is that in which initiatives are to start: "starting in the next six
    months"."""
    focus, period, today = request.query.focus, request.query.period, request.index.today()
    ahead = period.end is not None and period.end > today and (period.start is None or period.start >= today)
    return ahead and ((focus is not None and focus.date == "start") or said.says(request.text, "that_start"))


def own(request: Request) -> bool:
    """Whether the question is about the work of whoever asks: "who doubles up with us?"."""
    message = request.message
    return said.says(request.text, "us") and not (message.organisations or message.records)


def steered(request: Request) -> bool:
    """Whether a message that was taken for something else asks which records of many overlap, and how."""
    message, text = request.message, request.text
    if request.filling or request.intent not in _MISTAKEN or message.records or message.ordinals:
        return False
    if said.says(text, "one_area") and said.says(text, "at_least") and _number(text):
        return True
    if request.intent == "find_partners":
        return said.says(text, "overlapping") and own(request)
    if said.says(text, "which_of_many"):
        return bool(labels(text))
    if said.says(text, "same_two") or said.points_back(text) or request.intent == "refine":
        return False
    # Of two records it is asked with the same words what they are.
    of_many = message.places or message.themes or message.organisations or said.says(text, "many_records")
    return bool(labels(text)) and (bool(of_many) or request.intent == "trace_funding")
