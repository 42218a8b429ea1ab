"""When Rasa, the conversation or Teams itself fails: an answer or a reason, once, and nothing private in a log."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from connectors.channels import inbox
from connectors.conversation import TurnError
from connectors.messages import IncomingMessage
from connectors.serving import free_port
from knowledge.reply import Answer
from tests.connectors.killing import process
from tests.connectors.slack.served import Stub, echo, eventually
from tests.connectors.teams.fake_teams import FakeTeams, actions, cards, shown
from tests.connectors.teams.served import Side, served, teams_settings

PLACE = "a:29:one"
_KILLED = "tests.connectors.teams.killed"


@pytest.fixture(autouse=True)
def _nothing_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless a test says so: on a busy machine any answer may take long."""
    monkeypatch.setattr(inbox, "PROGRESS_AFTER", 60.0)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TurnError(503, "Not ready", "x"), "redémarre"),
        (TurnError(504, "Too slow", "x"), "trop long"),
        (RuntimeError("a private question"), "erreur"),
    ],
)
def test_whatever_fails_the_person_is_told_in_their_language(
    teams: FakeTeams, tmp_path: Path, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def turn(_: IncomingMessage) -> Answer:
        raise error

    with caplog.at_level(logging.DEBUG), served(teams_settings(tmp_path / "home", teams), teams, turn) as side:
        side.send(side.direct("qui travaille sur la nutrition dans cette région ?"))
        (told,) = eventually(lambda: teams.said(PLACE))
    assert "Attention" in shown(told)
    assert said in shown(told)
    assert "channelData" not in told, "nothing to judge"
    ours = (one for one in caplog.records if one.name.startswith(("connectors", "microsoft", "httpx", "httpcore")))
    logged = "\n".join(one.getMessage() for one in ours)
    assert not any(words in logged for words in ("private question", "nutrition", PLACE, *teams.tokens))


def test_a_long_wait_is_shown_and_becomes_the_answer(
    teams: FakeTeams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PROGRESS_AFTER", 0.05)

    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.to_thread(eventually, lambda: seen)
        return await echo(message)

    seen: list[bool] = []
    with served(teams_settings(tmp_path / "home", teams), teams, turn) as side:
        asked = side.mention("slow")
        side.send(asked)
        place = asked["conversation"]["id"]
        (waiting,) = eventually(lambda: teams.every(place))
        assert waiting["text"] == "Looking through the records …"
        seen.append(True)
        (done,) = eventually(lambda: [one for one in teams.said(place) if cards(one)])
        assert "You asked: slow" in shown(done)
        assert (done["updated"], len(teams.every(place))) == (True, 1)
        assert done["channelData"]["feedbackLoop"]


@pytest.mark.parametrize("failure", ["429", "503", "412", "401"])
def test_an_answer_that_was_not_taken_is_sent_again(
    teams: FakeTeams, side: Side, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    teams.failures["send"] = [failure]
    side.send(side.direct("first"))
    eventually(lambda: teams.said(PLACE), 15)
    side.send(side.direct("last"))
    eventually(lambda: len(teams.said(PLACE)) == 2, 15)
    assert teams.count("token") == (2 if failure == "401" else 1)


@pytest.mark.parametrize(
    ("failures", "answers"), [(["cut"], 1), (["lost"], 0), (["500"], 0), (["lost", "500", "429", "lost"], 0)]
)
def test_where_nobody_can_say_whether_it_arrived_the_person_is_told_and_can_have_it(
    teams: FakeTeams, side: Side, failures: list[str], answers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    teams.failures["send"] = list(failures)
    asked = side.direct("first")
    side.send(asked)
    eventually(lambda: any("interrupted" in shown(one) for one in teams.said(PLACE)), 15)
    told = teams.said(PLACE)
    assert sum("You asked: first" in shown(one) for one in told) == answers
    assert sum("interrupted" in shown(one) for one in told) == 1
    (show,) = actions(told[-1])
    side.send(side.press(asked, told[-1], show))
    eventually(lambda: len(teams.said(PLACE)) > len(told))
    assert "You asked: first" in shown(teams.said(PLACE)[-1])
    assert len(side.stub.asked) == 1, "nobody thinks twice"


@pytest.mark.parametrize("failure", ["cut", "500", "429"])
def test_a_message_that_becomes_the_answer_is_replaced_until_it_is(
    teams: FakeTeams, tmp_path: Path, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    monkeypatch.setattr(inbox, "PROGRESS_AFTER", 0.05)

    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.to_thread(eventually, lambda: teams.every(PLACE))
        return await echo(message)

    with served(teams_settings(tmp_path / "home", teams), teams, turn) as side:
        teams.failures["update"] = [failure]
        side.send(side.direct("first"))
        eventually(lambda: any(cards(one) for one in teams.said(PLACE)) and teams.count("update") == 2, 15)
        assert len(teams.every(PLACE)) == 1


def test_a_message_that_was_removed_meanwhile_is_written_anew(
    teams: FakeTeams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PROGRESS_AFTER", 0.05)

    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.to_thread(eventually, lambda: teams.every(PLACE))
        teams.messages[PLACE].clear()
        return await echo(message)

    with served(teams_settings(tmp_path / "home", teams), teams, turn) as side:
        side.send(side.direct("first"))
        eventually(lambda: [one for one in teams.said(PLACE) if cards(one)])


def test_a_conversation_that_is_closed_to_us_is_given_up_and_the_next_goes_on(side: Side, teams: FakeTeams) -> None:
    teams.failures["send"] = ["403"]
    side.send(side.direct("first"))
    side.send(side.direct("last"))
    (said,) = eventually(lambda: teams.said(PLACE))
    assert "You asked: last" in shown(said)


def test_without_a_token_the_answer_waits(
    teams: FakeTeams, side: Side, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    teams.failures["token"] = ["500", "401"]
    side.send(side.direct("first"))
    eventually(lambda: teams.said(PLACE))
    assert "a-client-secret-of-tests" not in caplog.text


def test_what_was_taken_outlives_the_process(teams: FakeTeams, tmp_path: Path) -> None:
    """Killed while it answers; the next start answers once."""
    home, port = tmp_path / "home", free_port()
    with httpx.Client(trust_env=False) as client:
        side = Side(f"http://127.0.0.1:{port}", Stub(echo), teams, client)
        with process(_KILLED, home, port, teams.host, 30) as running:
            assert side.send(side.direct("first")).status_code == 200
            eventually(lambda: _is_shown(home))
            running.kill()
            running.wait(10)
        with process(_KILLED, home, port, teams.host, 0):
            (done,) = eventually(lambda: [one for one in teams.said(PLACE) if cards(one)], 20)
            assert "You asked: first" in shown(done)
            assert len(teams.every(PLACE)) == 1, "what said that it was looked up became the answer"


def _is_shown(home: Path) -> bool:
    """Whether it is written down which message says that the answer is being looked up."""
    with closing(sqlite3.connect(f"file:{home / 'channels.db'}?mode=ro", uri=True)) as database:
        return bool(database.execute("SELECT 1 FROM receipts WHERE progress_id != ''").fetchall())
