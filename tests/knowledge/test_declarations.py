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
    manifest = read_manifest(folder(tmp_path, f"sources:\n- path: a.xml\n{entry}") / "sources.yml")
    assert manifest.problems == []
    return manifest.declared[0]


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


# --- folders, addresses and what else can be said -------------------------------------------------------------------


def test_what_else_can_be_declared(tmp_path: Path) -> None:
    (tmp_path / "columns.yml").touch()
    entry = "  organisation: Well Diggers\n  language: fr\n  type: strategy\n  mapping: columns.yml\n  refresh: 12h\n"
    found = declared(tmp_path, entry)
    assert (found.organisation, found.language, found.type) == ("Well Diggers", "fr", "strategy")
    assert (found.mapping, found.refresh) == (tmp_path / "columns.yml", 12 * 3600)
    assert (found.key, found.name) == (str(tmp_path / "a.xml"), "a.xml")


@pytest.mark.parametrize(
    ("refresh", "seconds"), [("5m", 300), ("1h", 3600), ("2d", 172_800), ("1w", 604_800), ("manual", None)]
)
def test_intervals(tmp_path: Path, refresh: str, seconds: float | None) -> None:
    assert declared(tmp_path, f"  refresh: {refresh}\n").refresh == seconds


@pytest.mark.parametrize(
    "entry",
    [
        "  refresh: 1\n", "  refresh: 1m\n", "  refresh: 60s\n", "  refresh: daily\n", "  refresh: -1d\n",
        "  refresh: 9999w\n", "  refresh: [1d]\n", "  format: iati\n", "  format: [presence]\n", "  language: French\n",
        "  mapping: ../columns.yml\n", "  mapping: none.yml\n", "  mapping: [a]\n", "  url: https://example.org/a.xml\n",
        "  as_of: 2026-01-01 10:00:00\n", "  title: {a: b}\n",
    ],
)  # fmt: skip
def test_other_slips_leave_their_file_out_too(tmp_path: Path, entry: str) -> None:
    manifest = read_manifest(folder(tmp_path, f"sources:\n- path: a.xml\n{entry}") / "sources.yml")
    assert manifest.declared == []
    (problem,) = manifest.problems
    assert (problem.fatal, problem.element) == (True, "sources[1]")
    assert "\n" not in problem.reason + problem.mend


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a",
        "example.org/a.xml",
        "https://me:word@example.org/",
        "file:///etc/passwd",
        "[a]",
        "1",
        "''",
    ],
)
def test_only_open_addresses_are_declared(tmp_path: Path, url: str) -> None:
    manifest = read_manifest(folder(tmp_path, f"sources:\n- url: {url}\n") / "sources.yml")
    assert (manifest.declared, [problem.fatal for problem in manifest.problems]) == ([], [True])


def test_an_address_is_left_to_sync_and_that_is_said(tmp_path: Path) -> None:
    home = folder(tmp_path, "sources:\n- url: https://example.org/a.xml?key=sesame\n- path: a.xml\n")
    (address, file) = sorted(read_manifest(home / "sources.yml").declared, key=lambda one: not one.url)
    assert (address.key, address.name) == ("https://example.org/a.xml?key=sesame", "https://example.org/a.xml")
    assert address.refresh == 86_400
    found, problems = declarations([home])
    assert found == [file]
    assert [(problem.fatal, "commonground sync" in problem.mend) for problem in problems] == [(False, True)]


def tree(tmp_path: Path, manifest: str) -> Path:
    """files/b.xml, files/deep/c.xml and files/deep/d.xml beside the manifest."""
    (tmp_path / "files" / "deep").mkdir(parents=True)
    return folder(tmp_path, manifest, "files/b.xml", "files/deep/c.xml", "files/deep/d.xml")


def levels(home: Path) -> dict[str, str]:
    manifest = read_manifest(home / "sources.yml")
    return {
        declaration.path.name: declaration.access.level if declaration.access else ""
        for declaration in manifest.declared
    }


@pytest.mark.parametrize("turned", [False, True])
def test_the_more_precise_entry_counts(tmp_path: Path, turned: bool) -> None:
    entries = [
        "- path: files\n  audience: public\n",
        "- path: files/deep\n  audience: community\n",
        "- path: files/deep/d.xml\n  audience: own\n",
    ]
    home = tree(tmp_path, "sources:\n" + "".join(reversed(entries) if turned else entries))
    assert levels(home) == {"b.xml": "public", "c.xml": "community", "d.xml": "own"}


def test_a_slip_in_an_entry_keeps_its_file_out_of_the_folder_too(tmp_path: Path) -> None:
    home = tree(tmp_path, "sources:\n- path: files\n  audience: public\n- path: files/deep\n  audience: Own\n")
    assert levels(home) == {"b.xml": "public"}


@pytest.mark.parametrize(
    "entry", ["- pth: files/b.xml\n", "- path: files/x.xml\n  audience: Own\n", "- 7\n", "- path: ''\n"]
)
def test_a_slip_that_does_not_say_which_file_it_means_closes_folders(tmp_path: Path, entry: str) -> None:
    home = tree(tmp_path, f"sources:\n- path: files\n  audience: public\n- path: a.xml\n  audience: public\n{entry}")
    assert levels(home) == {"a.xml": "public"}
    assert len(read_manifest(home / "sources.yml").problems) == 2


def test_a_missing_file_is_told_and_closes_nothing(tmp_path: Path) -> None:
    home = tree(tmp_path, "sources:\n- path: files\n  audience: public\n- path: files/x.xml\n  audience: own\n")
    manifest = read_manifest(home / "sources.yml")
    assert len(manifest.declared) == 3
    assert list(manifest.missing) == [home / "files" / "x.xml"]
    assert [problem.fatal for problem in declarations([home])[1]] == [True]


def test_a_mapping_is_no_source(tmp_path: Path) -> None:
    home = tree(tmp_path, "sources:\n- path: files\n- path: a.xml\n  mapping: files/b.xml\n")
    assert set(levels(home)) == {"a.xml", "c.xml", "d.xml"}


def test_too_large_a_manifest_is_refused(tmp_path: Path) -> None:
    home = folder(tmp_path, "sources:\n" + "- path: a.xml\n" * 80_000)
    found, (problem,) = declarations([home])
    assert (found, problem.fatal) == ([], True)
