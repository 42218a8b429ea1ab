"""A stand-in for Slack, and the application that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.slack.fake_slack import FakeSlack, fake_slack
from tests.connectors.slack.served import Side, served, slack_settings


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as running:
        yield running


@pytest.fixture
def side(slack: FakeSlack, tmp_path: Path) -> Iterator[Side]:
    with served(slack_settings(tmp_path / "home", slack)) as running:
        yield running
