"""What the columns of a presence table mean: from HXL tags, from headers in five languages, from the values themselves.

A column's meaning is a `Field`: a subject (an organisation in a role, an administrative level, the cluster ...) and an
attribute of it (name, acronym, kind, code). Headers are read word by word rather than looked up whole, so that
"Implementing Partner Acronym", "Sigle du partenaire de mise en oeuvre" and "WoredaPcod" need no entry of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.records import Role
from knowledge.sources import header_words as words
from knowledge.sources.guard import fold
from knowledge.sources.tables import Row, Sheet

_SEARCHED_ROWS = 25
PCODE = re.compile(r"[A-Z]{2,3}\d{2,}[A-Z0-9]*")


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """`subject`: "organisation", "adm", "country", "site", "cluster", "activity", "status", "period", "start", "end",
    "month", "year", "latitude", "longitude", "people". `rank` orders administrative levels, outermost first."""

    subject: str
    attribute: str = "name"
    role: str = ""
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table of a sheet stands: its columns, and the rows that hold data."""

    columns: dict[int, Field]
    rows: tuple[Row, ...]

    def find(self, subject: str, attribute: str = "name") -> list[int]:
        return [i for i, field in self.columns.items() if (field.subject, field.attribute) == (subject, attribute)]


# --- headers --------------------------------------------------------------------------------------------------------

_LEVEL_NUMBER = re.compile(r"\b(?:adm|admin|administrative level|level|niveau|nivel|المستوي) ?([0-4])\b")
_ARABIC_VARIANTS = str.maketrans("ةى", "هي")


def words_of(header: str) -> list[str]:
    """The words of a header: "WoredaPcod" is woreda, pcod; accents and Arabic spelling variants folded."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.replace("_", " "))
    folded = fold(spaced).replace("p code", "pcode").translate(_ARABIC_VARIANTS)
    return re.sub(r"\b(adm|admin) ?(\d)", r" adm\2 ", folded).split()


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
    if known & words.PEOPLE:
        return Field("people")
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
    if known & words.ORGANISATION or (role is Role.FUNDING):
        return Field("organisation", attribute, role or Role.IMPLEMENTING)
    if text in words.ACRONYM:
        return Field("organisation", "acronym", Role.IMPLEMENTING)
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
    return Field("pcode", "code") if text in ("pcode", "pcod") else None


# --- HXL ------------------------------------------------------------------------------------------------------------

_TAG = re.compile(r"#[a-z]\w*(\s*\+\s*\w+)*", re.IGNORECASE)
_HXL_PLAIN = {"#sector": "cluster", "#cluster": "cluster", "#activity": "activity", "#status": "status", "#loc": "site",
              "#country": "country", "#reached": "people", "#beneficiary": "people", "#affected": "people"}  # fmt: skip


def from_tag(tag: str) -> Field | None:
    """What an HXL hashtag with its attributes says its column holds, or None."""
    stem, *attributes = re.sub(r"\s", "", tag.casefold()).split("+")
    given = set(attributes)
    attribute = (
        "acronym" if "acronym" in given else "kind" if given & {"type", "kind"}
        else "code" if given & {"code", "id", "pcode", "iso3", "iso2"} else "name"
    )  # fmt: skip
    if level := re.fullmatch(r"#adm([1-4])", stem):
        return Field("adm", attribute, "", float(level[1]))
    if stem == "#org":
        role = Role.IMPLEMENTING
        if given & {"funder", "donor", "funding"}:
            role = Role.FUNDING
        elif given & {"prog", "programme", "program", "lead", "accountable"}:
            role = Role.ACCOUNTABLE
        return Field("organisation", attribute, role)
    if stem == "#geo":
        return Field("latitude") if "lat" in given else Field("longitude") if given & {"lon", "long"} else None
    if stem in ("#date", "#period"):
        if "year" in given:
            return Field("year")
        return Field("start") if "start" in given else Field("end") if "end" in given else Field("period")
    if stem in _HXL_PLAIN:
        return Field(_HXL_PLAIN[stem], attribute)
    return None


# --- a sheet --------------------------------------------------------------------------------------------------------


def layout(sheet: Sheet) -> Layout | None:
    """Where the presence table of a sheet stands, or None where no organisation or no place is recognised."""
    top = sheet.rows[:_SEARCHED_ROWS]
    tags = next((i for i, row in enumerate(top) if _is_tags(row.cells)), None)
    header = tags - 1 if tags else _header(top)
    columns: dict[int, Field] = {}
    if header is not None:
        columns = _read(top[header].cells)
    if tags is not None:
        tagged = {i: field for i, cell in enumerate(top[tags].cells) if cell and (field := from_tag(cell))}
        columns = {i: field for i, field in columns.items() if field not in tagged.values()} | tagged
    if tags is None and header is None:
        return None
    last = tags if tags is not None else header
    rows = sheet.rows[(last or 0) + 1 :]
    columns = _with_pcodes(columns, rows)
    subjects = {field.subject for field in columns.values()}
    if "organisation" not in subjects or not subjects & {"adm", "site", "country", "pcode", "cluster"}:
        return None
    return Layout(dict(sorted(columns.items())), rows)


def _read(cells: Sequence[str]) -> dict[int, Field]:
    """Recognised headers. Of several with one meaning the first stands."""
    found: dict[int, Field] = {}
    for i, cell in enumerate(cells):
        if cell and len(cell) < 120 and (field := from_header(cell)) and field not in found.values():
            found[i] = field
    return found


def _is_tags(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(bool(_TAG.fullmatch(cell)) for cell in filled) * 2 > len(filled)


def _header(top: Sequence[Row]) -> int | None:
    scores = [len(_read(row.cells)) for row in top]
    best = max(scores, default=0)
    return scores.index(best) if best >= 2 else None


def _with_pcodes(columns: dict[int, Field], rows: Sequence[Row]) -> dict[int, Field]:
    """Add columns whose values are p-codes of one country, whatever their header says ("Title" in some exports)."""
    if any(field.attribute == "code" and field.subject in ("adm", "pcode") for field in columns.values()):
        return columns
    width = max((len(row.cells) for row in rows), default=0)
    for i in range(width):
        if i not in columns and is_pcodes([row.cells[i] for row in rows if i < len(row.cells) and row.cells[i]]):
            return columns | {i: Field("pcode", "code")}
    return columns


def is_pcodes(values: Sequence[str]) -> bool:
    """Whether values are p-codes: letters, then digits, nearly all with one country's letters."""
    matching = [value for value in values if PCODE.fullmatch(value)]
    if not matching or len(matching) < 0.8 * len(values):
        return False
    (_, most), *_ = Counter(value[:2] for value in matching).most_common(1)
    return most >= 0.9 * len(matching)
