"""What of the records a message asks for: who, what, where, when, whether, which, how many, or the most of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import yaml
from rapidfuzz.distance import OSA

from knowledge.reply import Focus, Query
from knowledge.text import Token, fold, tokens
from knowledge.vocabulary import asking_words, function_words, ordinary_words

_NOUN_WITHIN = 5
"""Words in which what is counted must follow: "how many of the international partners"."""
_RECORDS = frozenset({"projects", "grants", "records"})
_SPELT = 5
_LONG = 9

Phrases = tuple[tuple[str, ...], ...]


def _phrases(text: str) -> Phrases:
    found = {tuple(fold(phrase).split()) for phrase in text.split(",")} - {()}
    return tuple(sorted(found, key=lambda phrase: (-len(phrase), phrase)))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    written = resources.files("bot.answers").joinpath("focus.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(written)
    return content


@lru_cache(maxsize=1)
def _lines() -> dict[str, Phrases]:
    return {line: _phrases(text) for line, text in _table().items() if isinstance(text, str)}


@lru_cache(maxsize=1)
def _nouns() -> dict[str, tuple[str, str]]:
    """Folded word -> (what it names, level): ("projects", ""), ("places", "2")."""
    table = _table()
    found = {word: (noun, "") for noun, text in table["nouns"].items() for (word,) in _phrases(text)}
    return found | {word: ("places", level) for level, text in table["levels"].items() for (word,) in _phrases(text)}


@lru_cache(maxsize=1)
def _elsewhere() -> dict[tuple[str, str], int]:
    """(country, folded word) -> the administrative level that it means there."""
    return {
        (country, word): int(level)
        for country, levels in _table()["elsewhere"].items()
        for level, text in levels.items()
        for (word,) in _phrases(text)
    }


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    """All words of the table that are known misspelt as well."""
    words = {word for phrases in _lines().values() for phrase in phrases for word in phrase} | _nouns().keys()
    return tuple(sorted(word for word in words if len(word) >= _SPELT))


@lru_cache(maxsize=20_000)
def _meant(form: str) -> frozenset[str]:
    """The words of the table that a word is, with a letter wrong (two in a long one); not for ordinary words."""
    if len(form) < _SPELT or form in ordinary_words():
        return frozenset()
    return frozenset(
        known
        for known in _known()
        if known[0] == form[0]
        and abs(len(known) - len(form)) <= 2
        and OSA.distance(form, known, score_cutoff=2) <= (2 if len(known) >= _LONG else 1)
    )


class _Message:
    """The words of one message, with the nouns of the table among them."""

    def __init__(self, words: Sequence[Token]) -> None:
        self.words = words
        self.nouns = [_noun(word) for word in words]

    def find(self, line: str, first: int = 0) -> tuple[int, int] | None:
        """The first place from `first` on where a phrase of `line` stands: (first word, last exclusive)."""
        for position in range(first, len(self.words)):
            for phrase in _lines()[line]:
                here = self.words[position : position + len(phrase)]
                if len(here) == len(phrase) and all(map(_is, here, phrase)):
                    return position, position + len(phrase)
        return None

    def says(self, line: str) -> bool:
        return self.find(line) is not None

    def opens(self, line: str) -> bool:
        found = self.find(line)
        return found is not None and found[0] == 0

    def noun(self, first: int, last: int | None = None) -> tuple[str, str]:
        """(what it names, the known word) of the first noun from `first` on and before `last`."""
        return next(((_nouns()[known][0], known) for known in self.nouns[first:last] if known), ("", ""))


def _noun(word: Token) -> str:
    """The noun of the table that the word is, or is meant to be; "" for none."""
    exact = next((form for form in word.forms if form in _nouns()), "")
    return exact or min((known for known in _meant(word.form) if known in _nouns()), default="")


def _is(word: Token, form: str) -> bool:
    return form in word.forms or form in _meant(word.form)


def read(text: str, query: Query) -> Focus | None:
    """The focus that the words of `text` give; None where they give none. `query`: what the message names."""
    message = _Message(tokens(text))
    if not message.words:
        return None
    lacks = message.says("negation")
    for reader in (_ranked, _counted, _broken_down, _dated, _located, _whether, _listed, _about):
        found = reader(message, query)
        # "Which districts have no partner?" asks for gaps.
        if found is not None and not (lacks and found.about == "places"):
            return found
    return None


def decides(text: str, focus: Focus | None) -> bool:
    """Whether the words say so plainly what is asked for that no other kind of question can be meant."""
    message = _Message(tokens(text))
    if focus is None or message.says("other") or message.says("negation"):
        return False
    return focus.count or bool(focus.rank) or focus.about in ("places", "kinds", "years") or focus.date != ""


def follow(before: Focus | None, now: Focus | None) -> Focus | None:
    """The focus of a follow-up: its own, made whole with the one before; without words for it that of before."""
    if now is None:
        return before
    if now.count and not now.about and before is not None and before.about:
        kept = before if before.about not in ("dates", "presence", "kinds", "years") else Focus(about="records")
        return kept.model_copy(update={"count": True, "rank": "", "date": now.date})
    return now


def settled(focus: Focus, query: Query) -> Focus:
    """What its words left open: "how many in Gedo?" counts organisations, and of an organisation its records."""
    if focus.about:
        return focus
    return focus.model_copy(update={"about": "records" if query.organisations else "organisations"})


def without(words: str) -> str:
    """Topic words that no vocabulary knows, without those that only say what is asked for."""
    return " ".join(word for word in words.split() if not all(map(_steers, tokens(word))))


def _steers(word: Token) -> bool:
    if word.form in ("hw", "ho") or _noun(word):
        return True
    phrases = (phrase for line in _table()["steering"].split() for phrase in _lines()[line])
    return any(_is(word, form) for phrase in phrases for form in phrase)


def _thing(noun: str, word: str, query: Query) -> dict[str, Any]:
    """The fields of a focus on what a noun names."""
    if noun in _RECORDS:
        return {"about": "records", "unit": "" if noun == "records" else noun}
    return {"about": noun, "level": _level(word, query)} if noun == "places" else {"about": noun}


def _level(word: str, query: Query) -> int | None:
    for place in query.places:
        if (there := _elsewhere().get((place.country, word))) is not None:
            return there
    level = _nouns()[word][1]
    return int(level) if level.isdecimal() else None


def _date(message: _Message) -> dict[str, Any]:
    if message.says("ends") and not message.says("not_end"):
        return {"date": "end"}
    return {"date": "start"} if message.says("starts") else {}


def _ranked(message: _Message, query: Query) -> Focus | None:
    """ "Which district has the most partners?", "qui a le plus de projets ?"."""
    for rank in ("most", "fewest"):
        found = message.find(rank)
        if found is None or message.says("not_most"):
            continue
        measure, unit = message.noun(found[1], found[1] + 2)
        if measure not in (*_RECORDS, "organisations"):
            continue
        asking = message.find("which")
        group, word = message.noun(asking[1] if asking and asking[0] < found[0] else 0, found[0])
        if group not in ("organisations", "places", "themes", "kinds"):
            group, word = ("places", "area") if message.says("where") else ("organisations", "")
        counted = _thing(measure, unit, query)
        thing = _thing(group, word, query)
        return Focus(**thing, rank=rank, measure=counted["about"], unit=counted.get("unit", ""))
    return None


def _counted(message: _Message, query: Query) -> Focus | None:
    found = message.find("count") or _how_misspelt(message)
    if found is None:
        return None
    noun, word = message.noun(found[1], found[1] + _NOUN_WITHIN)
    if by := _by(message, query):
        measure = "organisations" if noun == "organisations" else "records"
        return by.model_copy(update={"measure": measure, "unit": noun if noun in ("projects", "grants") else ""})
    if not noun and not _elliptic(message, found[1], query):
        return None
    thing = _thing(noun, word, query) if noun else {}
    return Focus(**thing, count=True, **(_date(message) if thing.get("about") == "records" else {}))


def _how_misspelt(message: _Message) -> tuple[int, int] | None:
    """ "hw many", "ho many"."""
    forms = [word.form for word in message.words[:3]]
    return next(
        ((i, i + 2) for i, (a, b) in enumerate(pairwise(forms)) if a[0] == "h" and b == "many"),
        None,
    )


def _elliptic(message: _Message, position: int, query: Query) -> bool:
    """What is counted is left unsaid ("how many in Gedo?") or is a kind of organisation; not "how many wells"."""
    if query.organisation_kinds or position >= len(message.words):
        return True
    grammar = asking_words().union(*function_words().values())
    return message.words[position].form in grammar


def _by(message: _Message, query: Query) -> Focus | None:
    """ "... by year": a noun right behind the word."""
    found = message.find("by")
    while found is not None:
        noun, word = message.noun(found[1], found[1] + 1)
        if noun in ("places", "themes", "kinds", "years", "organisations"):
            return Focus(**_thing(noun, word, query))
        found = message.find("by", found[0] + 1)
    return None


def _broken_down(message: _Message, query: Query) -> Focus | None:
    by = _by(message, query)
    if by is None:
        return None
    nouns = [_nouns()[known][0] for known in message.nouns if known]
    counted = next((noun for noun in nouns if noun in (*_RECORDS, "organisations")), "")
    if counted in _RECORDS:
        return by.model_copy(update={"measure": "records", "unit": _unit(counted)})
    return by.model_copy(update={"measure": "organisations" if counted or by.about == "kinds" else "records"})


def _dated(message: _Message, _query: Query) -> Focus | None:
    asked, date = message.find("when"), _date(message)
    if asked is not None and (asked[0] <= 1 or date):
        return Focus(about="dates", **date)
    noun, _ = message.noun(0)
    lists = message.opens("which") or message.opens("what") or message.opens("who")
    if date and (noun in _RECORDS or (lists and noun in ("", "years"))) and not message.opens("whether"):
        return Focus(about="dates", unit=_unit(noun), **date)
    return None


def _unit(noun: str) -> Any:
    return noun if noun in ("projects", "grants") else ""


def _located(message: _Message, query: Query) -> Focus | None:
    """ "Where ...", "in which districts ...", "which provinces"."""
    found = message.find("which")
    if found is not None and found[0] <= 2:
        noun, word = message.noun(found[1], found[1] + 2)
        if noun == "places":
            return Focus(**_thing(noun, word, query))
    where = message.find("where")
    if where is not None and (where[0] == 0 or message.find("before_where") == (0, where[0])):
        noun, word = message.noun(where[1], where[1] + 2)
        return Focus(about="places", level=_level(word, query) if noun == "places" else None)
    return None


def _whether(message: _Message, query: Query) -> Focus | None:
    """Whether an organisation is there: "Is WFP still in Ituri?", "Le PAM est-il au Tchad ?"."""
    if not query.organisations or message.says("who") or message.noun(0)[0] in (*_RECORDS, "themes", "places"):
        return None
    inverted = any(word.before == "-" and word.form in ("il", "elle", "ils", "elles") for word in message.words)
    asks = message.opens("whether") or message.says("still") or inverted
    return Focus(about="presence") if asks and not message.opens("what") else None


def _listed(message: _Message, query: Query) -> Focus | None:
    """ "Which projects ...", "list the projects": the records themselves; "which sectors", "which organisations"."""
    found = message.find("which")
    if found is None or found[0] > 2:
        return None
    noun, word = message.noun(found[1], found[1] + 3)
    return Focus(**_thing(noun, word, query)) if noun and noun not in ("years", "places") else None


def _about(message: _Message, query: Query) -> Focus | None:
    if message.opens("who"):
        return Focus(about="organisations")
    what = message.find("what")
    if what is None or what[0] > 1 or not (query.organisations or query.places):
        return None
    return Focus(about="themes") if message.says("doing") or what[1] - what[0] > 1 else None
