"""The shipped corpus: the same bytes every time, rich enough, and its planted list true of its files."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree
from openpyxl import load_workbook

from knowledge.corpus.generate import contents
from knowledge.corpus.inputs import organisations, places, works
from knowledge.records import Record
from knowledge.sources import read

CORPUS = Path(__file__).parents[2] / "knowledge" / "corpus"
FILES = CORPUS / "files"
TODAY = date(2026, 11, 23)
KINDS = {
    "un", "multilateral", "government", "donor_government", "ingo", "nngo", "ngo", "red_cross", "private", "foundation",
    "academia", "civil_society", "women_led", "refugee_led", "other",
}  # fmt: skip
ORGANISATION_TYPES = {
    "10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90",
}  # fmt: skip


@pytest.fixture(scope="module")
def planted() -> Any:
    return yaml.safe_load((CORPUS / "planted.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sources() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((FILES / "sources.yml").read_text(encoding="utf-8"))["sources"]
    return loaded


@pytest.fixture(scope="module")
def activities() -> dict[str, etree._Element]:
    """Every block with an identifier; of repeated ones the first."""
    found: dict[str, etree._Element] = {}
    for path in sorted((FILES / "iati").glob("*.xml")):
        for element in etree.parse(path).iterfind("iati-activity"):
            if identifier := element.findtext("iati-identifier"):
                found.setdefault(identifier, element)
    return found


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, str]]]:
    """Presence rows by country, with the p-code, organisation and cluster under the tables' own headers."""
    sheet = load_workbook(FILES / "3w/kenya_3w_october_2026.xlsx")["3W October 2026"]
    header, _, *lines = sheet.iter_rows(values_only=True)
    kenya = [{str(name): str(cell or "") for name, cell in zip(header, line, strict=True)} for line in lines]
    colombia = (FILES / "3w/colombia_5w_agosto_2026.csv").read_text(encoding="utf-8-sig")
    senegal = (FILES / "3w/senegal_3w_septembre_2026.csv").read_text(encoding="utf-8")
    return {
        "KE": kenya,
        "CO": list(csv.DictReader(io.StringIO(colombia), delimiter=";")),
        "SN": list(csv.DictReader(io.StringIO(senegal))),
    }


def place_codes(element: etree._Element) -> set[str]:
    return {str(code) for code in element.xpath("location/@ref")}


def span(element: etree._Element) -> tuple[str, str]:
    """Earliest start and latest end as ISO text; an ill-formed or absent end is open."""
    dates = {one.get("type"): str(one.get("iso-date")) for one in element.iterfind("activity-date")}
    return dates.get("2") or dates["1"], dates.get("4") or dates.get("3") or "9999"


def identifiers_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from identifiers_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from identifiers_in(one)
    elif isinstance(value, str) and value.startswith("XX-CGD-"):
        yield value


def test_generating_again_gives_the_committed_bytes() -> None:
    generated = contents()
    committed = {
        path.relative_to(CORPUS).as_posix()
        for path in [CORPUS / "planted.yml", *FILES.rglob("*")]
        if path.is_file()
    }  # fmt: skip
    assert committed == set(generated)
    different = [name for name, body in generated.items() if (CORPUS / name).read_bytes() != body]
    assert not different, "run: python -m knowledge.corpus.generate"


def test_writing_elsewhere_gives_the_same_files(tmp_path: Path) -> None:
    """In another process with another hash seed, so that no order of a set can slip in."""
    environment = {**os.environ, "PYTHONHASHSEED": "271828", "PYTHONPATH": str(CORPUS.parents[1])}
    command = [sys.executable, "-m", "knowledge.corpus.generate", str(tmp_path)]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    for path in [CORPUS / "planted.yml", *FILES.rglob("*")]:
        if path.is_file():
            assert (tmp_path / path.relative_to(CORPUS)).read_bytes() == path.read_bytes(), path.name


def test_size_and_counts(activities: dict[str, etree._Element], rows: dict[str, list[dict[str, str]]]) -> None:
    assert sum(path.stat().st_size for path in FILES.rglob("*") if path.is_file()) < 4_000_000
    assert 300 <= len(activities) <= 400
    assert 350 <= sum(map(len, rows.values())) <= 450
    assert len(organisations()) == 60
    assert len(list((FILES / "mandates").glob("*.md"))) == 8
    countries = Counter(str(code) for one in activities.values() for code in one.xpath("recipient-country/@code"))
    assert all(countries[code] > 60 for code in ("KE", "CO", "SN"))
    languages = Counter(one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in activities.values())
    assert set(languages) == {"en", "es", "fr"}
    assert min(languages.values()) > 50


def test_every_kind_of_organisation_takes_part(activities: dict[str, etree._Element]) -> None:
    assert {one.kind for one in organisations().values()} == KINDS
    written = {str(kind) for one in activities.values() for kind in one.xpath("participating-org/@type")}
    assert written | {one.type for one in organisations().values()} == ORGANISATION_TYPES
    refs = [one.ref for one in organisations().values()]
    assert len(set(refs)) == len(refs)
    assert all(ref.startswith("XX-CGD-") for ref in refs)


def test_every_file_is_declared_and_every_level_has_several(sources: list[dict[str, Any]]) -> None:
    declared = {one["path"] for one in sources}
    present = {path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file()} - {"sources.yml"}
    mappings = {path for path in present if path.endswith(".mapping.yml")}
    assert declared == present - mappings
    assert {path.removesuffix(".mapping.yml") for path in mappings} <= declared
    levels = Counter(one["audience"] for one in sources)
    assert set(levels) == {"public", "community", "named", "own"}
    assert min(levels.values()) >= 2
    names = {one.name for one in organisations().values()}
    for one in sources:
        assert (one["audience"] == "named") == bool(one.get("named")), one["path"]
        assert (one["audience"] in ("named", "own")) == bool(one.get("owner")), one["path"]
        assert {one.get("owner", one["publisher"]), *one.get("named", [])} <= names | {one["publisher"]}
        assert "invented" in one["title"] or one["format"] == "gazetteer"


def test_restricted_records_do_not_stand_in_open_tables(
    sources: list[dict[str, Any]], rows: dict[str, list[dict[str, str]]]
) -> None:
    """Survivors' services of the protection network are shared by name only: no table shows where they are."""
    restricted = next(one for one in sources if one["path"].endswith("survivor-services.xml"))
    owner = restricted["publisher"]
    shown = [row for table in rows.values() for row in table if owner in row.values()]
    assert not [row for row in shown if any("GBV" in cell or "VBG" in cell for cell in row.values())]


def test_every_planted_identifier_exists(planted: Any, activities: dict[str, etree._Element]) -> None:
    listed = {key: value for key, value in planted.items() if key != "faults"}
    listed["faults"] = {
        kind: [{"record": one["record"]} if isinstance(one, dict) and "record" in one else one for one in entries]
        if isinstance(entries, list) else entries
        for kind, entries in planted["faults"].items()
    }  # fmt: skip
    assert set(identifiers_in(listed)) <= set(activities)


@pytest.mark.parametrize(
    ("kind", "least"),
    [("overlaps", 20), ("chains", 20), ("families", 5), ("duplicates", 5), ("complementary", 5), ("gaps", 5),
     ("results", 10), ("secondary_reporters", 5), ("stale", 5), ("future_starts", 5)],
)  # fmt: skip
def test_enough_of_each_kind_is_planted(planted: Any, kind: str, least: int) -> None:
    assert len(planted[kind]) >= least


def test_enough_of_each_fault_is_planted(planted: Any) -> None:
    faults = planted["faults"]
    assert {kind for kind, entries in faults.items() if len(entries) < 5} == {
        "same_title_unrelated",
        "missing_identifier",
    }
    assert len(faults["same_title_unrelated"]["records"]) == 5
    assert {one["outcome"] for one in planted["results"]} == {"good", "bad"}
    assert {one["link"] for one in planted["chains"]} == {"declared", "named", "silent"}


def test_overlaps_share_place_and_time_and_not_the_publisher(
    planted: Any, activities: dict[str, etree._Element]
) -> None:
    chained = {frozenset((one["funder"], one["implementer"])) for one in planted["chains"]}
    for entry in planted["overlaps"]:
        one, two = (activities[identifier] for identifier in entry["records"])
        assert frozenset(entry["records"]) not in chained
        assert one.find("reporting-org").get("ref") != two.find("reporting-org").get("ref")
        for code in entry["places"]:
            for element in (one, two):
                assert any(code.startswith(place) for place in place_codes(element)), entry
        (start, end), (other_start, other_end) = span(one), span(two)
        assert start <= other_end
        assert other_start <= end


def test_declared_chains_point_at_each_other_and_silent_ones_do_not(
    planted: Any, activities: dict[str, etree._Element]
) -> None:
    for entry in planted["chains"]:
        funder, implementer = activities[entry["funder"]], activities[entry["implementer"]]
        forward = {str(ref) for ref in funder.xpath("participating-org/@activity-id|.//@receiver-activity-id")}
        back = {str(ref) for ref in implementer.xpath("participating-org/@activity-id|.//@provider-activity-id")}
        points = entry["implementer"] in forward or entry["funder"] in back
        assert points == (entry["link"] == "declared"), entry
        if entry["link"] == "silent":
            payer = funder.find("reporting-org").get("ref")
            assert payer not in implementer.xpath("participating-org[@role='1']/@ref")


def test_stale_and_future_records_are_what_the_list_says(planted: Any, activities: dict[str, etree._Element]) -> None:
    for entry in planted["stale"]:
        element = activities[entry["record"]]
        assert element.find("activity-status").get("code") == "2"
        assert span(element)[1] == entry["planned_end"].isoformat() < TODAY.isoformat()
    for entry in planted["future_starts"]:
        assert span(activities[entry["record"]])[0] == entry["start"].isoformat() > TODAY.isoformat()


def test_results_hit_or_miss_their_targets(planted: Any, activities: dict[str, etree._Element]) -> None:
    for entry in planted["results"]:
        element = activities[entry["record"]]
        pairs = [
            (float(period.find("target").get("value")), float(period.find("actual").get("value")))
            for period in element.iterfind("result/indicator/period")
        ]
        assert len(pairs) == 2
        met = [actual >= target for target, actual in pairs]
        assert all(met) if entry["outcome"] == "good" else not any(met)


def test_faults_are_in_the_files(planted: Any, activities: dict[str, etree._Element]) -> None:
    faults = planted["faults"]
    for entry in faults["percentages_not_100"]:
        shares = activities[entry["record"]].xpath("sector[@vocabulary='1']/@percentage")
        assert sum(int(share) for share in shares) == entry["sum"] != 100
    for entry in faults["sector_channel_code_as_organisation_id"]:
        assert entry["ref"] in activities[entry["record"]].xpath("participating-org/@ref")
    for identifier in faults["missing_end_date"]:
        assert not activities[identifier].xpath("activity-date[@type='3' or @type='4']")
    titles = {
        activities[identifier].findtext("title/narrative") for identifier in faults["same_title_unrelated"]["records"]
    }
    assert titles == {faults["same_title_unrelated"]["title"]}
    for entry in faults["organisation_name_variants"]:
        assert entry["written"] in activities[entry["record"]].xpath("participating-org/narrative/text()")
        assert entry["written"] != entry["stands_for"]
    for entry in faults["wrong_status"]:
        assert activities[entry["record"]].find("activity-status").get("code") == entry["status"]
    for entry in faults["duplicated_identifier_block"]:
        blocks = etree.parse(FILES / entry["file"]).xpath("iati-activity/iati-identifier/text()")
        assert blocks.count(entry["record"]) == 2
    for entry in faults["missing_identifier"]:
        blocks = etree.parse(FILES / entry["file"]).xpath("iati-activity[not(iati-identifier/text())]")
        assert entry["title"] in [block.findtext("title/narrative") for block in blocks]


def test_gaps_are_covered_districts(planted: Any, rows: dict[str, list[dict[str, str]]]) -> None:
    words = {
        "wash": ("WASH", "Eau"),
        "mine_action": ("minas",),
        "nutrition": ("Nutri",),
        "education": ("Educa", "Éduca"),
    }
    for entry in planted["gaps"]:
        here = [row for row in rows[entry["place"][:2]] if entry["place"] in row.values()]
        assert len(here) == entry["rows_in_table"] >= 3
        clusters = {row.get("Cluster") or row.get("Clúster") or row.get("Secteur") or "" for row in here}
        for word in words.get(entry["theme"], ()):
            assert not any(word in cluster for cluster in clusters), entry


def test_no_pair_is_listed_twice_or_both_as_overlap_and_family(planted: Any) -> None:
    pairs = [frozenset(entry["records"]) for entry in planted["overlaps"]]
    assert len(pairs) == len(set(pairs))
    related = {frozenset(entry["records"]) for entry in planted["families"]}
    assert not related & set(pairs)


def test_the_plan_is_whole() -> None:
    for work in works().values():
        assert organisations()[work.by].publishes, work.key
        assert work.start < work.end, work.key
        assert all(key in organisations() for key in (*work.funders, *work.partners)), work.key


@pytest.mark.parametrize(
    ("path", "kind", "rows"),
    [
        ("events/conflict_ged_shape_2026.csv", "event", 20),
        ("events/conflict_acled_shape_2026.csv", "event", 24),
        ("hazards/alerts_2026.csv", "event", 8),
        ("hazards/risk_index_2026.csv", "index", 39),
        ("needs/needs_overview_2026.csv", "need", 468),
        ("needs/senegal_besoins_2026.xlsx", "need", 78),
        ("tables/registre_inondations_2026.csv", "event", 8),
    ],
)
def test_events_needs_and_indices_are_read_without_a_problem(path: str, kind: str, rows: int) -> None:
    items = list(read(FILES / path))
    assert [item.kind for item in items if isinstance(item, Record)] == [kind] * rows == [kind] * len(items)
    known = set(places())
    for item in items:
        assert isinstance(item, Record)
        assert item.figures
        assert {place.country for place in item.places} <= {"KE", "CO", "SN"}
        assert {place.pcode for place in item.places} <= known | {""}
        assert item.organisations == ()
