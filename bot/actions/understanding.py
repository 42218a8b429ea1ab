"""What a message asks, from Rasa's intent and entities and from the conversation before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from bot.actions import said
from knowledge.linking.entities import AMBIGUOUS_BELOW
from knowledge.reply import Excluding, OrganisationReading, PeriodReading, PlaceReading, Query, ThemeReading

_Reading = TypeVar("_Reading", PlaceReading, ThemeReading, OrganisationReading)

STANDS_ALONE = frozenset(
    {
        *("stop_watch", "list_watches", "learn", "feedback", "greet", "thanks", "help", "affirm", "deny", "cancel"),
        *("out_of_scope", "restart_conversation", "nlu_fallback"),
    }
)
"""Intents that take nothing over from the question before."""
_ITS_OWN = frozenset({"register_initiative"})
"""Intents that are about what the person brings, unless the words point back."""
_KEEPS_NAMES = frozenset({"find_gaps"})
"""Intents of which "without" is the question itself: "districts without a nutrition partner"."""


@dataclass(slots=True)
class Ambiguity:
    """A name with several readings; `options` are values as in a link result, likeliest first."""

    type: str
    text: str
    options: list[dict[str, Any]]


@dataclass(slots=True)
class Message:
    """The entities of one message, by type. `excluding`: those to be left out. `spans`: the characters of all.

    `period` is the last of `periods`. `pointing`: the characters of the ordinals.
    """

    places: list[PlaceReading] = field(default_factory=list)
    themes: list[ThemeReading] = field(default_factory=list)
    organisations: list[OrganisationReading] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    period: PeriodReading | None = None
    periods: list[PeriodReading] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    ambiguities: list[Ambiguity] = field(default_factory=list)
    excluding: Excluding = field(default_factory=Excluding)
    spans: list[tuple[int, int]] = field(default_factory=list)
    pointing: list[tuple[int, int]] = field(default_factory=list)

    @property
    def names_something(self) -> bool:
        named = self.places or self.themes or self.organisations or self.kinds or self.period or self.ambiguities
        return bool(named or self.excluding)


def read(entities: list[dict[str, Any]], text: str = "", intent: str = "") -> Message:
    """Reads link entities (`{"type","value","probability","alternatives",...}`) of `text` into a message."""
    message = Message()
    for entity in entities:
        value = entity["value"]
        kind = entity["type"]
        start = int(entity.get("start", 0))
        (message.pointing if kind == "ordinal" else message.spans).append((start, int(entity.get("end", start))))
        if kind in ("place", "organisation") and entity.get("probability", 1.0) < AMBIGUOUS_BELOW:
            options = [value, *(other["value"] for other in entity.get("alternatives", ()))]
            if len(options) > 1:
                message.ambiguities.append(Ambiguity(kind, entity["text"], options[:6]))
                continue
        out = intent not in _KEEPS_NAMES and said.leaves_out(text, start)
        into: Message | Excluding = message.excluding if out else message
        match kind:
            case "place":
                into.places.extend(places(value))
            case "theme":
                into.themes.append(ThemeReading(id=value["id"], name=value["name"]))
            case "organisation":
                into.organisations.append(organisation(value))
            case "organisation_kind":
                (message.excluding.organisation_kinds if out else message.kinds).append(value["id"])
            case "period":
                message.period = PeriodReading(
                    start=day_of(value["start"]), end=day_of(value["end"]), words=value["words"]
                )
                message.periods.append(message.period)
            case "record":
                message.records.append(value["id"])
            case "ordinal":
                message.ordinals.append(int(value["number"]))
    for named in (message, message.excluding):
        named.places = _once(named.places)
        named.themes = _once(named.themes)
        named.organisations = _once(named.organisations)
    message.kinds = list(dict.fromkeys(message.kinds))
    message.records = list(dict.fromkeys(message.records))
    return message


def _once(readings: list[_Reading]) -> list[_Reading]:
    """Each reading once, where it is first named."""
    return list({reading.id: reading for reading in reversed(readings)}.values())[::-1]


def places(value: dict[str, Any]) -> list[PlaceReading]:
    """The places that a place of a link result stands for: its members where it is an area ("Darfur", "Sahel")."""
    return [place(one) for one in value.get("members") or [value]]


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


def day_of(value: Any) -> date | None:
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
        excluding=message.excluding,
    )


def refined(before: Query, message: Message) -> Query:
    """The last question with the facets that the message names put in their place, and what it leaves out taken out."""
    query = before.model_copy(deep=True)
    query.offset = 0
    if (message.places or message.organisations) and query.words != query.words.casefold():
        query.words = ""  # a name that nobody knew, said anew
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
    if message.records:
        query.records = list(dict.fromkeys([*query.records, *message.records]))
    _leave_out(query, message)
    return query


def _leave_out(query: Query, message: Message) -> None:
    """ "Not Turkana, Gedo" puts one in place of the other; "without Turkana" goes on about the rest."""
    out = message.excluding
    query.places = [place for place in query.places if place.id not in {item.id for item in out.places}]
    query.themes = [theme for theme in query.themes if theme.id not in {item.id for item in out.themes}]
    query.organisations = [o for o in query.organisations if o.id not in {item.id for item in out.organisations}]
    query.organisation_kinds = [kind for kind in query.organisation_kinds if kind not in out.organisation_kinds]
    kept = query.excluding
    # What is named now is wanted again, whatever was left out before.
    kept.places = [p for p in kept.places if p.id not in {item.id for item in message.places}]
    kept.themes = [t for t in kept.themes if t.id not in {item.id for item in message.themes}]
    kept.organisations = [o for o in kept.organisations if o.id not in {item.id for item in message.organisations}]
    kept.organisation_kinds = [kind for kind in kept.organisation_kinds if kind not in message.kinds]
    kept.places += [] if message.places else out.places
    kept.themes += [] if message.themes else out.themes
    kept.organisations += [] if message.organisations else out.organisations
    kept.organisation_kinds += [] if message.kinds else out.organisation_kinds


def asked(intent: str, message: Message, words: str, before: Query | None, text: str = "") -> tuple[Query, list[str]]:
    """The query of a new question, and the names of what it keeps from the one before.

    A question that names a place or an organisation stands alone, unless its words go on from the one before ("and who
    pays in Gedo?") or point back to it ("who funds them?"). One that names only a theme, a kind or a period is taken to
    be about the same place. One that names nothing is about all the same. The answer says what was kept.
    """
    query = fresh(intent, message, words)
    if before is None or intent in STANDS_ALONE or message.records:
        return query, []
    carries = said.goes_on(text) or said.points_back(text)
    if intent in _ITS_OWN and not carries and not (before.intent == "find_overlaps" and said.says(text, "brought")):
        return query, []
    if message.places or message.organisations or message.ambiguities:
        return _kept(query, before, _missing(message)) if carries else (query, [])
    # A name that nobody knows may be another place: what it stood for is not guessed from the question before.
    unknown_name = words != words.casefold()
    if message.names_something:
        if unknown_name:
            return query, []
        facets = ["places", "excluding"] if message.themes or words else ["places", "themes", "excluding"]
        return _kept(query, before, [*facets, "organisations"] if carries else facets)
    if intent == "who_does_what" and words and (unknown_name or not carries):
        return query, []
    if not unknown_name:
        query.words = ""
        return _kept(query, before, _missing(message))
    return query, []


def _missing(message: Message) -> list[str]:
    """The facets that a message leaves open."""
    return [
        *([] if message.places or any(a.type == "place" for a in message.ambiguities) else ["places"]),
        *([] if message.themes else ["themes"]),
        *(
            []
            if message.organisations or any(a.type == "organisation" for a in message.ambiguities)
            else ["organisations"]
        ),
        *([] if message.kinds else ["organisation_kinds"]),
        *([] if message.period else ["period"]),
        "excluding",
    ]


def _kept(query: Query, before: Query, facets: list[str]) -> tuple[Query, list[str]]:
    """The query with these facets as they were before, and the names of what that brought in."""
    before = before.model_copy(deep=True)
    names: list[str] = []
    for facet in facets:
        value = getattr(before, facet)
        if facet == "themes" and query.words:
            continue
        if facet == "excluding":
            if not query.excluding:
                query.excluding = value
            continue
        setattr(query, facet, value)
        if facet in ("places", "themes", "organisations"):
            names += [reading.name for reading in value]
    if "themes" in facets and not query.themes and not query.words and before.words:
        query.words = before.words
    return query, names
