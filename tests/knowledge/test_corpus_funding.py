"""Money and projects of the shipped corpus: read by the readers people use, and paired as planted.yml says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge import sources
from knowledge.corpus.inputs import organisations
from knowledge.records import Problem, Record, RecordKind, Role

CORPUS = Path(__file__).parents[2] / "knowledge" / "corpus"
FILES = CORPUS / "files"
FOLDERS = ("hpc", "fts", "grants", "contracts", "projects")


@pytest.fixture(scope="module")
def planted() -> Any:
    return yaml.safe_load((CORPUS / "planted.yml").read_text(encoding="utf-8"))["funding"]


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    """Every record of the files of money and projects; none of them has a problem."""
    found: dict[str, Record] = {}
    for folder in FOLDERS:
        for path in sorted((FILES / folder).iterdir()):
            items = list(sources.read(path))
            assert not [item for item in items if isinstance(item, Problem)], path
            read = {item.id: item for item in items if isinstance(item, Record)}
            assert 3 <= len(read) <= 25, path
            assert not found.keys() & read.keys()
            found |= read
    return found


def test_every_format_of_money_is_shown(records: dict[str, Record]) -> None:
    kinds = Counter(record.kind for record in records.values())
    assert {RecordKind.PROJECT, RecordKind.PLAN, RecordKind.FLOW, RecordKind.GRANT, RecordKind.CONTRACT} == set(kinds)
    assert all(count >= 10 for kind, count in kinds.items() if kind is not RecordKind.PLAN)
    declared = yaml.safe_load((FILES / "sources.yml").read_text(encoding="utf-8"))["sources"]
    for entry in declared:
        if entry["path"].split("/")[0] in FOLDERS:
            assert sources.detect(FILES / entry["path"]) == entry["format"]


def test_every_planted_pair_is_in_the_files(planted: Any, records: dict[str, Record]) -> None:
    assert set(planted) == {"hpc_projects", "flows", "grants", "contracts", "lending"}
    for entries in planted.values():
        assert len(entries) >= 10
        for entry in entries:
            assert entry["record"] in records, entry


def test_organisations_are_those_of_the_corpus(records: dict[str, Record]) -> None:
    known = {one.name for one in organisations().values()}
    named = {
        who.name
        for record in records.values()
        for who in record.organisations
        if not who.name.startswith("REPUBLIC OF")  # borrowers of the banks
    }
    assert named <= known


def test_everything_is_somewhere_in_the_three_countries(records: dict[str, Record]) -> None:
    for record in records.values():
        assert {place.country for place in record.places} in ({"KE"}, {"CO"}, {"SN"}), record.id


def test_a_child_flow_stands_below_its_parent(planted: Any, records: dict[str, Record]) -> None:
    passed_on = [entry for entry in planted["flows"] if "child" in entry]
    assert len(passed_on) >= 4
    for entry in passed_on:
        parent, child = records[entry["record"]], records[entry["child"]]
        assert ("child", child.id) in {(link.kind, link.target) for link in parent.links}
        assert ("parent", parent.id) in {(link.kind, link.target) for link in child.links}
        assert ("boundary", "internal") in child.extra
        receiver = next(who.name for who in parent.organisations if who.role is Role.IMPLEMENTING)
        assert receiver == next(who.name for who in child.organisations if who.role is Role.FUNDING)
        assert child.money[0].amount < parent.money[0].amount


def test_a_flow_to_a_project_of_an_appeal_names_both(records: dict[str, Record]) -> None:
    targets = {link.target for record in records.values() if record.kind is RecordKind.FLOW for link in record.links}
    assert len({target for target in targets if target.startswith("hpc:")} & records.keys()) >= 4
    assert {target for target in targets if target.startswith("hpc-plan:")} <= records.keys()


def test_grants_name_the_funders_own_record(planted: Any, records: dict[str, Record]) -> None:
    both = [entry for entry in planted["grants"] if len(entry["activities"]) == 2]
    assert len(both) >= 3
    for entry in both:
        assert entry["activities"][0] in {link.target for link in records[entry["record"]].links}


def test_contracts_stand_at_every_stage(planted: Any, records: dict[str, Record]) -> None:
    contracts = [records[entry["record"]] for entry in planted["contracts"]]
    assert {"implementation", "closed"} <= {record.status for record in contracts}
    for entry, record in zip(planted["contracts"], contracts, strict=True):
        assert entry["activities"][0] in {link.target for link in record.links}
        signed = [money for money in record.money if money.kind == "contract"]
        assert bool(signed) == any(who.role is Role.IMPLEMENTING for who in record.organisations)
