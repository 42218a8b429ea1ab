"""How well organisations are told apart and found again: `python -m benchmarks.organisations DATA [--mistakes N]`.

DATA is a folder with iati/, 3w/ and orgs/org-ids.csv. Takes about a minute. Two things are measured.

Matching: which canonical organisation a way of writing means, for every line of 3w/organisation_name_variants.csv, with
nothing known but the canonical names, acronyms, kinds and home countries. The canonicals are split in two halves by a
hash of their names: weights and tables were fitted while looking at the mistakes of the first half alone, and those of
the second half are only counted. Peers: exact match of folded names, and rapidfuzz's token_set_ratio, which may use the
same names and acronyms. (The list of what telling apart missed, below, shows names of both halves.)

Telling apart: all mentions in iati/ and 3w/ are resolved without any curated list, and pairs of differently written
names that were taken as one are judged by what played no part in it: the list of variants (two canonical names are
two organisations) and the register of publishers (two numbers of one register are two organisations). A third time,
all identifiers are hidden, and pairs joined by their names alone are judged by the identifiers that records give with
them: one in common, or different numbers of one register. The list was put together from those of several countries
and holds some organisations twice; where two canonical names share an acronym, or stand in lists of different
countries alone, it does not say that they are two: such pairs are counted as disputed and printed. Pairs that neither
source knows are not judged; `--sample N` prints joins to be judged by eye.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from rapidfuzz import fuzz, process

from knowledge import sources
from knowledge.countries import iso2
from knowledge.identity import Known, Matcher, Mention, Resolution, fold, is_generic, resolution, split_acronym
from knowledge.records import Record, RecordKind, Role

_KINDS = {
    "431": "Academic / Research", "433": "Donor", "435": "Government", "437": "International NGO",
    "441": "National NGO", "443": "Other", "445": "Red Cross / Red Crescent", "447": "United Nations",
}  # fmt: skip
_NAMES_OF_ONE = 8
_REGISTER = re.compile(r"^([A-Z]{2}-[A-Z_]+)-(.*\d.*)$")


@dataclass(frozen=True)
class Variant:
    written: str
    canonical: str
    acronym: str
    kind: str
    country: str


def variants(data: Path) -> list[Variant]:
    with (data / "3w" / "organisation_name_variants.csv").open(encoding="utf-8-sig") as file:
        return [
            Variant(
                row["Lookup"],
                row["Canonical Name"],
                row["Acronym"],
                _KINDS.get(row["Type Code"], ""),
                iso2(row["Country Code"]),
            )
            for row in csv.DictReader(file)
            if row["Lookup"]
        ]


def known(rows: Iterable[Variant]) -> list[Known]:
    """The canonical organisations, without their variants. One that stands in lists of several countries is of none."""
    by_name: dict[str, list[Variant]] = defaultdict(list)
    for row in rows:
        by_name[row.canonical].append(row)
    found = []
    for name, entries in sorted(by_name.items()):
        countries, kinds = {row.country for row in entries}, {row.kind for row in entries if row.kind}
        acronyms = sorted({row.acronym for row in entries if row.acronym})
        found.append(
            Known(
                name,
                name,
                acronyms[0] if acronyms else "",
                countries.pop() if len(countries) == 1 else "",
                kinds.pop() if len(kinds) == 1 else "",
            )
        )
    return found


def half(canonical: str) -> int:
    return int(hashlib.sha1(fold(canonical).encode()).hexdigest(), 16) % 2


Answer = Callable[[Variant], str]


def answers(organisations: Sequence[Known]) -> Mapping[str, Answer]:
    matcher = Matcher(organisations)
    folded: dict[str, str] = {}
    for organisation in organisations:
        for name in (organisation.name, organisation.acronym):
            folded.setdefault(fold(name), organisation.id)
    choices = list(folded)

    def ours(row: Variant) -> str:
        found = matcher.match(row.written, country=row.country, kind=row.kind, limit=1)
        return found[0].organisation.id if found else ""

    def fuzzy(row: Variant) -> str:
        found = process.extractOne(fold(row.written), choices, scorer=fuzz.token_set_ratio)
        return folded[found[0]] if found else ""

    return {
        "this project": ours,
        "rapidfuzz token_set_ratio": fuzzy,
        "exact folded name or acronym": lambda row: folded.get(fold(row.written), ""),
    }


def show_matching(rows: Sequence[Variant], mistakes: int) -> None:
    print(f"{'matching, top-1 accuracy':<32}{'fitted half':>12}{'held half':>12}{'both':>8}{'harder':>8}{'per s':>8}")
    for name, answer in answers(known(rows)).items():
        right: Counter[int] = Counter()
        asked: Counter[int] = Counter()
        hard = hard_right = 0
        wrong: list[str] = []
        started = time.perf_counter()
        given = [(row, answer(row)) for row in rows]
        seconds = time.perf_counter() - started
        for row, got in given:
            good = fold(got) == fold(row.canonical)
            right[half(row.canonical)] += good
            asked[half(row.canonical)] += 1
            if fold(row.written) not in (fold(row.canonical), fold(row.acronym)):
                hard += 1
                hard_right += good
            if not good and half(row.canonical) == 0:
                wrong.append(f"    {row.written!r} ({row.country or '-'}) is {row.canonical!r}, taken as {got!r}")
        figures = (right[0] / asked[0], right[1] / asked[1], right.total() / asked.total(), hard_right / max(1, hard))
        shown = f"{figures[0]:>12.4f}{figures[1]:>12.4f}{figures[2]:>8.4f}{figures[3]:>8.3f}"
        print(f"{name:<32}{shown}{len(rows) / seconds:>8.0f}")
        if name == "this project":
            # The held half stays unseen, so that it can be scored again.
            print(*wrong[:mistakes], sep="\n")
    print(
        f"{len(rows)} variants of {len(known(rows))} canonicals; harder: neither the canonical name nor the acronym\n"
    )


def mentions(data: Path) -> list[Mention]:
    """All distinct ways of writing an organisation in iati/ and 3w/, as the store numbers them."""
    uses: Counter[tuple[str, str, str, str, str]] = Counter()
    own: set[tuple[str, str, str, str, str]] = set()
    for path in sorted([*(data / "iati").rglob("*.xml"), *(data / "3w").glob("*")]):
        for record in _records(path):
            countries = {place.country for place in record.places if place.country}
            country = countries.pop() if len(countries) == 1 else ""
            for written in record.organisations:
                local = record.kind is RecordKind.PRESENCE or is_generic(written.name)
                key = (written.ref, written.name, written.acronym, written.kind, country if local else "")
                uses[key] += 1
                if written.role is Role.REPORTING and written.ref:
                    own.add(key)
    return [Mention(number, *key, weight=uses[key], own_ref=key in own) for number, key in enumerate(sorted(uses), 1)]


def _records(path: Path) -> Iterator[Record]:
    try:
        yield from (item for item in sources.read(path) if isinstance(item, Record))
    except sources.Refused as refused:
        print(f"left out: {refused}")


@dataclass(frozen=True)
class Meaning:
    """What one source says a name stands for, the acronyms of that, and the lists (by country) that say so."""

    targets: frozenset[str]
    acronyms: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    def contradicts(self, other: Meaning) -> bool:
        """Whether the two are said to be different, and not merely listed apart."""
        one_list = not self.lists or bool(self.lists & other.lists)
        return one_list and self.acronyms.isdisjoint(other.acronyms)


Judge = Mapping[str, Meaning]
"""Folded name -> what it means."""


def from_variants(rows: Sequence[Variant]) -> Judge:
    targets: dict[str, set[str]] = defaultdict(set)
    acronyms: dict[str, set[str]] = defaultdict(set)
    lists: dict[str, set[str]] = defaultdict(set)
    where: dict[str, set[str]] = defaultdict(set)
    short: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        canonical = fold(split_acronym(row.canonical)[0])
        where[canonical].add(row.country)
        short[canonical].update({fold(row.acronym), canonical} - {""})
    for row in rows:
        canonical = fold(split_acronym(row.canonical)[0])
        name = fold(split_acronym(row.written)[0])
        targets[name].add(canonical)
        acronyms[name] |= short[canonical]
        lists[name] |= where[canonical]
    return {
        name: Meaning(frozenset(targets[name]), frozenset(acronyms[name]), frozenset(lists[name])) for name in targets
    }


def from_registers(data: Path, every: Sequence[Mention]) -> Judge:
    """Names by the identifiers that the register of publishers, and publishers in their own records, give them."""
    found: dict[str, set[str]] = defaultdict(set)
    with (data / "orgs" / "org-ids.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found[fold(split_acronym(row["name"])[0])].add(row["org_id"].strip().upper())
    for mention in every:
        if mention.own_ref and mention.name:
            found[_name(mention)].add(mention.ref.strip().upper())
    return {name: Meaning(frozenset(ids)) for name, ids in found.items() if name}


def from_references(every: Sequence[Mention]) -> Judge:
    """Names by the registered identifiers that stand beside them in records, whoever reported; `lists` are registers.

    An identifier that many names carry is one that publishers misuse: it says nothing.
    """
    carried: dict[str, set[str]] = defaultdict(set)
    for mention in every:
        if _REGISTER.match(ref := mention.ref.strip().upper()):
            carried[ref].add(_name(mention))
    found: dict[str, set[str]] = defaultdict(set)
    for ref, names in carried.items():
        for name in names if len(names) <= _NAMES_OF_ONE else ():
            found[name].add(ref)
    return {
        name: Meaning(frozenset(refs), lists=frozenset(_REGISTER.sub(r"\1", ref) for ref in refs))
        for name, refs in found.items()
        if name
    }


@dataclass
class Judged:
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        joined = self.right + len(self.wrong)
        recall = self.right / max(1, self.right + len(self.missed))
        precision = self.right / max(1, joined)
        return f"{name:<40}{joined:>8}{precision:>12.4f}{recall:>9.3f}{len(self.disputed):>10}"


def judge(found: Resolution, by_id: Mapping[int, Mention], says: Judge) -> Judged:
    """All pairs of differently written names that `says` knows, against who was taken as one."""
    judged = Judged()
    where: dict[str, set[str]] = defaultdict(set)
    for organisation in found.organisations:
        names = sorted({_name(by_id[number]) for number in organisation.members} & says.keys())
        for name in names:
            where[name].add(organisation.id)
        for one, other in combinations(names, 2):
            meant, besides = says[one], says[other]
            if meant.targets & besides.targets:
                judged.right += 1
            else:
                kept = judged.wrong if meant.contradicts(besides) else judged.disputed
                kept.append(f"    {one} = {other}")
    groups: dict[str, set[str]] = defaultdict(set)
    for name in where:
        for target in says[name].targets:
            groups[target].add(name)
    pairs = {pair for members in groups.values() for pair in combinations(sorted(members), 2)}
    judged.missed = [f"    {one} | {other}" for one, other in sorted(pairs) if where[one].isdisjoint(where[other])]
    return judged


def _name(mention: Mention) -> str:
    return fold(split_acronym(mention.name)[0] or mention.acronym)


def show_telling_apart(data: Path, rows: Sequence[Variant], mistakes: int, sample: int) -> None:
    every = mentions(data)
    started = time.perf_counter()
    found = resolution(every)
    seconds = time.perf_counter() - started
    by_id = {mention.id: mention for mention in every}
    print(f"{len(every)} mentions of iati/ and 3w/ resolved in {seconds:.1f} s")
    print(f"{len(found.organisations)} organisations, {len(found.possible)} pairs possibly the same")
    print("joined because of:", dict(Counter(row.reason.value for row in found.evidence).most_common()))

    print(f"{'pairs of names taken as one':<40}{'judged':>8}{'precision':>12}{'recall':>9}{'disputed':>10}")
    listed = from_variants(rows)
    _show("list of variants", judge(found, by_id, listed), mistakes)
    _show("publishers' identifiers", judge(found, by_id, from_registers(data, every)), mistakes)
    names = [Mention(number, "", row.written, "", row.kind, row.country) for number, row in enumerate(rows)]
    alone = judge(resolution(names), {mention.id: mention for mention in names}, listed)
    _show("the variants themselves, as mentions", alone, mistakes)

    hidden = [replace(mention, ref="", own_ref=False) for mention in every]
    _show("identifiers hidden, then asked", judge(resolution(hidden), by_id, from_references(every)), mistakes)

    registers = 0
    for organisation in found.organisations:
        numbers: dict[str, set[str]] = defaultdict(set)
        for number in organisation.members:
            mention = by_id[number]
            if mention.own_ref and (match := _REGISTER.match(mention.ref.strip().upper())):
                numbers[match[1]].add(match[2].lstrip("0"))
        if clash := {name: sorted(ids) for name, ids in numbers.items() if len(ids) > 1}:
            registers += 1
            print(f"    two publishers in one: {organisation.name}: {clash}")
    print(f"organisations that hold two publishers of one register: {registers}")

    joins = [row for row in found.evidence if _name(by_id[row.mention]) != _name(by_id[row.other])]
    for row in random.Random(7).sample(joins, min(sample, len(joins))):
        one, other = by_id[row.mention], by_id[row.other]
        written = f"{one.name or one.acronym or one.ref!r:.70} = {other.name or other.acronym!r:.70}"
        print(f"  {row.reason.value:<24}{written} ({row.detail})")


def _show(name: str, judged: Judged, mistakes: int) -> None:
    print(judged.row(name))
    for title, pairs in (("wrong", judged.wrong), ("disputed", judged.disputed), ("missed", judged.missed)):
        if pairs and mistakes:
            print(f"  {title}, {min(len(pairs), mistakes)} of {len(pairs)}:", *pairs[:mistakes], sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--mistakes", type=int, default=20, help="how many mistakes of each kind to print")
    parser.add_argument("--sample", type=int, default=0, help="how many joins to print with their evidence")
    given = parser.parse_args()
    rows = variants(given.data)
    show_matching(rows, given.mistakes)
    show_telling_apart(given.data, rows, given.mistakes, given.sample)


if __name__ == "__main__":
    main()
