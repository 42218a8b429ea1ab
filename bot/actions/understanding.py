"""What a message asks, from Rasa's intent and entities and from the conversation before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.linking.entities import AMBIGUOUS_BELOW
from knowledge.reply import OrganisationReading, PeriodReading, PlaceReading, Query, ThemeReading


@dataclass(slots=True)
class Ambiguity:
    """A name with several readings; `options` are values as in a link result, likeliest first."""

    type: str
    text: str
    options: list[dict[str, Any]]


@dataclass(slots=True)
class Message:
    """The entities of one message, by type."""

    places: list[PlaceReading] = field(default_factory=list)
    themes: list[ThemeReading] = field(default_factory=list)
    organisations: list[OrganisationReading] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    period: PeriodReading | None = None
    records: list[str] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    ambiguities: list[Ambiguity] = field(default_factory=list)

    @property
    def names_something(self) -> bool:
        return bool(self.places or self.themes or self.organisations or self.kinds or self.period or self.ambiguities)


def read(entities: list[dict[str, Any]]) -> Message:
    """Reads link entities (`{"type","value","probability","alternatives",...}`) into a message."""
    message = Message()
    for entity in entities:
        value = entity["value"]
        kind = entity["type"]
        if kind in ("place", "organisation") and entity.get("probability", 1.0) < AMBIGUOUS_BELOW:
            options = [value, *(other["value"] for other in entity.get("alternatives", ()))]
            if len(options) > 1:
                message.ambiguities.append(Ambiguity(kind, entity["text"], options[:6]))
                continue
        match kind:
            case "place":
                message.places.append(place(value))
            case "theme":
                message.themes.append(ThemeReading(id=value["id"], name=value["name"]))
            case "organisation":
                message.organisations.append(organisation(value))
            case "organisation_kind":
                message.kinds.append(value["id"])
            case "period":
                message.period = PeriodReading(start=_day(value["start"]), end=_day(value["end"]), words=value["words"])
            case "record":
                message.records.append(value["id"])
            case "ordinal":
                message.ordinals.append(int(value["number"]))
    return message


def place(value: dict[str, Any]) -> PlaceReading:
    return PlaceReading(
        id=value["id"],
        name=value["name"],
        country=value["country"],
        level=value["level"],
        within=list(value.get("within", ())),
    )


def organisation(value: dict[str, Any]) -> OrganisationReading:
    return OrganisationReading(id=value["id"], name=value["name"], kind=value.get("kind", ""))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def fresh(intent: str, message: Message, words: str) -> Query:
    return Query(
        intent=intent,
        places=message.places,
        themes=message.themes,
        organisations=message.organisations,
        organisation_kinds=message.kinds,
        period=message.period or PeriodReading(),
        records=message.records,
        words=words,
    )


def refined(before: Query, message: Message) -> Query:
    """The last question with the facets that the message names put in their place."""
    query = before.model_copy(deep=True)
    query.offset = 0
    if message.places:
        query.places = message.places
    if message.themes:
        query.themes, query.words = message.themes, ""
    if message.organisations:
        query.organisations = message.organisations
    if message.kinds:
        query.organisation_kinds = message.kinds
    if message.period:
        query.period = message.period
    return query


def asked(intent: str, message: Message, words: str, before: Query | None) -> tuple[Query, list[str]]:
    """The query of a new question, and the names of what it keeps from the one before.

    A question that names a place or an organisation stands alone. One that names only a theme, a kind or a period is
    taken to be about the same place, and the answer says so.
    """
    query = fresh(intent, message, words)
    if before is None or message.places or message.organisations or message.ambiguities:
        return query, []
    # A name that nobody knows may be another place: what it stood for is not guessed from the question before.
    if words != words.casefold() or not (message.themes or message.kinds or message.period):
        return query, []
    query.places = before.places
    kept = [reading.name for reading in before.places]
    if not message.themes and not words:
        query.themes = before.themes
        kept += [theme.name for theme in before.themes]
    return query, kept
