"""Alerts on Teams: set in a channel or a personal chat, told there after an ingest, and stopped with their button."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.messages import IncomingMessage
from knowledge import watches
from knowledge.access import member
from knowledge.keeping import Who
from knowledge.reply import Answer
from knowledge.settings import Settings
from knowledge.watches import Watch
from tests.connectors.slack.served import Turn, answer, eventually
from tests.connectors.teams import fake_teams
from tests.connectors.teams.fake_teams import TENANT, FakeTeams, actions, shown
from tests.connectors.teams.served import CHANNEL, served, teams_settings
from tests.homes import TODAY, activity, opened, place, put


def settings_of(home: Path, teams: FakeTeams) -> Settings:
    return teams_settings(home, teams, teams_organisations=f"{TENANT}=Delta Aid", today=TODAY)


@pytest.fixture
def watch(tmp_path: Path, teams: FakeTeams) -> str:
    """An alert of Delta Aid in a home with one record; everybody in Teams is of Delta Aid."""
    teams.roster[""] = [fake_teams.member("29:one"), fake_teams.member("29:two")]
    with opened(tmp_path / "home") as home:
        put(home, "a", [activity("KE-1", "Wells", where=[place("Turkana")], sectors=["14031"])])
        with home.database.write() as session:
            who = Who(member("Delta Aid"), "p")
            return watches.add(session, who, Watch(places=("KE:turkana",), themes=("water",)))


def news(home: Path, record: str = "KE-2") -> None:
    with opened(home) as opened_home:
        found = activity(record, "<at>All</at> New wells", where=[place("Turkana")], sectors=["14031"])
        put(opened_home, record, [found])


def setting(ident: str) -> Turn:
    async def turn(message: IncomingMessage) -> Answer:
        assert message.tells
        return answer("The alert is set up.").model_copy(update={"watch": ident})

    return turn


def test_a_channel_is_told_what_its_alert_finds_and_can_stop_it(teams: FakeTeams, tmp_path: Path, watch: str) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, teams), teams, setting(watch)) as side:
        asked = side.mention("tell this channel when anyone enters our district")
        side.send(asked)
        eventually(lambda: teams.said(asked["conversation"]["id"]))
    news(home)
    with served(settings_of(home, teams), teams) as side:
        (told,) = eventually(lambda: teams.said(CHANNEL))  # a message of its own, in no thread
        text = shown(told)
        assert "News for the alert of Delta Aid on water supply, Turkana (Kenya)." in text
        assert "<at>All</at> New wells" in text, "letter by letter"
        assert "/records/KE-2" in str(told)
        buttons = {one["title"]: one for one in actions(told)}
        assert {"Quiet for a week", "Stop telling this here"} <= set(buttons)
        # What is written beneath it is asked of us, without a mention.
        side.send(side.said("who is that?", "29:two", thread=told["id"]))
        eventually(lambda: [one.text for one in side.stub.asked] == ["who is that?"])
        beneath = side.said("", "29:one", thread=told["id"])
        thread = beneath["conversation"]["id"]
        side.send(side.press(beneath, told, buttons["Stop telling this here"]))
        eventually(lambda: any("no longer tell this here" in shown(one) for one in teams.said(thread)))
        assert teams.refused == []
    news(home, "KE-3")
    with served(settings_of(home, teams), teams) as side:
        side.send(side.direct("last"))
        eventually(lambda: teams.said("a:29:one"))
    assert len(teams.said(CHANNEL)) == 1


def test_an_alert_set_in_person_is_told_there_and_kept_sealed(teams: FakeTeams, tmp_path: Path, watch: str) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, teams), teams, setting(watch)) as side:
        side.send(side.direct("tell me when anyone enters our district"))
        eventually(lambda: teams.said("a:29:one"))
    teams.messages.clear()
    held = (home / "channels.db").read_bytes()
    assert teams.service.encode() not in held, "where to tell is sealed"
    news(home)
    with served(settings_of(home, teams), teams):
        (told,) = eventually(lambda: teams.said("a:29:one"))
    assert "News for the alert" in shown(told)


def test_a_channel_that_others_came_into_is_told_nothing(teams: FakeTeams, tmp_path: Path, watch: str) -> None:
    home = tmp_path / "home"
    with served(settings_of(home, teams), teams, setting(watch)) as side:
        asked = side.mention("tell this channel")
        side.send(asked)
        eventually(lambda: teams.said(asked["conversation"]["id"]))
    teams.roster[CHANNEL] = [fake_teams.member("29:one"), fake_teams.member("29:guest", role="guest")]
    before = teams.count("members")
    news(home)
    with served(settings_of(home, teams), teams) as side:
        eventually(lambda: teams.count("members") > before)
        side.send(side.direct("last"))
        eventually(lambda: teams.said("a:29:one"))
        assert teams.said(CHANNEL) == []
