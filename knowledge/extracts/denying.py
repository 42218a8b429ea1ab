"""Whether it is so that nothing was found: every sentence that says so is looked up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import func
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.extracts import contacts, mandates, results
from knowledge.extracts.questions import concepts, spelt
from knowledge.finding import Facets
from knowledge.records import WORK, RecordKind
from knowledge.reply import Query
from knowledge.search import mentioning
from knowledge.store import models as m
from knowledge.whowhatwhere import coverage, who

_HOLDS_RESULTS = b'"indicators":[{'

Lookup = Callable[[Session, Query, Audience, date], bool | None]
"""Whether it is so; None where text narrowed the question in a way that is not looked up here."""


def facets_of(query: Query, kinds: Sequence[RecordKind]) -> Facets:
    """All that a question narrows to by codes."""
    return Facets(
        tuple(place.id for place in query.places),
        tuple(theme.id for theme in query.themes),
        tuple(organisation.id for organisation in query.organisations),
        query.period.start,
        query.period.end,
        tuple(kinds),
    )


def _saying(session: Session, query: Query, facets: Facets, audience: Audience) -> bool:
    """Whether records that answer the facets also say every word that no code stands for."""
    if not finding.count(session, facets, audience):
        return False
    found: set[int] | None = None
    for concept in concepts(query.words):
        said = set(mentioning(session, spelt([concept.said]), facets, audience))
        found = said if found is None else found & said
    return found is None or bool(found)


def _nothing_fits(session: Session, query: Query, audience: Audience, _: date) -> bool:
    return not _saying(session, query, facets_of(query, results.KINDS), audience)


def _nobody(session: Session, query: Query, audience: Audience, today: date) -> bool | None:
    """That no organisation does it: of whatever organisation, so that a question for one must not be answered so."""
    if query.organisations:
        return False
    if query.words:
        return None
    facets = facets_of(query, WORK)
    return not who(session, facets, audience, today, kinds=query.organisation_kinds).hits


def _not_of_it(session: Session, query: Query, audience: Audience, _: date) -> bool | None:
    return None if query.words else not finding.count(session, facets_of(query, WORK), audience)


def _not_covered(session: Session, query: Query, audience: Audience, _: date) -> bool:
    return not coverage(session, tuple(place.id for place in query.places), audience).anything


def _no_results(session: Session, query: Query, audience: Audience, _: date) -> bool | None:
    facets = facets_of(query, results.KINDS)
    holding = func.instr(m.RecordRow.body, _HOLDS_RESULTS) > 0
    if query.words or not finding.count(session, facets, audience):
        return None
    if not finding.count(session, facets, audience, holding):
        return True
    return not results.find(session, facets, [], audience).readings


def _no_text(session: Session, query: Query, audience: Audience, _: date) -> bool:
    return any(not mandates.has_text(session, one.id, audience) for one in query.organisations)


def _no_office(session: Session, query: Query, audience: Audience, _: date) -> bool:
    return not contacts.of_organisations(session, [one.id for one in query.organisations], audience)


LOOKUPS: dict[str, Lookup] = {
    "fits_none": _nothing_fits,
    "none_reported": _nobody,
    "org_none": _not_of_it,
    "not_covered": _not_covered,
    "results_none": _no_results,
    "mandate_no_text": _no_text,
    "contact_none": _no_office,
}
"""Key of a sentence that says that nothing was found -> whether it is so."""
