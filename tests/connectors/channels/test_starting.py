"""A channel that is off costs nothing: not a module of it is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.channels.starting import slack_state, teams_state
from knowledge.settings import Settings


def test_nothing_of_a_channel_is_loaded_with_the_application(repo_root: Path) -> None:
    heavy = {"slack_bolt", "slack_sdk", "cryptography", "microsoft_teams"}
    code = f"import sys, connectors.app; print(sorted({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=repo_root, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ("", False),
        ("bot_token", False),
        ("signing_secret", False),
        ("bot_token signing_secret", True),
        ("bot_token app_token", True),
        ("client_id client_secret", False),
        ("client_id client_secret signing_secret", True),
        ("client_id signing_secret", False),
    ],
)
def test_slack_is_on_where_it_can_be_asked_and_can_answer(tmp_path: Path, given: str, on: bool) -> None:
    settings = Settings(home=tmp_path, **{f"slack_{name}": "x" for name in given.split()})
    found, missing = slack_state(settings)
    assert found is on
    assert bool(missing) is (not on and bool(given))


@pytest.mark.parametrize(
    ("given", "on", "missing"),
    [
        ("", False, ""),
        ("app_id app_secret tenants", True, ""),
        ("app_id app_secret", False, "teams_tenants"),
        ("tenants", False, "teams_app_id, teams_app_secret"),
    ],
)
def test_teams_is_on_where_it_is_known_who_may_ask(tmp_path: Path, given: str, on: bool, missing: str) -> None:
    ident = "11111111-2222-4333-8444-555555555555"
    settings = Settings(home=tmp_path, **{f"teams_{name}": ident for name in given.split()})
    assert teams_state(settings) == (on, missing)
