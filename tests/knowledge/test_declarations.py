"""What sources.yml declares, and that no slip in it publishes anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.declarations import Declaration, declarations, read_manifest
from knowledge.records import Access, Level


def folder(tmp_path: Path, manifest: str, *files: str) -> Path:
    for name in ("a.xml", *files):
        (tmp_path / name).write_text("<iati-activities/>", encoding="utf-8")
    (tmp_path / "sources.yml").write_text(manifest, encoding="utf-8")
    return tmp_path


def declared(tmp_path: Path, entry: str) -> Declaration:
    found, problems = read_manifest(folder(tmp_path, f"sources:\n- path: a.xml\n{entry}") / "sources.yml")
    assert problems == []
    return found[0]


def test_everything_that_can_be_declared(tmp_path: Path) -> None:
    entry = (
        "  format: iati-activity\n  title: T\n  publisher: P\n  licence: L\n  as_of: 2026-01-02\n"
        "  audience: named\n  owner: Médecins du Fleuve\n  named:\n  - Bolt & Co\n  - ACME\n"
    )
    assert declared(tmp_path, entry) == Declaration(
        tmp_path / "a.xml", "iati-activity", "T", "P", "L", date(2026, 1, 2),
        Access(Level.NAMED, "medecins-du-fleuve", ("acme", "bolt-co")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "access"),
    [
        ("", None),
        ("  owner: Acme\n", None),
        ("  audience: public\n", Access(Level.PUBLIC)),
        ("  audience: community\n  owner: Acme\n", Access(Level.COMMUNITY, "acme")),
        ("  audience: own\n", Access(Level.OWN)),
    ],
)
def test_a_file_without_an_audience_declares_none(tmp_path: Path, entry: str, access: Access | None) -> None:
    assert declared(tmp_path, entry).access == access


@pytest.mark.parametrize(
    "entry",
    [
        "  audience: Public\n",
        "  audience: pubic\n",
        "  audience: [public]\n",
        "  audience: {public: yes}\n",
        "  audience: 1\n",
        "  audience: ''\n",
        "  audiance: own\n",
        "  audience: named\n",
        "  audience: named\n  named: []\n",
        "  audience: named\n  named: Acme\n",
        "  audience: named\n  named: ['---']\n",
        "  audience: named\n  named: [1]\n",
        "  audience: named\n  named: {Acme: yes}\n",
        "  audience: public\n  as_of: yesterday\n",
    ],
)
def test_a_slip_leaves_its_file_out(tmp_path: Path, entry: str) -> None:
    home = folder(tmp_path, f"sources:\n- path: a.xml\n{entry}- path: b.xml\n  audience: own\n", "b.xml")
    found, problems = declarations([home])
    assert [declaration.path.name for declaration in found] == ["b.xml"]
    (problem,) = problems
    assert problem.fatal
    assert (problem.file, problem.element) == ("sources.yml", "sources[1]")
    assert problem.reason
    assert problem.mend


@pytest.mark.parametrize("path", ["../outside.xml", "/etc/hostname", "missing.xml", "''", "[a.xml]", "."])
def test_only_files_of_the_folder_are_declared(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.xml").write_text("<iati-activities/>", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    found, problems = declarations([folder(inner, f"sources:\n- path: {path}\n  audience: public\n")])
    assert (found, len(problems)) == ([], 1)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.xml").write_text("<iati-activities/>", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.xml").symlink_to(tmp_path / "outside.xml")
    found, problems = declarations([folder(inner, "sources:\n- path: link.xml\n  audience: public\n")])
    assert (found, len(problems)) == ([], 1)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "sources: a.xml", "sources:\n", "- path: a.xml", "sources: [", "\x00", "a: &a [*a]"]
)
def test_what_is_no_list_of_sources_is_one_problem(tmp_path: Path, manifest: str) -> None:
    found, problems = declarations([folder(tmp_path, manifest)])
    assert found == []
    assert [problem.fatal for problem in problems] == [True]


@pytest.mark.parametrize("beside", ["before", "after"])
def test_naming_a_file_beside_its_folder_does_not_lift_its_permission(tmp_path: Path, beside: str) -> None:
    home = folder(tmp_path, "sources:\n- path: a.xml\n  audience: own\n  owner: Acme\n")
    paths = [home / "a.xml", home] if beside == "before" else [home, home / "a.xml"]
    found, _ = declarations(paths)
    assert [declaration.access for declaration in found] == [Access(Level.OWN, "acme")]


def test_a_folder_without_a_manifest_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "b.xml").write_text("<iati-activities/>", encoding="utf-8")
    found, problems = declarations([tmp_path, tmp_path / "nowhere"])
    assert [(declaration.path.name, declaration.access) for declaration in found] == [("b.xml", None)]
    assert [problem.reason for problem in problems] == ["does not exist"]


def test_files_beside_a_manifest_that_it_does_not_declare_are_not_read(tmp_path: Path) -> None:
    found, _ = declarations([folder(tmp_path, "sources:\n- path: a.xml\n  audience: own\n", "stray.xml")])
    assert [declaration.path.name for declaration in found] == ["a.xml"]
