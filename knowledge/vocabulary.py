"""The controlled vocabularies: themes, sectors, kinds of organisation, statuses, names of countries.

Everything is read from `knowledge/tables` on first use. Sources of the facts in them: OECD DAC purpose codes and names
(as IATI publishes them in English, French and Spanish), IASC global clusters, the UN goals, Unicode CLDR.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from knowledge.countries import LANGUAGES, country_labels
from knowledge.text import fold, stems

DAC_5_DIGIT, DAC_3_DIGIT, SDG_GOAL, SDG_TARGET, SDG_INDICATOR, GLOBAL_CLUSTERS = "1", "2", "7", "8", "9", "10"
_REPORTERS_OWN = frozenset({"98", "99"})
OWN_THEMES = "theme"
"""Vocabulary of records made here: their codes are ids of themes."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A node of the theme tree; it may stand under several parents. `words` maps languages to what people write."""

    id: str
    parents: tuple[str, ...]
    labels: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    clusters: tuple[str, ...]
    sdg: tuple[str, ...]

    def label(self, language: str = "en") -> str:
        return self.labels.get(language, self.labels["en"])


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of organisation: `written` as in the type column of tables, `asked` as in questions."""

    id: str
    labels: Mapping[str, str]
    codes: tuple[str, ...]
    written: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sector:
    """A DAC purpose code (5 digits) or category (3 digits). `without` says why it leads to no theme."""

    code: str
    names: Mapping[str, str]
    themes: tuple[str, ...]
    without: str


def table_text(name: str) -> str:
    """The text of a file in `knowledge/tables`."""
    return resources.files("knowledge").joinpath("tables", *name.split("/")).read_text(encoding="utf-8")


def table_yaml(name: str) -> Any:
    return yaml.load(table_text(name), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def table_rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(table_text(name).splitlines()))


def split_words(words: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(word for part in words.split(separator) if (word := part.strip()))


@lru_cache(maxsize=1)
def themes() -> Mapping[str, Theme]:
    """All themes by id, in the order of the table."""
    return {
        ident: Theme(
            ident,
            tuple(row.get("parents", ())),
            row["labels"],
            {language: split_words(words) for language, words in row["words"].items()},
            tuple(str(code) for code in row.get("clusters", ())),
            tuple(str(code).lower() for code in row.get("sdg", ())),
        )
        for ident, row in table_yaml("themes.yml").items()
    }


def theme(ident: str) -> Theme:
    """The theme of that id. Raises KeyError where there is none."""
    return themes()[ident]


@lru_cache(maxsize=256)
def descendants(ident: str) -> frozenset[str]:
    """The theme and all below it."""
    found = {ident}
    for other in themes().values():
        if ident in other.parents:
            found |= descendants(other.id)
    return frozenset(found)


@lru_cache(maxsize=256)
def ancestors(ident: str) -> frozenset[str]:
    """All themes above it, itself not included."""
    found: set[str] = set()
    for parent in theme(ident).parents:
        found |= {parent} | ancestors(parent)
    return frozenset(found)


def theme_label(ident: str, language: str = "en") -> str:
    """The name of a theme, or the id itself where no such theme is known."""
    return themes()[ident].label(language) if ident in themes() else ident


@lru_cache(maxsize=1)
def sectors() -> Mapping[str, Sector]:
    """DAC purpose codes and categories by code."""
    return {
        row["code"]: Sector(
            row["code"],
            {language: row[language] for language in ("en", "fr", "es") if row[language]},
            split_words(row["themes"], "|"),
            row["without"],
        )
        for row in table_rows("sectors.csv")
    }


def sector_name(code: str, language: str = "en") -> str:
    """The name of a DAC code; English where the language has none; "" for an unknown code."""
    sector = sectors().get(code)
    return sector.names.get(language, sector.names["en"]) if sector else ""


@lru_cache(maxsize=1)
def _theme_codes() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for item in themes().values():
        for code in item.clusters:
            key = (GLOBAL_CLUSTERS, code.upper())
            found[key] = (*found.get(key, ()), item.id)
        for code in item.sdg:
            key = ("sdg", code)
            found[key] = (*found.get(key, ()), item.id)
    return found


@lru_cache(maxsize=1)
def _cluster_names() -> dict[str, tuple[str, ...]]:
    names = {fold(row["name"]): split_words(row["themes"], "|") for row in table_rows("clusters.csv")}
    for word, ids in theme_words().items():
        names.setdefault(word, ids)
    return names


@lru_cache(maxsize=1)
def theme_words() -> Mapping[str, tuple[str, ...]]:
    """Folded word or phrase -> ids of the themes it names (labels included), in all languages."""
    found: dict[str, tuple[str, ...]] = {
        "fsl": ("food_security", "livelihoods"),
        "fsal": ("food_security", "agriculture"),
    }
    for item in themes().values():
        for language in LANGUAGES:
            for word in (item.labels[language], *item.words[language]):
                key = fold(word)
                if key and item.id not in found.get(key, ()):
                    found[key] = (*found.get(key, ()), item.id)
    # A word that names both a theme and something below it means the finer one only where it is that one's own label.
    return {word: _finest(ids) for word, ids in found.items()}


def _finest(ids: tuple[str, ...]) -> tuple[str, ...]:
    above = {parent for ident in ids for parent in ancestors(ident)}
    return tuple(ident for ident in ids if ident not in above)


@lru_cache(maxsize=1)
def _cluster_stems() -> dict[str, tuple[str, ...]]:
    return {stems(word): ids for word, ids in _cluster_names().items()}


@lru_cache(maxsize=1)
def _longest_cluster() -> int:
    """Words of the longest name of a cluster: no longer phrase of a long text need be looked for."""
    return max(len(words.split()) for words in _cluster_stems())


def themes_of_cluster(name: str) -> tuple[str, ...]:
    """Themes of a cluster as a table writes it, in any language; a name of several parts is read by parts."""
    folded = fold(name)
    known = _cluster_names()
    if folded in known:
        return known[folded]
    if name.strip().upper() and (GLOBAL_CLUSTERS, name.strip().upper()) in _theme_codes():
        return _theme_codes()[(GLOBAL_CLUSTERS, name.strip().upper())]
    by_stem = _cluster_stems()
    words = stems(folded).split()
    found: list[str] = []
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + _longest_cluster()), start, -1):
            ids = by_stem.get(" ".join(words[start:end]))
            if ids is not None:
                found.extend(ids)
                start = end - 1
                break
        start += 1
    return _finest(tuple(dict.fromkeys(found)))


_LONGEST_PHRASE = 4


@lru_cache(maxsize=20_000)
def finer_themes(text: str, coarse: tuple[str, ...]) -> tuple[str, ...]:
    """Themes below `coarse` that the words of `text` name: "Durable water" under "wash" gives "water".

    Tables state a cluster and describe the work beside it. Only what lies below the stated cluster is taken from the
    description, so that a health row that mentions nutrition stays a health row.
    """
    below = {theme for ident in coarse for theme in descendants(ident)} - set(coarse)
    if not below:
        return ()
    words = fold(text).split()
    phrases = (
        " ".join(words[start : start + size])
        for start in range(len(words))
        for size in range(1, _LONGEST_PHRASE + 1)
        if start + size <= len(words)
    )
    named = {ident for phrase in phrases for ident in theme_words().get(phrase, ()) if ident in below}
    return _finest(tuple(sorted(named)))


def _themes_of_goal(code: str) -> tuple[str, ...]:
    parts = code.lower().removeprefix("sdg").strip(" -").split(".")
    for size in range(len(parts), 0, -1):
        ids = _theme_codes().get(("sdg", ".".join(parts[:size])))
        if ids:
            return ids
    return ()


@lru_cache(maxsize=20_000)
def themes_of_sector(vocabulary: str, code: str, name: str = "") -> tuple[str, ...]:
    """Theme ids of a sector, cluster, goal or tag as a record writes it; () where it names no theme.

    `vocabulary` is the IATI SectorVocabulary code ("" means 1, as the standard says), "cluster", "sdg" or "theme".
    """
    code = code.strip()
    vocabulary = vocabulary.strip() or DAC_5_DIGIT
    if vocabulary in (DAC_5_DIGIT, DAC_3_DIGIT):
        if not code and name.strip()[:5].isdigit():
            code = name.strip()[:5]
        for key in (code, code[:5], code[:3]):
            if key in sectors():
                return sectors()[key].themes
        return themes_of_cluster(name) if name else ()
    if vocabulary == GLOBAL_CLUSTERS:
        return _theme_codes().get((GLOBAL_CLUSTERS, code.upper()), ()) or themes_of_cluster(name or code)
    if vocabulary in (SDG_GOAL, SDG_TARGET, SDG_INDICATOR, "sdg"):
        return _themes_of_goal(code)
    if vocabulary == "cluster":
        return themes_of_cluster(name or code)
    if vocabulary == OWN_THEMES:
        return (code,) if code in themes() else ()
    if vocabulary in _REPORTERS_OWN:
        return _cluster_names().get(fold(name), ())
    return ()


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Kinds of organisation by id."""
    found = {}
    for ident, row in table_yaml("organisation_kinds.yml").items():
        written = split_words(row["written"], ";" if ";" in row["written"] else ",")
        found[ident] = Kind(ident, row["labels"], tuple(row["codes"]), written, split_words(row["asked"] or ""))
    return found


@lru_cache(maxsize=1)
def _kind_words() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in kinds().values():
        for word in (*kind.codes, *kind.written, *kind.labels.values()):
            found.setdefault(fold(word), kind.id)
    for kind in kinds().values():
        for word in kind.asked:
            found.setdefault(fold(word), kind.id)
    return found


@lru_cache(maxsize=1)
def _kind_stems() -> dict[str, str]:
    return {stems(word): kind for word, kind in reversed(_kind_words().items())}


def kind_of(code_or_words: str) -> str:
    """The kind id of an IATI OrganisationType code, an HDX type code or of a type column's words; "" where unknown."""
    folded = fold(code_or_words)
    known = _kind_words()
    if folded in known:
        return known[folded]
    return _kind_stems().get(stems(folded), "")


def kind_label(ident: str, language: str = "en") -> str:
    kind = kinds().get(ident)
    return kind.labels.get(language, kind.labels["en"]) if kind else ident


@lru_cache(maxsize=1)
def _statuses() -> tuple[dict[str, Mapping[str, str]], dict[str, str]]:
    table = table_yaml("statuses.yml")
    words = {fold(word): code for code, row in table.items() for word in split_words(row["written"])}
    return {code: row["labels"] for code, row in table.items()}, words


def status_code(code_or_words: str) -> str:
    """The IATI ActivityStatus code of a code or of a table's words ("On-going", "Terminé"); "" where unknown."""
    labels, words = _statuses()
    code = code_or_words.strip()
    return code if code in labels else words.get(fold(code), "")


def status_label(code: str, language: str = "en") -> str:
    """A status in words; what was written, where it is no status that is known."""
    labels, _ = _statuses()
    known = labels.get(status_code(code))
    return known.get(language, known["en"]) if known else code


@dataclass(frozen=True, slots=True)
class CountryNames:
    """`names` are forms that name the country, the English one first; `demonyms` mean its people or what is theirs."""

    names: tuple[str, ...]
    demonyms: tuple[str, ...]


@lru_cache(maxsize=1)
def country_words() -> Mapping[str, CountryNames]:
    """Country code -> how the country and its people are called in five languages, common short forms included."""
    extra = {row["code"]: row for row in table_rows("country_words.csv")}
    found: dict[str, CountryNames] = {}
    for code, labels in country_labels().items():
        row = extra.get(code, {})
        names = dict.fromkeys((*labels.values(), *split_words(row.get("forms") or "", "|")))
        found[code] = CountryNames(tuple(names), split_words(row.get("demonyms") or "", "|"))
    return found


@lru_cache(maxsize=1)
def country_forms() -> Mapping[str, frozenset[str]]:
    """Country code -> short and common forms of its name beyond CLDR's, folded: known whatever the language."""
    return {
        row["code"]: frozenset(map(fold, split_words(row.get("forms") or "", "|")))
        for row in table_rows("country_words.csv")
    }


def country_names(code: str) -> tuple[str, ...]:
    """The forms that name a country, the English one first; () for an unknown code."""
    words = country_words().get(code)
    return words.names if words else ()


@lru_cache(maxsize=1)
def function_words() -> Mapping[str, frozenset[str]]:
    """Language -> folded words that carry grammar and no topic."""
    return {
        language: frozenset(fold(words).split()) for language, words in table_yaml("stop_words.yml")["function"].items()
    }


@lru_cache(maxsize=1)
def asking_words() -> frozenset[str]:
    """Folded words of questions and of the trade that are no topic, in all languages."""
    return frozenset(word for words in table_yaml("stop_words.yml")["asking"].values() for word in fold(words).split())


@lru_cache(maxsize=1)
def language_words() -> Mapping[str, frozenset[str]]:
    """Language -> its ordinary words, folded."""
    extra = table_yaml("extra_words.yml")
    return {
        language: frozenset(fold(f"{table_text(f'words/{language}.txt')} {extra[language]}").split())
        for language in LANGUAGES
    }


def _time_words() -> set[str]:
    """Words of time that are adverbs or units: tomorrow, semana, trimestre."""
    table = table_yaml("time_words.yml")
    keys = ("now", "today", "yesterday", "tomorrow", "day", "week", "fortnight", "month", "quarter", "half", "year")
    return {form for key in (*keys, "decade") for word in split_words(table[key]) for form in fold(word).split()}


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """All words that any of the five languages uses as ordinary words: never read as a misspelt name."""
    found: set[str] = set(asking_words()) | _time_words()
    for words in (*language_words().values(), *function_words().values()):
        found |= words
    return frozenset(found)
