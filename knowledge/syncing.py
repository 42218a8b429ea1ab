"""`commonground sync`: what sources.yml declares, brought up to date.

    report = sync(home, [Path("sources.yml")])

First everything that is due is fetched, then all of it is read in one run like any other files, then each source is
settled: a new version that was read takes the place of the old one, whose copy only then goes; one that was refused
goes itself, and the old one answers on. Killed anywhere, the next run does again what was not settled.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select

from knowledge import indexing, tombstones
from knowledge.declarations import DAILY, FILE_NAME, Declaration, Manifest, read_manifest
from knowledge.fetching.download import Downloader, Fetched, Outcome
from knowledge.home import Home
from knowledge.progress import NoProgress, Progress
from knowledge.records import Problem
from knowledge.settings import Settings
from knowledge.store import copies, state
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from knowledge.store.writer import SourceReport, SourceWriter
from knowledge.tombstones import Tombstones

_FIRST_PAUSE = 300.0
"""Seconds after a first failure; doubled with each further one, up to the refresh interval."""
_SUREST = 1_000
"""A skipped source reports the first problems only: with so many, none of them need be that something was left out."""


class Result(StrEnum):
    """What became of a source in one run."""

    FETCHED = "fetched"
    READ = "read"
    NOT_MODIFIED = "not modified"
    UNCHANGED = "unchanged"
    NOT_DUE = "not due"
    REFUSED = "refused"
    FAILED = "failed"
    GONE = "gone"
    RETIRED = "retired"
    FORGOTTEN = "forgotten"


TROUBLE = (Result.REFUSED, Result.FAILED, Result.GONE)


class Busy(Exception):
    """Another sync of this home is fetching."""


@dataclass(slots=True)
class SyncedSource:
    """`why` says what is wrong, `next_try` (UTC) when a fetched source is looked for again; None: by hand."""

    name: str
    key: str
    result: Result
    why: str = ""
    next_try: datetime | None = None
    gone_since: datetime | None = None
    records: int = 0
    added: int = 0
    changed: int = 0
    retired: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class SyncReport:
    sources: list[SyncedSource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    version: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def trouble(self) -> bool:
        return any(source.result in TROUBLE for source in self.sources)


@dataclass(slots=True)
class _Entry:
    """A source on its way through a run. `fetched`: the new version, where one arrived."""

    synced: SyncedSource
    row: m.FetchRow
    declaration: Declaration | None = None
    fetched: Fetched | None = None


def sync(
    home: Home,
    manifests: Sequence[Path],
    *,
    force: bool = False,
    retire_gone: bool = False,
    progress: Progress | None = None,
    downloader: Downloader | None = None,
) -> SyncReport:
    """Brings up to date what the manifests (or folders with one) declare. `force`: also what is not due.

    `retire_gone` retires the records of sources that are no longer where they were declared to be; without it they are
    reported as gone, since when, and stay. Raises Busy.
    """
    progress = progress or NoProgress()
    if not home.fetching.acquire(blocking=False):
        raise Busy("Another sync of this home is fetching. Wait until it is done")
    try:
        with downloader or downloader_for(home.settings) as client:
            return _sync(home, [_manifest(path) for path in manifests], force, retire_gone, progress, client)
    finally:
        home.fetching.release()


def downloader_for(settings: Settings) -> Downloader:
    allowed = tuple(filter(None, (host.strip() for host in settings.fetch_allow_private.split(","))))
    return Downloader(allowed, settings.fetch_proxy)


def _manifest(path: Path) -> Manifest:
    return read_manifest(path / FILE_NAME if path.is_dir() else path)


def _sync(
    home: Home, manifests: list[Manifest], force: bool, retire_gone: bool, progress: Progress, client: Downloader
) -> SyncReport:
    report = SyncReport(problems=[problem for manifest in manifests for problem in manifest.problems])
    declared = {declaration.key: declaration for manifest in manifests for declaration in manifest.declared}
    entries = [_opened(home, declaration) for declaration in declared.values()]
    with home.database.read() as session:
        known = Tombstones(session)
    to_fetch = [entry for entry in entries if entry.declaration and entry.declaration.url]
    progress.start("fetching", len(to_fetch))
    for entry in to_fetch:
        _fetch(home, entry, force, known, client)
        progress.advance()
    progress.finish()
    entries += _gone_from_disk(home, manifests, set(declared), report)
    for entry in entries:
        if entry.synced.result is Result.GONE:
            _retire(home, entry, retire_gone)
    to_read = [entry for entry in entries if entry.declaration is not None]
    readings = [entry.declaration for entry in to_read if entry.declaration is not None]
    ingested = indexing.ingest_declared(home, readings, progress=progress)
    for entry, stored in zip(to_read, ingested.sources, strict=True):
        _settle(home, entry, stored)
    report.sources = [entry.synced for entry in entries]
    report.version, report.seconds = ingested.version, ingested.seconds
    return report


def _opened(home: Home, declaration: Declaration) -> _Entry:
    synced = SyncedSource(declaration.name, declaration.key, Result.UNCHANGED)
    return _Entry(synced, _row(home, declaration.key), declaration)


def _row(home: Home, key: str) -> m.FetchRow:
    with home.database.read() as session:
        found = session.get(m.FetchRow, key)
    return found or m.FetchRow(key=key, file="", etag="", modified="", failures=0, problem="")


def _save(home: Home, row: m.FetchRow) -> None:
    with home.database.write() as session:
        session.merge(row)


# --- fetching -------------------------------------------------------------------------------------------------------


def _fetch(home: Home, entry: _Entry, force: bool, known: Tombstones, client: Downloader) -> None:
    declaration, row, synced = entry.declaration, entry.row, entry.synced
    assert declaration is not None
    copy = _copy(home, row)
    if known.date_of(tombstones.SOURCE, declaration.key):
        entry.declaration = None
        synced.result, synced.why = Result.FORGOTTEN, "left out, because it was forgotten"
        return
    if not force and not _is_due(row, declaration.refresh):
        synced.result, synced.next_try, synced.why = Result.NOT_DUE, _next(row, declaration.refresh), row.problem
        if row.gone_since:
            synced.result, synced.gone_since = Result.GONE, row.gone_since
        entry.declaration = replace(declaration, path=copy) if copy and not row.gone_since else None
        return
    row.last_try = utc_now()
    # Written before anything arrives, so that nobody takes the folder for one that no source stands on.
    _save(home, row)
    entry.fetched = fetched = client.fetch(
        declaration.url,
        folder_of(home.settings, declaration.url),
        etag=row.etag if copy else "",
        modified=row.modified if copy else "",
        web_page=declaration.format == "document" or declaration.url.casefold().endswith((".html", ".htm")),
    )
    entry.declaration = replace(declaration, path=copy) if copy else None
    match fetched.outcome:
        case Outcome.FETCHED if fetched.path is not None:
            synced.result = Result.FETCHED
            entry.declaration = replace(declaration, path=fetched.path)
            return
        case Outcome.NOT_MODIFIED:
            synced.result = Result.NOT_MODIFIED
            _succeeded(row)
        case Outcome.GONE:
            entry.declaration = None
            row.gone_since = row.gone_since or utc_now()
            _failed(row, declaration.refresh, fetched.why, fetched.again_after)
            synced.result, synced.why, synced.gone_since = Result.GONE, fetched.why, row.gone_since
        case _:
            _failed(row, declaration.refresh, fetched.why, fetched.again_after)
            synced.result, synced.why = Result.FAILED, fetched.why
    synced.next_try = _next(row, declaration.refresh)
    _save(home, row)


def folder_of(settings: Settings, url: str) -> Path:
    """Where the copies of one address are."""
    return settings.sources_path / hashlib.sha256(url.encode()).hexdigest()[:16]


def _copy(home: Home, row: m.FetchRow) -> Path | None:
    path = home.settings.sources_path / row.file
    return path if row.file and path.is_file() else None


def _is_due(row: m.FetchRow, refresh: float | None) -> bool:
    if row.last_try is None:
        return True
    next_try = _next(row, refresh)
    return next_try is not None and next_try <= utc_now()


def _next(row: m.FetchRow, refresh: float | None) -> datetime | None:
    """Counted from the last success, so that a refresh that is declared anew counts at once; else what was decided."""
    if row.failures:
        return row.next_try
    return row.last_success + timedelta(seconds=refresh) if refresh is not None and row.last_success else None


def _succeeded(row: m.FetchRow) -> None:
    row.last_success, row.next_try, row.gone_since = utc_now(), None, None
    row.failures, row.problem = 0, ""


def _failed(row: m.FetchRow, refresh: float | None, why: str, again_after: float = 0.0) -> None:
    row.failures += 1
    row.problem = why
    pause = min(_FIRST_PAUSE * 2 ** min(row.failures - 1, 20), refresh or DAILY) * random.uniform(0.8, 1.2)
    row.next_try = utc_now() + timedelta(seconds=max(pause, min(again_after, DAILY)))


# --- settling -------------------------------------------------------------------------------------------------------


def _settle(home: Home, entry: _Entry, stored: SourceReport) -> None:
    synced, row, fetched = entry.synced, entry.row, entry.fetched
    synced.records, synced.added, synced.changed = stored.records, stored.added, stored.changed
    synced.retired, synced.problems = stored.retired, stored.problems
    arrived = fetched.path if fetched else None
    if stored.refused:
        synced.result = Result.REFUSED
        synced.why = next(problem.reason for problem in stored.problems if problem.fatal)
    elif any(problem.mend == tombstones.LIFT and not problem.element for problem in stored.problems):
        synced.result, synced.why = Result.FORGOTTEN, stored.problems[0].reason
    elif "://" not in synced.key:
        synced.result = Result.UNCHANGED if stored.skipped else Result.READ
    if arrived is None or fetched is None or entry.declaration is None:
        if row.gone_since and synced.result in (Result.READ, Result.UNCHANGED):
            row.gone_since = None
            _save(home, row)
        return
    if stored.refused:
        _failed(row, entry.declaration.refresh, synced.why)
        synced.why += _stands(home, row)
    else:
        _succeeded(row)
        row.file, row.etag, row.modified = _kept(home, arrived, stored), fetched.etag, fetched.modified
    synced.next_try = _next(row, entry.declaration.refresh)
    _save(home, row)
    # Only now that the new version stands in the store and in the table.
    for file in arrived.parent.iterdir():
        if file != _copy(home, row):
            file.unlink()


def _kept(home: Home, arrived: Path, stored: SourceReport) -> str:
    """Where the copy is from now on. A file that holds something forgotten is not kept after it was read."""
    left_out = any(problem.mend == tombstones.LIFT for problem in stored.problems)
    if left_out or (stored.skipped and len(stored.problems) >= _SUREST):
        return ""
    return str(arrived.relative_to(home.settings.sources_path))


def _stands(home: Home, row: m.FetchRow) -> str:
    with home.database.read() as session:
        read_at = session.scalar(select(m.SourceRow.read_at).where(m.SourceRow.key == row.key))
    return f"; the version read on {read_at:%Y-%m-%d} stands" if read_at else ""


# --- what is gone ---------------------------------------------------------------------------------------------------


def _gone_from_disk(home: Home, manifests: list[Manifest], declared: set[str], report: SyncReport) -> list[_Entry]:
    """Sources whose files were read once from where the manifests say, and are not there any more."""
    folders = [folder for manifest in manifests for folder in manifest.folders]
    missing = {str(path): problem for manifest in manifests for path, problem in manifest.missing.items()}
    entries = []
    with home.database.read() as session:
        known = {row.key: row.name for row in session.scalars(select(m.SourceRow))}
    for key, name in known.items():
        path = Path(key)
        within = "://" not in key and any(path.is_relative_to(folder) for folder in folders)
        if key not in declared and (key in missing or within) and not path.exists():
            row = _row(home, key)
            row.gone_since = row.gone_since or utc_now()
            _save(home, row)
            entries.append(_Entry(SyncedSource(name, key, Result.GONE, gone_since=row.gone_since), row))
    report.problems += [problem for key, problem in missing.items() if key not in known]
    return entries


def _retire(home: Home, entry: _Entry, confirmed: bool) -> None:
    """Retires what a source that is gone still holds, with today's date. Found again, it is read again."""
    with home.ingesting, home.database.write() as session:
        row = session.scalar(select(m.SourceRow).where(m.SourceRow.key == entry.synced.key))
        if row is None or (row.sha256 and not confirmed):
            return
        if row.sha256:
            writer = SourceWriter(session, replace(copies.source_of(row), sha256=""), home.splitter())
            entry.synced.retired = writer.write([]).retired
            state.owe(session, "resolve", "embed")
    entry.synced.result = Result.RETIRED


def gone(home: Home) -> dict[str, datetime]:
    """Key of every source whose place was found empty -> since when (UTC)."""
    with home.database.read() as session:
        rows = session.execute(select(m.FetchRow.key, m.FetchRow.gone_since).where(m.FetchRow.gone_since.is_not(None)))
        return {key: since for key, since in rows if since is not None}
