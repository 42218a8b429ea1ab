"""One conversation on Slack with the whole product: Rasa, the shipped corpus, bolt, and the stand-in for Slack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connectors.slack.fake_slack import TEAM, TOKEN, FakeSlack, fake_slack, shown
from tests.connectors.slack.served import BASE, SECRET, Side, Stub, direct, echo, eventually, mention, new_stamp
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
            "COMMONGROUND_SLACK_ORGANISATIONS": f"{TEAM}=Delta Aid",
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
    side.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"})
    offered = eventually(lambda: next((given for name, given in slack.calls if name.endswith("Prompts")), None), 30)
    assert [prompt["message"] for prompt in offered["prompts"]] == questions[:4]
    assert offered["channel_id"] == "D1"


def test_a_file_is_compared_with_what_others_do_and_gone_on_from(talking: tuple[Side, FakeSlack]) -> None:
    side, slack = talking
    plan = b"Water for Turkana\nWe will drill boreholes and train water committees in Turkana from January 2027."
    slack.served["plan.txt"] = plan
    file = {"id": "F1", "name": "plan.txt", "size": len(plan), "url_private_download": slack.file_url("plan.txt")}
    side.event(direct("", channel="D7", subtype="file_share", files=[file]))
    (told,) = answers(slack, "D7", 1)
    text = shown(told["blocks"])
    assert "I read the file plan.txt." in text
    pictures = [block["slack_file"]["id"] for block in told["blocks"] if block["type"] == "image"]
    assert [slack.contents[ident][:4] for ident in pictures] == [b"\x89PNG"]
    assert "Turkana" in text
    assert f"{BASE}/records/" in str(told["blocks"])
    side.event(direct("and in Garissa?", channel="D7"))
    _, after = answers(slack, "D7", 2)
    assert "Garissa" in shown(after["blocks"])
    assert slack.refused == []


def test_an_alert_that_is_set_in_a_channel_says_that_it_is_told_there(talking: tuple[Side, FakeSlack]) -> None:
    side, slack = talking
    root = mention("tell this channel when anyone new starts on health in Turkana", channel="C8")
    side.event(root)
    (offered,) = answers(slack, "C8", 1)
    assert "here, unasked, at most once a day" in shown(offered["blocks"])
    side.event(mention("yes please", channel="C8", thread_ts=root["ts"]))
    _, kept = answers(slack, "C8", 2)
    assert "What it finds I tell here, at most once a day." in shown(kept["blocks"])
    side.event(mention("which alerts do we have?", channel="C8", thread_ts=root["ts"]))
    *_, listed = answers(slack, "C8", 3)
    assert "in the chat where it was set" in shown(listed["blocks"])
