"""Figures of a run, the turns it takes, and how the command shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors import client, commands_evaluate
from connectors.client import CommandError
from connectors.commands_evaluate import app
from connectors.evaluation.matching import Named, Reading
from connectors.evaluation.scoring import Outcome, judge, score
from connectors.evaluation.understanding import evaluate
from connectors.evaluation.utterances import read
from knowledge.progress import NoProgress

LINES: list[dict[str, Any]] = [
    {"text": "Who drills in Gedo?", "intent": "who_does_what", "places": [{"name": "Gedo", "country": "SO"}]},
    {"text": "and in Bay?", "intent": "who_does_what", "context": "Who drills in Gedo?",
     "places": [{"name": "Bay", "country": "SO"}], "trap": "misspelt_place"},
    {"text": "tell me a joke", "intent": "out_of_scope", "places": [{"name": "Paris", "country": "FR"}]},
    {"text": "merci", "intent": "thanks", "lang": "fr"},
    {"text": "who pays Acme", "intent": "trace_funding", "organisations": ["Acme Relief (AR)"]},
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(json.dumps({"lang": "en"} | line) for line in LINES), encoding="utf-8")
    return path


def outcomes(file: Path, *readings: Reading) -> list[Outcome]:
    return [judge(utterance, reading) for utterance, reading in zip(read(file), readings, strict=True)]


GEDO, BAY = Named("SO26", "Gedo", "SO"), Named("SO24", "Bay", "SO")
ACME = Named("bureau", "Bureau")


def test_all_right(file: Path) -> None:
    right = (
        Reading("who_does_what", (GEDO,)),
        Reading("who_does_what", (BAY,)),
        Reading("out_of_scope"),
        Reading("thanks"),
        Reading("trace_funding", organisations=(Named("a", "Acme Relief"),)),
    )
    report = score(outcomes(file, *right))
    assert (report.intents.share, report.follow_ups.share, report.out_of_scope.share) == (1.0, 1.0, 1.0)
    assert report.false_alarms.share == 0.0
    assert report.mistakes == []
    assert all(count.f1 == 1.0 for count in report.slots.values())
    assert report.slots["places"].wanted == 2, "what a question out of scope names is not asked about"


def test_mistakes_are_counted_where_they_belong(file: Path) -> None:
    report = score(
        outcomes(
            file,
            Reading("out_of_scope", (GEDO,)),
            Reading("who_does_what", (GEDO,)),
            Reading("learn"),
            Reading("thanks"),
            Reading(failed="The server is busy"),
        )
    )
    assert (report.intents.right, report.intents.of) == (2, 5)
    assert report.languages["fr"].share == 1.0
    assert (report.false_alarms.right, report.false_alarms.of) == (1, 4)
    assert (report.out_of_scope.right, report.out_of_scope.of) == (0, 1)
    assert report.follow_ups.share == 0.0, "the intent alone does not make a follow-up right"
    assert report.traps["misspelt_place"].share == 0.0
    assert report.confusions[("out_of_scope", "learn")] == 1
    assert report.by_intent["who_does_what"].recall == 0.5
    assert report.by_intent["who_does_what"].precision == 1.0
    assert report.slots["places"].precision == 0.5
    said = [outcome.mistake() for outcome in report.mistakes]
    assert said[0] == "intent out_of_scope, not who_does_what"
    assert said[1] == "places SO26, not SO:Bay"
    assert said[3] == "no answer: The server is busy"
    assert json.loads(json.dumps(report.as_json()))["mistakes"][1]["context"] == "Who drills in Gedo?"


def test_a_trap_is_passed_by_asking_back(file: Path) -> None:
    follow_up = read(file)[1]
    assert judge(follow_up, Reading("who_does_what", offered=("Bay, Somalia", "Bay, Fiji"))).trap_right
    assert not judge(follow_up, Reading("who_does_what")).trap_right


class Talking:
    """A service that remembers what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def post(self, path: str, body: dict[str, Any]) -> Any:
        self.asked.append((path, body))
        if path.endswith("/link"):
            return {"entities": [{"type": "organisation", "text": "", "value": {"id": "bureau", "name": "Bureau"}}]}
        if body["text"] == "tell me a joke":
            raise CommandError("Say it another way")
        place = {"id": "SO24", "name": "Bay", "country": "SO"} if body["conversation"] else None
        place = place or {"id": "SO26", "name": "Gedo", "country": "SO"}
        intents = {"merci": "thanks", "who pays Acme": "trace_funding"}
        query = {
            "intent": intents.get(body["text"], "who_does_what"),
            "places": [place] if body["text"] not in intents else [],
            "themes": [],
            "organisations": [{"id": "bureau", "name": "Bureau"}] if "Acme" in body["text"] else [],
            "organisation_kinds": [],
            "period": {"start": None, "end": None},
            "records": [],
            "words": "",
        }
        return {"query": query, "records": [], "reply": {"buttons": []}, "conversation": f"c{len(self.asked)}"}


def test_each_utterance_has_a_conversation_of_its_own_and_a_follow_up_its_turn_before(file: Path) -> None:
    service = Talking()
    report = evaluate(service, read(file), "community", NoProgress())  # type: ignore[arg-type]
    turns = [(body["text"], body["conversation"]) for path, body in service.asked if path.endswith("/chat")]
    assert turns[:4] == [
        ("Who drills in Gedo?", ""), ("Who drills in Gedo?", ""), ("and in Bay?", "c2"), ("tell me a joke", ""),
    ]  # fmt: skip
    assert {body["as"] for _, body in service.asked} == {"community"}
    assert ("/api/v1/link", {"text": "Acme Relief", "as": "community"}) in service.asked
    assert [outcome.mistake() for outcome in report.mistakes] == ["no answer: Say it another way"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Talking:
    service = Talking()

    @contextmanager
    def chat_server(_: object) -> Iterator[Talking]:
        yield service

    monkeypatch.setattr(commands_evaluate.client, "chat_server", chat_server)
    return service


def test_the_command_prints_tables_and_mistakes(served: Talking, file: Path) -> None:
    shown = CliRunner().invoke(app, ["understanding", str(file)])
    assert shown.exit_code == 0, shown.output
    assert "Follow-ups, all right" in shown.output
    assert "1 of 5 utterances are not wholly right:" in shown.output
    assert "3 en tell me a joke | no answer: Say it another way" in shown.output


def test_the_command_prints_json(served: Talking, file: Path) -> None:
    shown = CliRunner().invoke(app, ["understanding", str(file), "--json"])
    assert shown.exit_code == 0, shown.output
    report = json.loads(shown.stdout)
    assert report["utterances"] == 5
    assert report["follow_ups"] == {"share": 1.0, "right": 1, "of": 1}


def test_a_bad_file_is_refused_before_anything_is_asked(served: Talking, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "hello", "lang": "en", "intent": "sing"}\n', encoding="utf-8")
    refused = CliRunner().invoke(app, ["understanding", str(bad)])
    assert isinstance(refused.exception, CommandError)
    assert refused.exception.code == 2
    assert 'line 1: field "intent"' in str(refused.exception)
    assert served.asked == []


def test_the_command_stands_where_commands_stand() -> None:
    from connectors.cli import app as whole

    assert "understanding" in CliRunner().invoke(whole, ["evaluate", "--help"]).output
    assert client.CommandError is CommandError
