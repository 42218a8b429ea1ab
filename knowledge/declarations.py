"""`sources.yml`: what files, folders and addresses are, whose they are, who may see them and how often they change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from knowledge import sources
from knowledge.access import organisation_key
from knowledge.fetching.addresses import shown_url, url_problem
from knowledge.records import Access, Level, Problem
from knowledge.sources import Format, guard

FILE_NAME = "sources.yml"
MANUAL = "manual"
DAILY = 86_400.0
_WORDS = ("format", "title", "publisher", "licence", "organisation", "language", "type")
_FIELDS = {"path", "url", "as_of", "audience", "owner", "named", "refresh", "mapping", *_WORDS}
_REFRESH = re.compile(r"(\d{1,4}) ?([mhdw])")
_UNITS = {"m": 60.0, "h": 3_600.0, "d": DAILY, "w": 7 * DAILY}
_FILE = 1_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A file to read. Empty fields are read from the file; `access` None: nobody declared one.

    With `url` the file comes from there and `path` is the copy of it in the home. `organisation` is whose document it
    is, `type` what it is, `mapping` the file that says what its columns mean. `refresh`: seconds after which a fetched
    file is looked for again; None: only by hand.
    """

    path: Path
    format: str = ""
    title: str = ""
    publisher: str = ""
    licence: str = ""
    as_of: date | None = None
    access: Access | None = None
    url: str = ""
    organisation: str = ""
    language: str = ""
    type: str = ""
    mapping: Path | None = None
    refresh: float | None = DAILY

    @property
    def key(self) -> str:
        """What names the source in the index, whatever becomes of its bytes."""
        return self.url or str(self.path.resolve())

    @property
    def name(self) -> str:
        """For people: the file's name, or the address without what may be secret in it."""
        return shown_url(self.url) if self.url else self.path.name


@dataclass(frozen=True, slots=True)
class Manifest:
    """One sources.yml: its declarations (of a folder one for each file), the folders it declares whole, the declared
    paths that hold nothing any more, and what is wrong with it."""

    path: Path
    declared: list[Declaration] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    missing: dict[Path, Problem] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Wrong(Exception):
    """A wrong entry: what is wrong, and how to mend it."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason, self.mend = reason, mend


def declarations(paths: Sequence[Path]) -> tuple[list[Declaration], list[Problem]]:
    """Every file under `paths`, with what a sources.yml beside it declares; problems are about the declarations.

    Addresses are left to `commonground sync`, which a problem says.
    """
    found: list[Declaration] = []
    problems: list[Problem] = []
    for path in paths:
        file = path / FILE_NAME if path.is_dir() else path
        if file.name == FILE_NAME and file.is_file():
            manifest = read_manifest(file)
            found += [declaration for declaration in manifest.declared if not declaration.url]
            problems += [*manifest.problems, *manifest.missing.values()]
            if addresses := sum(bool(declaration.url) for declaration in manifest.declared):
                mend = f"Run: commonground sync {file}"
                problems.append(Problem(file.name, "", 0, f"{addresses} addresses are not fetched by reading", mend))
        elif not path.exists():
            problems.append(Problem(str(path), "", 0, "does not exist", "Check the name of the file or folder", True))
        else:
            files, wrong = sources.survey([path])
            found += [Declaration(file) for file in files]
            problems += wrong
    # Of a file named twice the declared entry counts: to name it beside its folder must not lift what is declared.
    found.sort(key=lambda declaration: declaration.access is not None)
    return list({declaration.path.resolve(): declaration for declaration in found}.values()), problems


def read_manifest(file: Path) -> Manifest:
    """The declarations of one sources.yml. A wrong entry is a fatal problem and leaves its files out, also out of a
    folder that another entry declares: a mistyped audience must not publish anything."""
    manifest = Manifest(file)
    entries = _entries(file)
    if isinstance(entries, Problem):
        manifest.problems.append(entries)
        return manifest
    ranked: list[tuple[int, Declaration]] = []
    folders: list[tuple[str, Declaration]] = []
    withheld: list[Path] = []
    for number, entry in enumerate(entries, start=1):
        element = f"sources[{number}]"
        try:
            declaration = _declaration(file.parent, entry)
        except _Wrong as wrong:
            manifest.problems.append(Problem(file.name, element, 0, wrong.reason, wrong.mend, True))
            withheld += _meant(file.parent, entry)
            continue
        if declaration.url or declaration.path.is_file():
            ranked.append((_FILE, declaration))
        elif declaration.path.is_dir():
            folders.append((element, declaration))
        else:
            reason, mend = f"{entry['path']} is no file in this folder", "Correct the path"
            manifest.missing[declaration.path] = Problem(file.name, element, 0, reason, mend, True)
    for element, folder in folders:
        if file.parent.resolve() in withheld:
            reason = "the folder is left out, because another entry is wrong and does not say which file it means"
            manifest.problems.append(Problem(file.name, element, 0, reason, "Mend the other entry first", True))
            continue
        manifest.folders.append(folder.path)
        files, left_out = sources.survey([folder.path])
        manifest.problems.extend(replace(problem, element=problem.element or element) for problem in left_out)
        depth = len(folder.path.parts)
        ranked += [(depth, replace(folder, path=path)) for path in files if not _under(path, withheld)]
    # The more precise entry counts: a folder's below another's, and a file's own before any folder's.
    ranked.sort(key=lambda pair: pair[0])
    mappings = {str(declaration.mapping) for _, declaration in ranked}
    by_key = {declaration.key: declaration for _, declaration in ranked if declaration.key not in mappings}
    manifest.declared.extend(by_key.values())
    return manifest


def _under(path: Path, places: Sequence[Path]) -> bool:
    resolved = path.resolve()
    return any(resolved.is_relative_to(place) for place in places)


def _meant(folder: Path, entry: Any) -> list[Path]:
    """What a wrong entry is about: nothing of this disk, a file or a folder; all of the folder where it is silent."""
    path = entry.get("path") if isinstance(entry, dict) else None
    if isinstance(entry, dict) and "path" not in entry and isinstance(entry.get("url"), str):
        return []
    try:
        meant = (folder / path).resolve() if isinstance(path, str) and path else folder.resolve()
    except (OSError, ValueError):
        return [folder.resolve()]
    return [meant if meant.exists() else folder.resolve()]


def _entries(file: Path) -> list[Any] | Problem:
    broken = partial(Problem, file.name, "", 0)
    try:
        data = file.read_bytes()
        if len(data) > guard.MAX_MANIFEST_BYTES:
            return broken("is larger than 1 MB", "Split it: commonground sync takes several", True)
        content = yaml.safe_load(data.decode("utf-8"))
        entries = content["sources"]
        assert isinstance(entries, list)
    except (
        OSError,
        UnicodeDecodeError,
        ValueError,
        RecursionError,
        yaml.YAMLError,
        TypeError,
        KeyError,
        AssertionError,
    ):
        mend = "Write `sources:` and under it a list of entries with at least `path` or `url`"
        return broken("is not a list of sources", mend, True)
    if len(entries) > guard.MAX_MANIFEST_ENTRIES:
        return broken(f"has {len(entries)} entries", f"Give at most {guard.MAX_MANIFEST_ENTRIES} in one file", True)
    return entries


def _declaration(folder: Path, entry: Any) -> Declaration:
    if not isinstance(entry, dict):
        raise _Wrong("entry is no list of fields", "Write `- path: file-name` or `- url: https://...`")
    if unknown := sorted(set(map(str, entry)) - _FIELDS):
        raise _Wrong(f"unknown field {unknown[0][:60]}", f"Use only {', '.join(sorted(_FIELDS))}")
    url, path = _place(folder, entry)
    words = dict(_words(entry))
    if words["format"] and words["format"] not in set(Format):
        raise _Wrong(f"unknown format {words['format'][:60]!r}", f"Use one of {', '.join(Format)}")
    if words["language"] and not _LANGUAGE.fullmatch(words["language"]):
        raise _Wrong(f"language {words['language'][:60]!r} is no language code", "Write a code such as en, fr or ar")
    as_of = entry.get("as_of")
    if as_of is not None and type(as_of) is not date:
        raise _Wrong(f"as_of {str(as_of)[:60]!r} is no date", "Write it as 2025-08-31")
    return Declaration(
        path=path,
        url=url,
        as_of=as_of,
        access=_access(entry),
        mapping=_mapping(folder, entry),
        refresh=_refresh(entry),
        **words,
    )


def _place(folder: Path, entry: dict[str, Any]) -> tuple[str, Path]:
    url, path = entry.get("url"), entry.get("path")
    if url is not None and path is not None:
        raise _Wrong("entry has both `path` and `url`", "Make two entries of it")
    if url is not None:
        if not isinstance(url, str):
            raise _Wrong("`url` is no text", "Write `url: https://...`")
        if wrong := url_problem(url):
            raise _Wrong(f"`url` {wrong}", "Give an address that opens without a password, such as https://...")
        return url, Path()
    if not isinstance(path, str) or not path:
        raise _Wrong("entry has neither `path` nor `url`", "Write `path: file-name` relative to sources.yml")
    return "", _inside(folder, path, "Correct the path")


def _inside(folder: Path, path: str, mend: str) -> Path:
    try:
        found = (folder / path).resolve()
    except (OSError, ValueError):
        raise _Wrong(f"{path[:60]!r} is no path", mend) from None
    if found == folder.resolve() or not found.is_relative_to(folder.resolve()):
        raise _Wrong(f"{path[:200]} is no file or folder in this folder", mend)
    return found


def _words(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _WORDS:
        value = entry.get(key)
        if isinstance(value, (list, dict)):
            raise _Wrong(f"`{key}` is no text", f"Write `{key}: ...` on one line")
        yield key, guard.one_line(str(value))[:500] if value is not None else ""


def _access(entry: dict[str, Any]) -> Access | None:
    level = entry.get("audience")
    if level is not None and not (isinstance(level, str) and level in set(Level)):
        raise _Wrong(f"unknown audience {str(level)[:60]!r}", f"Use one of {', '.join(Level)}")
    named = entry.get("named") or []
    if not isinstance(named, list) or not all(isinstance(name, str) and organisation_key(name) for name in named):
        raise _Wrong("`named` is no list of organisations", "Write each one on a line of its own: - Name")
    if level == Level.NAMED and not named:
        raise _Wrong("audience `named` names nobody", "List the organisations under `named`")
    if level is None:
        return None
    keys = tuple(sorted(organisation_key(str(name)) for name in named))
    return Access(Level(level), organisation_key(str(entry.get("owner") or "")), keys)


def _mapping(folder: Path, entry: dict[str, Any]) -> Path | None:
    mapping = entry.get("mapping")
    if mapping is None:
        return None
    mend = "Write the mapping with `commonground map FILE`, and its name under `mapping`"
    if not isinstance(mapping, str):
        raise _Wrong("`mapping` is no file name", mend)
    path = _inside(folder, mapping, mend)
    if not path.is_file():
        raise _Wrong(f"mapping {mapping[:200]} is no file in this folder", mend)
    return path


def _refresh(entry: dict[str, Any]) -> float | None:
    value = entry.get("refresh")
    if value is None:
        return DAILY
    if value == MANUAL:
        return None
    found = _REFRESH.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0.0
    if not guard.MIN_REFRESH_SECONDS <= seconds <= guard.MAX_REFRESH_SECONDS:
        mend = "Write `manual`, or a number with m, h, d or w from 5m to 52w, such as 12h or 1d"
        raise _Wrong(f"refresh {str(value)[:60]!r} is no interval", mend)
    return seconds
