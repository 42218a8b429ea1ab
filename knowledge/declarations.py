"""`sources.yml`: what a folder of files is, whose it is and who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge import sources
from knowledge.access import organisation_key
from knowledge.records import Access, Level, Problem

FILE_NAME = "sources.yml"
_FIELDS = {"path", "format", "title", "publisher", "licence", "as_of", "audience", "owner", "named"}


@dataclass(frozen=True, slots=True)
class Declaration:
    """A file to read. Empty fields are read from the file; `access` None: nobody declared one."""

    path: Path
    format: str = ""
    title: str = ""
    publisher: str = ""
    licence: str = ""
    as_of: date | None = None
    access: Access | None = None


def declarations(paths: Sequence[Path]) -> tuple[list[Declaration], list[Problem]]:
    """Every file under `paths`, with what a sources.yml beside it declares; problems are about the declarations."""
    found: list[Declaration] = []
    problems: list[Problem] = []
    for path in paths:
        manifest = path / FILE_NAME if path.is_dir() else path
        if manifest.name == FILE_NAME and manifest.is_file():
            declared, wrong = read_manifest(manifest)
            found += declared
            problems += wrong
        elif not path.exists():
            problems.append(Problem(str(path), "", 0, "does not exist", "Check the name of the file or folder", True))
        else:
            files, wrong = sources.survey([path])
            found += [Declaration(file) for file in files]
            problems += wrong
    # Of a file named twice the declared entry counts: to name it beside its folder must not lift what is declared.
    found.sort(key=lambda declaration: declaration.access is not None)
    return list({declaration.path.resolve(): declaration for declaration in found}.values()), problems


def read_manifest(manifest: Path) -> tuple[list[Declaration], list[Problem]]:
    """The declarations of one sources.yml. A wrong entry is a fatal problem and leaves its file out: a mistyped
    audience must not publish anything."""
    try:
        content = yaml.safe_load(manifest.read_text(encoding="utf-8"))
        entries = content["sources"]
        assert isinstance(entries, list)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError, AssertionError):
        mend = "Write `sources:` and under it a list of entries with at least `path`"
        return [], [Problem(manifest.name, "", 0, "is not a list of sources", mend, True)]
    found: list[Declaration] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        try:
            found.append(_declaration(manifest.parent, entry))
        except ValueError as error:
            reason, _, mend = str(error).partition("|")
            problems.append(Problem(manifest.name, f"sources[{number}]", 0, reason, mend, True))
    return found, problems


def _declaration(folder: Path, entry: Any) -> Declaration:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise ValueError("entry has no path|Write `path: file-name` relative to sources.yml")  # noqa: TRY004
    if unknown := sorted(set(map(str, entry)) - _FIELDS):
        raise ValueError(f"unknown field {unknown[0]}|Use only {', '.join(sorted(_FIELDS))}")
    path = (folder / entry["path"]).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f"{entry['path']} is no file in this folder|Correct the path")
    level = entry.get("audience")
    if level is not None and not (isinstance(level, str) and level in set(Level)):
        raise ValueError(f"unknown audience {level!r}|Use one of {', '.join(Level)}")
    as_of = entry.get("as_of")
    if as_of is not None and not isinstance(as_of, date):
        raise ValueError(f"as_of {as_of!r} is no date|Write it as 2025-08-31")
    named = entry.get("named") or []
    if not isinstance(named, list) or not all(isinstance(name, str) and organisation_key(name) for name in named):
        raise ValueError("`named` is no list of organisations|Write each one on a line of its own: - Name")
    if level == Level.NAMED and not named:
        raise ValueError("audience `named` names nobody|List the organisations under `named`")
    access = None
    if level is not None:
        access = Access(
            Level(level),
            organisation_key(str(entry.get("owner") or "")),
            tuple(sorted(organisation_key(str(name)) for name in named)),
        )
    words = {key: str(entry.get(key) or "") for key in ("format", "title", "publisher", "licence")}
    return Declaration(path=path, as_of=as_of, access=access, **words)
