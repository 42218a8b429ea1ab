"""Set-up: interpreters, indexes, locks, stamps and the dialogue model's checksum, on real files and programs."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from connectors.ops import browser, dialogue, environments, indexes, interpreters, layout
from connectors.ops.progress import Progress, StepError, run_step

CONFIGURATION = """\
:env:.cert='/etc/ssl/company.pem'
:env:.find-links='/srv/wheels /srv/more wheels'
global.index-url='https://user:token@packages.example/simple'
global.extra-index-url='https://extra.example/simple'
global.find-links='/srv/old'
install.trusted-host='packages.example'
freeze.timeout='10'
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_pip_configuration_becomes_uv_environment() -> None:
    configuration = indexes.parse_configuration(CONFIGURATION)
    env = indexes.uv_environment(configuration, base={"PATH": "/bin", "VIRTUAL_ENV": "/elsewhere"})
    assert env["UV_DEFAULT_INDEX"] == "https://user:token@packages.example/simple"
    assert env["SSL_CERT_FILE"] == "/etc/ssl/company.pem"
    assert env["UV_INSECURE_HOST"] == "packages.example"
    assert env["UV_FIND_LINKS"] == "/srv/wheels,/srv/more,wheels"
    assert "VIRTUAL_ENV" not in env
    assert "UV_INDEX" not in env
    assert indexes.with_extra_indexes(env, configuration) == env | {
        "UV_INDEX": "https://extra.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_what_uv_is_told_already_stays_and_nothing_is_made_up() -> None:
    told = {"UV_DEFAULT_INDEX": "https://told.example/simple"}
    configuration = indexes.parse_configuration(CONFIGURATION)
    assert indexes.uv_environment(configuration, base=told)["UV_DEFAULT_INDEX"] == told["UV_DEFAULT_INDEX"]
    plain = indexes.uv_environment({}, base={})
    assert {"UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"} & set(plain) == set()
    assert indexes.with_extra_indexes(plain, {}) is None


def test_a_shim_that_refuses_to_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "python3.10", "#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    old = program(tmp_path / "pyenv" / "versions" / "3.10.2" / "bin" / "python3.10", "#!/bin/sh\nexit 1\n")
    good = program(tmp_path / "pyenv" / "versions" / "3.10.1" / "bin" / "python3.10", "#!/bin/sh\necho 3.10\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert list(interpreters.candidates())[:3] == [tmp_path / "bin" / "python3.10", old, good]
    assert interpreters.local_python() == good


def test_a_python_of_another_version_does_not_count() -> None:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert interpreters.runs_as(sys.executable, own)
    assert not interpreters.runs_as(sys.executable, "3.10")
    assert not interpreters.runs_as("/nowhere/python", "3.10")


def test_locks_name_every_package_with_hashes_and_no_place() -> None:
    for lock in (layout.RUN_LOCK, layout.DEV_LOCK, layout.ENGINE_LOCK, layout.UV_LOCK):
        text = lock.read_text(encoding="utf-8")
        assert layout.pins(lock)
        for block in text.split("\n\n")[0].split("\n"):
            if layout.PINNED.match(block):
                assert block.endswith("\\"), f"{lock.name}: no hash for {block}"
        assert "://" not in text
        assert "-r /" not in text
        assert str(Path.home()) not in text


def test_run_and_development_locks_share_no_package() -> None:
    assert set(layout.pins(layout.RUN_LOCK)) & set(layout.pins(layout.DEV_LOCK)) == set()


def test_no_gpu_package_is_locked_or_installed() -> None:
    locked = (
        set(layout.pins(layout.RUN_LOCK)) | set(layout.pins(layout.ENGINE_LOCK)) | set(layout.pins(layout.DEV_LOCK))
    )
    installed = set(environments.installed(Path(sys.executable)))
    if layout.python_of(layout.ENGINE_ENVIRONMENT).exists():
        installed |= set(environments.installed(layout.python_of(layout.ENGINE_ENVIRONMENT)))
    unwanted = [name for name in locked | installed if name.startswith(("nvidia", "cuda", "triton", "pytorch-triton"))]
    assert unwanted == []


def test_torch_is_the_build_for_processors() -> None:
    version = environments.installed(Path(sys.executable))["torch"]
    assert version.split("+")[0] == environments.TORCH
    if sys.platform == "linux":
        assert version.endswith("+cpu")


def test_a_digest_changes_with_content_name_and_words(tmp_path: Path) -> None:
    one = tmp_path / "one"
    one.write_text("a")
    before = layout.digest_of([one])
    assert layout.digest_of([one]) == before
    assert layout.digest_of([one], "dev") != before
    one.write_text("b")
    assert layout.digest_of([one]) != before
    one.write_text("a")
    assert layout.digest_of([one.rename(tmp_path / "two")]) != before


def test_caches_and_environments_do_not_count_as_sources(tmp_path: Path) -> None:
    for name in ("a.py", "__pycache__/a.pyc", ".venv/lib/b.py", "inner/c.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    assert layout.files_under(tmp_path) == [tmp_path / "a.py", tmp_path / "inner" / "c.py"]


def test_only_the_model_whose_checksum_was_written_is_accepted(tmp_path: Path) -> None:
    model = tmp_path / "dialogue.tar.gz"
    with pytest.raises(dialogue.ModelError, match=r"there is no dialogue model. Run make setup"):
        dialogue.check_model(model)
    model.write_bytes(b"model")
    with pytest.raises(dialogue.ModelError, match=r"dialogue\.tar\.gz\.sha256 is missing"):
        dialogue.check_model(model)
    dialogue.checksum_path(model).write_text(f"{layout.sha256_of(model)}  dialogue.tar.gz\n")
    assert dialogue.check_model(model) == layout.sha256_of(model)
    model.write_bytes(b"other")
    with pytest.raises(dialogue.ModelError, match="not the one written when it was trained"):
        dialogue.check_model(model)


def test_the_model_is_made_again_when_dialogue_pipeline_or_components_change(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def remember(paths: list[Path], *words: str) -> str:
        seen.extend(paths)
        return ""

    monkeypatch.setattr(layout, "digest_of", remember)
    dialogue.sources_digest()
    names = {str(path.relative_to(layout.ROOT)) for path in seen}
    assert {
        "config.yml",
        "bot/dialogue/domain.yml",
        "bot/dialogue/rules.yml",
        "bot/engine/requirements.lock",
        "bot/engine/commonground_engine/link.py",
    } <= names


def test_a_step_that_fails_says_what_why_and_where(tmp_path: Path) -> None:
    out = io.StringIO()
    log = tmp_path / "logs" / "step.log"
    command = [sys.executable, "-c", "print('disk is full'); raise SystemExit(3)"]
    with pytest.raises(StepError) as raised:
        run_step(Progress(out), "Building", command, log, mend="Free some space.")
    for words in ("Building: failed with exit status 3", "disk is full", "Free some space.", str(log)):
        assert words in str(raised.value)


def test_a_step_keeps_its_output_in_the_log_and_shows_one_line(tmp_path: Path) -> None:
    out = io.StringIO()
    log = tmp_path / "step.log"
    run_step(Progress(out), "Building", [sys.executable, "-c", "print('chatter\\n' * 50)"], log, mend="")
    assert log.read_text().count("chatter") == 50
    assert "chatter" not in out.getvalue()
    assert "Building: done in" in out.getvalue()


def test_the_named_browser_wins_and_a_wrong_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = program(tmp_path / "browser", "#!/bin/sh\n")
    monkeypatch.setenv("COMMONGROUND_BROWSER", str(chosen))
    assert browser.find() == chosen
    monkeypatch.setenv("COMMONGROUND_BROWSER", str(tmp_path / "none"))
    assert browser.find() is None
    with pytest.raises(StepError, match="COMMONGROUND_BROWSER names no program"):
        browser.provide(Progress(io.StringIO()))
