"""What the real records say, worked out a second time: with pandas and lxml, and none of the project's code.

The rules are written out here, so that a reader can judge them:

- Who does the work of a record: whoever implements it; where nobody is named, whoever is accountable for it or extends
  it; where nobody is, whoever reports it. "National NGO" and the like name no organisation.
- A harmonised table's place is the harmonised name; where that is empty, the name the provider wrote.
- An activity is in the countries that it, its transactions or its locations name, as codes or by their names.
- A sector says its theme by the prefix of its OECD code; a cluster, a goal and a reporter's own sector by their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import etree

CLUSTERS = {
    "WASH": "wash",
    "Water Sanitation Hygiene": "wash",
    "Health": "health",
    "Santé": "health",
    "Nutrition": "nutrition",
    "Education": "education",
    "Protection": "protection",
    "Agriculture": "agriculture",
    "CCCM": "cccm",
    "Camp Coordination / Management": "cccm",
    "ESNFI": "shelter",
    "Emergency Shelter and NFI": "shelter",
    "Abris / NFI": "shelter",
    "Food Security": "food security",
    "Securité alimentaire": "food security",
    "Réponse aux réfugiés": "refugees",
    "Coordination": "coordination",
    "Logistique": "logistics",
    "Logistics": "logistics",
    "Relèvement Précoce": "early recovery",
    "Early Recovery": "early recovery",
}
SECTORS = {
    "wash": ("140",),
    "health": ("121", "122", "123", "130", "16064", "32168", "72011"),
    "nutrition": ("12240",),
    "education": ("11", "12181", "12261", "12281", "41081", "43081", "72012"),
    "agriculture": ("311", "312", "313", "43040", "43042"),
    "energy": ("23", "32167", "32173", "32174", "32261", "32262"),
}
NOT_THE_SECTOR = {"12240": "health"}
"""Basic nutrition stands under basic health in the code list, and is a theme of its own."""
TARGETS = {"2.3": "agriculture", "2.4": "agriculture"}
GOALS = {"3": "health", "4": "education", "6": "wash", "7": "energy"}
GLOBAL_CLUSTERS = {
    "1": "cccm", "2": "early recovery", "3": "education", "4": "shelter", "6": "food security", "7": "health",
    "8": "logistics", "9": "nutrition", "10": "protection", "11": "wash",
    "WASH": "wash", "HEALTH": "health", "EDU": "education", "NUT": "nutrition",
}  # fmt: skip
"""Codes of the global clusters (IATI vocabulary 10), and what reporters write in their place."""
OWN_SECTORS = {
    "water and sanitation": "wash",
    "water sanitation and hygiene": "wash",
    "water sanitation hygiene": "wash",
    "water/sanitation": "wash",
    "wash": "wash",
    "health": "health",
    "health and medical": "health",
    "epidemic": "health",
    "salud": "health",
    "education in emergencies": "education",
    "protection": "protection",
    "emergency shelter and nfi": "shelter",
    "nutrition": "nutrition",
    "education": "education",
    "agriculture": "agriculture",
    "energy": "energy",
}
"""Names that reporters give sectors of their own vocabularies (98, 99), without commas, "&" spelt out."""
NOBODY = frozenset(
    {
        *("national ngo", "international ngo", "recipient government", "implementing partner", "local government"),
        *("donor country-based ngo", "developing country-based ngo", "network", "multilateral", "other", "others"),
        *("private sector", "private sector institution", "private sector in provider country", "public sector"),
        *("private sector in third country", "private sector in recipient country", "public sector institutions"),
    }
)
"""Kinds of organisation written where a name belongs, without case."""
ROLES = {"1": "funding", "2": "accountable", "3": "extending", "4": "implementing"}
ISO2 = {"ETH": "ET", "TCD": "TD"}


@dataclass(slots=True)
class Fact:
    """One record. `taking_part`: role -> names as written; `places`: "country:ET", "1:Tigray", "2:Metekel" ...;
    `codes`: p-codes of its administrative areas and of those around them; `id`: what the reporter calls it."""

    source: str
    kind: str
    places: set[str]
    themes: set[str]
    taking_part: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    status: str = ""
    id: str = ""
    codes: set[str] = field(default_factory=set)

    @property
    def doers(self) -> set[str]:
        for roles in (("implementing",), ("accountable", "extending"), ("reporting",)):
            if found := {name for role in roles for name in self.taking_part.get(role, ())}:
                return found
        return set()

    @property
    def names(self) -> set[str]:
        return {name for names in self.taking_part.values() for name in names}


def facts(data: Path, largest_activity_file: int | None = None) -> list[Fact]:
    """All records of `data`/3w, hpc and grants360, and of the files of `data`/iati smaller than `largest_activity_file`
    bytes."""
    from benchmarks import truth_projects  # that module builds on this one

    tables = data / "3w"
    return [
        *ethiopia(tables / "ethiopia_5w_august_2025.csv"),
        *chad(tables / "chad_3w_april_2025.xlsx"),
        *harmonised(tables / "hapi_operational_presence.csv"),
        *activities(activity_files(data, largest_activity_file), country_names(data / "codelists")),
        *(truth_projects.projects(data / "hpc") if (data / "hpc").is_dir() else ()),
        *(truth_projects.grants(data / "grants360") if (data / "grants360").is_dir() else ()),
    ]


def activity_files(data: Path, largest: int | None = None) -> list[Path]:
    found = sorted((data / "iati").glob("*.xml"))
    return [path for path in found if largest is None or path.stat().st_size < largest]


# --- tables ---------------------------------------------------------------------------------------------------------


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    """Rows with anything in them, blanks folded."""
    frame = frame.map(lambda cell: " ".join(str(cell).split()))
    frame.columns = [str(column).strip() for column in frame.columns]
    return [
        {str(key): str(value) for key, value in row.items()}
        for row in frame[(frame != "").any(axis=1)].to_dict("records")
    ]


def _read_csv(path: Path) -> list[dict[str, str]]:
    return _rows(pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig"))


def ethiopia(path: Path) -> list[Fact]:
    found = []
    for row in _read_csv(path):
        partners = {
            "implementing": row["Implementing Partner Name"] or row["Implementing Partner Acronym"],
            "accountable": row["Program Partner Name"] or row["Program partner Acronym"],
            "funding": row["Donor Name"] or row["Donor Acronym"],
        }
        found.append(
            Fact(
                path.name,
                "presence",
                {"country:ET", f"1:{row['Region']}", f"2:{row['Zone']}", f"3:{row['Woreda']}"},
                {CLUSTERS[row["Cluster"]]} if row["Cluster"] else set(),
                {role: [name] for role, name in partners.items() if name},
                {partners["implementing"]: row["Implementing Partner Type"]},
                date(2025, 8, 1),
                date(2025, 8, 31),
                row["Activity status"],
                codes={row["WoredaPcod"][:length] for length in (4, 6, 8)},
            )
        )
    return found


def chad(path: Path) -> list[Fact]:
    sheets = pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False)
    operational, physical = (_rows(frame) for frame in sheets.values())
    start, end = date(2025, 4, 1), date(2025, 4, 30)
    found = []
    for row in operational:
        if not row["Province"].startswith("#"):
            who = row["Organisation"] or row["Acronyme"]
            places, kinds = {"country:TD", f"1:{row['Province']}"}, {who: row["TypeOrganisation"]}
            themes = {CLUSTERS[row["Cluster"]]} if row["Cluster"] else set()
            made = Fact(path.name, "presence", places, themes, {"implementing": [who]}, kinds, start, end)
            made.codes = {row["Title"]} if row["Province"] else set()
            found.append(made)
    for row in physical:
        places = {"country:TD", f"1:{row['Provinces']}", f"2:{row['Departement']}", f"site:{row['Localite']}"}
        kinds = {row["Organisation"]: row["TypeOrganisation"]}
        made = Fact(path.name, "presence", places, set(), {"implementing": [row["Organisation"]]}, kinds, start, end)
        made.codes = {row["Title"]} if row["Provinces"] else set()
        found.append(made)
    return found


def harmonised(path: Path) -> list[Fact]:
    found = []
    for row in _read_csv(path):
        who = row["org_name"] or row["org_acronym"]
        places = {
            f"country:{ISO2[row['location_code']]}",
            f"1:{row['admin1_name'] or row['provider_admin1_name']}",
            f"2:{row['admin2_name'] or row['provider_admin2_name']}",
        }
        found.append(
            Fact(
                path.name,
                "presence",
                places,
                {CLUSTERS[row["sector_name"]]},
                {"implementing": [who]},
                {who: row["org_type_description"]},
                date.fromisoformat(row["reference_period_start"]),
                date.fromisoformat(row["reference_period_end"]),
                codes={code for code in (row["admin1_code"], row["admin2_code"]) if code},
            )
        )
    return found


# --- activities -----------------------------------------------------------------------------------------------------


def country_names(codelists: Path) -> dict[str, str]:
    """Name of a country without case -> its code, from the code lists of a folder for each language."""
    found: dict[str, str] = {}
    for path in sorted(codelists.glob("*/Country.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["data"]:
            if entry.get("name"):
                found[entry["name"].casefold()] = entry["code"]
    return found


def activities(files: Iterable[Path], countries: dict[str, str]) -> list[Fact]:
    """Of an activity that stands in several files, the copy with the newest date counts."""
    newest: dict[str, tuple[str, Fact]] = {}
    names: dict[str, str] = {}
    roots = []
    for path in files:
        root: Any = etree.parse(str(path)).getroot()
        roots.append((path, root))
        for reporter in root.iterfind("iati-activity/reporting-org[@ref]"):
            if name := _narrative(reporter, reporter.getparent()):
                names.setdefault(reporter.get("ref").strip(), name)
    for path, root in roots:
        for element in root.iterfind("iati-activity"):
            identifier = " ".join((element.findtext("iati-identifier") or "").split())
            updated = (element.get("last-updated-datetime") or "")[:10]
            if identifier and (identifier not in newest or newest[identifier][0] <= updated):
                newest[identifier] = updated, _activity(path, element, names, countries)
    return [fact for _, fact in newest.values()]


def _activity(path: Path, element: Any, names: dict[str, str], countries: dict[str, str]) -> Fact:
    taking_part: dict[str, list[str]] = {}
    for tag in ("reporting-org", "participating-org"):
        for organisation in element.iterfind(tag):
            role = "reporting" if tag == "reporting-org" else ROLES.get((organisation.get("role") or "").strip(), "")
            ref = " ".join((organisation.get("ref") or "").split())
            name = _narrative(organisation, element) or names.get(ref, ref)
            if role and name and name.casefold() not in NOBODY:
                taking_part.setdefault(role, []).append(name)
    places = {f"country:{(c.get('code') or '').strip().upper()}" for c in element.iter("recipient-country")}
    for location in element.iterfind("location"):
        if name := _narrative(location.find("name"), element):
            places.add(f"location:{name}")
            places |= {f"country:{code}" for code in (countries.get(name.casefold()),) if code}
        places |= {
            f"country:{(a.get('code') or '').strip().upper()}"
            for a in location.iterfind("administrative[@vocabulary='A4']")
        }
    dates = {d.get("type"): d.get("iso-date") for d in element.iterfind("activity-date")}
    status = element.find("activity-status")
    return Fact(
        path.name,
        "activity",
        places,
        {theme for sector in element.iter("sector", "tag") for theme in _themes(sector, element)},
        taking_part,
        {},
        _day(dates.get("2")) or _day(dates.get("1")),
        _day(dates.get("4")) or _day(dates.get("3")),
        (status.get("code") or "").strip() if status is not None else "",
        " ".join((element.findtext("iati-identifier") or "").split()),
    )


def _narrative(element: Any, activity: Any) -> str:
    """The narrative in the activity's language (or in none), else the first."""
    if element is None:
        return ""
    own = (activity.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()
    said = [(n.get("{http://www.w3.org/XML/1998/namespace}lang"), " ".join((n.text or "").split())) for n in element]
    said = [(language, text) for language, text in said if text]
    return next((text for language, text in said if language is None or language.lower() == own), "") or (
        said[0][1] if said else " ".join((element.text or "").split())
    )


def _themes(sector: Any, activity: Any) -> Iterator[str]:
    code = (sector.get("code") or "").strip()
    vocabulary = (sector.get("vocabulary") or "1").strip()
    if sector.tag == "tag":
        vocabulary = {"2": "7", "3": "8"}.get(vocabulary, "")
    if vocabulary in ("1", "2"):
        for theme, prefixes in SECTORS.items():
            if code.startswith(prefixes) and NOT_THE_SECTOR.get(code) != theme:
                yield theme
    elif vocabulary in ("7", "8", "9") and (goal := TARGETS.get(code) or GOALS.get(code.split(".")[0])):
        yield goal
    elif vocabulary == "10" and code.upper() in GLOBAL_CLUSTERS:
        yield GLOBAL_CLUSTERS[code.upper()]
    elif vocabulary in ("98", "99") and (own := OWN_SECTORS.get(_plain(_narrative(sector, activity)))):
        yield own


def _plain(name: str) -> str:
    return " ".join(name.replace("&", " and ").replace(",", " ").casefold().split())


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
