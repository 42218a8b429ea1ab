"""What `commonground serve` starts, and what it says when it cannot."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors import serving
from connectors.ops import dialogue, layout
from connectors.ops.progress import Progress
from knowledge.settings import Settings

SECRET = "a-secret-of-some-length"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "dialogue.tar.gz"
    path.write_bytes(b"a model")
    dialogue.checksum_path(path).write_text(layout.sha256_of(path))
    return path


@pytest.fixture
def settings(tmp_path: Path, model: Path) -> Settings:
    return Settings(home=tmp_path / "home", model=model, port=serving.free_port())


def test_rasa_listens_on_loopback_and_never_opens_its_own_api(settings: Settings) -> None:
    spec = serving.engine_spec(settings, "http://127.0.0.1:8000", SECRET, 5005)
    words = [str(part) for part in spec.argv]
    assert words[words.index("--interface") + 1] == "127.0.0.1"
    assert "--enable-api" not in words
    assert spec.env["RASA_TELEMETRY_ENABLED"] == "false"


def test_secrets_travel_in_the_environment_and_never_on_a_command_line(settings: Settings) -> None:
    engine = serving.engine_spec(settings, "http://127.0.0.1:8000", SECRET, 5005)
    application = serving.application_spec(settings, "http://127.0.0.1:5005", SECRET)
    for spec in (engine, application):
        assert spec.env["COMMONGROUND_ENGINE_SECRET"] == SECRET
        assert SECRET not in " ".join(str(part) for part in spec.argv)


def test_every_start_has_another_secret_and_both_sides_know_the_same(settings: Settings) -> None:
    first, second = serving.specs(settings), serving.specs(settings)
    secrets = [{spec.env["COMMONGROUND_ENGINE_SECRET"] for spec in start} for start in (first, second)]
    assert [len(found) for found in secrets] == [1, 1]
    assert secrets[0] != secrets[1]


def test_the_two_are_told_of_each_other(settings: Settings) -> None:
    engine, application = serving.specs(settings)
    port = str(engine.argv[[str(part) for part in engine.argv].index("--port") + 1])
    assert application.env["COMMONGROUND_ENGINE_URL"] == f"http://127.0.0.1:{port}"
    assert engine.env["COMMONGROUND_URL"] == settings.local_url


def test_questions_are_kept_out_of_the_access_log(settings: Settings) -> None:
    assert "--no-access-log" in serving.application_spec(settings, "http://127.0.0.1:5005", SECRET).argv


def test_a_rasa_elsewhere_is_used_and_needs_its_secret(tmp_path: Path, model: Path) -> None:
    elsewhere = "http://127.0.0.1:5005"
    with pytest.raises(serving.ServeError, match="set COMMONGROUND_ENGINE_SECRET"):
        serving.specs(Settings(home=tmp_path, engine_url=elsewhere))
    found = serving.specs(Settings(home=tmp_path, engine_url=elsewhere, engine_secret=SecretStr(SECRET)))
    assert [spec.name for spec in found] == ["application"]
    assert found[0].env["COMMONGROUND_ENGINE_URL"] == elsewhere


def test_a_model_that_was_not_trained_here_is_not_loaded(settings: Settings) -> None:
    settings.model.write_bytes(b"something else")
    with pytest.raises(serving.ServeError, match=r"checksum is not the one .* make setup"):
        serving.specs(settings)


def test_a_taken_port_is_told_with_the_way_out(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    with socket.create_server(("127.0.0.1", settings.port)):
        assert serving.serve(settings, Progress(out)) == 1
    assert out.getvalue().startswith(f"Port {settings.port} is taken.")
    assert f"COMMONGROUND_PORT={settings.port + 1} make run" in out.getvalue()
    assert not settings.home.exists()


def test_an_address_of_another_machine_is_told(settings: Settings) -> None:
    with pytest.raises(serving.ServeError, match="COMMONGROUND_HOST"):
        serving.check_port("192.0.2.1", settings.port)


def test_a_probe_asks_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(5)
        assert serving.answers(f"http://127.0.0.1:{port}/healthz", timeout=0.2)() is False
        connection, _ = server.accept()
        assert connection.recv(100).startswith(b"GET /healthz")
        connection.close()
