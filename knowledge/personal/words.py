"""The words of `tables/personal.yml` in the forms in which texts are compared with them, and the kinds of finding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from knowledge.countries import country_names
from knowledge.text import fold, fold_word
from knowledge.vocabulary import table_rows, table_yaml

MAIL, PHONE, NAME, HANDLE, IDENTITY, ACCOUNT, ADDRESS = (
    "mail address",
    "phone number",
    "name",
    "messenger handle",
    "identity number",
    "bank account",
    "postal address",
)
KINDS = (MAIL, PHONE, NAME, HANDLE, IDENTITY, ACCOUNT, ADDRESS)
"""What is looked for, in the words of notes and reports."""


class Found(NamedTuple):
    """A stretch of a text that is left out."""

    start: int
    end: int
    kind: str


class Words(NamedTuple):
    mailboxes: frozenset[str]
    countries: frozenset[str]
    labels: frozenset[str]
    strong_labels: frozenset[str]
    phone_labels: frozenset[str]
    messengers: frozenset[str]
    identity_labels: frozenset[str]
    account_labels: frozenset[str]
    particles: frozenset[str]
    not_in_names: frozenset[str]
    jobs: frozenset[str]
    openers: frozenset[str]
    institutions: frozenset[str]
    organisations: frozenset[str]
    calling_codes: frozenset[str]
    signals: frozenset[str]
    label_signals: frozenset[str]
    number_signals: frozenset[str]
    titles: frozenset[str]
    last_words: frozenset[str]
    honorific: re.Pattern[str]
    arabic_honorific: re.Pattern[str]
    closings: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Words:
    table = table_yaml("personal.yml")

    def folded(words: Iterable[str]) -> frozenset[str]:
        return frozenset(filter(None, map(fold, words)))

    def each(lines: Iterable[str]) -> frozenset[str]:
        return frozenset(fold_word(word) for line in lines for word in line.split())

    labels = table["name_labels"]
    before_colon = [*labels["weak"], *labels["strong"], *labels["arabic"], *table["messengers"]]
    numbered = [*table["phone_labels"], *table["identity_labels"], *table["account_labels"]]
    honorifics = "|".join(sorted(table["honorifics"], key=len, reverse=True))
    names = table_rows("organisation_names.csv")
    return Words(
        mailboxes=frozenset(
            part for words in table["role_mailboxes"].values() for word in words for part in word.split("-")
        ),
        countries=each(name for names_ in country_names().values() for name in names_ if " " not in name),
        labels=folded([*labels["weak"], *labels["strong"], *labels["arabic"]]),
        strong_labels=folded([*labels["strong"], *labels["arabic"]]),
        phone_labels=folded(table["phone_labels"]),
        messengers=folded(table["messengers"]),
        identity_labels=folded(table["identity_labels"]),
        account_labels=folded(table["account_labels"]),
        particles=each(table["particles"]),
        not_in_names=each(table["not_in_names"]),
        jobs=each([table["job_words"]]),
        openers=each([table["place_openers"]]),
        institutions=each(table["institutions"]),
        organisations=folded(name for row in names for name in (row["acronym"], *row["names"].split("|"))),
        calling_codes=frozenset(table["calling_codes"].split()),
        signals=_label_signals(table) | _number_signals(table) | _titles(table) | DASHES,
        label_signals=_label_signals(table),
        number_signals=_number_signals(table),
        titles=_titles(table),
        last_words=frozenset(
            form
            for label in (*before_colon, *numbered, *table["closings"])
            for form in (label.split()[-1].lower(), fold(label).split()[-1])
        ),
        honorific=re.compile(
            rf"(?<![\w.])(?:(?:{honorifics})(?:\.|(?=\s))|(?:{'|'.join(table['honorifics_dotted'])})\.(?= ))\s{{0,2}}"
        ),
        arabic_honorific=re.compile(
            rf"(?<!\w)(?:ال)?(?:{'|'.join(w.removeprefix('ال') for w in table['honorifics_arabic'])})\s*/?\s+"
        ),
        closings=folded(table["closings"]),
    )


DASHES = frozenset({"-", "–"})


def _label_signals(table: dict[str, Any]) -> frozenset[str]:
    """Words, as they are typed between spaces, without which a text is not searched for labelled names."""
    labels, common = table["name_labels"], table["too_frequent"].split()
    before_colon = [*labels["weak"], *labels["strong"], *labels["arabic"], *table["messengers"]]
    found = {f"{label.split()[-1]}:" for label in before_colon}
    found |= {word for label in labels["strong"] for word in label.split() if len(word) > 4 and word not in common}
    found |= {f"{closing.split()[-1]}{end}" for closing in table["closings"] for end in (",", ".", "،", "")}
    return _cased(found)


def _number_signals(table: dict[str, Any]) -> frozenset[str]:
    """The same for numbers that do not begin with a plus sign or a zero."""
    labels, common = (
        [*table["phone_labels"], *table["identity_labels"], *table["account_labels"]],
        table["too_frequent"],
    )
    last, common = {label.split()[-1] for label in labels}, set(table["too_frequent"].split())
    found = {f"{word}:" for word in last} | {f"{word}{end}" for word in last - common for end in (".", "")}
    # "(202) 555-0143"
    areas = {f"({area})" for area in range(100, 1000)} | {f"(0{area})" for area in range(1, 1000)}
    return _cased(found) | areas | {"born", "né", "née", "né(e)"}


def _cased(words: Iterable[str]) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, word.capitalize(), word.upper()))


def _titles(table: dict[str, Any]) -> frozenset[str]:
    found = {f"{title}{dot}" for title in table["honorifics"] for dot in (".", "")}
    return frozenset(found | {f"{title}." for title in table["honorifics_dotted"]} | set(table["honorifics_arabic"]))


_EDGES = " .,:;#=°º()[]<>+-–—/\"'’"
_BEFORE = 48
"""Characters before a value in which its label is looked for."""
_LABEL_WORDS = 5
_FILLERS = frozenset(
    {"no", "number", "nr", "num", "numero", "n", "nº", "id", "is", "at", "on", "es", "est", "e", "رقم"}
)


def label_before(text: str, at: int, labels: frozenset[str]) -> str:
    """The longest of `labels` that stands directly before `at`, or ""."""
    near = text[max(0, at - 24) : at].lower().split()[-2:]
    # folding is dear, so it waits for a word that may end a label
    if not any(word.strip(_EDGES) in lexicon().last_words or word.strip(_EDGES) in _FILLERS for word in near):
        return ""
    words = fold(text[max(0, at - _BEFORE) : at].rpartition("\n")[2]).split()
    while words and words[-1] in _FILLERS and " ".join(words[-2:]) not in labels:
        words.pop()
    for count in range(min(_LABEL_WORDS, len(words)), 0, -1):
        if (label := " ".join(words[-count:])) in labels:
            return label
    return ""
