"""The direction of dependencies, read from the imports: connectors -> bot -> knowledge; heavy parts have one door."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("knowledge", "bot", "connectors")
ENGINE = "bot/engine/commonground_engine"
FORBIDDEN = {
    "knowledge": {"bot", "connectors", "rasa", "rasa_sdk", "fastapi", "uvicorn", "typer"},
    "bot": {"connectors", "rasa", "fastapi", "uvicorn", "typer", "commonground_engine"},
    ENGINE: {"knowledge", "connectors", "bot"},
    "connectors": {"rasa", "commonground_engine"},
}
ONE_DOOR = {
    "altair": {"connectors/pictures/drawing.py"},
    "vl_convert": {"connectors/pictures/drawing.py"},
    "chromadb": {"knowledge/vectors.py"},
    "sentence_transformers": {"knowledge/embeddings.py"},
    "openvino": {"knowledge/embedding_openvino.py"},
    "tokenizers": {"knowledge/embedding_openvino.py"},
    "langchain": {"knowledge/phrasing/service.py"},
    "langchain_openai": {"knowledge/phrasing/service.py"},
    "langchain_core": {"knowledge/phrasing/service.py", "knowledge/retrieval/retriever.py"},
    "openai": {"knowledge/phrasing/service.py"},
    "langsmith": {"knowledge/phrasing/service.py"},
    "langchain_text_splitters": {"knowledge/splitting.py"},
    "pypdf": {"knowledge/sources/pdf_files.py"},
    "docx": {"knowledge/sources/word_files.py", "knowledge/corpus/documents.py"},
    "hxl": {"knowledge/sources/hxl_tags.py"},
    "cryptography": {"connectors/channels/vault.py"},
    "microsoft_teams": {"connectors/teams/sdk.py"},
    "jwt": {"connectors/teams/tokens.py"},
}


def sources(root: Path, folder: str) -> Iterator[Path]:
    """Our Python files of a folder; what runs in Rasa's own Python counts only where it is asked for."""
    for path in sorted((root / folder).rglob("*.py")):
        if folder == ENGINE or "bot/engine/" not in path.as_posix():
            yield path


def imports(path: Path) -> set[str]:
    """Full names of modules imported anywhere in the file, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the whole name of the module"
            found.add(node.module or "")
    return found


def top(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_dependencies_point_one_way(repo_root: Path, folder: str) -> None:
    wrong = {
        f"{path.relative_to(repo_root)} imports {name}"
        for path in sources(repo_root, folder)
        for name in imports(path)
        if top(name) in FORBIDDEN[folder]
    }
    assert wrong == set()


@pytest.mark.parametrize("library", ONE_DOOR)
def test_each_heavy_library_has_one_door(repo_root: Path, library: str) -> None:
    users = {
        str(path.relative_to(repo_root))
        for folder in PACKAGES
        for path in sources(repo_root, folder)
        if library in {top(name) for name in imports(path)}
    }
    assert users <= ONE_DOOR[library]


def test_records_depend_on_nothing_of_ours(repo_root: Path) -> None:
    assert {name for name in imports(repo_root / "knowledge" / "records.py") if top(name) == "knowledge"} == set()


def test_set_up_needs_nothing_that_is_installed(repo_root: Path) -> None:
    needed = {top(name) for path in sources(repo_root, "connectors/ops") for name in imports(path)}
    assert needed - {"connectors"} <= set(sys.stdlib_module_names)
    ours = {
        name for path in sources(repo_root, "connectors/ops") for name in imports(path) if top(name) == "connectors"
    }
    assert all(name.startswith("connectors.ops") for name in ours)


def test_nothing_happens_at_import(repo_root: Path, tmp_path: Path) -> None:
    """All our modules are imported in one process: no database, no socket, no model, no thread, no file in the home."""
    modules = sorted(
        ".".join(path.relative_to(repo_root).with_suffix("").parts).removesuffix(".__init__")
        for folder in PACKAGES
        for path in sources(repo_root, folder)
        if path.name not in {"__main__.py", "env.py"} and "versions" not in path.parts
    )
    code = f"""
    import importlib, os, socket, sqlite3, sys, threading
    def refuse(*arguments, **options):
        raise AssertionError("something happened at import")
    sqlite3.connect = sqlite3.dbapi2.connect = refuse
    socket.socket.connect = socket.socket.bind = refuse
    for name in {modules!r}:
        importlib.import_module(name)
        loaded = {{"torch", "sentence_transformers"}} & set(sys.modules)
        assert not loaded, f"{{name}} loads {{loaded}}"
        assert threading.active_count() == 1, f"{{name}} starts a thread"
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=repo_root,
        env={"PATH": "", "HOME": str(tmp_path), "COMMONGROUND_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert not (tmp_path / "home").exists()
