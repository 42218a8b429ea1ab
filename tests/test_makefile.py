"""The commands a person types: listed, idempotent, and never a danger to anyone's data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from connectors.ops import dialogue, environments, layout


def make(root: Path, *arguments: str) -> str:
    # These tests mostly run inside `make test`, whose own flags would be handed on.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    ended = subprocess.run(
        ["make", *arguments], cwd=root, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def targets(root: Path) -> set[str]:
    text = (root / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


def test_help_lists_every_target_with_its_meaning(repo_root: Path) -> None:
    lines = make(repo_root, "help").splitlines()
    listed = {line.split()[1]: " ".join(line.split()[2:]) for line in lines}
    assert set(listed) == targets(repo_root)
    assert all(listed.values())


def test_make_alone_is_help(repo_root: Path) -> None:
    assert make(repo_root) == make(repo_root, "help")


def test_every_target_is_phony(repo_root: Path) -> None:
    text = (repo_root / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == targets(repo_root)


def test_continuous_integration_runs_make_test_and_nothing_else(repo_root: Path) -> None:
    script = repo_root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]


def test_clean_leaves_the_data_folder_alone(repo_root: Path) -> None:
    commands = make(repo_root, "--dry-run", "clean")
    assert "rm -rf" in commands
    assert ".commonground" not in commands.replace("commonground.egg-info", "")
    assert "COMMONGROUND_HOME" not in commands
    assert "git clean" not in commands


def test_a_second_set_up_does_nothing(repo_root: Path) -> None:
    assert environments.application_is_ready(dev=True), "the environment is not in step with its locks: make test"
    assert environments.engine_is_ready(), "Rasa's environment is not in step with its lock: make setup"
    assert dialogue.model_is_current(), "the dialogue model is older than its sources: make setup"
    stamps = [layout.MODEL, layout.APPLICATION / environments.STAMP, layout.ENGINE_ENVIRONMENT / environments.STAMP]
    before = [path.stat().st_mtime_ns for path in stamps]
    ended = subprocess.run(
        [sys.executable, "-m", "connectors.ops", "test-setup"],
        cwd=repo_root,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert [path.stat().st_mtime_ns for path in stamps] == before


def test_find_python_finds_one_that_is_new_enough(repo_root: Path) -> None:
    found = subprocess.run(
        [repo_root / "connectors" / "ops" / "find-python"], capture_output=True, text=True, check=True
    ).stdout.strip()
    code = "import sys; print(sys.version_info >= (3, 11))"
    assert subprocess.run([found, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "True"


def test_find_python_says_what_to_do_where_there_is_none(repo_root: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        ["/bin/sh", repo_root / "connectors" / "ops" / "find-python"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "No Python 3.11 or newer" in ended.stderr
    assert "Install one" in ended.stderr


def test_nothing_is_written_that_only_newer_versions_of_make_know(repo_root: Path) -> None:
    text = (repo_root / "Makefile").read_text(encoding="utf-8")
    assert not re.search(r"\.ONESHELL|\$\(file |!=|::=|&:", text)
