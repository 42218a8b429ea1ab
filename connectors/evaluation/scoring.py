"""Figures from readings: what was right, by language, by intent, by slot, by trap, and each mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.evaluation.matching import SLOTS, Known, Pair, Reading, asked_back, compare
from connectors.evaluation.utterances import Utterance

OUT_OF_SCOPE = "out_of_scope"
_WITHOUT_SLOTS = frozenset({OUT_OF_SCOPE, "greet"})
"""Of these only the intent counts: whatever they name, nothing is asked about it."""


@dataclass(slots=True)
class Count:
    """Right, given and wanted; without anything given precision is 1, without anything wanted recall is 1."""

    right: int = 0
    given: int = 0
    wanted: int = 0

    def add(self, pair: Pair) -> None:
        given, wanted = pair
        self.right += len(given & wanted)
        self.given += len(given)
        self.wanted += len(wanted)

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def as_json(self) -> dict[str, float | int]:
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "right": self.right,
            "given": self.given,
            "wanted": self.wanted,
        }


@dataclass(slots=True)
class Share:
    """So many of so many; the share of nothing is unknown."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.of += 1

    @property
    def share(self) -> float | None:
        return self.right / self.of if self.of else None

    def as_json(self) -> dict[str, float | int | None]:
        share = self.share
        return {"share": None if share is None else round(share, 4), "right": self.right, "of": self.of}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One utterance, judged. `slots` holds given and wanted where they count for its intent."""

    utterance: Utterance
    reading: Reading
    slots: dict[str, Pair]
    asked_back: bool

    @property
    def intent_right(self) -> bool:
        return self.reading.intent == self.utterance.intent

    @property
    def slots_right(self) -> bool:
        return not self.reading.failed and all(given == wanted for given, wanted in self.slots.values())

    @property
    def trap_right(self) -> bool:
        """A trap lies in a name, or, where the text asks for what is no business of the assistant, in the intent."""
        if self.utterance.intent in _WITHOUT_SLOTS:
            return self.intent_right
        names = (self.slots[slot] for slot in ("places", "organisations"))
        return not self.reading.failed and (all(given == wanted for given, wanted in names) or self.asked_back)

    def mistake(self) -> str:
        """What is wrong in one line; "" where nothing is."""
        if self.reading.failed:
            return f"no answer: {self.reading.failed}"
        wrong = (
            [f"intent {self.reading.intent or 'none'}, not {self.utterance.intent}"] if not self.intent_right else []
        )
        for slot, (given, wanted) in self.slots.items():
            if given != wanted:
                back = " (asked back)" if self.asked_back and slot in ("places", "organisations") else ""
                wrong.append(f"{slot} {_listed(given)}, not {_listed(wanted)}{back}")
        return "; ".join(wrong)


def _listed(values: Iterable[str]) -> str:
    return " + ".join(sorted(values)) or "none"


def judge(utterance: Utterance, reading: Reading, known: Known | None = None) -> Outcome:
    slots = {} if utterance.intent in _WITHOUT_SLOTS else compare(reading, utterance, known)
    return Outcome(utterance, reading, slots, bool(slots) and asked_back(reading, utterance, known))


@dataclass(slots=True)
class Report:
    """All figures of a run."""

    intents: Share = field(default_factory=Share)
    languages: dict[str, Share] = field(default_factory=dict)
    by_intent: dict[str, Count] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    out_of_scope: Share = field(default_factory=Share)
    """Out of scope and said to be."""
    false_alarms: Share = field(default_factory=Share)
    """In scope and said to be out of it."""
    follow_ups: Share = field(default_factory=Share)
    """Intent and all slots right."""
    slots: dict[str, Count] = field(default_factory=dict)
    traps: dict[str, Share] = field(default_factory=dict)
    mistakes: list[Outcome] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "utterances": self.intents.of,
            "intent_accuracy": self.intents.as_json(),
            "languages": {name: share.as_json() for name, share in self.languages.items()},
            "intents": {name: count.as_json() for name, count in self.by_intent.items()},
            "confusions": [
                {"wanted": wanted, "given": given, "times": times}
                for (wanted, given), times in self.confusions.most_common()
            ],
            "out_of_scope_recall": self.out_of_scope.as_json(),
            "false_alarms": self.false_alarms.as_json(),
            "follow_ups": self.follow_ups.as_json(),
            "slots": {name: count.as_json() for name, count in self.slots.items()},
            "traps": {name: share.as_json() for name, share in self.traps.items()},
            "mistakes": [
                {
                    "line": outcome.utterance.number,
                    "id": outcome.utterance.id,
                    "lang": outcome.utterance.language,
                    "text": outcome.utterance.text,
                    "context": outcome.utterance.context,
                    "mistake": outcome.mistake(),
                }
                for outcome in self.mistakes
            ],
        }


def score(outcomes: Sequence[Outcome]) -> Report:
    report = Report(slots={slot: Count() for slot in SLOTS})
    for outcome in outcomes:
        _count_intent(report, outcome)
        for slot, pair in outcome.slots.items():
            report.slots[slot].add(pair)
        if outcome.utterance.context:
            report.follow_ups.add(outcome.intent_right and outcome.slots_right)
        for trap in outcome.utterance.traps:
            report.traps.setdefault(trap, Share()).add(outcome.trap_right)
        if outcome.mistake():
            report.mistakes.append(outcome)
    report.by_intent = dict(sorted(report.by_intent.items()))
    return report


def _count_intent(report: Report, outcome: Outcome) -> None:
    wanted, given = outcome.utterance.intent, outcome.reading.intent or "none"
    report.intents.add(outcome.intent_right)
    report.languages.setdefault(outcome.utterance.language, Share()).add(outcome.intent_right)
    for intent in {wanted, given}:
        count = report.by_intent.setdefault(intent, Count())
        count.add(({intent} & {given}, {intent} & {wanted}))
    if wanted != given:
        report.confusions[wanted, given] += 1
    if wanted == OUT_OF_SCOPE:
        report.out_of_scope.add(given == OUT_OF_SCOPE)
    else:
        report.false_alarms.add(given == OUT_OF_SCOPE)
