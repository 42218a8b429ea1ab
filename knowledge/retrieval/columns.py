"""Columns of all current records, and the mask of those that answer facets and that an audience may see.

The same rules as the WHERE of `knowledge.finding`, on arrays: record i of a column is the i-th in ascending order of
`pks`. Retired records are left out. What a mask says holds for the published version that `load` read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Integer, cast, func, select, text

from knowledge import finding
from knowledge.access import Audience, allows
from knowledge.finding import Facets
from knowledge.records import Access, Level, RecordKind
from knowledge.store import models as m

Numbers = NDArray[np.int32]
Mask = NDArray[np.bool_]

_DAY_ZERO = 1_721_424.5
"""The Julian day of what Python counts as day 0."""
_LAST = "\U0010ffff"
_KIND_CODES = {kind.value: code for code, kind in enumerate(RecordKind)}
_NO_START, _NO_END = 0, date.max.toordinal() + 1


class Groups:
    """Records by key: `members` of the i-th of the sorted `keys` stand from `offsets[i]` to `offsets[i + 1]`."""

    __slots__ = ("_keys", "members", "offsets")

    def __init__(self, keys: Sequence[str], members: Numbers) -> None:
        """`keys[i]` is the key of `members[i]`."""
        self._keys = sorted(set(keys))
        code_of = {key: code for code, key in enumerate(self._keys)}
        codes = np.fromiter(map(code_of.__getitem__, keys), np.int32, len(keys))
        self.members = members[np.argsort(codes, kind="stable")]
        self.offsets = np.searchsorted(np.sort(codes), np.arange(len(self._keys) + 1)).astype(np.int64)

    def between(self, low: str, high: str) -> Numbers:
        """The members of all keys from `low` up to, but without, `high`; some may stand in it more than once."""
        first, last = bisect_left(self._keys, low), bisect_left(self._keys, high)
        return self.members[self.offsets[first] : self.offsets[last]]

    def of(self, key: str) -> Numbers:
        return self.between(key, key + "\0")


@dataclass(frozen=True, slots=True)
class Columns:
    """`starts` and `ends` are proleptic ordinals of days; a missing one is before or after all days. `permission` says
    which of `permissions` a record has. `lengths`: words of a record in the text index, float32."""

    pks: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    starts: Numbers
    ends: Numbers
    permission: Numbers
    permissions: tuple[Access, ...]
    places: Groups
    organisations: Groups
    stated_themes: Groups
    described_themes: Groups
    lengths: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pks)

    def ordinals(self, pks: Sequence[int] | NDArray[np.int64]) -> Numbers:
        """Positions of the records `pks`; those that are not here are left out."""
        wanted = np.asarray(pks, dtype=np.int64)
        if not len(self.pks):
            return np.zeros(0, np.int32)
        at = np.minimum(np.searchsorted(self.pks, wanted), len(self.pks) - 1)
        return np.asarray(at[self.pks[at] == wanted], np.int32)

    def sight(self, audience: Audience) -> tuple[bool, ...]:
        """Which of `permissions` the audience fulfils: who fulfils the same sees the same."""
        return tuple(allows(audience, access) for access in self.permissions)

    def visible(self, sight: tuple[bool, ...]) -> Mask:
        """Everything that may be seen with that sight."""
        return np.asarray(sight, dtype=np.bool_)[self.permission]

    def mask(self, facets: Facets, visible: Mask, paths: Iterable[str]) -> Mask:
        """The records of `visible` that answer `facets`; `paths` are those of its places, as `finding.paths_of`."""
        wanted_kinds = np.zeros(len(_KIND_CODES), dtype=np.bool_)
        wanted_kinds[[_KIND_CODES[kind.value] for kind in facets.kinds]] = True
        found = visible & wanted_kinds[self.kinds]
        if facets.places:
            found &= self._any(self.places.between(path, path + _LAST) for path in paths)
        if facets.themes:
            wanted, finer = finding.themes_meant(facets.themes)
            found &= self._any(
                [*(self.stated_themes.of(theme) for theme in wanted), *map(self.described_themes.of, finer)]
            )
        if facets.organisations:
            found &= self._any(map(self.organisations.of, facets.organisations))
        if facets.start is not None:
            found &= self.ends >= facets.start.toordinal()
        if facets.end is not None:
            found &= self.starts <= facets.end.toordinal()
        if facets.pks is not None:
            found &= self._any([self.ordinals(facets.pks)])
        return found

    def _any(self, groups: Iterable[Numbers]) -> Mask:
        found = np.zeros(len(self.pks), dtype=np.bool_)
        for members in groups:
            found[members] = True
        return found


def load(connection: Connection) -> Columns:
    """All columns, read from one snapshot where the caller's connection is in a transaction."""
    record = m.RecordRow
    rows = tuples(
        connection,
        select(
            record.pk, record.kind, _day(record.start, _NO_START), _day(record.end, _NO_END), record.level, record.owner
        )
        .where(record.retired_at.is_(None))
        .order_by(record.pk),
    )
    pks = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    named: dict[int, list[str]] = defaultdict(list)
    for pk, organisation in connection.execute(select(m.RecordAudienceRow.record_pk, m.RecordAudienceRow.organisation)):
        named[pk].append(organisation)
    permission_of: dict[Access, int] = {}
    permission = np.empty(len(rows), np.int32)
    for i, (pk, _kind, _start, _end, level, owner) in enumerate(rows):
        access = Access(Level(level), owner, tuple(sorted(named[pk])) if level == Level.NAMED.value else ())
        permission[i] = permission_of.setdefault(access, len(permission_of))
    return Columns(
        pks=pks,
        kinds=np.fromiter((_KIND_CODES[row[1]] for row in rows), np.uint8, len(rows)),
        starts=np.fromiter((row[2] for row in rows), np.int32, len(rows)),
        ends=np.fromiter((row[3] for row in rows), np.int32, len(rows)),
        permission=permission,
        permissions=tuple(permission_of),
        places=_groups(
            connection,
            pks,
            select(m.RecordPlaceRow.record_pk, m.PlaceRow.path)
            .join(m.PlaceMentionRow, m.PlaceMentionRow.id == m.RecordPlaceRow.mention_id)
            .join(m.PlaceRow, m.PlaceRow.id == m.PlaceMentionRow.place_id),
        ),
        organisations=_groups(
            connection,
            pks,
            select(m.RecordOrganisationRow.record_pk, m.OrganisationMentionRow.organisation_id)
            .join(m.OrganisationMentionRow, m.OrganisationMentionRow.id == m.RecordOrganisationRow.mention_id)
            .where(m.OrganisationMentionRow.organisation_id.is_not(None)),
        ),
        stated_themes=_groups(
            connection,
            pks,
            select(m.RecordThemeRow.record_pk, m.RecordThemeRow.theme).where(m.RecordThemeRow.scope != m.DESCRIBED),
        ),
        described_themes=_groups(connection, pks, select(m.RecordThemeRow.record_pk, m.RecordThemeRow.theme)),
        lengths=_lengths(connection, pks),
    )


def tuples(connection: Connection, query: Any) -> list[tuple[Any, ...]]:
    """All rows of a query without parameters from outside, past SQLAlchemy's rows, which take most of the time."""
    statement = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    return list(connection.connection.cursor().execute(statement).fetchall())


def _day(column: Any, missing: int) -> Any:
    return func.coalesce(cast(func.julianday(column) - _DAY_ZERO, Integer), missing)


def _groups(connection: Connection, pks: NDArray[np.int64], query: Any) -> Groups:
    """Of rows (record pk, key)."""
    rows = tuples(connection, query)
    owners = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    at = np.minimum(np.searchsorted(pks, owners), max(len(pks) - 1, 0))
    kept = np.flatnonzero(pks[at] == owners) if len(pks) else np.zeros(0, np.int64)
    return Groups([rows[i][1] for i in kept.tolist()], at[kept].astype(np.int32))


def _lengths(connection: Connection, pks: NDArray[np.int64]) -> NDArray[np.float32]:
    """From the table in which FTS5 keeps, for its own ranking, how many words each column of a row holds."""
    rows = tuples(connection, text("SELECT id, sz FROM record_text_docsize ORDER BY id"))
    found = np.zeros(len(pks), np.float32)
    if not len(pks):
        return found
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    at = np.minimum(np.searchsorted(pks, ids), len(pks) - 1)
    for i in np.flatnonzero(pks[at] == ids).tolist():
        found[at[i]] = sum(varints(rows[i][1]))
    return found


def varints(data: bytes) -> list[int]:
    """Numbers as SQLite writes them one after another: seven bits a byte, the last byte below 128."""
    found: list[int] = []
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return found
