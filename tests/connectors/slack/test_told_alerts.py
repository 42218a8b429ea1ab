"""Alerts on Slack: set in a channel or in person, told there after an ingest, and stopped with their button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.messages import IncomingMessage
from knowledge import watches
from knowledge.access import member
from knowledge.keeping import Who
from knowledge.reply import Answer
from knowledge.settings import Settings
from knowledge.watches import Watch
from tests.connectors.slack.fake_slack import TEAM, FakeSlack, shown
from tests.connectors.slack.served import Turn, answer, direct, eventually, mention, served, slack_settings
from tests.connectors.slack.test_private import buttons, command, press
from tests.homes import TODAY, activity, opened, place, put

Json = dict[str, Any]


def settings_of(home: Path, slack: FakeSlack) -> Settings:
    return slack_settings(home, slack, slack_organisations=f"{TEAM}=Delta Aid", today=TODAY)


@pytest.fixture
def watch(tmp_path: Path) -> str:
    """An alert of Delta Aid in a home with one record."""
    with opened(tmp_path / "home") as home:
        put(home, "a", [activity("KE-1", "Wells", where=[place("Turkana")], sectors=["14031"])])
        with home.database.write() as session:
            who = Who(member("Delta Aid"), "p")
            return watches.add(session, who, Watch(places=("KE:turkana",), themes=("water",)))


def news(home: Path, record: str = "KE-2") -> None:
    with opened(home) as opened_home:
        found = activity(record, "<!channel> New wells", where=[place("Turkana")], sectors=["14031"])
        put(opened_home, record, [found])


def setting(ident: str) -> Turn:
    async def turn(message: IncomingMessage) -> Answer:
        assert message.tells
        return answer("The alert is set up.").model_copy(update={"watch": ident})

    return turn


def test_a_channel_is_told_what_its_alert_finds_with_sources_and_can_stop_it(
    slack: FakeSlack, tmp_path: Path, watch: str
) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, slack), setting(watch)) as side:
        side.event(mention("tell this channel when anyone enters our district"))
        eventually(lambda: slack.said("C1"))
    slack.messages.clear()
    news(home)
    with served(settings_of(home, slack)) as side:
        (told,) = eventually(lambda: slack.said("C1"))
        assert "thread_ts" not in told, "for the channel, not for the thread it was asked in"
        text = shown(told["blocks"])
        assert "News for the alert of Delta Aid on water supply, Turkana (Kenya)." in text
        assert "<!channel> New wells" in text, "letter by letter"
        assert "&lt;!channel" not in told["text"]
        assert "/records/KE-2" in str(told["blocks"])
        assert set(buttons(told)) >= {"Quiet for a week", "Stop telling this here", "Describe KE-2"}
        # What is written beneath it is asked of us, without a mention.
        follow = {"type": "message", "channel_type": "channel", "user": "U2", "channel": "C1", "thread_ts": told["ts"]}
        side.event(follow | {"text": "who is that?", "ts": "1763800009.900001"})
        eventually(lambda: [one.text for one in side.stub.asked] == ["who is that?"])
        slack.users["U9"] = {"id": "U9", "team_id": TEAM, "is_restricted": True}
        stop = buttons(told)["Stop telling this here"]
        side.payload(press(slack, stop, user="U9"))
        eventually(lambda: any("Only people who speak" in shown(one["blocks"]) for one in slack.said("C1")))
        side.payload(press(slack, stop))
        eventually(lambda: any("no longer tell this here" in shown(one["blocks"]) for one in slack.said("C1")))
        assert slack.refused == []
    slack.messages.clear()
    news(home, "KE-3")
    with served(settings_of(home, slack)) as side:
        side.event(direct("last"))
        eventually(lambda: slack.said("D1"))
    assert slack.said("C1") == []


def test_an_alert_set_in_person_or_privately_is_told_in_person(slack: FakeSlack, tmp_path: Path, watch: str) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, slack), setting(watch)) as side:
        side.form(command(slack, "tell me when anyone enters our district"))
        (kept,) = eventually(lambda: slack.responses)
        assert "in your direct messages with me" in shown(kept["blocks"])
        side.event(direct("tell me when anyone enters our district"))
        eventually(lambda: slack.said("D1"))
    slack.messages.clear()
    news(home)
    with served(settings_of(home, slack)) as side:
        eventually(lambda: slack.said("DU1"))
        side.event(direct("last"))
        eventually(lambda: slack.said("D1"))
    assert len(slack.said("DU1")) == 1
    assert slack.said("C1") == []


def test_a_channel_that_others_came_into_is_told_nothing(slack: FakeSlack, tmp_path: Path, watch: str) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, slack), setting(watch)) as side:
        side.event(mention("tell this channel"))
        eventually(lambda: slack.said("C1"))
    slack.messages.clear()
    slack.channels["C1"] = {"id": "C1", "is_ext_shared": True}
    news(home)
    with served(settings_of(home, slack)) as side:
        eventually(lambda: slack.count("conversations.info") >= 2)
        side.event(direct("last"))
        eventually(lambda: slack.said("D1"))
        assert slack.said("C1") == []
    slack.channels.clear()
    with served(settings_of(home, slack)):
        eventually(lambda: slack.said("C1"))


def test_an_alert_goes_with_the_app(slack: FakeSlack, tmp_path: Path, watch: str) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, slack), setting(watch)) as side:
        side.event(mention("tell this channel"))
        eventually(lambda: slack.said("C1"))
        side.event({"type": "app_uninstalled"})
    slack.messages.clear()
    news(home)
    with served(settings_of(home, slack)) as side:
        side.event(direct("last"))
        eventually(lambda: slack.said("D1"))
    assert slack.said("C1") == []
