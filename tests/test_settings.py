"""Settings: what wins over what, what is refused and in which words, and that the documentation knows all of them."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from knowledge.settings import PREFIX, Settings, SettingsError, default_home

VARIABLE = re.compile(rf"\b{PREFIX}[A-Z][A-Z_]*\b")
SKIPPED_FOLDERS = {".venv", ".git", "models", "__pycache__", ".commonground", "node_modules"}
TEXT_SUFFIXES = {".py", ".md", ".yml", ".yaml", ".toml", ".html", ".js", ""}


def shown_default(name: str, value: Any, root: Path) -> str:
    if name == "home":
        value = default_home()
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        return f"`{value.relative_to(root)}` in the checkout"
    if value is None or value == "":
        return "unset"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def documented_table(root: Path) -> list[str]:
    """The rows that docs/settings.md must have, one per setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = shown_default(name, field.default, root)
        line = "" if name == "home" else f"`{name}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {line} | {default} | {field.description} |")
    return rows


def test_every_setting_is_documented_as_it_is(repo_root: Path) -> None:
    page = (repo_root / "docs" / "settings.md").read_text(encoding="utf-8")
    table = page.partition("## All settings")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == documented_table(repo_root), "docs/settings.md: replace the table's rows by these:\n" + "\n".join(
        documented_table(repo_root)
    )


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_no_variable_is_read_or_named_anywhere_that_the_documentation_does_not_know(repo_root: Path) -> None:
    documented = set(VARIABLE.findall((repo_root / "docs" / "settings.md").read_text(encoding="utf-8")))
    unknown: dict[str, str] = {}
    for path in sorted(repo_root.rglob("*")):
        inside = path.relative_to(repo_root)
        if SKIPPED_FOLDERS & set(inside.parts) or path.suffix not in TEXT_SUFFIXES or not path.is_file():
            continue
        if inside.parts[0] == ".git" or path.stat().st_size > 1_000_000:
            continue
        for name in VARIABLE.findall(path.read_text(encoding="utf-8", errors="replace")):
            if name not in documented:
                unknown[name] = str(inside)
    assert unknown == {}


def test_example_in_the_documentation_works(repo_root: Path, tmp_path: Path) -> None:
    page = (repo_root / "docs" / "settings.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    (tmp_path / "commonground.toml").write_text(example[1], encoding="utf-8")
    settings = Settings.load(tmp_path)
    for name, value in tomllib.loads(example[1]).items():
        assert getattr(settings, name) == value


def test_environment_wins_over_file_and_file_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "commonground.toml").write_text("port = 9001\nmax_text = 100\n", encoding="utf-8")
    monkeypatch.setenv("COMMONGROUND_PORT", "9002")
    settings = Settings.load(tmp_path)
    assert (settings.port, settings.max_text, settings.turns_per_minute) == (9002, 100, 60)


def test_home_is_the_argument_then_the_variable_then_the_checkout(
    repo_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMONGROUND_HOME", str(tmp_path / "named"))
    assert Settings.load(tmp_path / "given").home == tmp_path / "given"
    assert Settings.load().home == tmp_path / "named"
    monkeypatch.delenv("COMMONGROUND_HOME")
    assert default_home() == repo_root / ".commonground"


def test_the_variable_for_the_home_does_not_override_a_given_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "commonground.toml").write_text("port = 9001\n", encoding="utf-8")
    monkeypatch.setenv("COMMONGROUND_HOME", str(other))
    assert Settings.load(tmp_path).port == 8000


def test_empty_variable_means_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONGROUND_TODAY", "")
    assert Settings.load(tmp_path).today is None


def test_today_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "commonground.toml").write_text("today = 2026-11-23\n", encoding="utf-8")
    assert Settings.load(tmp_path).current_date() == date(2026, 11, 23)
    assert Settings(home=tmp_path, today=None).current_date() == date.today()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("port = 0", r"commonground\.toml: port: .*greater than or equal to 1"),
        ("prot = 8001", r"commonground\.toml: prot: no such setting"),
        ("port = ", r"commonground\.toml: .*line 1"),
        ('home = "/elsewhere"', r"home: the file stands in the home"),
        ('public_url = "example.org"', "public_url: .*http://"),
        ('chat_base_url = "ftp://example.org"', "chat_base_url: .*http://"),
        ('log_level = "loud"', "log_level: .*'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_line_is_one_line_of_explanation(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "commonground.toml").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=words) as raised:
        Settings.load(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(SettingsError, match=r"home is not a folder. Set COMMONGROUND_HOME"):
        Settings.load(tmp_path / "home")


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONGROUND_PORT", "eighty")
    with pytest.raises(SettingsError, match=r"environment variable COMMONGROUND_PORT: .*integer"):
        Settings.load(tmp_path)


def test_secrets_are_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONGROUND_CHAT_API_KEY", "open-sesame-open-sesame")
    monkeypatch.setenv("COMMONGROUND_ENGINE_SECRET", "short-secret")
    with pytest.raises(SettingsError, match="16 characters") as raised:
        Settings.load(tmp_path)
    monkeypatch.setenv("COMMONGROUND_ENGINE_SECRET", "a-long-enough-secret")
    settings = Settings.load(tmp_path)
    for shown in (str(raised.value), repr(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "open-sesame" not in shown
        assert "short-secret" not in shown
        assert "long-enough" not in shown


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("::", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_local_address(tmp_path: Path, host: str, url: str) -> None:
    assert Settings(home=tmp_path, host=host).local_url == url


def test_people_are_sent_to_the_public_address(tmp_path: Path) -> None:
    assert Settings(home=tmp_path, public_url="https://coordination.example/").address == "https://coordination.example"
    assert Settings(home=tmp_path).address == "http://127.0.0.1:8000"
