"""Mandates and results as plain JSON: what REST and the command line show outside the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge import lookups
from knowledge.access import Audience
from knowledge.answers import quote_href, record_href
from knowledge.extracts import cues, evaluations, mandates, results
from knowledge.extracts.mandates import Statement
from knowledge.extracts.questions import concept_of_theme
from knowledge.extracts.results import Reading
from knowledge.finding import Facets, Hit
from knowledge.index import Index
from knowledge.linking.entities import LinkedEntity
from knowledge.reply import Evidence
from knowledge.whowhatwhere import coverage


@dataclass(frozen=True, slots=True)
class _Named:
    """What a request narrows to, as ids with names."""

    places: dict[str, str]
    themes: dict[str, str]
    organisations: dict[str, str]
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "places": [{"id": key, "name": name} for key, name in self.places.items()],
            "themes": [{"id": key, "name": name} for key, name in self.themes.items()],
            "organisations": [{"id": key, "name": name} for key, name in self.organisations.items()],
            "words": self.words,
        }


def find_mandates(
    index: Index,
    text: str,
    places: Sequence[str],
    themes: Sequence[str],
    organisations: Sequence[str],
    audience: Audience,
    limit: int = 50,
) -> dict[str, Any]:
    """What organisations say they are charged with. `text` is read as a question; the lists hold names or ids.

    Raises lookups.Unreadable for a name that the index does not know, and where nothing is named.
    """
    named = _read(index, text, places, themes, organisations, audience)
    if not (named.themes or named.words or named.organisations):
        raise lookups.Unreadable(
            "Nothing is named whose mandate, or the mandate for what. Name a theme or an organisation"
        )
    with index.home.database.read() as session:
        wider = False
        if named.organisations:
            found = [
                statement
                for organisation in named.organisations
                for statement in mandates.of_organisation(
                    session, organisation, list(named.themes), named.words, audience
                )
            ]
        else:
            stated = mandates.holders(
                session, list(named.themes), named.words, list(named.places), audience, list(named.places.values())
            )
            found, wider = [*stated.own, *stated.denied], stated.wider
        covered = coverage(session, tuple(named.places), audience).anything
    return {
        "query": named.as_json(),
        "total": len(found),
        "without_the_place": wider,
        "statements": [_statement_json(statement) for statement in found[:limit]],
        "coverage": _coverage(index, bool(found), covered),
    }


def find_results(
    index: Index,
    places: Sequence[str],
    themes: Sequence[str],
    organisations: Sequence[str],
    audience: Audience,
    limit: int = 50,
) -> dict[str, Any]:
    """Targets beside reported figures, and sentences of evaluations. Raises lookups.Unreadable."""
    named = _read(index, "", places, themes, organisations, audience)
    if not (named.places or named.themes or named.organisations):
        raise lookups.Unreadable("Results of what? Name a theme, a place or an organisation")
    facets = Facets(tuple(named.places), tuple(named.themes), tuple(named.organisations), kinds=results.KINDS)
    with index.home.database.read() as session:
        found = results.find(session, facets, [concept_of_theme(theme) for theme in named.themes], audience)
        said = evaluations.find(
            session, list(named.themes), "", list(named.places.values()), list(named.organisations), audience
        )
        covered = coverage(session, facets.places, audience).anything
    return {
        "query": named.as_json(),
        "total": len(found.readings),
        "records": len(found.records),
        "records_without_results": found.without,
        "records_not_read": found.unread,
        "indicators": [_reading_json(reading) for reading in found.readings[:limit]],
        "evaluations": [_quote_json(item.hit, item.evidence) for item in said],
        "coverage": _coverage(index, bool(found.readings or said), covered),
    }


def _read(
    index: Index,
    text: str,
    places: Sequence[str],
    themes: Sequence[str],
    organisations: Sequence[str],
    audience: Audience,
) -> _Named:
    linked = index.link(text, audience) if text.strip() else None
    entities: list[LinkedEntity] = list(linked.entities) if linked else []
    for kind, names in (("place", places), ("theme", themes), ("organisation", organisations)):
        for name in names:
            first = next((e for e in index.link(name, audience).entities if e.type == kind), None)
            if first is None:
                raise lookups.Unreadable(
                    f"{kind} {name!r} is not known to this index. `commonground link` shows what is read from a text"
                )
            entities.append(first)
    of_type: dict[str, dict[str, str]] = {"place": {}, "theme": {}, "organisation": {}}
    for entity in entities:
        if entity.type in of_type:
            of_type[entity.type][str(entity.value["id"])] = str(entity.value["name"])
    words = cues.topic(linked.words, "mandate") if linked else ""
    return _Named(of_type["place"], of_type["theme"], of_type["organisation"], words)


def _coverage(index: Index, found: bool, covered: bool) -> dict[str, Any]:
    state = "reported" if found else "none_reported" if covered else "not_covered"
    return {"state": state, "as_of": index.today()}


def _quote_json(hit: Hit, evidence: Evidence) -> dict[str, Any]:
    return {
        **evidence.model_dump(),
        "record": hit.id,
        "title": hit.title,
        "publisher": hit.publisher,
        "reported_on": hit.reported_on,
        "audience": hit.level,
        "source": {"file": hit.source, "element": hit.element, "line": hit.line, "as_of": hit.as_of},
        "href": quote_href(hit.id, evidence.quote),
    }


def _statement_json(statement: Statement) -> dict[str, Any]:
    part = statement.organisation
    return {
        "organisation": {"id": part.organisation, "name": part.name, "acronym": part.acronym, "kind": part.kind},
        "not_its_task": statement.denies,
        **_quote_json(statement.hit, statement.evidence),
    }


def _reading_json(reading: Reading) -> dict[str, Any]:
    indicator, hit = reading.indicator, reading.hit
    return {
        "indicator": reading.title,
        "result": indicator.result,
        "kind": indicator.kind,
        "unit": indicator.unit,
        "baseline": indicator.baseline,
        "target": indicator.target,
        "actual": indicator.actual,
        "start": indicator.start,
        "end": indicator.end,
        "state": reading.state.value,
        "percent_of_target": reading.percent,
        "unchanged_from_baseline": reading.unchanged,
        "field": f"indicators/{reading.number}",
        "record": hit.id,
        "title": hit.title,
        "publisher": hit.publisher,
        "secondary_reporter": hit.secondary,
        "reported_on": hit.reported_on,
        "audience": hit.level,
        "source": {"file": hit.source, "element": hit.element, "line": hit.line, "as_of": hit.as_of},
        "href": record_href(hit.id),
    }
