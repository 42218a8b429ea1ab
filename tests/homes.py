"""Homes with hand-made records in them, for tests of what the index makes of records without files around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy import delete, insert

from knowledge import indexing
from knowledge.embeddings import Embedder, Vectors
from knowledge.home import Home
from knowledge.records import (
    Access,
    Item,
    Level,
    Locator,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Source,
    Text,
    ThemeMention,
)
from knowledge.settings import Settings
from knowledge.sources import each_once
from knowledge.store import models as m
from knowledge.store.writer import SourceReport, SourceWriter

TODAY = date(2026, 11, 23)
PUBLIC = Access(Level.PUBLIC)


class _Remembering(Embedder):
    """The packaged model, which reads each text once in a test run."""

    def __init__(self) -> None:
        super().__init__()
        self._read: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        if new := [text for text in dict.fromkeys(texts) if text not in self._read]:
            self._read.update(zip(new, super().embed(new, progress), strict=True))
        return np.stack([self._read[text] for text in texts]) if texts else super().embed([])


_embedder = lru_cache(maxsize=1)(_Remembering)


@contextmanager
def opened(folder: Path, organisation: str = "") -> Iterator[Home]:
    with Home(Settings(home=folder, today=TODAY, organisation=organisation)) as home:
        home.embedder = _embedder()
        yield home


def implementer(name: str = "", **more: str) -> OrganisationMention:
    return OrganisationMention(Role.IMPLEMENTING, name, **more)


def place(*names: str, country: str = "KE", pcode: str = "") -> PlaceMention:
    return PlaceMention(country, names, pcode)


def activity(
    record_id: str,
    title: str = "",
    *,
    who: Iterable[str | OrganisationMention] = (),
    where: Iterable[PlaceMention] = (),
    sectors: Iterable[str] = (),
    period: Period | None = None,
    status: str = "2",
    text: str = "",
    reported_on: date | None = date(2026, 10, 1),
    kind: RecordKind = RecordKind.ACTIVITY,
) -> Record:
    """`who`: names of implementers, or whole mentions. `sectors`: DAC codes of five digits."""
    return Record(
        id=record_id,
        kind=kind,
        title=title or record_id,
        locator=Locator("iati-activity[1]", 1),
        texts=(Text("general", text, "en"),) if text else (),
        organisations=tuple(implementer(name) if isinstance(name, str) else name for name in who),
        places=tuple(where),
        themes=tuple(ThemeMention("1", code) for code in sectors),
        period=period or Period(planned_start=date(2026, 1, 1), planned_end=date(2027, 12, 31)),
        status=status,
        reported_on=reported_on,
    )


def source(key: str, access: Access = PUBLIC, *, sha: str = "", title: str = "", as_of: date | None = None) -> Source:
    return Source(
        key, f"{key}.xml", "iati-activity", sha or key, title or f"Title of {key}", as_of=as_of, access=access
    )


def write(home: Home, origin: Source, items: Iterable[Item]) -> SourceReport:
    """The items into the store as one source; nothing is resolved or embedded yet."""
    with home.database.write() as session:
        report = SourceWriter(session, origin, home.splitter()).write(each_once(items, origin.name))
        if report.touched:
            session.execute(delete(m.MetaRow).where(m.MetaRow.key == "pending"))
            session.execute(insert(m.MetaRow).values(key="pending", value="embed,resolve"))
    return report


def put(home: Home, key: str, items: Iterable[Item], access: Access = PUBLIC) -> SourceReport:
    """The items as one source, resolved, embedded and published."""
    report = write(home, source(key, access), items)
    indexing.finish(home)
    return report
