"""Notes that only the whole index can tell: identifiers shared by many names, relations and p-codes that lead nowhere,
titles and descriptions that many records have. Only records that the audience may see speak for or against a record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.access import Audience, allows, visible
from knowledge.countries import iso2
from knowledge.records import Note
from knowledge.store import models as m
from knowledge.store.copies import source_of
from knowledge.store.sql import in_parts
from knowledge.text import fold

_NAMES_OF_A_REF = 8
"""Different names beside one identifier from which on they can hardly be spellings of one organisation."""
_PUBLISHERS_OF_A_TITLE = 3
_RECORDS_OF_A_DESCRIPTION = 5
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
"""As SQLite's lower() does it: letters with accents stay."""

Noted = tuple[int, Note]
"""Primary key of a record, and what is noted on it."""


def notes_beside(
    session: Session, records: dict[int, dict[str, Any]], audience: Audience, refs: Sequence[str]
) -> Iterator[Noted]:
    """`records` are a publisher's: pk -> body. `refs` are the publisher's references."""
    yield from _shared_refs(session, records, audience)
    yield from _unknown_related(session, records, audience, refs)
    yield from _unknown_pcodes(session, records, audience)
    yield from _titles(session, records, audience)
    yield from _descriptions(records)


def _shared_refs(session: Session, records: dict[int, dict[str, Any]], audience: Audience) -> Iterator[Noted]:
    used: dict[str, list[int]] = defaultdict(list)
    for pk, body in records.items():
        for ref in {mention["ref"] for mention in body["organisations"] if mention["ref"]}:
            used[ref].append(pk)
    mention = m.OrganisationMentionRow
    names: dict[str, set[str]] = defaultdict(set)
    for part in in_parts(sorted(set(used))):
        for ref, name in session.execute(
            select(mention.ref, mention.name)
            .join(m.RecordOrganisationRow, m.RecordOrganisationRow.mention_id == mention.id)
            .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
            .where(mention.ref.in_(part), visible(audience), m.RecordRow.retired_at.is_(None))
            .distinct()
        ):
            if name:
                names[ref].add(fold(name))
    for ref, pks in used.items():
        if (number := len(names[ref])) >= _NAMES_OF_A_REF:
            text = f"identifier {ref} stands beside {number} different names: give each organisation its own"
            for pk in pks:
                yield pk, Note("shared-ref", text)


def _unknown_related(
    session: Session, records: dict[int, dict[str, Any]], audience: Audience, refs: Sequence[str]
) -> Iterator[Noted]:
    own = tuple(f"{ref}-" for ref in refs)
    targets = {link["target"] for body in records.values() for link in body["links"] if link["target"].startswith(own)}
    known: set[str] = set()
    for part in in_parts(sorted(set(targets))):
        known.update(session.scalars(select(m.RecordRow.id).where(m.RecordRow.id.in_(part), visible(audience))))
    for pk, body in records.items():
        for link in body["links"]:
            if (target := link["target"]) in targets and target not in known:
                yield pk, Note("unknown-related", f"{link['kind']} {target} is not in the index: publish or correct it")


def _unknown_pcodes(session: Session, records: dict[int, dict[str, Any]], audience: Audience) -> Iterator[Noted]:
    written: dict[str, list[int]] = defaultdict(list)
    for pk, body in records.items():
        for place in body["places"]:
            if place["pcode"]:
                written[place["pcode"]].append(pk)
    sources = [row.id for row in session.scalars(select(m.SourceRow)) if allows(audience, source_of(row).access)]
    table = m.GazetteerRow
    covered = set(session.scalars(select(table.country).where(table.source_id.in_(sources)).distinct()))
    known: set[str] = set()
    for part in in_parts(sorted(set(written))):
        known.update(
            session.scalars(select(table.pcode).where(table.pcode.in_(part), table.source_id.in_(sources)).distinct())
        )
    for pcode, pks in written.items():
        letters = pcode[:3] if pcode[:3].isalpha() else pcode[:2]
        # a gazetteer that does not hold the country says nothing against its codes
        if pcode not in known and (iso2(letters) or iso2(letters[:2])) in covered:
            for pk in pks:
                yield pk, Note("unknown-pcode", f"p-code {pcode} is in no gazetteer of its country: check it")


def _titles(session: Session, records: dict[int, dict[str, Any]], audience: Audience) -> Iterator[Noted]:
    ours: dict[str, list[int]] = defaultdict(list)
    for pk, body in records.items():
        if body["kind"] != "presence":
            ours[body["title"].translate(_LOWER)].append(pk)
    lowered = func.lower(m.RecordRow.title)
    for part in in_parts(sorted(set(ours))):
        for title, number in session.execute(
            select(lowered, func.count(m.RecordRow.publisher.distinct()))
            .where(lowered.in_(part), visible(audience), m.RecordRow.retired_at.is_(None))
            .group_by(lowered)
        ):
            if number >= _PUBLISHERS_OF_A_TITLE:
                for pk in ours[title]:
                    text = f"{number} publishers use this title: add the place and what is special"
                    yield pk, Note("title-not-telling", text)


def _descriptions(records: dict[int, dict[str, Any]]) -> Iterator[Noted]:
    same: dict[str, list[int]] = defaultdict(list)
    for pk, body in records.items():
        texts = [text["text"] for text in body["texts"] if text["purpose"] != "title"]
        if texts and body["kind"] != "presence":
            same[max(texts, key=len)].append(pk)
    for pks in same.values():
        if len(pks) >= _RECORDS_OF_A_DESCRIPTION:
            for pk in pks:
                text = f"{len(pks)} records have this description: say what is special about each"
                yield pk, Note("repeated-description", text)
