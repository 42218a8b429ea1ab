"""How well and how fast texts are linked: `python -m benchmarks.linking DATA [--misses]`.

DATA is a folder with 3w/, orgs/, mandates/ and gold/utterances.jsonl. The lexicon is built from the gazetteer and the
lists of organisations there; cities and organisations that stand in none of them cannot be found and count as missed.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rapidfuzz.fuzz import ratio, token_set_ratio

from knowledge.countries import iso2
from knowledge.linking import Lexicon, Linker, LinkResult, OrganisationEntry, PlaceEntry
from knowledge.text import fold
from knowledge.vocabulary import ancestors, country_names, kind_of

TODAY = date(2026, 11, 23)
_THEMES = {
    "early childhood": "early_childhood", "MHPSS": "mhpss", "cash assistance": "cash", "disaster risk reduction": "drr",
    "disaster response": "disaster_response", "GBV": "gbv", "PSEA": "psea", "WASH": "wash", "HIV": "hiv",
}  # fmt: skip
_KINDS = {
    "national NGO": "nngo", "international NGO": "ingo", "NGO": "ngo", "UN": "un", "private sector": "private",
    "refugee-led organisation": "refugee_led", "women-led organisation": "women_led",
    "donor government": "donor_government",
    "civil society": "civil_society",
}  # fmt: skip


@dataclass
class Count:
    right: int = 0
    given: int = 0
    wanted: int = 0

    def add(self, given: set[str], wanted: set[str]) -> None:
        self.right += len(given & wanted)
        self.given += len(given)
        self.wanted += len(wanted)

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def row(self, name: str) -> str:
        return f"{name:<22}{self.precision:>10.3f}{self.recall:>10.3f}{self.f1:>10.3f}{self.wanted:>8}"


def read_places(data: Path) -> Iterator[PlaceEntry]:
    """The places of the shared gazetteer with ISO-2 codes."""
    with (data / "3w" / "pcodes_adm1_adm2.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            country = iso2(row["Location"])
            code, parent = (_short(row[key], row["Location"], country) for key in ("P-Code", "Parent P-Code"))
            yield PlaceEntry(code, row["Name"], int(row["Admin Level"]), country, parent)


def _short(code: str, long: str, short: str) -> str:
    return short + code[len(long) :] if code.startswith(long) else code


def read_organisations(data: Path) -> list[OrganisationEntry]:
    """Organisations of the curated list and of the publishers' registry, one entry per folded name."""
    names: dict[str, set[str]] = defaultdict(set)
    facts: dict[str, tuple[str, str, str]] = {}
    with (data / "3w" / "organisation_name_variants.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            key = fold(row["Canonical Name"].split(" (")[0])
            facts.setdefault(
                key, (row["Canonical Name"], kind_of(row["Type Code"] or ""), iso2(row["Country Code"] or ""))
            )
            names[key] |= {row["Lookup"], row["Acronym"] or ""}
    with (data / "orgs" / "org-ids.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            bare = row["name"].split(" (")[0]
            key = fold(bare if fold(bare) in facts else row["name"])
            if key:
                facts.setdefault(key, (row["name"].strip(), kind_of(row["org_type_code"]), ""))
                names[key].add(row["name"])
    publishers = json.loads((data / "mandates" / "iati_publishers.json").read_text(encoding="utf-8"))
    for row in publishers:
        if key := fold(row["title"] or ""):
            kind = kind_of(row["publisher_organization_type"] or "")
            facts.setdefault(key, (row["title"].strip(), kind, ""))
            names[key].add(row["title"])
    return [OrganisationEntry(key, *facts[key], aliases=tuple(sorted(names[key] - {""}))) for key in sorted(facts)]


def gold_lines(data: Path) -> Iterator[dict[str, object]]:
    with (data / "gold" / "utterances.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def match_places(result: LinkResult, wanted: Iterable[dict[str, str]]) -> tuple[set[str], set[str]]:
    """Given and wanted places under common keys: the same country, and a name that is the same or nearly so."""
    given = {entity.value["id"]: entity for entity in result.of("place")}
    keys: set[str] = set()
    goal = {f"{place['country']}:{place['name']}" for place in wanted}
    for ident, entity in given.items():
        key = str(ident)
        for place in wanted:
            if place["country"] == entity.value["country"] and _same_place(
                place, str(entity.value["name"]), entity.text, str(ident)
            ):
                key = f"{place['country']}:{place['name']}"
        keys.add(key)
    return keys, goal


def _same_place(place: dict[str, str], name: str, typed: str, ident: str) -> bool:
    if ident == place["country"]:
        return fold(place["name"]) in map(fold, country_names(ident))
    wanted = fold(place["name"]).removesuffix(" state").removesuffix(" region")
    return max(ratio(wanted, fold(name)), ratio(wanted, fold(typed))) >= 75 or wanted in fold(name)


def theme_keys(result: LinkResult, wanted: set[str]) -> set[str]:
    """A finer theme than the one wanted counts as the one wanted."""
    keys = set()
    for entity in result.of("theme"):
        ident = str(entity.value["id"])
        above = wanted & ancestors(ident)
        keys.add(ident if ident in wanted or not above else min(above))
    return keys


def organisation_keys(result: LinkResult, wanted: Iterable[str]) -> set[str]:
    keys = set()
    for entity in result.of("organisation"):
        name = fold(str(entity.value["name"]))
        same = [
            w
            for w in wanted
            if fold(w.split(" (")[0]) in name or name in fold(w) or token_set_ratio(fold(w), name) > 90
        ]
        typed = fold(entity.text)
        same += [w for w in wanted if not same and typed in fold(w).split()]
        keys.add(same[0] if same else name)
    return keys


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--misses", action="store_true", help="print each text whose reading differs")
    options = parser.parse_args()
    organisations, all_places = read_organisations(options.data), list(read_places(options.data))
    started = time.process_time()
    lexicon = Lexicon(organisations, all_places)
    built = time.process_time() - started
    linker = Linker(lexicon, TODAY)
    linker.link("Who does health in Kenya?")
    counts: dict[str, Count] = defaultdict(Count)
    times: list[float] = []
    languages = 0
    lines = list(gold_lines(options.data))
    for line in lines:
        # A follow-up's gold reading includes what the turn before said; it is linked with that turn.
        before = linker.link(str(line["context"])) if line["context"] else None
        started = time.process_time()
        result = linker.link(str(line["text"]))
        times.append(time.process_time() - started)
        languages += result.language == line["lang"]
        readings = compare(result, line)
        for name, (given, wanted) in readings.items():
            if before is not None:
                inherited = compare(before, line)[name][0]
                wanted = wanted - (inherited - given)
            counts[name].add(given, wanted)
            if options.misses and given != wanted:
                print(f"{line['id']:>4} {name}: given {sorted(given)} wanted {sorted(wanted)}: {line['text']}")
    _report(counts, languages / len(lines), built, sorted(times), len(all_places), len(organisations))


def compare(result: LinkResult, line: dict[str, object]) -> dict[str, tuple[set[str], set[str]]]:
    """Given and wanted readings of one utterance, under common keys, by type."""
    places: list[dict[str, str]] = line["places"]  # type: ignore[assignment]
    themes = {_THEMES.get(theme, theme.replace(" ", "_")) for theme in line["themes"]}  # type: ignore[attr-defined]
    kinds = {_KINDS.get(kind, kind) for kind in line["organisation_kinds"]}  # type: ignore[attr-defined]
    organisations: list[str] = line["organisations"]  # type: ignore[assignment]
    period: dict[str, str | None] = line["period"]  # type: ignore[assignment]
    spans = {f"{entity.value['start']}..{entity.value['end']}" for entity in result.of("period")}
    span = {f"{period['start']}..{period['end']}"} if period["start"] or period["end"] else set()
    records: list[str] = line["records"]  # type: ignore[assignment]
    return {
        "places": match_places(result, places),
        "themes": (theme_keys(result, themes), themes),
        "organisations": (organisation_keys(result, organisations), set(organisations)),
        "organisation kinds": ({str(entity.value["id"]) for entity in result.of("organisation_kind")}, kinds),
        "periods": (spans, span),
        "records": (
            {str(entity.value["id"]) for entity in result.of("record")},
            {ident for ident in records if "-" in ident},
        ),
    }


def _report(
    counts: dict[str, Count], languages: float, built: float, times: list[float], places: int, organisations: int
) -> None:
    print(f"{'':<22}{'precision':>10}{'recall':>10}{'F1':>10}{'wanted':>8}")
    for name, count in counts.items():
        print(count.row(name))
    total = Count(*(sum(getattr(count, key) for count in counts.values()) for key in ("right", "given", "wanted")))
    print(total.row("all"))
    print(f"language right {languages:.3f}")
    print(f"{places} places and {organisations} organisations: built in {built:.2f} s")
    print(f"per text: median {1000 * times[len(times) // 2]:.2f} ms, slowest {1000 * times[-1]:.2f} ms")


if __name__ == "__main__":
    main()
