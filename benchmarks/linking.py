"""How well and how fast texts are linked: `python -m benchmarks.linking DATA [--misses] [--home HOME]`.

DATA is a folder with 3w/, orgs/, mandates/ and gold/utterances.jsonl. The lexicon is built from the gazetteer and the
lists of organisations there, or taken from the index of a home, with the dirty names that its records have.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from connectors.evaluation.matching import Pair, compare, of_entities
from connectors.evaluation.scoring import Count
from connectors.evaluation.utterances import Utterance, read
from knowledge.access import PUBLIC
from knowledge.countries import iso2
from knowledge.home import Home
from knowledge.index import load_lexicon
from knowledge.linking import Lexicon, Linker, LinkResult, OrganisationEntry, PlaceEntry
from knowledge.settings import Settings
from knowledge.text import fold
from knowledge.vocabulary import kind_of

TODAY = date(2026, 11, 23)


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


def gold_lines(data: Path) -> list[Utterance]:
    return read(data / "gold" / "utterances.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--misses", action="store_true", help="print each text whose reading differs")
    parser.add_argument("--home", type=Path, help="a home whose index gives the lexicon")
    options = parser.parse_args()
    started = time.process_time()
    if options.home:
        with Home(Settings(home=options.home)) as home, home.database.read() as session:
            lexicon = load_lexicon(session, PUBLIC)
    else:
        lexicon = Lexicon(read_organisations(options.data), read_places(options.data))
    built = time.process_time() - started
    linker = Linker(lexicon, TODAY)
    linker.link("Who does health in Kenya?")
    counts: dict[str, Count] = defaultdict(Count)
    times: list[float] = []
    languages = 0
    lines = gold_lines(options.data)
    for line in lines:
        # A follow-up's gold reading includes what the turn before said; it is linked with that turn.
        before = linker.link(line.context) if line.context else None
        started = time.process_time()
        result = linker.link(line.text)
        times.append(time.process_time() - started)
        languages += result.language == line.language
        readings = compared(result, line)
        for name, (given, wanted) in readings.items():
            if before is not None:
                inherited = compared(before, line)[name][0]
                wanted = wanted - (inherited - given)
            counts[name].add((given, wanted))
            if options.misses and given != wanted:
                print(f"{line.id:>4} {name}: given {sorted(given)} wanted {sorted(wanted)}: {line.text}")
    _report(counts, languages / len(lines), built, sorted(times), len(lexicon.places), len(lexicon.organisations))


def compared(result: LinkResult, line: Utterance) -> dict[str, Pair]:
    """Given and wanted readings of one utterance by slot; titles of records are not for the linker."""
    of_names = replace(line, records=tuple(name for name in line.records if "-" in name))
    return compare(of_entities(result.as_json()["entities"]), of_names)


def _report(
    counts: dict[str, Count], languages: float, built: float, times: list[float], places: int, organisations: int
) -> None:
    print(f"{'':<22}{'precision':>10}{'recall':>10}{'F1':>10}{'wanted':>8}")
    for name, count in counts.items():
        print(_row(name, count))
    total = Count(*(sum(getattr(count, key) for count in counts.values()) for key in ("right", "given", "wanted")))
    print(_row("all", total))
    print(f"language right {languages:.3f}")
    print(f"{places} places and {organisations} organisations: built in {built:.2f} s")
    print(f"per text: median {1000 * times[len(times) // 2]:.2f} ms, slowest {1000 * times[-1]:.2f} ms")


def _row(name: str, count: Count) -> str:
    return f"{name:<22}{count.precision:>10.3f}{count.recall:>10.3f}{count.f1:>10.3f}{count.wanted:>8}"


if __name__ == "__main__":
    main()
