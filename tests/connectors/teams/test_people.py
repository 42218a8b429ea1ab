"""Who a person of Teams is: a visitor until a setting says otherwise; among several, what all of them may see."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.channels.organisations import organisations_of
from connectors.teams.incoming import CHANNEL, GROUP, PERSONAL, Task
from connectors.teams.people import People
from connectors.teams.sdk import Member
from knowledge import access
from knowledge.access import HOME_OWNER, PUBLIC, Audience, member
from knowledge.settings import Settings, SettingsError
from tests.asynchronous import run
from tests.connectors.slack.served import eventually
from tests.connectors.teams import fake_teams
from tests.connectors.teams.fake_teams import TENANT, FakeTeams, guid
from tests.connectors.teams.served import CHANNEL as PLACE
from tests.connectors.teams.served import GROUP as GROUP_PLACE
from tests.connectors.teams.served import served, teams_settings

OTHER = "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"
SETTING = f"{TENANT.upper()}=Delta Aid; {TENANT}/{guid('u2')}=Nile Relief; {TENANT}/{guid('u3')}=operator"
FULL, GUEST, STRANGER = Member(TENANT, "p", "user"), Member(TENANT, "p", "guest"), Member(OTHER, "p", "user")


def audience(task: Task, members: list[Member] | None = None, one: Member | None = FULL) -> Audience:
    async def everybody(_: Task) -> list[Member] | None:
        return members

    async def who_asks(_: Task) -> Member | None:
        return one

    return run(People(organisations_of(SETTING), "Home Office", everybody, who_asks).audience(task))


def alone(user: str = "u1", tenant: str = TENANT) -> Task:
    return Task("ask", tenant, guid(user), f"29:{user}", "a:1", PERSONAL, "https://smba.trafficmanager.net/")


def among(scope: str = CHANNEL, user: str = "u1", *, shared: bool = False) -> Task:
    return Task("ask", TENANT, guid(user), f"29:{user}", "19:c;messageid=1", scope, "https://s/", shared=shared)


def test_alone_everybody_is_who_the_settings_say() -> None:
    assert audience(alone()) == member("Delta Aid")
    assert audience(alone("u2")) == member("Nile Relief")
    assert HOME_OWNER in audience(alone("u3")).organisations
    assert audience(alone(tenant=OTHER)) == PUBLIC


@pytest.mark.parametrize("who", [GUEST, STRANGER, Member("", "p", "user"), Member(TENANT, "p", ""), None])
def test_guests_strangers_and_who_teams_says_nothing_of_are_visitors(who: Member | None) -> None:
    assert audience(alone(), one=who) == PUBLIC


@pytest.mark.parametrize("scope", [CHANNEL, GROUP])
def test_among_several_the_answer_is_for_all_of_them(scope: str) -> None:
    assert audience(among(scope), [FULL, FULL]) == member("Delta Aid")
    for user in ("u2", "u3"):
        found = audience(among(scope, user), [FULL])
        assert found == member("Delta Aid")
        assert HOME_OWNER not in found.organisations
    assert audience(among(scope), [FULL, GUEST]) == PUBLIC
    assert audience(among(scope), [FULL, STRANGER]) == PUBLIC
    assert audience(among(scope), []) == PUBLIC
    assert audience(among(scope), None) == PUBLIC
    assert audience(among(scope, shared=True), [FULL]) == PUBLIC


def test_no_tenant_is_the_operator_or_more_than_a_member() -> None:
    async def everybody(_: Task) -> list[Member] | None:
        return [FULL]

    async def who_asks(_: Task) -> Member | None:
        return FULL

    for name, expected in (
        ("Home Office", member("Home Office")),
        ("community", access.named("community")),
        ("public", PUBLIC),
    ):
        people = People({TENANT: name}, "Home Office", everybody, who_asks)
        assert run(people.audience(among())) == run(people.audience(alone())) == expected


@pytest.mark.parametrize(
    "setting", [f"{TENANT}=operator", f"Acme={TENANT}", TENANT, f"{TENANT}=", "T1=Acme", f"{TENANT}/U1=Acme"]
)
def test_a_line_that_cannot_be_meant_is_refused(setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONGROUND_TEAMS_ORGANISATIONS", setting)
    with pytest.raises(SettingsError, match="COMMONGROUND_TEAMS_ORGANISATIONS"):
        Settings.load(tmp_path)


def test_who_comes_to_a_conversation_counts_from_then_on(teams: FakeTeams, tmp_path: Path) -> None:
    teams.roster[PLACE] = [fake_teams.member("29:one"), fake_teams.member("29:two")]
    teams.roster[GROUP_PLACE] = [fake_teams.member("29:one"), fake_teams.member("29:guest", role="guest")]
    teams.roster["a:29:one"] = [fake_teams.member("29:one")]
    settings = teams_settings(tmp_path / "home", teams, teams_organisations=f"{TENANT}=Delta Aid")
    with served(settings, teams) as side:
        seen = {}
        for activity in (
            side.direct("alone"),
            side.mention("channel"),
            side.mention("group", place=GROUP_PLACE),
            side.mention("again"),
        ):
            asked = len(side.stub.asked)
            side.send(activity)
            eventually(lambda before=asked: len(side.stub.asked) > before)
            seen[side.stub.asked[-1].text] = side.stub.asked[-1].audience
        assert seen == {
            "alone": member("Delta Aid"), "channel": member("Delta Aid"), "group": PUBLIC, "again": member("Delta Aid")
        }  # fmt: skip
        asked_teams = teams.count("members")
        teams.roster[PLACE].append(fake_teams.member("29:guest", OTHER))
        joined = side.said("")
        joined |= {"type": "conversationUpdate", "membersAdded": [{"id": "29:guest"}]}
        side.send(joined)
        side.send(side.mention("with a guest"))
        eventually(lambda: len(side.stub.asked) == 5)
        assert side.stub.asked[-1].audience == PUBLIC
        assert teams.count("members") == asked_teams + 1
