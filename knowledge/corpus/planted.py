"""The list of what is planted, worked out from the plan and not from the files: what a later capability must find."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations

from knowledge.corpus.activities import Corpus
from knowledge.corpus.inputs import COUNTRIES, load, organisations, places, services
from knowledge.corpus.model import NOTICE, REFERENCE_DATE, Activity, Work
from knowledge.corpus.presence import Row

ABOUT = (
    "Pairs are worked out from the plan over the implementers' own records; the records of their funders and partners "
    "carry them over and are not listed again. Gaps leave countrywide programmes out of account. visible_to is the "
    "widest audience that can see all records of an entry."
)

_RANK = ("public", "community", "named", "own")
_THEME_OF_DAC = {
    "12": "health",
    "13": "health",
    "14": "wash",
    "11": "education",
    "15250": "mine_action",
    "151": "protection",
    "16015": "protection",
}
_THEME_OF_SERVICE = {
    "malnutrition": {"nutrition", "food_security"},
    "school_meals": {"education", "nutrition", "food_security"},
    "gbv": {"protection"},
    "child_protection": {"protection"},
    "shelter": {"shelter"},
    "migration": {"protection", "shelter"},
    "cash": {"shelter", "food_security"},
    "community_peace": {"protection"},
    "mine_risk": {"protection", "mine_action"},
    "mine_clearance": {"protection", "mine_action"},
    "refugee_jobs": {"education"},
}
_GAP_THEMES = {
    "KE": ("education", "nutrition", "protection", "wash"),
    "CO": ("health", "education", "nutrition", "mine_action"),
    "SN": ("nutrition", "protection", "wash", "education"),
}


def _months(one: Activity, two: Activity) -> int:
    """Whole months that two activities have in common; 0 for less."""
    start, end = max(one.start, two.start), min(one.end, two.end)
    return max(0, (end.year - start.year) * 12 + end.month - start.month + (1 if end.day >= start.day else 0))


def _shared(one: Work, two: Work) -> list[str]:
    """P-codes in common; a county-wide work shares every sub-county of its county. Countrywide works share none."""
    found = set()
    for a, _ in one.at:
        for b, _ in two.at:
            if places()[a].level and places()[b].level and (a.startswith(b) or b.startswith(a)):
                found.add(max(a, b, key=len))
    return sorted(found)


def _visible(*activities: Activity) -> str:
    return max((one.audience for one in activities), key=_RANK.index)


def _themes(service: str) -> set[str]:
    found = set(_THEME_OF_SERVICE.get(service, set()))
    for code in (services()[service].dac, services()[service].also):
        found |= {theme for prefix, theme in _THEME_OF_DAC.items() if code.startswith(prefix)}
    return found


class Planted:
    """Builds each list of planted.yml. Records are named by their IATI identifier."""

    def __init__(self, corpus: Corpus, rows: dict[str, list[Row]]) -> None:
        self._corpus = corpus
        self._rows = rows
        self._at = corpus.activities
        linked = {frozenset(pair[:2]) for pair in (*corpus.chains, *corpus.families, *corpus.copies)}
        self._pairs = [
            (one, two)
            for one, two in combinations(
                [work for key, work in corpus.works.items() if corpus.activities[key].tier in ("work", "phase")], 2
            )
            if one.by != two.by and frozenset((one.key, two.key)) not in linked and _shared(one, two)
        ]

    def _ids(self, *keys: str) -> list[str]:
        return [self._at[key].identifier for key in keys]

    def overlaps(self) -> list[dict[str, object]]:
        """Different owners, one service, a shared district, at least two months in common."""
        found: list[dict[str, object]] = []
        for one, two in self._pairs:
            a, b = self._at[one.key], self._at[two.key]
            months = _months(a, b)
            if one.do != two.do or months < 2:
                continue
            shared = _shared(one, two)
            names = " and ".join(places()[code].written for code in shared)
            label = services()[one.do].label["en"]
            reason = f"both do {label} in {names}, with {months} months in common"
            entry: dict[str, object] = {
                "records": self._ids(one.key, two.key),
                "service": one.do,
                "theme": services()[one.do].theme,
                "places": shared,
                "months_in_common": months,
                "reason": reason,
                "visible_to": _visible(a, b),
            }
            if partners := sorted(set(one.partners) & set(two.partners)):
                entry["shared_partners"] = [organisations()[key].name for key in partners]
            found.append(entry)
        return found

    def complementary(self) -> list[dict[str, object]]:
        """Different owners, related services, the same district, a year or more in common, under way today."""
        return [
            {
                "records": self._ids(one.key, two.key),
                "services": [one.do, two.do],
                "places": _shared(one, two),
                "visible_to": _visible(a, b),
            }
            for one, two in self._pairs
            if two.do in services()[one.do].near or one.do in services()[two.do].near
            for a, b in [(self._at[one.key], self._at[two.key])]
            if _months(a, b) >= 12 and max(a.start, b.start) <= REFERENCE_DATE <= min(a.end, b.end)
        ]

    def chains(self) -> list[dict[str, object]]:
        """`link`: declared by identifiers, named as an organisation, or silent (the receiver does not say who pays)."""
        return [
            {
                "funder": self._at[up].identifier,
                "implementer": self._at[down].identifier,
                "link": link,
                "visible_to": _visible(self._at[up], self._at[down]),
            }
            for up, down, link in self._corpus.chains
        ]

    def families(self) -> list[dict[str, object]]:
        return [{"records": self._ids(one, two), "reason": reason} for one, two, reason in self._corpus.families]

    def duplicates(self) -> list[dict[str, object]]:
        return [
            {
                "original": self._at[one].identifier,
                "copy": self._at[two].identifier,
                "reporter": self._at[two].publisher.name,
                "visible_to": _visible(self._at[one]),
            }
            for one, two in self._corpus.copies
        ]

    def secondary_reporters(self) -> list[str]:
        return [one.identifier for one in self._at.values() if one.secondary]

    def results(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for key, work in self._corpus.works.items():
            outcome = "good" if "r+" in work.flags else "bad" if "r-" in work.flags else ""
            if outcome and self._at[key].results:
                indicators = [
                    {"title": one.title, "target": one.target, "actual": one.actual} for one in self._at[key].results
                ]
                found.append(
                    {
                        "record": self._at[key].identifier,
                        "outcome": outcome,
                        "service": work.do,
                        "indicators": indicators,
                    }
                )
        return found

    def stale(self) -> list[dict[str, object]]:
        return [
            {"record": one.identifier, "planned_end": one.end}
            for one in self._at.values()
            if one.status == "2" and one.end < REFERENCE_DATE and not one.endless
        ]

    def future_starts(self) -> list[dict[str, object]]:
        return [
            {"record": one.identifier, "start": one.start, "visible_to": one.audience}
            for one in self._at.values()
            if one.start > REFERENCE_DATE
        ]

    def gaps(self) -> list[dict[str, object]]:
        """Districts with at least three 3W rows, and nobody, in table or activity, for a theme there or above."""
        found: list[dict[str, object]] = []
        for country in COUNTRIES:
            at: dict[str, set[str]] = {}
            rows: dict[str, int] = {}
            for row in self._rows[country]:
                rows[row.place.pcode] = rows.get(row.place.pcode, 0) + 1
                at.setdefault(row.place.pcode, set()).update(_themes(row.service))
            for work in self._corpus.works.values():
                for code, _ in work.at:
                    at.setdefault(code, set()).update(_themes(work.do))
            for code in sorted(rows):
                parents = at.get(places()[code].parent, set())
                if rows[code] < 3:
                    continue
                found += [
                    {
                        "place": code,
                        "name": places()[code].written,
                        "theme": theme,
                        "rows_in_table": rows[code],
                        "visible_to": "community" if country == "KE" else "public",
                    }
                    for theme in _GAP_THEMES[country]
                    if theme not in at[code] | parents
                ]
        return found

    def faults(self, files: dict[str, str]) -> dict[str, object]:
        """Each kind with its records; `files` names the file of each activity key."""
        faults = load("faults.yml")
        same = faults["same_title_unrelated"]

        def named(keys: Iterable[str]) -> list[str]:
            return self._ids(*keys)

        return {
            "percentages_not_100": [
                {"record": self._at[key].identifier, "sum": sum(shares)}
                for key, shares in faults["percentages_not_100"].items()
            ],
            "sector_channel_code_as_organisation_id": [
                {"record": self._at[key].identifier, "ref": code}
                for key, code in faults["sector_channel_code_as_organisation_id"].items()
            ],
            "missing_end_date": named(faults["missing_end_date"]),
            "same_title_unrelated": {"title": same["title"], "records": named(same["records"])},
            "organisation_name_variants": [
                {"record": self._at[key].identifier, "written": written, "stands_for": name}
                for key, written, name in self._corpus.name_variants
            ],
            "wrong_status": [
                {"record": self._at[key].identifier, **fault} for key, fault in faults["wrong_status"].items()
            ],
            "duplicated_identifier_block": [
                {"record": self._at[key].identifier, "file": files[key]}
                for key in faults["duplicated_identifier_block"]
            ],
            "ill_formed_element": [
                {
                    "record": self._at[fault["record"]].identifier,
                    "file": files[fault["record"]],
                    "element": fault["element"],
                    "why": fault["why"],
                }
                for fault in faults["ill_formed_element"]
            ],
            "missing_identifier": [
                {"title": fault["title"], "file": files[fault["like"]]} for fault in faults["missing_identifier"]
            ],
        }

    def everything(self, files: dict[str, str]) -> dict[str, object]:
        """The content of planted.yml."""
        return {
            "notice": NOTICE,
            "reference_date": REFERENCE_DATE,
            "about": ABOUT,
            "overlaps": self.overlaps(),
            "chains": self.chains(),
            "families": self.families(),
            "duplicates": self.duplicates(),
            "complementary": self.complementary(),
            "gaps": self.gaps(),
            "results": self.results(),
            "secondary_reporters": self.secondary_reporters(),
            "stale": self.stale(),
            "future_starts": self.future_starts(),
            "faults": self.faults(files),
        }


def as_date(text: str) -> date:
    """ISO text to a date, for YAML to write unquoted."""
    return date.fromisoformat(text)
