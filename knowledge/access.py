"""The one place that decides who may see what. Unknown permission means private.

Every query over records takes an `Audience` and narrows itself with `visible`; nothing is fetched and then hidden.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from knowledge.records import Access, Level
from knowledge.store.models import RecordAudienceRow, RecordRow, SourceRow

HOME_OWNER = "home"
"""Owner of records whose source names no owner: the organisation that runs this installation."""


def organisation_key(name: str) -> str:
    """The form in which permissions name an organisation: folded, letters and digits only ("" for no name)."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[\W_]+", "-", "".join(c for c in folded if not unicodedata.combining(c))).strip("-")


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is asking. `organisations` are keys; `community` is membership of the coordination community."""

    organisations: frozenset[str] = frozenset()
    community: bool = False
    label: str = "public"

    @property
    def is_public(self) -> bool:
        return not self.organisations and not self.community


PUBLIC = Audience()

PRIVACY = {level: rank for rank, level in enumerate((Level.PUBLIC, Level.COMMUNITY, Level.NAMED, Level.OWN))}
"""Levels ranked from the most open, 0, to the most private."""


def member(*names: str) -> Audience:
    """Somebody of the organisations `names` (any spelling that folds to the same key); members are of the community.

    No name makes anybody the owner of this installation; only `operator` does.
    """
    keys = frozenset(key for name in names if (key := organisation_key(name)) not in ("", HOME_OWNER))
    return Audience(organisations=keys, community=True, label=", ".join(names))


def operator(organisation: str = "") -> Audience:
    """The person who runs this installation, and speaks for its organisation."""
    keys = {HOME_OWNER, organisation_key(organisation)} - {""}
    return Audience(organisations=frozenset(keys), community=True, label=organisation or "this installation")


def named(who: str, *, organisation: str = "") -> Audience:
    """Reads `--as WHO`: "public", "community", "operator", or the name of an organisation."""
    match who.strip().casefold():
        case "" | "operator":
            return operator(organisation)
        case "public" | "visitor":
            return PUBLIC
        case "community":
            return Audience(community=True, label="community")
        case _:
            audience = member(who.strip())
            if organisation_key(who) == organisation_key(organisation):
                return operator(organisation)
            return audience


def allows(audience: Audience, access: Access) -> bool:
    """The same rule as `visible`, for entries held in memory."""
    owner = access.owner or HOME_OWNER
    match access.level:
        case Level.PUBLIC:
            return True
        case Level.COMMUNITY:
            return audience.community or owner in audience.organisations
        case Level.NAMED:
            return not audience.organisations.isdisjoint({owner, *access.named})
        case _:
            return owner in audience.organisations


def visible(audience: Audience) -> ColumnElement[bool]:
    """The clause that narrows a query over `RecordRow` to what `audience` may see."""
    own = RecordRow.owner.in_(sorted(audience.organisations)) if audience.organisations else false()
    named_to = (
        RecordRow.pk.in_(
            select(RecordAudienceRow.record_pk).where(
                RecordAudienceRow.organisation.in_(sorted(audience.organisations))
            )
        )
        if audience.organisations
        else false()
    )
    return or_(
        RecordRow.level == Level.PUBLIC.value,
        own,
        and_(RecordRow.level == Level.COMMUNITY.value, true() if audience.community else false()),
        and_(RecordRow.level == Level.NAMED.value, named_to),
    )


def visible_source(audience: Audience) -> ColumnElement[bool]:
    """The clause for sources: one is seen where at least one of its records may be."""
    return SourceRow.id.in_(select(RecordRow.source_id).where(visible(audience)).distinct())
