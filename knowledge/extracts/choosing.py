"""The sentences that answer a question, out of the records it is about; none where the evidence is weak.

A sentence is weighed by what of the question it says (rare words count more), by how near it is in meaning, by whether
its record says the rest, and by whether it tells the kind of thing that was asked for. The weights and the threshold
were fitted on questions made from records and on questions that no record answers: `benchmarks/answers.py --fit`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from knowledge.embeddings import Vectors
from knowledge.extracts import cues
from knowledge.extracts.fields import Field, quoted, texts_of
from knowledge.extracts.questions import Concept, Question
from knowledge.extracts.sentences import Sentence, sentences
from knowledge.finding import Hit
from knowledge.records import Record
from knowledge.reply import Evidence

_READ_IN_MEANING = 6
"""Sentences whose meaning is compared: each costs the model some milliseconds."""
_CHARACTERS_READ = 12_000
"""Of one record; of a longer one, the sections that say most of the question."""
_LEAST_WORDS = 4
_TABLE_ROW = " | "
_COMMON = 0.35
"""Weight of a word that all records at hand say, beside 1 for one that none says."""

SAID, NEAR, SUPPORT, KIND = 0.4, 0.3, 0.2, 0.1
THRESHOLD = 0.6
_MEANT = 0.55
_LEAST_NEAR = 0.15
"""Cosines with the question: of a sentence that means it, and below which one is about something else."""
LEAST_SUPPORT = 0.6
"""The share of a question's words, by weight, that the record of an answer says at least."""

_FIGURE = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONEY = re.compile(
    r"[$€£¥]|\b(?:usd|eur|gbp|chf|dollars?|euros?|dólares|million|millions|millones|milhões|مليون|دولار)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record with the passage that the search found nearest in it ("" for none). `coded`: it was found by the codes
    of what is asked about, so that its text need not name it."""

    hit: Hit
    record: Record
    passage: str = ""
    coded: bool = True


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of a record. `said`: the share of the question's words in it, by weight; `support`: in its record;
    `near`: cosine of the meanings; `tells`: it tells the kind of thing asked for."""

    hit: Hit
    evidence: Evidence
    said: float
    support: float
    near: float
    tells: bool

    @property
    def plain(self) -> bool:
        """Whether it says all that was asked, and means it, without a word that marks an aim or a reason."""
        return self.said > 0.999 and self.near >= _MEANT and self.evidence.field != "title"

    @property
    def score(self) -> float:
        return SAID * self.said + NEAR * max(0.0, self.near) + SUPPORT * self.support + KIND * self.tells


@dataclass(frozen=True, slots=True)
class Chosen:
    """`extracts`: what answers, best first; empty where the evidence is weak. `nearest`: the best that does not.

    `missing`: words of the question that no record at hand says.
    """

    extracts: tuple[Extract, ...] = ()
    nearest: Extract | None = None
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Said:
    """A sentence before its meaning is compared."""

    candidate: Candidate
    field: Field
    sentence: Sentence
    said: float
    support: float
    tells: bool
    in_passage: bool

    @property
    def first_sight(self) -> float:
        return self.said + 0.4 * self.tells + 0.25 * self.in_passage + 0.2 * self.support


def choose(
    question: Question,
    candidates: Sequence[Candidate],
    embed: Callable[[Sequence[str]], Vectors],
    limit: int = 3,
) -> Chosen:
    """The best sentences of `candidates` for `question`, at most one of each section."""
    read = [(candidate, list(_read(candidate, question))) for candidate in candidates]
    standing = _standing(question, [fields for _, fields in read])
    weights = _weights(question, standing)
    found = [
        said
        for (candidate, fields), stands in zip(read, standing, strict=True)
        for said in _sentences(question, candidate, fields, weights, stands)
    ]
    found.sort(key=lambda said: -said.first_sight)
    # What cannot answer is looked at only to say what is nearest.
    able = [said for said in found if said.support >= LEAST_SUPPORT]
    looked_at = able[:_READ_IN_MEANING] if able else found[:1]
    extracts = sorted(_weighed(question, looked_at, embed), key=lambda extract: -extract.score)
    missing = tuple(c.said for c in question.concepts if not any(c.said in stands for stands in standing))
    # Where a question has no words of its own but names, a sentence that says the names may be about anything.
    least = _LEAST_NEAR if question.concepts else _MEANT
    good = [
        e
        for e in extracts
        if (e.tells or e.plain) and e.near >= least and e.score >= THRESHOLD and e.support >= LEAST_SUPPORT
    ]
    kept: list[Extract] = []
    # A title names the work: it is given where no sentence tells of it.
    for extract in sorted(good, key=lambda extract: extract.evidence.field == "title"):
        alike = {(other.hit.pk, other.evidence.field) for other in kept}
        quotes = {other.evidence.quote for other in kept}
        if (extract.hit.pk, extract.evidence.field) not in alike and extract.evidence.quote not in quotes:
            kept.append(extract)
    return Chosen(tuple(kept[:limit]), extracts[0] if extracts else None, missing)


def _read(candidate: Candidate, question: Question) -> Iterable[Field]:
    """The texts of a record, of a long one the sections that say most of the question."""
    fields = list(texts_of(candidate.record))
    if sum(len(field.text) for field in fields) <= _CHARACTERS_READ:
        return fields
    concepts = (*question.concepts, *question.around)

    def promise(field: Field) -> float:
        lowered = field.text.lower()
        said = sum(concept.may_stand_in(lowered) for concept in concepts)
        return said + 2.0 * (bool(candidate.passage) and candidate.passage[-80:] in field.text)

    kept: list[Field] = []
    size = 0
    for field in sorted(fields, key=promise, reverse=True):
        if size >= _CHARACTERS_READ:
            break
        kept.append(field)
        size += len(field.text)
    return kept


def _standing(question: Question, read: Sequence[Sequence[Field]]) -> list[set[str]]:
    """For each record the concepts, as asked, that stand anywhere in what was read of it."""
    found = []
    for fields in read:
        text = "\n".join([*(field.text for field in fields), *(field.heading for field in fields)])
        lowered = text.lower()
        likely = [concept for concept in question.concepts if concept.may_stand_in(lowered)]
        stemmed, forms = cues.spoken(text) if likely else ("", frozenset())
        found.append({concept.said for concept in likely if concept.stands_in(stemmed, forms)})
    return found


def _weights(question: Question, standing: Sequence[set[str]]) -> dict[str, float]:
    """A weight for each concept by its rarity among the records at hand: those that may be seen and nothing else."""
    counts = Counter(said for stands in standing for said in stands)
    total = max(1, len(standing))
    return {concept.said: _COMMON + (1 - _COMMON) * (1 - counts[concept.said] / total) for concept in question.concepts}


def _sentences(
    question: Question,
    candidate: Candidate,
    fields: Iterable[Field],
    weights: dict[str, float],
    stands: set[str],
) -> Iterable[_Said]:
    total = sum(weights.values())
    support = sum(weights[said] for said in stands) / total if total else 1.0
    for field in fields:
        if not candidate.coded and not _speaks_of(question.about, f"{field.heading} {field.text}"):
            continue
        whole = [Sentence(0, len(field.text), field.text)] if field.name == "title" else sentences(field.text)
        for sentence in whole:
            if (len(sentence.text.split()) < _LEAST_WORDS and field.name != "title") or _TABLE_ROW in sentence.text:
                continue
            lowered = sentence.text.lower()
            likely = [c for c in (*question.concepts, *question.around) if c.may_stand_in(lowered)]
            in_passage = bool(candidate.passage) and sentence.text in candidate.passage
            if not likely and not in_passage:
                continue
            stemmed, forms = cues.spoken(sentence.text) if likely else ("", frozenset())
            held = sum(weights[c.said] for c in question.concepts if c in likely and c.stands_in(stemmed, forms))
            named = [c for c in question.around if c in likely and c.stands_in(stemmed, forms)]
            around = len(named) / len(question.around) if question.around else 0.0
            said = held / total if total else around
            yield _Said(
                candidate,
                field,
                sentence,
                min(1.0, said + 0.1 * around) if total else said,
                support,
                tells(question.wanted, field, sentence.text),
                in_passage,
            )


def _speaks_of(concepts: Iterable[Concept], text: str) -> bool:
    lowered = text.lower()
    if not all(concept.may_stand_in(lowered) for concept in concepts):
        return False
    stemmed, forms = cues.spoken(text)
    return all(concept.stands_in(stemmed, forms) for concept in concepts)


def tells(wanted: str, field: Field, sentence: str) -> bool:
    """Whether a sentence tells the kind of thing asked for. A title names the work and tells nothing about it."""
    match wanted:
        case "purpose":  # "why" asks for a reason as often as for an aim
            folded = cues.padded(sentence)
            return field.name != "title" and (
                field.purpose == "objectives"
                or cues.holds(folded, "told", "purpose")
                or cues.holds(folded, "told", "cause")
            )
        case "manner" | "cause":
            return field.name != "title" and cues.holds(cues.padded(sentence), "told", wanted)
        case "amount":
            return bool(_FIGURE.search(sentence) and _MONEY.search(sentence))
        case "number":
            return bool(_FIGURE.search(sentence))
        case "date":
            return bool(_YEAR.search(sentence))
        case "about":
            return field.name != "title"
        case _:
            return True


def _weighed(
    question: Question, found: Sequence[_Said], embed: Callable[[Sequence[str]], Vectors]
) -> Iterable[Extract]:
    if not found:
        return
    vectors = embed([question.text, *(said.sentence.text for said in found)])
    near = vectors[1:] @ vectors[0]
    for said, cosine in zip(found, near, strict=True):
        yield Extract(
            said.candidate.hit,
            quoted(said.field, said.sentence),
            said.said,
            said.support,
            float(cosine),
            said.tells,
        )
