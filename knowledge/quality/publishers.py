"""Which records a publisher's name, reference or identifier means."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.access import Audience, visible
from knowledge.index import Index
from knowledge.records import Role
from knowledge.store import models as m
from knowledge.text import fold

_NEAREST = 6


class UnknownPublisher(LookupError):
    """No visible record is published under that name. `nearest` holds names that are, the likeliest first."""

    def __init__(self, asked: str, nearest: list[str]) -> None:
        hint = f" Nearest names: {'; '.join(nearest)}." if nearest else ""
        super().__init__(f"No records published by {asked!r} that you may see.{hint}")
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Publisher:
    """`names` are the publisher's as its records give it, the most frequent first; `refs` its references."""

    organisation: str
    names: tuple[str, ...]
    refs: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[0]


def find_publisher(index: Index, session: Session, asked: str, audience: Audience) -> Publisher:
    """The publisher of records that `audience` may see. Raises UnknownPublisher."""
    seen = (visible(audience), m.RecordRow.retired_at.is_(None))
    counted = select(m.RecordRow.publisher, func.count()).where(*seen).group_by(m.RecordRow.publisher)
    names: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    reporters: dict[str, set[str]] = defaultdict(set)
    refs: dict[str, set[str]] = defaultdict(set)
    organisations_of: dict[str, set[str]] = defaultdict(set)
    mention = m.OrganisationMentionRow
    for publisher, organisation, ref in session.execute(
        select(m.RecordRow.publisher, mention.organisation_id, mention.ref)
        .join(m.RecordOrganisationRow, m.RecordOrganisationRow.record_pk == m.RecordRow.pk)
        .join(mention, mention.id == m.RecordOrganisationRow.mention_id)
        .where(*seen, m.RecordOrganisationRow.role == Role.REPORTING.value)
        .distinct()
    ):
        if organisation:
            reporters[organisation].add(publisher)
            organisations_of[publisher].add(organisation)
        if ref:
            refs[publisher].add(ref)
    wanted, folded = asked.strip().casefold(), fold(asked)
    chosen = {name for name in names if fold(name) == folded}
    chosen |= {name for name, known in refs.items() if wanted in {ref.casefold() for ref in known}}
    chosen |= reporters.get(asked.strip(), set())
    if not chosen:
        for entity in index.link(asked, audience).entities:
            if entity.type == "organisation" and not chosen:
                chosen = set(reporters.get(str(entity.value["id"]), set()))
    if not chosen:
        raise UnknownPublisher(asked, _nearest(folded, names))
    organisations = {organisation for name in chosen for organisation in organisations_of[name]}
    for organisation in organisations:
        chosen |= reporters[organisation]
    ordered = sorted(chosen, key=lambda name: (-names.get(name, 0), name))
    known = sorted({ref for name in chosen for ref in refs[name]})
    return Publisher(next(iter(sorted(organisations)), ""), tuple(ordered), tuple(known))


def _nearest(folded: str, names: dict[str, int]) -> list[str]:
    by_form = {fold(name): name for name in sorted(names, key=lambda name: names[name])}
    within = sorted((form for form in by_form if folded and folded in form), key=len)
    close = get_close_matches(folded, by_form, n=_NEAREST, cutoff=0.5)
    most = sorted(by_form, key=lambda form: -names[by_form[form]])
    found = dict.fromkeys([*within[:_NEAREST], *close] or most[:_NEAREST])
    return [by_form[form] for form in found][:_NEAREST]
