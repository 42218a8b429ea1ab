"""One conversation on Slack with the whole product: Rasa, the shipped corpus, bolt, and the stand-in for Slack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connectors.slack.fake_slack import TEAM, TOKEN, FakeSlack, fake_slack, shown
from tests.connectors.slack.served import BASE, SECRET, Side, Stub, echo, eventually, mention, new_stamp
from tests.serving import running


@pytest.fixture(scope="module")
def talking(corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, FakeSlack]]:
    home = tmp_path_factory.mktemp("slack") / "home"
    left = shutil.ignore_patterns("logs", "server.json", "home.lock", "dialogue.db*", "conversation.key")
    shutil.copytree(corpus_home, home, ignore=left)
    with fake_slack() as slack:
        settings = {
            "COMMONGROUND_SLACK_API_URL": slack.api,
            "COMMONGROUND_SLACK_BOT_TOKEN": TOKEN,
            "COMMONGROUND_SLACK_SIGNING_SECRET": SECRET,
            "COMMONGROUND_PUBLIC_URL": BASE,
        }
        with running(home, **settings) as url, httpx.Client(timeout=30, trust_env=False) as client:
            yield Side(url, Stub(echo), client), slack


def answers(slack: FakeSlack, channel: str, number: int) -> list[dict[str, Any]]:
    """The answers in a channel, as soon as there are so many."""

    def found() -> list[dict[str, Any]]:
        return [one for one in slack.said(channel) if one.get("blocks")]

    eventually(lambda: len(found()) >= number, 60)
    return found()


def test_a_thread_remembers_what_was_asked(talking: tuple[Side, FakeSlack]) -> None:
    side, slack = talking
    root = mention("who works on nutrition in Turkana?")
    side.event(root)
    (first,) = answers(slack, "C1", 1)
    assert "nutrition in Turkana" in shown(first["blocks"])
    assert f"{BASE}/records/" in str(first["blocks"])
    follow = {"type": "message", "channel_type": "channel", "user": "U2", "channel": "C1", "thread_ts": root["ts"]}
    side.event(follow | {"text": "and in Garissa?", "ts": new_stamp()})
    _, second = answers(slack, "C1", 2)
    assert "nutrition" in shown(second["blocks"])
    assert "Garissa" in shown(second["blocks"])
    assert slack.refused == []


def test_a_message_is_compared_with_what_others_do(talking: tuple[Side, FakeSlack]) -> None:
    side, slack = talking
    text = "We plan to drill boreholes and train water committees in Turkana from January 2027"
    pressed = {
        "type": "message_action", "callback_id": "cg_does_anyone", "team": {"id": TEAM}, "trigger_id": "5.1",
        "user": {"id": "U1", "team_id": TEAM}, "channel": {"id": "C1"}, "response_url": slack.response_url,
        "message": {"type": "message", "ts": "1.0", "text": text},
    }  # fmt: skip
    assert side.payload(pressed).status_code == 200
    (told,) = eventually(lambda: slack.responses, 60)
    assert "Turkana" in shown(told["blocks"])
    assert f"{BASE}/records/" in str(told["blocks"])
    assert slack.refused == []


def test_the_home_shows_questions_that_have_an_answer(talking: tuple[Side, FakeSlack]) -> None:
    side, slack = talking
    side.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"})
    published = eventually(lambda: next((given for name, given in slack.calls if name == "views.publish"), None), 30)
    questions = [
        one["value"] for block in published["view"]["blocks"] for one in block.get("elements", ()) if "value" in one
    ]
    assert len(questions) >= 2
    assert all(question.endswith("?") for question in questions)
