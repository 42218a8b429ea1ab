"""What commands print of records is text: no markup, no pictures made of letters, no control characters."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.cli import app
from tests.homes import activity, opened, put


def test_titles_and_identifiers_are_printed_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("3w:a:12", "[red]Wells[/red] \x1b[31m :smile:", who=["Acme [bold]"])])
    monkeypatch.setenv("COMMONGROUND_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for command in (["search"], ["record", "3w:a:12"]):
        said = CliRunner().invoke(app, command, catch_exceptions=False).output
        assert "3w:a:12" in said
        assert "[red]Wells[/red]" in said
        assert ":smile:" in said
        assert "\x1b[31m" not in said
