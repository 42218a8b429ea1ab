"""Who says it has the mandate for something, and what an organisation says it may do: in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.countries import LANGUAGES
from knowledge.extracts import cues
from knowledge.extracts.fields import Field, Written, load_texts, quoted
from knowledge.extracts.questions import Concept, concept_of_name, concept_of_theme, spelt, theme_spellings
from knowledge.extracts.questions import concepts as worded
from knowledge.extracts.sentences import Sentence, sentences
from knowledge.finding import Facets, Hit, Participation
from knowledge.records import RecordKind, Role
from knowledge.reply import Evidence
from knowledge.search import mentioning

KINDS = (RecordKind.MANDATE, RecordKind.ORGANISATION)
_LEAST_WORDS = 5
_LONGEST = 420
_CHARGED_BY_LAW = ("government", "un", "multilateral")
_BY_TYPE = {"statute": 1.5, "mandate": 1.5, "strategic-plan": 1.0}
_REGISTER = "register-entry"
_TABLE_ROW = " | "
_HEADING_WORDS = 7
"""A heading that is longer names a thing; the word "mission" in it is part of a name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What an organisation says of itself. `denies`: it says that this is not its task. `named`: the theme or words
    stand in the sentence, and not only in the heading above it."""

    hit: Hit
    organisation: Participation
    evidence: Evidence
    score: float
    denies: bool = False
    named: bool = True
    local: bool = False
    """The section it stands in names the place that was asked for."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The best statement of each organisation, strongest first, and those that say it is not their task.

    `wider`: the place that was asked for is named by none, so these speak of no place.
    """

    own: tuple[Statement, ...] = ()
    denied: tuple[Statement, ...] = ()
    wider: bool = False


def holders(
    session: Session, themes: Sequence[str], words: str, places: Sequence[str], audience: Audience, names: Sequence[str]
) -> Stated:
    """Organisations whose own mandate texts speak of all of `themes` and `words`.

    `places`: ids; `names`: their names. With places, only organisations whose text names one of them, or of which
    records there are; where there are none of these, all of them with `wider` set.
    """
    concepts = [*map(concept_of_theme, themes), *worded(words)]
    if not concepts:
        return Stated()
    pks: set[int] | None = None
    for spellings in [*(theme_spellings(theme) for theme in themes), *(spelt([c.said]) for c in worded(words))]:
        found = set(mentioning(session, spellings, Facets(kinds=KINDS), audience))
        pks = found if pks is None else pks & found
    around = [concept_of_name(name) for name in names if name] if places else []
    statements = _best(session, sorted(pks or ()), concepts, around, audience)
    if not places or not statements:
        return _parted(statements, wider=bool(places))
    near = _in_places(session, statements, places, audience)
    return _parted(near or statements, wider=not near)


def of_organisation(
    session: Session, organisation: str, themes: Sequence[str], words: str, audience: Audience, limit: int = 3
) -> list[Statement]:
    """What an organisation says of itself: on `themes` and `words` where they are given, else what it is for.

    The strongest, in the order in which they stand; at most one of each section.
    """
    hits = _own(finding.find(session, Facets(organisations=(organisation,), kinds=KINDS), audience), organisation)
    concepts = [*map(concept_of_theme, themes), *worded(words)]
    written = load_texts(session, [hit.pk for hit in hits])
    found = [
        statement
        for hit in hits
        for statement in _statements(hit, _speaker(hit, organisation), written[hit.pk], concepts)
        if not concepts or statement.named
    ]
    found.sort(key=lambda statement: -statement.score)
    kept: dict[tuple[int, str], Statement] = {}
    said: set[str] = set()
    for statement in found:
        place = (statement.hit.pk, statement.evidence.field)
        if place not in kept and statement.evidence.quote not in said:
            kept[place] = statement
            said.add(statement.evidence.quote)
    strongest = list(kept.values())[:limit]
    return strongest if concepts else sorted(strongest, key=lambda one: (-_newest(one), one.hit.id, _order(one)))


def _newest(statement: Statement) -> int:
    return (statement.hit.reported_on or date.min).toordinal()


def _order(statement: Statement) -> tuple[int, int]:
    return int(statement.evidence.field.split("/")[1]), statement.evidence.start


def has_text(session: Session, organisation: str, audience: Audience) -> bool:
    """Whether any text is held in which the organisation itself speaks of what it is for."""
    facets = Facets(organisations=(organisation,), kinds=KINDS)
    return bool(_own(finding.find(session, facets, audience), organisation))


def _own(hits: Iterable[Hit], organisation: str) -> list[Hit]:
    """A text tells what an organisation is for only where that organisation is the one that speaks."""
    return [
        hit
        for hit in hits
        if any(part.organisation == organisation and part.role is Role.REPORTING for part in hit.organisations)
    ]


def _speaker(hit: Hit, organisation: str = "") -> Participation:
    speaking = [part for part in hit.organisations if part.role is Role.REPORTING]
    return next((part for part in speaking if part.organisation == organisation), speaking[0])


def _best(
    session: Session, pks: Sequence[int], concepts: Sequence[Concept], places: Sequence[Concept], audience: Audience
) -> list[Statement]:
    """The strongest statement of each organisation, strongest first; one that denies stands beside the others."""
    hits = [
        hit
        for hit in finding.find(session, Facets(kinds=KINDS, pks=tuple(pks)), audience)
        if any(part.role is Role.REPORTING for part in hit.organisations)
    ]
    written = load_texts(session, [hit.pk for hit in hits])
    best: dict[tuple[str, bool], Statement] = {}
    for hit in hits:
        speaker = _speaker(hit)
        for statement in _statements(hit, speaker, written[hit.pk], concepts, places):
            if not statement.named:
                continue
            key = (speaker.organisation, statement.denies)
            if key not in best or statement.score > best[key].score:
                best[key] = statement
    return sorted(best.values(), key=lambda statement: (-statement.score, statement.organisation.name))


def _parted(statements: Iterable[Statement], *, wider: bool = False) -> Stated:
    """An organisation that both claims and denies is shown as claiming: what it denies is then a part of the theme."""
    statements = list(statements)
    own = tuple(statement for statement in statements if not statement.denies)
    claimed = {statement.organisation.organisation for statement in own}
    denied = tuple(s for s in statements if s.denies and s.organisation.organisation not in claimed)
    return Stated(own, denied, wider)


def _in_places(
    session: Session, statements: Sequence[Statement], places: Sequence[str], audience: Audience
) -> list[Statement]:
    """Those whose section names the place, then those of organisations that records show there."""
    organisations = {statement.organisation.organisation for statement in statements}
    facets = Facets(places=tuple(places), organisations=tuple(sorted(organisations)), kinds=tuple(RecordKind))
    at_work = {
        part.organisation
        for hit in finding.find(session, facets, audience)
        for part in hit.organisations
        if part.organisation in organisations
    }
    local = [statement for statement in statements if statement.local]
    return local + [s for s in statements if not s.local and s.organisation.organisation in at_work]


def _statements(
    hit: Hit, speaker: Participation, text: Written, concepts: Sequence[Concept], places: Sequence[Concept] = ()
) -> Iterable[Statement]:
    asked = concepts
    for place, field in enumerate(text.fields):
        concepts = [concept.spoken(field.language) for concept in asked]
        lowered = f"{field.heading} {field.text}".lower() if concepts else ""
        if not all(concept.may_stand_in(lowered) for concept in concepts):
            continue
        last = field.heading.rpartition(" > ")[2]
        if cues.holds(cues.padded(last), "money_headings"):
            continue
        heading = cues.padded(last) if len(last.split()) <= _HEADING_WORDS else ""
        in_heading = _held(concepts, field.heading)
        above = {concept.said for concept in in_heading}
        limits = cues.holds(heading, "limit_headings")
        own = text.kind == _REGISTER or cues.holds(heading, "mandate_headings")
        local = bool(places) and bool(_held(places, f"{field.heading} {field.text}"))
        prior = (
            _BY_TYPE.get(text.kind, 0.0)
            + 0.6 * (speaker.kind in _CHARGED_BY_LAW)
            + 0.8 * own
            + 0.4 * local
            - 0.02 * min(place, 40)
        )
        for number, sentence in enumerate(sentences(field.text)):
            if not _fits(sentence.text):
                continue
            held = _held(concepts, _without_name(sentence.text, speaker))
            if len(above | {concept.said for concept in held}) < len({concept.said for concept in concepts}):
                continue
            folded = cues.padded(sentence.text)
            if cues.holds(folded, "told", "pointing"):
                continue
            told = min(2 if concepts else 1, cues.count(folded, "told", "mandate"))
            charged = cues.holds(folded, "told", "charge")
            # What an entry of a register says is what the organisation is; of a plan only what speaks of its charge.
            denied = limits or (bool(held) and text.kind != _REGISTER and denies(sentence, field, concepts))
            if not (text.kind == _REGISTER or denied or charged or (own and told)):
                continue
            later = (0.05 if concepts else 0.2) * min(number, 20)
            yield Statement(
                hit,
                speaker,
                quoted(field, sentence),
                prior + told + charged + 1.2 * len(held) / max(1, len(concepts)) - later,
                denied,
                not concepts or len(held) == len(concepts) or told > 0,
                local,
            )


def _without_name(sentence: str, speaker: Participation) -> str:
    """What a sentence says besides the name of who speaks: "Mama Cash" is no cash assistance."""
    for name in (speaker.name, speaker.written, speaker.acronym):
        sentence = sentence.replace(name, " ") if name else sentence
    return sentence


def _fits(sentence: str) -> bool:
    """Whether a sentence can be quoted by itself: no row of a table, no opening of a list, not too short or long."""
    if len(sentence) > _LONGEST or sentence.endswith(":") or _TABLE_ROW in sentence:
        return False
    return sentence.count(" ") >= _LEAST_WORDS - 1


def _held(concepts: Sequence[Concept], text: str) -> list[Concept]:
    """Those of the concepts that a text speaks of."""
    lowered = text.lower()
    concepts = [concept for concept in concepts if concept.may_stand_in(lowered)]
    if not concepts:
        return []
    stemmed, forms = cues.spoken(text)
    return [concept for concept in concepts if concept.stands_in(stemmed, forms)]


def denies(sentence: Sentence, field: Field, concepts: Sequence[Concept]) -> bool:
    """Whether a sentence says of what is asked that it is not done: "does not treat", not "so that none spreads"."""
    language = field.language if field.language in LANGUAGES else "en"
    if cues.holds(cues.padded(sentence.text), "told", "not_by", language) and _held(concepts, sentence.text):
        return True
    for clause in re.split("[,;:\u060c\u061b]", sentence.text):
        folded = cues.padded(clause)
        for phrase in cues.phrases("told", "not_denying", language):
            folded = folded.replace(phrase, " ")
        found = [folded.find(phrase) for phrase in cues.phrases("told", "not", language) if phrase in folded]
        if found and _held(concepts, clause):
            before = folded[: min(found) + 1]
            if not any(phrase in before for phrase in cues.phrases("told", "subordinate", language)):
                return True
    return False
