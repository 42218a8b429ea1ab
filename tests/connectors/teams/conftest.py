"""A stand-in for Microsoft, and the application that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.teams.fake_teams import FakeTeams, fake_teams
from tests.connectors.teams.served import Side, served, teams_settings


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    with fake_teams() as running:
        yield running


@pytest.fixture
def side(teams: FakeTeams, tmp_path: Path) -> Iterator[Side]:
    with served(teams_settings(tmp_path / "home", teams), teams) as running:
        yield running
