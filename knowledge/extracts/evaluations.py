"""What evaluation documents say of the results of work: their own sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.extracts import cues
from knowledge.extracts.fields import load_texts, quoted
from knowledge.extracts.questions import concept_of_theme, concepts, spelt, theme_spellings
from knowledge.extracts.sentences import sentences
from knowledge.finding import Facets, Hit
from knowledge.records import RecordKind
from knowledge.reply import Evidence
from knowledge.search import mentioning

_LEAST_WORDS = 6
_LONGEST = 420


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of an evaluation that tells of a result."""

    hit: Hit
    evidence: Evidence
    score: float


def find(
    session: Session,
    themes: Sequence[str],
    words: str,
    places: Sequence[str],
    organisations: Sequence[str],
    audience: Audience,
    limit: int = 4,
) -> list[Finding]:
    """Sentences of evaluations that name all of what is asked: themes and words, one of the places, the organisations.

    `places` are names: a document is not coded for places. At most two sentences of a document, one of a section.
    """
    facets = Facets(organisations=tuple(organisations), kinds=(RecordKind.DOCUMENT,))
    named = [theme_spellings(theme) for theme in themes]
    asked = concepts(words)
    named += [spelt([concept.said]) for concept in asked]
    named += [tuple(places)] if places else []
    if not named and not organisations:
        return []
    pks: set[int] | None = None
    for spellings in named:
        found = set(mentioning(session, spellings, facets, audience))
        pks = found if pks is None else pks & found
    kept = Facets(facets.places, (), facets.organisations, kinds=facets.kinds, pks=None if pks is None else tuple(pks))
    hits = finding.find(session, kept, audience)
    written = load_texts(session, [hit.pk for hit in hits])
    topics = [*map(concept_of_theme, themes), *asked]
    best: dict[tuple[int, str], Finding] = {}
    for hit in hits:
        if written[hit.pk].kind != "evaluation":
            continue
        for field in written[hit.pk].fields:
            for sentence in sentences(field.text):
                if len(sentence.text.split()) < _LEAST_WORDS or len(sentence.text) > _LONGEST:
                    continue
                told = cues.count(cues.padded(sentence.text), "told", "result")
                if not told:
                    continue
                stemmed, forms = cues.spoken(sentence.text)
                held = sum(topic.stands_in(stemmed, forms) for topic in topics)
                figures = any(map(str.isdigit, sentence.text))
                score = min(2, told) + 1.5 * held / max(1, len(topics)) + 0.5 * figures
                if (hit.pk, field.name) not in best or score > best[hit.pk, field.name].score:
                    best[hit.pk, field.name] = Finding(hit, quoted(field, sentence), score)
    ranked = sorted(best.values(), key=lambda item: (-item.score, item.hit.id, item.evidence.field))
    chosen: list[Finding] = []
    for item in ranked:
        if sum(other.hit.pk == item.hit.pk for other in chosen) < 2:
            chosen.append(item)
    return chosen[:limit]
