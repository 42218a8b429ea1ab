"""Who a person of Slack is: a visitor until a setting says otherwise, and in a channel what the channel may see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.channels.organisations import organisations_of
from connectors.slack.incoming import Task
from connectors.slack.people import People, Profile, within
from knowledge import access
from knowledge.access import HOME_OWNER, PUBLIC, Audience, member
from knowledge.settings import Settings, SettingsError
from tests.asynchronous import run
from tests.connectors.slack.fake_slack import TEAM, FakeSlack
from tests.connectors.slack.served import direct, eventually, mention, served, slack_settings

SETTING = "T1=Delta Aid; T1/U2=Nile Relief; T1/U3=operator; T1/U4=public; T2=community; T3=Home Office"


def people(profile: Profile | None = None, shared: bool | None = False) -> People:
    async def profile_of(team: str, user: str) -> Profile | None:
        return profile

    async def is_open(team: str, channel: str) -> bool | None:
        return shared

    return People(organisations_of(SETTING), "Home Office", profile_of, is_open)


def audience(task: Task, **known: Any) -> Audience:
    return run(people(**known).audience(task))


MEMBER = Profile("en", guest=False)


def in_person(user: str = "U1", team: str = "T1", home: str = "") -> Task:
    return Task("ask", team, user, home or team, "D1", direct=True)


def in_channel(user: str = "U1", team: str = "T1", *, shared: bool = False) -> Task:
    return Task("ask", team, user, team, "C1", "1.0", shared=shared)


def test_in_person_everybody_is_who_the_settings_say() -> None:
    assert audience(in_person(), profile=MEMBER) == member("Delta Aid")
    assert audience(in_person("U2")) == member("Nile Relief")
    assert HOME_OWNER in audience(in_person("U3")).organisations
    assert audience(in_person("U4"), profile=MEMBER) == PUBLIC
    assert audience(in_person(team="T2"), profile=MEMBER) == access.named("community")
    assert audience(in_person(team="T9"), profile=MEMBER) == PUBLIC


def test_guests_strangers_and_who_slack_says_nothing_of_are_visitors() -> None:
    assert audience(in_person(), profile=Profile("en", guest=True)) == PUBLIC
    assert audience(in_person(), profile=None) == PUBLIC
    assert audience(in_person(home="T9"), profile=MEMBER) == PUBLIC
    assert audience(in_person("U2", home="T9"), profile=MEMBER) == PUBLIC


def test_a_channel_gets_what_its_workspace_may_see_whoever_asks() -> None:
    for user in ("U1", "U2", "U3", "U4"):
        assert audience(in_channel(user), profile=MEMBER) == member("Delta Aid")
    assert audience(in_channel(), shared=True) == PUBLIC
    assert audience(in_channel(), shared=None) == PUBLIC
    assert audience(in_channel(shared=True)) == PUBLIC
    assert audience(in_channel(team="T9")) == PUBLIC


def test_no_workspace_is_the_operator_whatever_its_name() -> None:
    found = audience(in_channel(team="T3"))
    assert HOME_OWNER not in found.organisations
    assert found == member("Home Office")


@pytest.mark.parametrize("setting", ["T1=operator", "Acme=T1", "T1", "T1=", "t1=Acme", "T1/U1/U2=Acme", "C1=Acme"])
def test_a_line_that_cannot_be_meant_is_refused(setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONGROUND_SLACK_ORGANISATIONS", setting)
    with pytest.raises(SettingsError, match="COMMONGROUND_SLACK_ORGANISATIONS"):
        Settings.load(tmp_path)


def test_within() -> None:
    acme, community = member("Acme"), access.named("community")
    assert within(PUBLIC, acme)
    assert within(community, acme)
    assert within(acme, member("Acme", "Bolt"))
    assert not within(acme, community)
    assert not within(community, PUBLIC)
    assert not within(member("Acme", "Bolt"), acme)


def test_what_slack_says_of_a_channel_counts(slack: FakeSlack, tmp_path: Path) -> None:
    slack.channels["C9"] = {"id": "C9", "is_ext_shared": True}
    slack.users["U9"] = {"id": "U9", "team_id": TEAM, "is_restricted": True, "locale": "fr-FR"}
    with served(slack_settings(tmp_path / "home", slack, slack_organisations=f"{TEAM}=Delta Aid")) as side:
        for event in (mention(), mention(channel="C9"), direct(), direct(user="U9", channel="D9")):
            side.event(event)
        eventually(lambda: len(side.stub.asked) == 4)
        side.event(mention("private news"), is_ext_shared_channel=True)
        eventually(lambda: len(side.stub.asked) == 5)
    seen = sorted((message.audience.label) for message in side.stub.asked)
    assert seen == ["Delta Aid", "Delta Aid", "public", "public", "public"]


def test_a_channel_in_which_a_guest_or_a_stranger_reads_along_is_public(slack: FakeSlack, tmp_path: Path) -> None:
    member_of = {"team_id": TEAM, "locale": "en-GB"}
    slack.users = {name: {"id": name} | member_of for name in ("U1", "U2", "U3")}
    slack.users["U9"] = {"id": "U9", "is_ultra_restricted": True} | member_of
    slack.members = {"C1": ["U1", "U2", "U3"], "C2": ["U1", "U2", "U9"], "C3": ["U1", "U7"]}
    with served(slack_settings(tmp_path / "home", slack, slack_organisations=f"{TEAM}=Delta Aid")) as side:
        for channel in ("C1", "C2", "C3"):
            side.event(mention(channel, channel=channel))
        eventually(lambda: len(side.stub.asked) == 3)
        # What Slack does not tell counts as if others were there.
        slack.failures["conversations.members"] = ["missing_scope"]
        side.event(mention("C4", channel="C4"))
        eventually(lambda: len(side.stub.asked) == 4)
    seen = {message.text: message.audience.label for message in side.stub.asked}
    assert seen == {"C1": "Delta Aid", "C2": "public", "C3": "public", "C4": "public"}
