"""The doctor names each part that is sick, and how to mend it, and changes nothing by looking."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from connectors import doctor
from connectors.doctor import Check, Schema
from connectors.ops import dialogue, environments, layout
from knowledge.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", model=tmp_path / "dialogue.tar.gz", port=1)


def test_every_part_is_named_once_and_looking_makes_nothing(settings: Settings) -> None:
    found = doctor.checks(settings, lambda path: Schema("1", "1"), lambda given: "5 vectors")
    parts = [check.part for check in found]
    assert len(parts) == len(set(parts))
    assert {
        "application environment",
        "Rasa environment",
        "dialogue model",
        "embedding model",
        "database",
        "vectors",
    } <= {*parts}
    assert {"home", "disk space", "home's owner", "application", "Rasa", "browser for tests"} <= {*parts}
    assert not settings.home.exists()


def test_whatever_is_missing_or_broken_comes_with_its_mend(settings: Settings) -> None:
    for check in doctor.checks(settings):
        assert check.detail
        assert check.mend or check.state in {"ok", "idle"}, check


def test_a_model_goes_from_missing_to_broken_to_ok(settings: Settings) -> None:
    assert doctor.dialogue_model(settings).state == "missing"
    settings.model.write_bytes(b"model")
    assert doctor.dialogue_model(settings).state == "broken"
    dialogue.checksum_path(settings.model).write_text(layout.sha256_of(settings.model))
    assert doctor.dialogue_model(settings).state == "ok"
    settings.model.write_bytes(b"changed")
    assert doctor.dialogue_model(settings) == Check(
        "dialogue model",
        "broken",
        f"{settings.model}: its checksum is not the one written when it was trained. Remove the model. Run make setup",
        "make setup",
    )


def test_a_package_of_another_version_than_the_lock_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "httpx==0.0.1 \\\n    --hash=sha256:00\nother==1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    )
    found = doctor._in_step("application environment", Path(sys.executable), [lock])
    assert found.state == "broken"
    assert "httpx" in found.detail
    assert "other" not in found.detail


def test_gpu_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {"torch": "2.13.0", "nvidia-cublas-cu12": "12.1"}
    monkeypatch.setattr(environments, "installed", lambda python: packages)
    assert doctor.no_cuda().state == "broken"
    assert "nvidia-cublas-cu12" in doctor.no_cuda().detail


def test_the_embedding_model_is_found_without_loading_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from connectors import doctor; from knowledge.settings import Settings; "
    )
    code += f"print(doctor.embedding_model(Settings(home=Path({str(tmp_path)!r}))).state, 'torch' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=layout.ROOT
    ).stdout
    assert shown.split() == ["ok", "False"]


GUID = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("files", "state"),
    [([], "broken"), (["config.json"], "ok"), (["modules.json"], "ok")],
    ids=["empty", "plain", "st"],
)
def test_a_model_folder_is_looked_into(tmp_path: Path, files: list[str], state: str) -> None:
    for name in files:
        (tmp_path / name).write_text("{}")
    assert doctor.embedding_model(Settings(home=tmp_path, embedding_model=str(tmp_path))).state == state


def test_a_model_that_is_not_on_this_machine_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    settings = Settings(home=tmp_path, embedding_model="intfloat/multilingual-e5-small")
    assert doctor.embedding_model(settings).state == "missing"
    (tmp_path / "models--intfloat--multilingual-e5-small").mkdir()
    assert doctor.embedding_model(settings).state == "ok"


def test_who_has_the_home_open_is_told(settings: Settings) -> None:
    assert doctor.home_owner(settings).state == "idle"
    settings.home.mkdir()
    with FileLock(settings.lock_path):
        settings.lock_path.with_suffix(".holder").write_text('{"pid": 4711}')
        assert doctor.home_owner(settings) == Check("home's owner", "ok", "open in process 4711")
    assert doctor.home_owner(settings).state == "idle"


def test_a_sick_database_does_not_silence_the_doctor(settings: Settings) -> None:
    def sick(path: Path) -> Schema:
        raise OSError(f"{path} is not a database\nsecond line")

    assert doctor.database(settings, sick).state == "idle"
    settings.home.mkdir()
    settings.database_path.write_bytes(b"?")
    found = doctor.database(settings, sick)
    assert found.state == "broken"
    assert "is not a database" in found.detail
    assert "second line" not in found.detail
    assert doctor.database(settings, lambda path: Schema("1", "2")).state == "broken"
    assert doctor.database(settings, lambda path: Schema("2", "2")).state == "ok"


def test_healthy_means_nothing_missing_or_broken() -> None:
    assert doctor.healthy([Check("a", "ok", ""), Check("b", "idle", "")])
    assert not doctor.healthy([Check("a", "ok", ""), Check("b", "missing", "", "mend")])
    assert not doctor.healthy([Check("a", "broken", "", "mend")])


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({}, "idle", "not set up"),
        ({"slack_bot_token": "xoxb-open-sesame"}, "broken", "slack_signing_secret"),
        ({"slack_app_token": "xapp-open-sesame"}, "broken", "slack_bot_token"),
        ({"slack_bot_token": "xoxb-open-sesame", "slack_app_token": "xapp-open-sesame"}, "ok", "over Socket Mode"),
        ({"slack_bot_token": "xoxb-open-sesame", "slack_signing_secret": "open-sesame"}, "ok", "over HTTP"),
        (
            {"slack_client_id": "1.2", "slack_client_secret": "open-sesame", "slack_signing_secret": "open-sesame"},
            "broken",
            "COMMONGROUND_PUBLIC_URL",
        ),
    ],
)
def test_slack_is_said_to_be_set_up_or_what_is_missing_and_no_token_is_shown(
    settings: Settings, given: dict[str, str], state: str, said: str
) -> None:
    check = doctor.slack(Settings(home=settings.home, **given))
    assert check.state == state
    assert said in check.detail + check.mend
    assert "open-sesame" not in repr(check)


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({}, "idle", "not set up"),
        ({"teams_app_secret": "open-sesame"}, "broken", "teams_app_id, teams_tenants"),
        ({"teams_app_secret": "open-sesame", "teams_app_id": GUID, "teams_tenants": GUID}, "broken", "PUBLIC_URL"),
        (
            {
                "teams_app_secret": "open-sesame",
                "teams_app_id": GUID,
                "teams_tenants": GUID,
                "public_url": "https://a.b",
            },
            "ok",
            "for 1 tenant",
        ),
    ],
)
def test_teams_is_said_to_be_set_up_or_what_is_missing_and_no_secret_is_shown(
    settings: Settings, given: dict[str, str], state: str, said: str
) -> None:
    check = doctor.teams(Settings(home=settings.home, **given))
    assert check.state == state
    assert said in check.detail + check.mend
    assert "open-sesame" not in repr(check)
