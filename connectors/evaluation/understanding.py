"""Runs labelled utterances through the whole path of a chat turn, one conversation for each."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.client import CommandError, Service
from connectors.evaluation.matching import Known, Reading, bare, of_answer
from connectors.evaluation.scoring import Report, judge, score
from connectors.evaluation.utterances import Utterance
from knowledge.progress import Progress

_CHAT = "/api/v1/chat"
_LINK = "/api/v1/link"


def evaluate(service: Service, utterances: Sequence[Utterance], speak_as: str, progress: Progress) -> Report:
    """A turn that the server refuses counts as a mistake; httpx's errors of a server that is gone pass through."""
    outcomes = []
    progress.start("Asking", len(utterances))
    bearers = Bearers(service, speak_as)
    for utterance in utterances:
        reading = _read(service, utterance, speak_as)
        outcomes.append(judge(utterance, reading, bearers.of(utterance) if reading.organisations else {}))
        progress.advance(1)
    progress.finish()
    return score(outcomes)


class Bearers:
    """Which organisations of the index bear a name when it stands alone: sources may write another one."""

    def __init__(self, service: Service, speak_as: str) -> None:
        self._service, self._speak_as = service, speak_as
        self._ids: dict[str, frozenset[str]] = {}

    def of(self, utterance: Utterance) -> Known:
        for name in utterance.organisations:
            if name not in self._ids:
                found = self._service.post(_LINK, {"text": bare(name), "as": self._speak_as})
                self._ids[name] = frozenset(
                    str(entity["value"]["id"]) for entity in found["entities"] if entity["type"] == "organisation"
                )
        return self._ids


def _read(service: Service, utterance: Utterance, speak_as: str) -> Reading:
    conversation = ""
    try:
        if utterance.context:
            before = service.post(_CHAT, {"text": utterance.context, "as": speak_as, "conversation": ""})
            conversation = before["conversation"]
        answer = service.post(_CHAT, {"text": utterance.text, "as": speak_as, "conversation": conversation})
    except CommandError as error:
        return Reading(failed=str(error))
    return of_answer(answer)
