"""The way into Rasa, over HTTP: who is let in, what is refused, and what comes back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bot.conftest import SECRET, Application, Engine, dialogue_model, engine_environment, engine_python

GOOD = {"sender": "conversation-0000001", "text": "hello", "turn": "turn-1"}


def test_health_is_ready(engine: Engine) -> None:
    answer = engine.client.get(f"{engine.url}/webhooks/gateway/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("secret", [None, "wrong", SECRET.upper(), SECRET[:-1], SECRET + "x"])
def test_without_the_secret_nothing_happens(engine: Engine, application: Application, secret: str | None) -> None:
    answer = engine.post(json.dumps(GOOD).encode(), secret=secret)
    assert answer.status_code == 401
    assert "secret" in answer.json()["error"]
    assert application.link_requests == []


def test_a_secret_in_another_scheme_is_refused(engine: Engine) -> None:
    answer = engine.client.post(
        f"{engine.url}/webhooks/gateway/turn", json=GOOD, headers={"authorization": f"Basic {SECRET}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"sender": None},
        {"sender": ""},
        {"sender": "short"},
        {"sender": "x" * 65},
        {"sender": "ada@example.org-conversation"},
        {"sender": "conversation-0000001\n"},
        {"sender": 1234567890123456},
        {"text": None},
        {"text": "  "},
        {"text": ["hello"]},
        {"text": "x" * 4001},
        {"turn": None},
        {"turn": "../../etc"},
        {"channel": "rasa"},
        {"channel": None},
        {"channel": ["web"]},
    ],
)
def test_a_turn_of_the_wrong_shape_is_refused(engine: Engine, application: Application, change: dict[str, Any]) -> None:
    answer = engine.post(json.dumps({**GOOD, **change}).encode())
    assert answer.status_code == 400
    assert next(iter(change)) in answer.json()["error"]
    assert application.link_requests == []


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"[]", b"null", b"\xff\xfe", b'{"sender":', b"[" * 60_000], ids=lambda body: repr(body[:9])
)
def test_a_body_that_is_not_a_json_object_is_refused(engine: Engine, body: bytes) -> None:
    answer = engine.post(body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


def test_an_absent_sender_is_refused(engine: Engine) -> None:
    answer = engine.post(b'{"text": "hello", "turn": "turn-1"}')
    assert answer.status_code == 400
    assert "sender" in answer.json()["error"]


@pytest.mark.parametrize("size", [70_000, 5_000_000])
def test_an_oversized_body_is_refused_and_the_engine_goes_on(
    engine: Engine, application: Application, size: int
) -> None:
    answer = engine.post(json.dumps({**GOOD, "padding": "x" * size}).encode())
    assert answer.status_code == 413
    assert engine.turn("hello").status_code == 200


def test_no_other_door_is_open(engine: Engine) -> None:
    for path in ("/model", "/conversations/default/tracker", "/domain", "/status"):
        assert engine.client.get(engine.url + path).status_code == 404
    for channel in ("rest", "callback", "slack", "botframework"):
        assert engine.client.post(f"{engine.url}/webhooks/{channel}/webhook", json=GOOD).status_code == 404


def test_the_actions_words_come_back(engine: Engine, application: Application) -> None:
    answer = engine.turn("hello", turn="turn-77")
    assert answer.status_code == 200
    assert answer.json() == {
        "turn": "turn-77",
        "messages": [{"custom": {"turn": "turn-77", "action": "action_greet"}}],
    }
    assert application.authorizations == {f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    "text", ["/restart", "/greet", '/who_does_what{"place": "Gedo"}', "  //deny", "\n/affirm", "/"]
)
def test_a_slash_is_text_like_any_other(engine: Engine, application: Application, text: str) -> None:
    assert engine.turn(text).status_code == 200
    message = application.action_requests[-1]["tracker"]["latest_message"]
    assert message["text"] == (text.strip().lstrip("/") or "?")
    assert message["intent"]["confidence"] < 1.0
    assert message["entities"] == []


def test_a_lone_surrogate_is_survived(engine: Engine, application: Application) -> None:
    body = b'{"sender": "conversation-0000001", "turn": "turn-1", "text": "hello \\ud800"}'
    assert engine.post(body).status_code == 200
    assert application.link_requests[-1]["text"] == "hello ?"


@pytest.mark.parametrize("status", [400, 401, 500])
def test_a_failing_action_is_an_error_and_not_an_empty_answer(
    engine: Engine, application: Application, status: int
) -> None:
    application.action_status = status
    answer = engine.turn("hello")
    assert answer.status_code == 502
    assert answer.json() == {"error": "the action failed or did not answer"}
    application.action_status = 200
    assert engine.turn("hello").status_code == 200


def test_an_action_that_says_nothing_is_an_error(engine: Engine, application: Application) -> None:
    application.silent = True
    assert engine.turn("hello").status_code == 502


def test_an_absent_application_is_an_error_and_passes(engine: Engine, application: Application) -> None:
    application.stop()
    try:
        assert engine.turn("hello").status_code == 502
    finally:
        application.start()
    assert engine.turn("hello").status_code == 200


@pytest.mark.parametrize("body", [{"events": "none"}, {"events": [{"name": "query"}]}, {"responses": {}}, [], "done"])
def test_an_action_result_of_the_wrong_shape_is_an_error(engine: Engine, application: Application, body: Any) -> None:
    application.action_body = body
    assert engine.turn("hello").status_code == 502


def test_a_long_conversation_keeps_its_slots_and_does_not_grow(engine: Engine, application: Application) -> None:
    sizes = []
    for number in range(1, 66):
        assert engine.turn(f"who is in Bakool {number}", sender="a-long-conversation").status_code == 200
        request = application.action_requests[-1]["tracker"]
        before = {"words": f"who is in Bakool {number - 1}"} if number > 1 else None
        assert request["slots"]["query"] == before
        sizes.append(len(request["events"]))
    assert max(sizes[20:]) <= max(sizes[:20]) + 5
    assert sizes[20] < 15


def test_two_conversations_share_nothing(engine: Engine, application: Application) -> None:
    assert engine.turn("who is in Bakool", sender="conversation-of-ada-1").status_code == 200
    assert engine.turn("and in Dibate?", sender="conversation-of-ada-1").status_code == 200
    assert engine.turn("hello", sender="conversation-of-bea-1").status_code == 200
    slots = [request["tracker"]["slots"]["query"] for request in application.action_requests]
    assert slots == [None, {"words": "who is in Bakool"}, None]
    texts = [event.get("text") for event in application.action_requests[-1]["tracker"]["events"]]
    assert "who is in Bakool" not in texts


def test_the_log_holds_neither_secret_nor_words(engine: Engine, application: Application) -> None:
    application.link_status = 500
    application.action_status = 500
    engine.turn("an unmistakable sentence about Bakool")
    log = engine.log.read_text(errors="replace")
    assert "Continuing without entities: the application answered 500." in log
    assert "unmistakable" not in log
    assert SECRET not in log


@pytest.mark.parametrize("secret", ["", "short", None])
def test_the_engine_refuses_to_start_without_a_secret(
    repo_root: Path, tmp_path: Path, application: Application, secret: str | None
) -> None:
    environment = engine_environment(repo_root, tmp_path, application.url, secret or "")
    if secret is None:
        del environment["COMMONGROUND_ENGINE_SECRET"]
    code = (
        "from rasa.core.run import create_http_input_channels as create\n"
        f"create(None, {str(repo_root / 'bot' / 'engine' / 'credentials.yml')!r})\n"
    )
    done = subprocess.run(
        [engine_python(repo_root), "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "COMMONGROUND_ENGINE_SECRET" in done.stderr


def test_the_model_in_use_is_the_trained_one(repo_root: Path) -> None:
    assert dialogue_model(repo_root).stat().st_size > 100_000
