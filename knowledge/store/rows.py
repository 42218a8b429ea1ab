"""The rows of one record: what stands beside it in the store, so that it is found by who, where, what and its words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, text, update
from sqlalchemy.orm import Session

from knowledge import identity
from knowledge.records import OrganisationMention, PlaceMention, Record, RecordKind, Role, Source, ThemeMention
from knowledge.splitting import PassageSplitter
from knowledge.store import models as m
from knowledge.store.history import History
from knowledge.store.mentions import Names
from knowledge.vocabulary import finer_themes, themes_of_sector

READER_VERSION = 4
"""Raised when readers or tables change what is read from the same bytes, so that unchanged files are read again."""

_SEPARATOR = "\x1f"
_CHILDREN = (
    m.RecordAudienceRow,
    m.RecordNoteRow,
    m.RecordOrganisationRow,
    m.RecordPlaceRow,
    m.RecordThemeRow,
    m.PassageRow,
)
_INSERT_TEXT = text("INSERT INTO record_text (rowid, title, body) VALUES (:pk, :title, :body)")

Row = dict[str, Any]


def content_hash(body: bytes, source: Source) -> str:
    """Changes with what is said and with who may see it."""
    access = source.access
    digest = hashlib.sha256(body)
    digest.update(repr((READER_VERSION, access.level.value, access.owner, access.named)).encode())
    return digest.hexdigest()[:32]


class RecordRows:
    """Rows that wait to be written together. `now` is the time of the run."""

    def __init__(self, session: Session, splitter: PassageSplitter, names: Names, now: datetime) -> None:
        self._session = session
        self._splitter = splitter
        self._names = names
        self._now = now
        self.history = History(session, now)
        self._new: list[Row] = []
        self._children: dict[type[m.Base], list[Row]] = {}
        self._texts: list[Row] = []

    def add(self, pk: int, record: Record, body: bytes, source: Source, source_id: int) -> None:
        values = self._values(record, body, source, source_id)
        self._new.append({"pk": pk, "first_read_at": self._now, **values})
        self.history.added(record.id, source, source_id)
        self._collect_children(pk, record, source)

    def replace(self, pk: int, record: Record, body: bytes, source: Source, source_id: int) -> None:
        """Takes the place of what the store holds under `pk`."""
        values = self._values(record, body, source, source_id)
        self.history.replaced(pk, record, body, source, source_id)
        self._session.execute(update(m.RecordRow).where(m.RecordRow.pk == pk).values(**values))
        erase_children(self._session, [pk])
        self._collect_children(pk, record, source)

    def write(self) -> None:
        """Writes what was added or replaced since the last call."""
        self._names.write(self._session)
        # Records first: their children refer to them.
        rows: dict[type[m.Base], list[Row]] = {m.RecordRow: self._new, **self._children}
        connection = self._session.connection()
        for table, new in rows.items():
            if new:
                # By the table and not the class: the ORM would begin a statement of its own wherever a value is null.
                connection.execute(insert(table.__table__), new)  # type: ignore[arg-type]
        if self._texts:
            self._session.execute(_INSERT_TEXT, self._texts)
        self._new, self._children, self._texts = [], {}, []
        self.history.write()

    def _values(self, record: Record, body: bytes, source: Source, source_id: int) -> Row:
        access = source.access
        reporter = next((o.name for o in record.organisations if o.role is Role.REPORTING and o.name), "")
        return {
            "id": record.id,
            "source_id": source_id,
            "kind": record.kind.value,
            "title": record.title,
            "language": record.language,
            "publisher": reporter or source.publisher or source.title or source.name,
            "status": record.status,
            "start": record.period.start,
            "end": record.period.end,
            "reported_on": reported_on(record, source),
            "secondary": record.secondary_reporter,
            "element": record.locator.element,
            "line": record.locator.line,
            "level": access.level.value,
            "owner": access.owner or "home",
            "content_hash": content_hash(body, source),
            "body": body,
            "changed_at": self._now,
            "retired_at": None,
        }

    def _collect_children(self, pk: int, record: Record, source: Source) -> None:
        def add(table: type[m.Base], **values: Any) -> None:
            self._children.setdefault(table, []).append({"record_pk": pk, **values})

        for organisation in source.access.named:
            add(m.RecordAudienceRow, organisation=organisation)
        for code in dict.fromkeys(note.code for note in record.notes):
            add(m.RecordNoteRow, code=code)
        countries = {place.country for place in record.places if place.country}
        country = countries.pop() if len(countries) == 1 else ""
        for ordinal, mention in enumerate(record.organisations):
            add(
                m.RecordOrganisationRow,
                ordinal=ordinal,
                mention_id=self._organisation_id(record.kind, mention, country),
                role=mention.role.value,
                activity_id=mention.activity_id,
            )
        for ordinal, place in enumerate(dict.fromkeys(_with_country(place, country) for place in record.places)):
            add(
                m.RecordPlaceRow,
                ordinal=ordinal,
                mention_id=self._place_id(place),
                site=place.site,
                percentage=place.percentage,
                scope=place.scope,
            )
        for ordinal, theme in enumerate(record.themes):
            for theme_id, scope in _theme_ids(record, theme).items():
                add(
                    m.RecordThemeRow,
                    ordinal=ordinal,
                    theme=theme_id,
                    vocabulary=theme.vocabulary,
                    code=theme.code,
                    name=theme.name,
                    percentage=theme.percentage,
                    scope=scope,
                )
        for ordinal, passage in enumerate(self._splitter.passages(record)):
            add(
                m.PassageRow,
                ordinal=ordinal,
                purpose=passage.purpose,
                heading=passage.heading,
                page=passage.page,
                text=passage.text,
                text_hash=passage.text_hash,
            )
        self._texts.append({"pk": pk, "title": record.title, "body": _words(record)})

    def _organisation_id(self, kind: RecordKind, mention: OrganisationMention, country: str) -> int:
        local = kind is RecordKind.PRESENCE or identity.is_generic(mention.name)
        return self._names.organisations.id_of(
            mention.ref, mention.name, mention.acronym, mention.kind, country if local else ""
        )

    def _place_id(self, place: PlaceMention) -> int:
        return self._names.places.id_of(
            place.country,
            _SEPARATOR.join(place.names),
            place.pcode,
            place.region,
            latitude=place.latitude,
            longitude=place.longitude,
        )


def erase_children(session: Session, pks: Sequence[int]) -> None:
    """Removes everything that stands beside these records, and leaves the records."""
    for pk in pks:
        for table in _CHILDREN:
            session.execute(delete(table).where(table.record_pk == pk))
        session.execute(text("DELETE FROM record_text WHERE rowid = :pk"), {"pk": pk})


def reported_on(record: Record, source: Source) -> date | None:
    """The day a record speaks of: its own, else that of its file."""
    return record.reported_on or source.as_of


def _words(record: Record) -> str:
    """What the text index holds of a record besides its title."""
    return "\n".join(
        [
            *(source.text for source in record.texts),
            *(theme.name for theme in record.themes if theme.name),
            *(f"{o.name} {o.acronym}".strip() for o in record.organisations),
            *(name for place in record.places for name in (*place.names, place.site) if name),
        ]
    )


def _theme_ids(record: Record, theme: ThemeMention) -> dict[str, str]:
    """What the mention stands for, with its scope; of a table's row also what its activity column says more
    precisely, with the scope "described"."""
    coarse = themes_of_sector(theme.vocabulary, theme.code, theme.name)
    finer: tuple[str, ...] = ()
    if record.kind is RecordKind.PRESENCE and record.texts:
        finer = finer_themes(record.texts[0].text, coarse)
    return dict.fromkeys(finer, m.DESCRIBED) | dict.fromkeys(coarse or ("",), theme.scope)


def _with_country(place: PlaceMention, country: str) -> PlaceMention:
    return replace(place, country=country) if country and not place.country and not place.region else place


def split_names(names: str) -> tuple[str, ...]:
    """The names of a place mention as the store keeps them."""
    return tuple(names.split(_SEPARATOR)) if names else ()
