"""What the columns of a table mean, by their headers in five languages.

A column's meaning is a `Field`: a subject (an organisation in a role, an administrative level, the cluster ...) and an
attribute of it (name, acronym, kind, code). Headers are read word by word rather than looked up whole, so that
"Implementing Partner Acronym", "Sigle du partenaire de mise en oeuvre" and "WoredaPcod" need no entry of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.records import Role
from knowledge.sources import header_words as words
from knowledge.vocabulary import themes_of_cluster

PCODE = re.compile(r"[A-Z]{2,3}\d{2,}[A-Z0-9]*")


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """`subject`: "organisation", "adm", "country", "pcode", "site", "cluster", "activity", "status", "period", "start",
    "end", "month", "year", "latitude", "longitude", "people", "figure" (which of them a long table counts),
    "group", "amount", "count".

    `rank` orders administrative levels, outermost first. The attribute of people is the name of a figure ("reached"),
    with the `group` and the `theme` (a cluster as written) that a column of people is about.
    """

    subject: str
    attribute: str = "name"
    role: str = ""
    rank: float = 0.0
    group: str = ""
    theme: str = ""


_LEVEL_NUMBER = re.compile(r"\b(?:adm|admin|administrative level|level|niveau|nivel|المستوي) ?([0-4])\b")
_COMPOUNDS = (
    ("p code", "pcode"),
    ("sub county", "subcounty"),
    ("sub district", "subdistrict"),
    ("sous prefecture", "sousprefecture"),
)


def words_of(header: str) -> list[str]:
    """The words of a header: "WoredaPcod" is woreda, pcod; accents and Arabic spelling variants folded."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.replace("_", " "))
    text = words.folded(spaced)
    for written, meant in _COMPOUNDS:
        text = text.replace(written, meant)
    return re.sub(r"\b(adm|admin) ?(\d)", r" adm\2 ", text).split()


@lru_cache(maxsize=20_000)
def from_header(header: str) -> Field | None:
    """What a header says its column holds, or None."""
    spelt = words_of(header)
    known = set(spelt)
    text = " ".join(spelt)
    if not spelt or known & words.IGNORED:
        return None
    kinds = (("acronym", words.ACRONYM), ("kind", words.KIND), ("code", words.CODE))
    attribute = next((attribute for attribute, vocabulary in kinds if known & vocabulary), "name")
    level = _LEVEL_NUMBER.search(text)
    if people := _people(spelt):
        return people
    if text in words.COORDINATES:
        return Field(words.COORDINATES[text])
    if any(word in words.COORDINATES and len(word) > 1 for word in spelt) and not known & words.SITE:
        return Field(next(words.COORDINATES[word] for word in spelt if word in words.COORDINATES))
    if level:
        number = int(level[1])
        if number == 0:
            return Field("country", attribute)
        # what the provider of a harmonised table wrote stands beside the harmonised name
        written = "provider" in known and attribute == "name"
        return Field("adm", "written" if written else attribute, "", float(number))
    if text in ("location code", "iso3", "iso2", "iso"):
        return Field("country", "code")
    role = next((role for role, role_words in words.ROLES if known & role_words), None)
    if known & words.AMOUNT and not known & words.ORGANISATION:
        return Field("amount")
    if known & words.ORGANISATION or (role is Role.FUNDING and not known & words.STATUS):
        return Field("organisation", attribute, role or Role.IMPLEMENTING)
    if text in words.ACRONYM:
        return Field("organisation", "acronym", Role.IMPLEMENTING)
    if known & words.ACTIVITY and attribute == "code" and not known & words.STATUS:
        return None
    for vocabulary, subject in (
        (words.STATUS, "status"),
        (words.ACTIVITY, "activity"),
        (words.CLUSTER, "cluster"),
        (words.COUNTRY, "country"),
    ):
        if known & vocabulary and not (subject == "status" and text == "estado"):
            return Field(subject, attribute if subject in ("cluster", "country") else "name")
    when = next((words.WHEN[word] for word in spelt if word in words.WHEN), "")
    edge = next((words.EDGES[word] for word in spelt if word in words.EDGES), "")
    if edge and (when or len(spelt) == 1):
        return Field(edge, "reported" if known & {"reference", "reporting", "reported"} else "name")
    if ranks := [words.LEVELS[word] for word in spelt if word in words.LEVELS]:
        return Field("adm", attribute, "", ranks[0])
    if known & words.SITE:
        return Field("site", attribute)
    if when:
        return Field(when)
    if text in words.GROUP and text not in ("type", "tipo"):
        return Field("group")
    return Field("pcode", "code") if text in ("pcode", "pcod") else None


def _people(spelt: Sequence[str]) -> Field | None:
    """A column of numbers of people: whom it counts, and of which cluster, as far as the header says."""
    known = set(spelt)
    figure = next((name for name, vocabulary in _FIGURES if known & vocabulary), "")
    if not figure or known == {"meta"}:  # also a department of Colombia
        return None
    if known & words.STATUS:
        return Field("figure") if figure == "population" else None
    if known & words.GROUP and not known & words.GROUP_WORDS:
        return Field("group")
    if known & words.ORGANISATION or (figure == "in_need" and known & words.ACTIVITY):
        return None
    rest = [
        word for word in spelt if words.PEOPLE.get(word, "") not in (figure, "population") and word not in words.FILLERS
    ]
    group = " ".join(word for word in rest if word in words.GROUP_WORDS)
    theme = " ".join(word for word in rest if word not in words.GROUP_WORDS)
    return Field("people", figure, group=group, theme=theme if theme and is_cluster(theme) else "")


_FIGURES = tuple(
    (name, frozenset(word for word, figure in words.PEOPLE.items() if figure == name))
    for name in dict.fromkeys(words.PEOPLE.values())
)


@lru_cache(maxsize=20_000)
def is_cluster(text: str) -> bool:
    """Whether a header or the name of a sheet is that of a cluster or sector."""
    return len(text) < 80 and bool(themes_of_cluster(text))


def is_pcodes(values: Sequence[str]) -> bool:
    """Whether values are p-codes: letters, then digits, nearly all with one country's letters."""
    matching = [value for value in values if PCODE.fullmatch(value)]
    if not matching or len(matching) < 0.8 * len(values):
        return False
    (_, most), *_ = Counter(value[:2] for value in matching).most_common(1)
    return most >= 0.9 * len(matching)
