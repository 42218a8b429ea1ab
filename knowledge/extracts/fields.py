"""The fields of a record by name, and evidence taken from them.

A field is named by the way to it through `knowledge.records.Record`: "title", "texts/2/text", "indicators/0/target",
"period/planned_end".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from knowledge.extracts.sentences import Sentence
from knowledge.language import of_text
from knowledge.records import Contact, Record
from knowledge.reply import Evidence
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from knowledge.store.remembered import recalled_each
from knowledge.store.sql import in_parts

_REMEMBERED = 2000
"""Records whose texts stay in memory: some 10 kB each."""


class NoSuchField(LookupError):
    """A name that leads to no value in the record."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is read of a record where only its texts count. `kind` is its type of document, "" for none."""

    title: str
    kind: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A text of a record. `purpose`, `heading` and `page` are empty where the text has none."""

    name: str
    text: str
    language: str
    purpose: str = ""
    heading: str = ""
    page: int = 0


def texts_of(record: Record) -> Iterator[Field]:
    """The title and the narratives, as they are stored."""
    if record.title:
        yield Field("title", record.title, record.language, "title")
    for number, text in enumerate(record.texts):
        yield Field(
            f"texts/{number}/text", text.text, text.language or record.language, text.purpose, text.heading, text.page
        )


def value_at(record: Record, name: str) -> str:
    """The value of a field as text: dates as ISO, numbers without an exponent, "" for none. Raises NoSuchField."""
    value: Any = record
    for step in name.split("/"):
        if isinstance(value, tuple) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif is_dataclass(value) and step in {field.name for field in fields(value)}:
            value = getattr(value, step)
        else:
            raise NoSuchField(f"record {record.id} has no field {name!r}")
    return as_text(value)


def as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value)


def whole(record: Record, name: str) -> Evidence:
    """A field's whole value as evidence. Raises NoSuchField."""
    value = value_at(record, name)
    return Evidence(field=name, quote=value, start=0, end=len(value))


def quoted(field: Field, sentence: Sentence) -> Evidence:
    """One sentence of a text as evidence."""
    return Evidence(
        field=field.name,
        quote=sentence.text,
        start=sentence.start,
        end=sentence.end,
        page=field.page,
        heading=field.heading,
        # A record's language is often stated once for all of its texts.
        lang=of_text(sentence.text) or of_text(field.text) or field.language,
    )


def load_texts(session: Session, pks: Sequence[int]) -> dict[int, Written]:
    """The narratives of records, without their titles. A long document is read so in a tenth of the time of `load`.

    The caller has already found `pks` within its audience.
    """

    def read(part: Sequence[int]) -> dict[int, Written]:
        return {pk: _written(orjson.loads(body)) for pk, body in _bodies(session, part)}

    return recalled_each(session, "texts", pks, read, _REMEMBERED)


def _written(stored: dict[str, Any]) -> Written:
    texts = tuple(
        Field(
            f"texts/{number}/text",
            text["text"],
            text["language"] or stored["language"],
            text["purpose"],
            text["heading"],
            text["page"],
        )
        for number, text in enumerate(stored["texts"])
    )
    return Written(stored["title"], dict(stored["extra"]).get("document-type", ""), texts)


def load_contacts(session: Session, pks: Sequence[int]) -> dict[int, list[Contact]]:
    """The contacts of records. The caller has already found `pks` within its audience."""
    bodies = _bodies(session, pks)
    return {pk: [Contact(**given) for given in orjson.loads(body)["contacts"]] for pk, body in bodies}


def load(session: Session, pks: Sequence[int]) -> dict[int, Record]:
    """The records as they were read. The caller has already found `pks` within its audience."""
    return {pk: RECORD.validate_json(body) for pk, body in _bodies(session, pks)}


def _bodies(session: Session, pks: Sequence[int]) -> Iterator[Row[int, bytes]]:
    for part in in_parts(pks):
        yield from session.execute(select(m.RecordRow.pk, m.RecordRow.body).where(m.RecordRow.pk.in_(part)))
