"""How names of organisations are compared: folded words, acronyms, legal forms, members of federations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from knowledge.countries import country_names, iso2
from knowledge.vocabulary import country_words, sectors, table_yaml

_NO_WORD = re.compile(r"[\W_]+")
_ONE_SLIP_FROM = 5
_TWO_SLIPS_FROM = 9


@dataclass(frozen=True, slots=True)
class _Words:
    spellings: Mapping[str, str]
    empty: frozenset[str]
    articles: frozenset[str]
    generic: tuple[str, ...]
    categories: frozenset[str]
    telling: frozenset[str]
    legal_forms: frozenset[str]
    padding: frozenset[str]
    no_identifiers: frozenset[str]
    ordinary_families: frozenset[str]


@lru_cache(maxsize=1)
def _table() -> _Words:
    table = table_yaml("identity_words.yml")
    return _Words(
        table["spellings"],
        frozenset(table["empty"]),
        frozenset(table["articles"]),
        tuple(f"{words} " for words in table["generic"]),
        frozenset(table["categories"]),
        frozenset(table["telling"]),
        frozenset(table["legal_forms"]),
        frozenset(table["padding"]),
        frozenset(table["no_identifiers"]),
        frozenset(table["ordinary_families"]),
    )


@lru_cache(maxsize=400_000)
def fold(name: str) -> str:
    bare = name.replace("&", " and ")
    if bare.isascii():
        bare = bare.lower().replace("'", "")
    else:
        decomposed = unicodedata.normalize("NFKD", bare).casefold()
        bare = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("'", "").replace("\u2019", "")
    words = _NO_WORD.sub(" ", bare).split()
    if words[:1] == ["the"]:
        words = words[1:]
    spellings = _table().spellings
    return " ".join(spellings.get(word, word) for word in words)


def could_stand_for(acronym: str, name: str) -> bool:
    """Whether the letters of `acronym` occur in `name` in order, beginning with the first letter of some word."""
    letters = re.sub(r"[^a-z0-9]", "", fold(acronym))
    if not 2 <= len(letters) <= 10:
        return False
    words = fold(name).split()
    return any(_is_subsequence(letters, "".join(words[i:])) for i in range(len(words)) if words[i][0] == letters[0])


def _is_subsequence(letters: str, text: str) -> bool:
    position = iter(text)
    return all(letter in position for letter in letters)


_WITH_ACRONYM = tuple(
    map(
        re.compile,
        (
            r"^(?P<name>.+?)\s*\((?P<acronym>[^()\s]{2,12})\)$",
            r"^(?P<acronym>[^\s/]{2,12})/(?P<name>.+)$",
            r"^(?P<acronym>[^\s|(]{2,12})\s*[|(]\s*(?P<name>[^()|]+)\)?$",
            r"^(?P<acronym>[^\s]{2,12})\s+[-\u2013]\s+(?P<name>.+)$",
            r"^(?P<name>.+?)\s+[-\u2013]\s+(?P<acronym>[^\s]{2,12})$",
        ),
    )
)
_INITIALS_BEHIND = re.compile(r"^(?P<name>\S+ .*\S)\s+(?P<acronym>[A-Z]{3,10})$")


@lru_cache(maxsize=400_000)
def split_acronym(name: str) -> tuple[str, str]:
    """`"World Food Programme (WFP)"`, `"WFP/World Food Programme"`, `"WFP - World Food Programme"` -> (name, "WFP").

    Also `"WFP (World Food Programme)"`, `"WFP | World Food Programme"` and `"World Food Programme WFP"`.
    """
    text = name.strip()
    for pattern in _WITH_ACRONYM:
        if match := pattern.match(text):
            acronym, rest = match["acronym"], match["name"].strip()
            capitals = sum(c.isupper() or c.isdigit() for c in acronym)
            if capitals * 2 > len(acronym) and len(rest) > len(acronym) and could_stand_for(acronym, rest):
                return rest, acronym
    if (match := _INITIALS_BEHIND.match(text)) and is_initials(fold(match["acronym"]), match["name"]):
        return match["name"], match["acronym"]
    return text, ""


def is_initials(short: str, name: str) -> bool:
    """Whether the folded `short` is made of the first letters of the words of `name`, with or without its articles."""
    if not 3 <= len(short) <= 10 or not short.isalpha():
        return False
    words = fold(name).split()
    own = own_words(name)
    return short in ("".join(word[0] for word in words), "".join(word[0] for word in words if word in own))


def is_generic(name: str) -> bool:
    """Whether the name needs its country to mean one organisation ("Ministry of Finance", "Government")."""
    return f"{fold(name)} ".startswith(_table().generic)


def is_category_name(name: str) -> bool:
    """Whether it is a kind of organisation written where a name belongs ("National NGO", "Recipient Government")."""
    return fold(name) in _table().categories


@lru_cache(maxsize=1)
def _all_country_words() -> frozenset[str]:
    words = frozenset(word for names in country_names().values() for name in names for word in fold(name).split())
    return words - _table().telling


@lru_cache(maxsize=1)
def _countries_by_name() -> Mapping[str, str]:
    """Folded name or demonym of a country -> alpha-2 code; "" where it fits several (Congo, Guinea)."""
    found: dict[str, set[str]] = {}
    for code, words in country_words().items():
        for form in (*words.names, *words.demonyms):
            found.setdefault(fold(form), set()).add(code)
    for form, code in table_yaml("identity_words.yml")["sections"].items():
        found[form] = {code}
    return {form: next(iter(codes)) if len(codes) == 1 else "" for form, codes in found.items()}


def country_in(words: Iterable[str]) -> str:
    """The one country that these folded words name and nothing besides, or ""."""
    return _countries_by_name().get(" ".join(word for word in words if word not in _table().empty), "")


@lru_cache(maxsize=400_000)
def names_country(name: str) -> bool:
    """Whether one country is named within the name ("Ministry of Health of Nigeria", "Danish Ministry of Defence")."""
    words, known = fold(name).split(), _countries_by_name()
    spans = ((start, end) for start in range(len(words)) for end in range(start + 1, min(start + 4, len(words)) + 1))
    return any(known.get(" ".join(words[start:end])) for start, end in spans)


@lru_cache(maxsize=400_000)
def significant(name: str) -> frozenset[str]:
    """The folded words that tell organisations apart; of members of a federation, the country's words as well."""
    words = frozenset(fold(name).split()) - _table().empty
    if family_of(name):
        return words
    return words - _all_country_words() or words


@lru_cache(maxsize=400_000)
def own_words(name: str) -> frozenset[str]:
    """All folded words but articles and prepositions."""
    return frozenset(fold(name).split()) - _table().empty


@lru_cache(maxsize=400_000)
def countries_within(name: str) -> frozenset[str]:
    """The folded words of the name that belong to names of countries."""
    return frozenset(fold(name).split()) & _all_country_words() - _table().empty


@lru_cache(maxsize=1)
def _families() -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """First word -> (folded words of the family's name, family), the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for family, names in table_yaml("identity_words.yml")["families"].items():
        for name in (family, *(names or ())):
            words = tuple(fold(name).split())
            found.setdefault(words[0], []).append((words, family))
    return {first: tuple(sorted(entries, key=lambda e: (-len(e[0]), e))) for first, entries in found.items()}


@lru_cache(maxsize=400_000)
def _family_and_rest(name: str) -> tuple[str, tuple[str, ...]]:
    words = tuple(fold(name).split())
    ordinary = _table().ordinary_families
    for start, word in enumerate(words):
        for spelt, family in _families().get(word, ()):
            if words[start : start + len(spelt)] == spelt and (start == 0 or " ".join(spelt) not in ordinary):
                return family, words[:start] + words[start + len(spelt) :]
    return "", words


def family_of(name: str) -> str:
    """The federation that the name names, whose members of each country are organisations of their own, or ""."""
    return _family_and_rest(name)[0]


@lru_cache(maxsize=400_000)
def member_of(name: str) -> tuple[str, str] | None:
    """(federation, alpha-2 country) where the name is that of a country's member and says no more; else None."""
    family, rest = _family_and_rest(name)
    country = country_in(word for word in rest if word not in _table().padding) if family and rest else ""
    return (family, country) if country else None


def is_bare_family(name: str) -> bool:
    """Whether the name is that of a federation as such ("Save the Children"), which any of its members may mean."""
    family, rest = _family_and_rest(name)
    return bool(family) and not rest


def without_articles(folded: str) -> str:
    """A folded name without articles, prepositions and "and", as well-known names are compared."""
    return " ".join(word for word in folded.split() if word not in _table().articles) or folded


def without_legal_form(name: str) -> str:
    """The folded name without "Ltd", "Stichting", "e.V." and the like; "" where less than two words remain."""
    text = f" {fold(name)} "
    for form in ("e v", "g mbh", "s a", "b v"):
        text = text.replace(f" {form} ", " ")
    words = [word for word in text.split() if word not in _table().legal_forms]
    return " ".join(words) if len([word for word in words if word not in _table().empty]) >= 2 else ""


def near(one: str, two: str) -> bool:
    """Whether two folded words are one word but for a slip of the pen. Country words and numbers are never near."""
    shorter = min(len(one), len(two))
    if shorter < _ONE_SLIP_FROM or one[0] != two[0] or abs(len(one) - len(two)) > 2:
        return False
    known = _all_country_words() | _table().telling
    if one in known or two in known or not (one.isalpha() and two.isalpha()):
        return False
    return OSA.distance(one, two, score_cutoff=2) <= (2 if shorter >= _TWO_SLIPS_FROM else 1)


def alike(one: str, two: str) -> bool:
    """Whether two names have the same significant words but for spelling, at least one of them exactly the same.

    Words written together or apart count as spelling ("Dan Church Aid", "DanChurchAid").
    """
    words, others = own_words(one), own_words(two)
    if words == others or fold(one).replace(" ", "") == fold(two).replace(" ", ""):
        return True
    left, right = sorted(words - others), sorted(others - words)
    if not words & others or len(left) != len(right):
        return False
    for word in left:
        match = next((other for other in right if near(word, other)), None)
        if match is None:
            return False
        right.remove(match)
    return True


def only_padding(words: Iterable[str]) -> bool:
    """Whether these folded words add nothing that tells organisations apart ("headquarters", "office", "group")."""
    return all(word in _table().padding or word in _all_country_words() for word in words)


@lru_cache(maxsize=400_000)
def normal_ref(ref: str) -> str:
    """An identifier in the form in which two are compared; "" for what is none (a sector code, "null")."""
    text = re.sub(r"[\s/_.]+", "-", ref.strip().casefold()).strip("-")
    text = re.sub(r"^xm-dac-(?=\d+$)", "", text)
    text = re.sub(r"^([a-z]{2}-[a-z]+)-\1-", r"\1-", text)
    text = re.sub(r"^(gb-coh|gb-chc|xi-duns)-0+", r"\1-", text)
    # The code and words of a type of organisation, written where an identifier belongs ("70-Private Sector").
    if (
        len(text) < 3
        or re.match(r"\d\d-[a-z][a-z-]+$", text)
        or text.rsplit("-", 1)[-1] in ("null", "none", "na", "unknown", "tbd")
    ):
        return ""
    return "" if text in _table().no_identifiers or _is_sector_code(text) else text


@lru_cache(maxsize=400_000)
def is_registered(ref: str) -> bool:
    """Whether a normalised identifier is one of a register ("gb-chc-1047501", "g80454549"), not a bare code."""
    return bool(re.match(r"[a-z]{2}-[a-z]+-.*\d|[a-z]\d{8}$", ref)) and not ref.startswith("xm-")


@lru_cache(maxsize=400_000)
def ref_country(ref: str) -> str:
    """The alpha-2 code of the country in whose register an identifier stands ("KR-GOV-050" -> "KR"), or ""."""
    match = re.match(r"([A-Z]{2})-", ref.strip())
    return iso2(match[1]) if match else ""


def _is_sector_code(ref: str) -> bool:
    return ref.isdigit() and ref in sectors()
