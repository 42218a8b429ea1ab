"""The two environments: `.venv` for the application, `bot/engine/.venv` for Rasa's own Python 3.10."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from connectors.ops import layout
from connectors.ops.indexes import pip_configuration, uv_environment, with_extra_indexes
from connectors.ops.interpreters import ENGINE_VERSION, engine_python, runs_as
from connectors.ops.layout import APPLICATION, DEV_LOCK, ENGINE_ENVIRONMENT, ENGINE_LOCK, ROOT, RUN_LOCK, UV_LOCK
from connectors.ops.progress import Progress, StepError, run_step

TORCH = "2.13.0"
_LEFT_OUT = (f"torch=={TORCH}", "openvino-telemetry", "unidecode")
"""Packages that others ask for and that are not taken from the lock: torch has an index of its own; OpenVINO works
without reporting its use; Unidecode is under the GPL, and knowledge.sources.hxl_tags stands in for it."""
NETWORK = "Check the connection and pip's configured index (pip config list), then run make setup again."
STAMP = "commonground.stamp"
BESIDE_THE_LOCK = frozenset({"pip", "uv", "torch", "commonground"})


def application_digest(dev: bool) -> str:
    """What the application's environment is made from. The path counts: scripts in an environment name it."""
    locks = [RUN_LOCK, UV_LOCK, *([DEV_LOCK] if dev else [])]
    project = ROOT / "pyproject.toml"
    return layout.digest_of([*locks, project], TORCH, str(ROOT), "dev" if dev else "run")


def engine_digest() -> str:
    return layout.digest_of([ENGINE_LOCK], str(ROOT))


def application_is_ready(dev: bool) -> bool:
    """An environment that has the development packages serves for running too."""
    stamp = layout.read_stamp(APPLICATION / STAMP)
    accepted = {application_digest(dev=True)} | (set() if dev else {application_digest(dev=False)})
    return stamp in accepted and layout.python_of(APPLICATION).exists()


def engine_is_ready() -> bool:
    stamp = layout.read_stamp(ENGINE_ENVIRONMENT / STAMP)
    return stamp == engine_digest() and layout.python_of(ENGINE_ENVIRONMENT).exists()


def make_application(progress: Progress, dev: bool) -> None:
    """Makes or completes `.venv` from its locks; nothing when it is in step already."""
    if application_is_ready(dev):
        return
    progress.say("Application environment (.venv)")
    dev = dev or layout.read_stamp(APPLICATION / "wants").startswith("dev")
    python = layout.python_of(APPLICATION)
    log = layout.logs() / "setup-application.log"
    if not _usable(python):
        run_step(
            progress,
            "Making the environment",
            [sys.executable, "-m", "venv", "--clear", APPLICATION],
            log,
            mend="Install this Python's venv module (Debian and Ubuntu: apt install python3-venv), then make setup.",
        )
    run_step(
        progress,
        "Installing uv",
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", UV_LOCK],
        log,
        mend=NETWORK,
    )
    env = uv_environment(pip_configuration(python))
    locks = [RUN_LOCK, *([DEV_LOCK] if dev else [])]
    _install_locks(progress, "Installing the application's packages", python, locks, env, log)
    _install_torch(progress, python, env, log)
    _remove_others(python, locks, env)
    run_step(
        progress,
        "Installing commonground",
        [_uv(), "pip", "install", "--python", python, "--no-deps", "--no-build-isolation", "--editable", ROOT],
        log,
        env=env,
        mend="See the output for the cause; pyproject.toml describes the package.",
    )
    if dev:
        layout.write_whole(APPLICATION / "wants", "dev\n")
    layout.write_whole(APPLICATION / STAMP, application_digest(dev) + "\n")


def make_engine(progress: Progress) -> None:
    """Makes or completes `bot/engine/.venv`; the application's environment must be there, since uv lives in it."""
    if engine_is_ready():
        return
    progress.say("Rasa's environment (bot/engine/.venv)")
    python = layout.python_of(ENGINE_ENVIRONMENT)
    log = layout.logs() / "setup-engine.log"
    env = uv_environment(pip_configuration(layout.python_of(APPLICATION)))
    if not runs_as(python, ENGINE_VERSION):
        run_step(
            progress,
            "Making the environment",
            [_uv(), "venv", "--clear", "--python", engine_python(_uv(), env, progress), ENGINE_ENVIRONMENT],
            log,
            env=env,
            mend="Remove bot/engine/.venv and run make setup again.",
        )
    _install_locks(progress, "Installing Rasa and its packages", python, [ENGINE_LOCK], env, log)
    _remove_others(python, [ENGINE_LOCK], env)
    layout.write_whole(ENGINE_ENVIRONMENT / STAMP, engine_digest() + "\n")


def installed(python: Path) -> dict[str, str]:
    """Package name to version, of everything installed for `python`."""
    code = (
        "import json; from importlib.metadata import distributions as d; "
        "print(json.dumps([[x.metadata['Name'], x.version] for x in d() if x.metadata['Name']]))"
    )
    shown = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    if shown.returncode:
        raise StepError(f"{python} does not run. Remove its environment and run make setup.")
    return {layout.canonical(name): version for name, version in json.loads(shown.stdout)}


def lock(progress: Progress) -> None:
    """Writes the locks anew from the two pyproject.toml files, for every platform, with hashes.

    Versions stay as they are where they fit; with UPGRADE=1 in the environment the newest that fit are taken.
    """
    env = uv_environment(pip_configuration(layout.python_of(APPLICATION)))
    override = layout.logs() / "left-out.txt"
    layout.write_whole(override, "".join(f"{name} ; sys_platform == 'never'\n" for name in _LEFT_OUT))
    common = ["--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    newer = ["--upgrade"] if os.environ.get("UPGRADE") else []
    base: list[str | Path] = [_uv(), "pip", "compile", "--quiet", *common, *newer]
    application: list[str | Path] = ["--python-version", "3.11", "--override", override, "--no-emit-package", "torch"]
    mend = "The output names the packages that exclude each other; adjust pyproject.toml."
    log = layout.logs() / "lock.log"

    def compile_lock(title: str, target: Path, *arguments: str | Path) -> None:
        run_step(progress, title, [*base, *arguments, "--output-file", target], log, env=env, cwd=ROOT, mend=mend)
        listed = target.read_text(encoding="utf-8").partition("\n# The following packages were excluded")[0]
        layout.write_whole(target, listed.rstrip() + "\n")

    compile_lock("Locking uv", UV_LOCK, "--no-annotate", "--python-version", "3.11", _uv_pin())
    compile_lock("Locking the application", RUN_LOCK, *application, "pyproject.toml")
    without: list[str | Path] = [part for name in layout.pins(RUN_LOCK) for part in ("--no-emit-package", name)]
    development: list[str | Path] = ["--constraint", RUN_LOCK.name, "--group", "dev", "pyproject.toml"]
    compile_lock("Locking the development packages", DEV_LOCK, *application, *without, *development)
    engine: list[str | Path] = ["--python-version", ENGINE_VERSION, "bot/engine/pyproject.toml"]
    compile_lock("Locking Rasa", ENGINE_LOCK, *engine)


def _uv_pin() -> Path:
    pin = layout.logs() / "uv.in"
    layout.write_whole(pin, f"uv=={layout.pins(UV_LOCK)['uv']}\n")
    return pin


def _uv() -> Path:
    return APPLICATION / "bin" / "uv"


def _usable(python: Path) -> bool:
    code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _install_locks(
    progress: Progress, title: str, python: Path, locks: list[Path], env: Mapping[str, str], log: Path
) -> None:
    """Lines of a lock carry their hashes; nothing is resolved again."""
    requirements = [part for lock_file in locks for part in ("-r", lock_file)]
    install: list[str | Path] = [_uv(), "pip", "install", "--python", python, "--no-deps", "--require-hashes"]
    try:
        run_step(progress, title, [*install, *requirements], log, env=env, mend=NETWORK)
    except StepError:
        wider = with_extra_indexes(env, pip_configuration(layout.python_of(APPLICATION)))
        if not wider:
            raise
        progress.say("  the main index did not serve; trying pip's extra indexes as well")
        run_step(progress, title, [*install, *requirements], log, env=wider, mend=NETWORK)


def _install_torch(progress: Progress, python: Path, env: Mapping[str, str], log: Path) -> None:
    """torch for the processor alone: the usual Linux wheel brings gigabytes of CUDA with it."""
    command: list[str | Path] = [_uv(), "pip", "install", "--python", python, "--no-deps"]
    wanted = f"torch=={TORCH}"
    if installed(python).get("torch", "").split("+")[0] == TORCH:
        return
    if sys.platform == "darwin":
        run_step(progress, "Installing torch", [*command, wanted], log, env=env, mend=NETWORK)
        return
    if env.get("UV_FIND_LINKS"):
        local = [*command, "--no-index", f"{wanted}+cpu"]
        try:
            run_step(progress, "Installing torch from pip's find-links", local, log, env=env, mend="")
        except StepError:
            progress.say("  pip's find-links have no torch for this Python; taking the CPU build from its own index")
        else:
            return
    command += ["--torch-backend", "cpu", wanted]
    run_step(progress, "Installing torch (CPU build)", command, log, env=env, mend=NETWORK)


def _remove_others(python: Path, locks: list[Path], env: Mapping[str, str]) -> None:
    """Takes out what an earlier lock put in, so that an old environment equals a new one."""
    wanted = {name for lock_file in locks for name in layout.pins(lock_file)} | BESIDE_THE_LOCK
    others = sorted(set(installed(python)) - wanted)
    if others:
        command: list[str | Path] = [_uv(), "pip", "uninstall", "--python", python, *others]
        subprocess.run(command, env=dict(env), capture_output=True, check=False)
