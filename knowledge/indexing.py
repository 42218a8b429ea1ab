"""A file becomes knowledge: read, check, store, resolve, embed, publish, in one straight line.

Each file is one transaction. What is still owed after it (resolving mentions, embedding texts) is written down in the
same transaction, so a process killed anywhere goes on where it was, and running it again changes nothing that is right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from sqlalchemy import func, insert, select

from knowledge import embedded, purging, sources
from knowledge.declarations import Declaration, declarations
from knowledge.home import Home
from knowledge.progress import NoProgress as NoProgress
from knowledge.progress import Progress as Progress
from knowledge.records import Access, Problem, Source
from knowledge.resolving import resolve
from knowledge.sources.mapping import beside
from knowledge.splitting import PassageSplitter
from knowledge.store import models as m
from knowledge.store import state
from knowledge.store.mentions import Names
from knowledge.store.state import version as version
from knowledge.store.writer import Refused, SourceReport, SourceWriter
from knowledge.tombstones import Tombstones
from knowledge.vectors import VectorIndex

_EMBED_AT_ONCE = 512


@dataclass(slots=True)
class IngestReport:
    """What one run did. `embedded` counts texts that had no vector before; `unfinished` says why something that was
    forgotten is still on the disk."""

    sources: list[SourceReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    organisations: int = 0
    places: int = 0
    embedded: int = 0
    version: int = 0
    unfinished: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return sum(s.added + s.changed + s.retired for s in self.sources)

    @property
    def refused(self) -> list[Problem]:
        return [p for s in self.sources for p in s.problems if p.fatal] + [p for p in self.problems if p.fatal]


def ingest(
    home: Home, paths: Sequence[Path], *, access: Access | None = None, progress: Progress | None = None
) -> IngestReport:
    """Reads every file under `paths`. `access` is used where no sources.yml declares one; undeclared means own.

    One run at a time: a second one waits for the first.
    """
    declared, problems = declarations(paths)
    return ingest_declared(home, declared, problems, access=access, progress=progress)


def ingest_declared(
    home: Home,
    declared: Sequence[Declaration],
    problems: Sequence[Problem] = (),
    *,
    access: Access | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """The same for declarations that were read already: one report of a source for each, in their order."""
    with home.ingesting:
        return _ingest(home, declared, problems, access, progress or NoProgress())


def _ingest(
    home: Home,
    declared: Sequence[Declaration],
    problems: Sequence[Problem],
    access: Access | None,
    progress: Progress,
) -> IngestReport:
    report = IngestReport(problems=list(problems))
    started = perf_counter()
    splitter = home.splitter()
    progress.start("reading", len(declared))
    with home.database.read() as session:
        tombstones = Tombstones(session)
    names: Names | None = None
    for declaration in declared:
        if names is None:
            with home.database.read() as session:
                names = Names(session)
        stored = _store(home, declaration, access, splitter, names, tombstones)
        if stored.refused:
            names = None
        report.sources.append(stored)
        progress.advance()
    progress.finish()
    report.seconds["read"] = perf_counter() - started
    _finish(home, report, progress)
    return report


def _store(
    home: Home,
    declaration: Declaration,
    access: Access | None,
    splitter: PassageSplitter,
    names: Names,
    tombstones: Tombstones,
) -> SourceReport:
    name = declaration.name
    try:
        sha256 = _sha256(declaration.path)
        if left_out := tombstones.source_problem(declaration.path, declaration.key, sha256):
            return SourceReport(name, declaration.format or "unknown", problems=[left_out])
        facts = sources.describe(declaration.path)
        source = Source(
            key=declaration.key,
            name=name,
            format=declaration.format or facts.format,
            sha256=sha256,
            title=declaration.title or facts.title,
            publisher=declaration.publisher or facts.publisher,
            licence=declaration.licence or facts.licence,
            as_of=declaration.as_of or facts.as_of,
            access=declaration.access or access or Access(),
            hints=_hints(declaration),
        )
        given = sources.Given(
            as_of=source.as_of,
            publisher=source.publisher,
            title=source.title,
            organisation=declaration.organisation,
            language=declaration.language,
            mapping=declaration.mapping,
            type=declaration.type,
        )
        items = sources.read(declaration.path, format=source.format or None, given=given)
        with home.database.write() as session:
            writer = SourceWriter(session, source, splitter, names)
            report = writer.write(tombstones.left_out(declaration.path, items))
            report.undeclared = declaration.access is None and access is None
            if report.touched:
                state.owe(session, "resolve", "embed")
        return report
    except Refused as refused:
        return SourceReport(name, declaration.format or "unknown", problems=[refused.problem])
    except OSError as error:
        problem = Problem(name, "", 0, f"cannot be read ({error.strerror})", "Make the file readable", fatal=True)
        return SourceReport(name, declaration.format or "unknown", problems=[problem])


def _hints(declaration: Declaration) -> str:
    """Changes with whatever else is declared that changes what is read from the same bytes; empty where nothing is."""
    said = (declaration.organisation, declaration.language, declaration.type)
    columns = declaration.mapping or beside(declaration.path)
    mapping = _sha256(columns) if columns else ""
    return hashlib.sha256(repr((said, mapping)).encode()).hexdigest()[:16] if any((*said, mapping)) else ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def finish(home: Home, report: IngestReport | None = None, progress: Progress | None = None) -> IngestReport:
    """Does what earlier runs still owe: resolves mentions, embeds texts, brings Chroma level, publishes, and takes what
    was forgotten from the disk. Waits for a run that is under way."""
    with home.ingesting:
        return _finish(home, report or IngestReport(), progress or NoProgress())


def _finish(home: Home, report: IngestReport, progress: Progress) -> IngestReport:
    with home.database.read() as session:
        owed = state.owed(session)
    started = perf_counter()
    if "resolve" in owed:
        progress.start("linking organisations and places", 0)
        with home.database.write() as session:
            report.organisations, report.places = resolve(session)
            state.settle(session, "resolve")
            state.publish(session)
        progress.finish()
    report.seconds["link"] = perf_counter() - started
    started = perf_counter()
    if "embed" in owed or not _vectors_are_level(home):
        report.embedded = _embed(home, progress)
        level_vectors(home, home.vectors, home.embedder.name)
        with home.database.write() as session:
            state.settle(session, "embed")
            state.publish(session)
    report.seconds["embed"] = perf_counter() - started
    if embedded.REPLACED in owed:
        _drop_replaced(home)
    if purging.PURGE in owed:
        try:
            purging.purge(home, progress)
        except purging.Unfinished as unfinished:
            report.unfinished = str(unfinished)
    with home.database.read() as session:
        report.version = version(session)
    return report


def _embed(home: Home, progress: Progress) -> int:
    model = home.embedder.name
    with home.database.read() as session:
        done = select(m.EmbeddingRow.text_hash).where(m.EmbeddingRow.model == model)
        rows = session.execute(
            select(m.PassageRow.text_hash, m.PassageRow.text)
            .where(m.PassageRow.text_hash.not_in(done))
            .group_by(m.PassageRow.text_hash)
        ).all()
    missing = sorted(((row.text_hash, row.text) for row in rows), key=lambda pair: len(pair[1]))
    progress.start("embedding", len(missing))
    for start in range(0, len(missing), _EMBED_AT_ONCE):
        part = missing[start : start + _EMBED_AT_ONCE]
        vectors = home.embedder.embed([text for _, text in part], progress.advance)
        with home.database.write() as session:
            session.execute(
                insert(m.EmbeddingRow).prefix_with("OR REPLACE"),
                [
                    {"text_hash": key, "model": model, "vector": vector.tobytes()}
                    for (key, _), vector in zip(part, vectors, strict=True)
                ],
            )
    progress.finish()
    return len(missing)


def _vectors_are_level(home: Home) -> bool:
    """Whether Chroma holds as many vectors as there are texts: false after its folder was lost or the model changed."""
    with home.database.read() as session:
        texts = session.scalar(select(func.count(m.PassageRow.text_hash.distinct()))) or 0
    return not texts or len(home.vectors) == texts


def _drop_replaced(home: Home) -> None:
    """Takes off the disk what a reindexing replaced."""
    model = home.embedder.name
    dropped = _EMBED_AT_ONCE
    while dropped:
        with home.database.write() as session:
            dropped = embedded.drop_others(session, model, _EMBED_AT_ONCE)
    home.vectors.drop_others()
    with home.database.write() as session:
        state.settle(session, embedded.REPLACED)


def level_vectors(home: Home, vectors_of: VectorIndex, model: str) -> None:
    """Makes Chroma hold exactly the vectors of the passages in the store, of one model."""
    with home.database.read() as session:
        wanted = set(session.scalars(select(m.PassageRow.text_hash).distinct()))
        present = vectors_of.ids()
        vectors_of.remove(sorted(present - wanted))
        missing = sorted(wanted - present)
        for start in range(0, len(missing), _EMBED_AT_ONCE):
            part = missing[start : start + _EMBED_AT_ONCE]
            found = session.execute(
                select(m.EmbeddingRow.text_hash, m.EmbeddingRow.vector).where(
                    m.EmbeddingRow.model == model, m.EmbeddingRow.text_hash.in_(part)
                )
            ).all()
            if found:
                vectors = np.stack([np.frombuffer(row.vector, dtype=np.float32) for row in found])
                vectors_of.add([row.text_hash for row in found], vectors)
