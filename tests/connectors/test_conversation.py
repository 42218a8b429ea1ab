"""The path of a turn: limits before it, an opaque sender on it, and an honest error where no answer comes of it."""

from __future__ import annotations

import json
import logging
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions.turns import Turns
from connectors import conversation as path_of_a_turn
from connectors.conversation import Conversations, RateLimits, TurnError, conversation_key
from connectors.messages import IncomingMessage
from knowledge.access import PUBLIC, Audience, member, named, operator
from knowledge.reply import Answer, Reply
from knowledge.settings import Settings
from tests.asynchronous import run

CONVERSATION = "a-conversation-of-mine"


class Engine:
    """Rasa's end of the wire. `does` is what it makes of a turn before it answers."""

    def __init__(
        self, home: Path, does: Callable[[dict[str, Any]], httpx.Response] | None = None, **settings: Any
    ) -> None:
        self.asked: list[dict[str, Any]] = []
        self.turns = Turns()
        self._does = does
        self._settings = Settings(home=home, **settings)
        self.conversations = self.started()

    def started(self) -> Conversations:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer), base_url="http://engine")
        return Conversations(self._settings, self.turns, client)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        if self._does is not None:
            return self._does(body)
        turn = self.turns.get(body["turn"])
        assert turn is not None
        turn.answer = Answer(reply=Reply())
        return httpx.Response(200, json=[])

    def ask(
        self, text: str = "hello", audience: Audience = PUBLIC, conversation: str = "", person: str = "p"
    ) -> Answer:
        message = IncomingMessage(text, "rest", person, audience, conversation)
        answer, seconds = run(self.conversations.turn(message))
        assert seconds["total"] >= seconds["rasa"] >= 0
        return answer


def status(engine: Engine, *arguments: Any, **named_arguments: Any) -> int:
    with pytest.raises(TurnError) as refused:
        engine.ask(*arguments, **named_arguments)
    assert refused.value.title
    assert refused.value.detail
    return refused.value.status


def test_rasa_is_told_the_text_and_nothing_of_who_asks(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    answer = engine.ask("  who does water?  ", member("Acme Relief"), person="203.0.113.7")
    (asked,) = engine.asked
    assert set(asked) == {"sender", "text", "turn", "channel"}
    assert asked["text"] == "who does water?"
    assert answer.conversation not in json.dumps(asked)
    assert not re.search("acme|relief|203", json.dumps(asked), re.I)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["sender"])


def test_a_conversation_goes_on_for_who_began_it_and_for_nobody_else(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    people = [
        PUBLIC,
        named("community"),
        operator(),
        operator("Acme"),
        member("Acme"),
        member("Bolt"),
        member("Acme", "Bolt"),
    ]
    for audience in [*people, *people]:
        engine.ask(audience=audience, conversation=CONVERSATION)
    senders = [asked["sender"] for asked in engine.asked]
    assert senders[: len(people)] == senders[len(people) :]
    assert len(set(senders)) == len(people)
    engine.ask(conversation=CONVERSATION + "x")
    assert engine.asked[-1]["sender"] not in senders


def test_the_same_conversation_is_another_one_in_another_home(tmp_path: Path) -> None:
    one, two = Engine(tmp_path / "one"), Engine(tmp_path / "two")
    for engine in (one, two):
        engine.ask(conversation=CONVERSATION)
    assert one.asked[0]["sender"] != two.asked[0]["sender"]
    one.conversations = one.started()
    one.ask(conversation=CONVERSATION)
    assert one.asked[0]["sender"] == one.asked[1]["sender"], "a restart keeps conversations"


def test_new_conversations_cannot_be_guessed(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    ids = {engine.ask().conversation for _ in range(20)}
    assert len(ids) == 20
    assert all(len(ident) >= 24 for ident in ids)


@pytest.mark.parametrize(
    "conversation", ["short", "x" * 65, "a b" * 8, "null\n" + "x" * 16, "../../../../etc/passwd", "é" * 20]
)
def test_a_conversation_that_was_never_given_is_refused(tmp_path: Path, conversation: str) -> None:
    engine = Engine(tmp_path)
    assert status(engine, conversation=conversation) == 400
    assert engine.asked == []


def test_messages_have_limits(tmp_path: Path) -> None:
    engine = Engine(tmp_path, max_text=20)
    assert status(engine, "") == status(engine, " \n ") == 400
    assert status(engine, "x" * 21) == 413
    engine.ask(" " + "x" * 20 + " ")
    assert len(engine.asked) == 1


def _raises(error: Exception) -> Callable[[dict[str, Any]], httpx.Response]:
    def does(_: dict[str, Any]) -> httpx.Response:
        raise error

    return does


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        (lambda _: httpx.Response(200, json=[]), 502),
        (lambda _: httpx.Response(500, text="secret stack trace"), 502),
        (lambda _: httpx.Response(401), 502),
        (_raises(httpx.ReadTimeout("slow")), 504),
        (_raises(httpx.ConnectError("refused")), 503),
        (_raises(httpx.RemoteProtocolError("cut")), 503),
    ],
)
def test_no_answer_is_an_error_that_says_so(
    tmp_path: Path, does: Callable[[dict[str, Any]], httpx.Response], expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Engine(tmp_path, does)
    with caplog.at_level(logging.DEBUG, logger="connectors"):
        assert status(engine, "a private question") == expected
    assert "private question" not in caplog.text
    assert "secret stack trace" not in caplog.text
    assert engine.turns.get(engine.asked[0]["turn"]) is None, "the turn is forgotten"


def test_a_turn_is_forgotten_once_it_is_answered(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.ask()
    assert engine.turns.get(engine.asked[0]["turn"]) is None


def test_one_person_waits_while_others_go_on(tmp_path: Path) -> None:
    engine = Engine(tmp_path, turns_per_minute=2)
    engine.ask(person="one")
    engine.ask(person="one")
    assert status(engine, person="one") == 429
    engine.ask(person="two")
    assert len(engine.asked) == 3


def test_a_minute_later_one_may_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(path_of_a_turn.time, "monotonic", lambda: now[0])
    limits = RateLimits(2)
    assert [limits.wait("p"), limits.wait("p")] == [0, 0]
    now[0] = 130.0
    assert limits.wait("p") == 30
    now[0] = 160.0
    assert [limits.wait("p"), limits.wait("p")] == [0, 0]
    assert limits.wait("p") == 60


def test_people_without_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_of_a_turn, "_PEOPLE_KEPT", 5)
    limits = RateLimits(1)
    assert all(limits.wait(f"p{n}") == 0 for n in range(50))
    assert len(limits._turns) == 5
    assert limits.wait("p49") > 0


@pytest.mark.parametrize("left", [None, b"", b"short"])
def test_the_key_is_made_once_whole_and_for_the_owner_alone(tmp_path: Path, left: bytes | None) -> None:
    file = tmp_path / "conversation.key"
    if left is not None:
        file.touch(mode=0o600)
        file.write_bytes(left)
    key = conversation_key(tmp_path)
    assert len(key) == 32
    assert conversation_key(tmp_path) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
