"""What HXL hashtags say that a column holds: the only importer of libhxl, whose grammar of tags it uses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from knowledge.records import Role
from knowledge.sources.headers import Field

_ROLES = (
    ("#org+funder", Role.FUNDING),
    ("#org+donor", Role.FUNDING),
    ("#org+funding", Role.FUNDING),
    ("#org+prog", Role.ACCOUNTABLE),
    ("#org+programme", Role.ACCOUNTABLE),
    ("#org+program", Role.ACCOUNTABLE),
    ("#org+lead", Role.ACCOUNTABLE),
    ("#org+accountable", Role.ACCOUNTABLE),
    ("#org", Role.IMPLEMENTING),
)
_PEOPLE = (
    ("#affected+killed", "deaths"),
    ("#affected+dead", "deaths"),
    ("#affected+injured", "injured"),
    ("#affected+displaced", "displaced"),
    ("#affected+idps", "displaced"),
    ("#affected", "affected"),
    ("#inneed", "in_need"),
    ("#targeted", "targeted"),
    ("#beneficiary+targeted", "targeted"),
    ("#beneficiary+target", "targeted"),
    ("#beneficiary", "reached"),
    ("#reached", "reached"),
    ("#population", "population"),
)
_OTHERS = (
    ("#geo+lat", Field("latitude")),
    ("#geo+lon", Field("longitude")),
    ("#geo+long", Field("longitude")),
    ("#date+year", Field("year")),
    ("#date+start", Field("start")),
    ("#date+end", Field("end")),
    ("#date", Field("period")),
    ("#period+start", Field("start")),
    ("#period+end", Field("end")),
    ("#period", Field("period")),
    ("#value", Field("amount")),
    ("#indicator+name", Field("indicator")),
    ("#indicator+value", Field("value")),
    ("#index", Field("value")),
    ("#severity", Field("value")),
)
_NAMED = {"#sector": "cluster", "#cluster": "cluster", "#activity": "activity", "#status": "status", "#loc": "site",
          "#country": "country"}  # fmt: skip
_ATTRIBUTES = (
    ("acronym", ("acronym", "abbr")),
    ("kind", ("type", "kind")),
    ("code", ("code", "id", "pcode", "iso3", "iso2", "v_pcode", "v_iso3", "v_iso2")),
)
_GROUPS = {"f": "female", "m": "male", "i": "other gender", "idps": "IDPs", "hostcomm": "host community",
           "disabled": "people with disabilities"} | {
    word: word
    for word in (
        "adults", "children", "elderly", "infants", "adolescents", "refugees", "returnees", "migrants", "nonrefugees",
        "asylumseekers", "stateless", "women", "men", "girls", "boys",
    )
}  # fmt: skip
SECTORS = {
    "edu": "Education",
    "ccm": "Camp Coordination and Camp Management",
    "erc": "Early Recovery",
    "ery": "Early Recovery",
    "fsc": "Food Security",
    "food": "Food Security",
    "hea": "Health",
    "health": "Health",
    "log": "Logistics",
    "mpc": "Multi-purpose Cash",
    "nut": "Nutrition",
    "nutrition": "Nutrition",
    "pro": "Protection",
    "protection": "Protection",
    "cpn": "Child Protection",
    "gbv": "Gender-Based Violence",
    "hlp": "Housing, Land and Property",
    "min": "Mine Action",
    "shl": "Shelter",
    "shelter": "Shelter",
    "tel": "Emergency Telecommunications",
    "wsh": "WASH",
    "wash": "WASH",
    "education": "Education",
}
"""Attributes of people's tags (and codes of harmonised tables) -> the cluster they count for."""


@lru_cache(maxsize=1)
def _model() -> Any:
    """libhxl's model of columns and patterns, loaded when a table first looks tagged."""
    if "unidecode" not in sys.modules and find_spec("unidecode") is None:
        import anyascii

        # libhxl asks for this package by name, whose licence is not ours; anyascii has the same function
        module: Any = ModuleType("unidecode")
        module.unidecode = anyascii.anyascii
        sys.modules["unidecode"] = module
    import hxl.model  # type: ignore[import-untyped]

    return hxl.model


@lru_cache(maxsize=4096)
def _column(tag: str) -> Any:
    """libhxl's column of a tag, None where the text is no tag. White space within tags is a common slip."""
    compact = "".join(tag.split())
    if not compact.startswith("#") or not compact.isascii():
        return None
    return _model().Column.parse(compact) or None


@lru_cache(maxsize=256)
def _pattern(text: str) -> Any:
    return _model().TagPattern.parse(text)


def are_tags(cells: Sequence[str]) -> bool:
    """Whether a row holds hashtags in most of its filled cells."""
    filled = [cell for cell in cells if cell]
    if sum(cell.startswith("#") for cell in filled) * 2 <= len(filled):
        return False
    return sum(_column(cell) is not None for cell in filled) * 2 > len(filled)


def from_tag(tag: str) -> Field | None:
    """What a hashtag with its attributes says its column holds, or None."""
    column = _column(tag)
    if column is None:
        return None
    given = [attribute.casefold() for attribute in column.attributes]
    attribute = next((name for name, words in _ATTRIBUTES if set(words) & set(given)), "name")
    for level in (1, 2, 3, 4, 5):
        if column.tag == f"#adm{level}":
            return Field("adm", attribute, "", float(level))
    if column.tag in _NAMED:
        return Field(_NAMED[column.tag], attribute)
    for pattern, role in _ROLES:
        if _pattern(pattern).match(column):
            return Field("organisation", attribute, role)
    for pattern, figure in _PEOPLE:
        if _pattern(pattern).match(column):
            group = " ".join(_GROUPS[word] for word in sorted(given) if word in _GROUPS and word != figure)
            theme = next((SECTORS[word] for word in sorted(given) if word in SECTORS), "")
            return Field("people", figure, group=group, theme=theme)
    return next((field for pattern, field in _OTHERS if _pattern(pattern).match(column)), None)
