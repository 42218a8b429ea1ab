"""The app's manifest asks for what the code uses, within the limits that Slack documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from connectors.slack.listening import COMMAND, SHORTCUT
from connectors.slack.service import SCOPES


def manifest(repo_root: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((repo_root / "connectors/slack/manifest.yml").read_text(encoding="utf-8"))
    return found


def test_it_asks_for_the_scopes_that_an_installation_asks_for(repo_root: Path) -> None:
    assert manifest(repo_root)["oauth_config"]["scopes"] == {"bot": sorted(SCOPES)}


def test_it_names_what_the_listeners_hear(repo_root: Path) -> None:
    found = manifest(repo_root)
    assert [one["command"] for one in found["features"]["slash_commands"]] == [COMMAND]
    assert [(one["type"], one["callback_id"]) for one in found["features"]["shortcuts"]] == [("message", SHORTCUT)]
    heard = set(found["settings"]["event_subscriptions"]["bot_events"])
    assert heard >= {"app_home_opened", "app_mention", "app_uninstalled", "link_shared", "tokens_revoked"}
    assert {event for event in heard if event.startswith("message.")} == {
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
    }


def test_it_is_within_what_slack_takes(repo_root: Path) -> None:
    found = manifest(repo_root)
    shown, features = found["display_information"], found["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["bot_user"]["display_name"]) <= 80
    assert all(len(one["name"]) <= 24 and len(one["description"]) <= 150 for one in features["shortcuts"])
    assert not features["app_home"]["messages_tab_read_only_enabled"]
    addresses = {one["url"] for one in features["slash_commands"]} | {
        found["settings"][name]["request_url"] for name in ("event_subscriptions", "interactivity")
    }
    assert len(addresses) == 1
