"""The dialogue model: trained when what it is made from changed, and checked before anything loads it.

A Rasa model is code: unpacking one runs what is in it. So only a model trained here, whose checksum was written down
then, is ever loaded.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from connectors.ops import layout
from connectors.ops.layout import ENGINE, ENGINE_ENVIRONMENT, ENGINE_LOCK, MODEL, MODELS, ROOT
from connectors.ops.progress import Progress, StepError, run_step

CONFIGURATION = ROOT / "config.yml"
DIALOGUE = ROOT / "bot" / "dialogue"
SOURCES_STAMP = MODELS / "dialogue.sources"
MEND = "Run make setup"


class ModelError(Exception):
    """The dialogue model may not be loaded. The message says why and how to mend it."""


def sources_digest() -> str:
    """What the model is made from: pipeline, dialogue data, our components, Rasa's versions."""
    code = [path for path in layout.files_under(ENGINE / "commonground_engine") if path.suffix in (".py", ".yml")]
    return layout.digest_of([CONFIGURATION, *layout.files_under(DIALOGUE), *code, ENGINE_LOCK])


def checksum_path(model: Path) -> Path:
    return model.with_name(model.name + ".sha256")


def check_model(model: Path) -> str:
    """The model's SHA-256. Raises ModelError when it is missing or is not the one that was trained here."""
    if not model.is_file():
        raise ModelError(f"{model}: there is no dialogue model. {MEND}")
    expected = layout.read_stamp(checksum_path(model)).split(" ", 1)[0]
    if not expected:
        raise ModelError(f"{model}: its checksum file {checksum_path(model).name} is missing. Remove the model. {MEND}")
    found = layout.sha256_of(model)
    if found != expected:
        raise ModelError(f"{model}: its checksum is not the one written when it was trained. Remove the model. {MEND}")
    return found


def model_is_current() -> bool:
    try:
        check_model(MODEL)
    except ModelError:
        return False
    return layout.read_stamp(SOURCES_STAMP) == sources_digest()


def train(progress: Progress) -> None:
    """Trains the dialogue model unless it is current. An interrupted training leaves the old model in place."""
    if model_is_current():
        return
    if not CONFIGURATION.is_file():
        raise StepError(
            f"{CONFIGURATION}: the pipeline's description is missing. Restore the file from the repository."
        )
    digest = sources_digest()
    workshop = MODELS / "training"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    progress.say("Dialogue model (bot/engine/models/dialogue.tar.gz)")
    run_step(
        progress,
        "Training (one to three minutes)",
        [
            layout.python_of(ENGINE_ENVIRONMENT), "-m", "rasa", "train",
            "--config", CONFIGURATION,
            "--domain", DIALOGUE / "domain.yml",
            "--data", DIALOGUE,
            "--out", workshop,
            "--fixed-model-name", "dialogue",
        ],
        layout.logs() / "training.log",
        env=engine_environment(),
        cwd=ENGINE,
        mend="Mend config.yml or the file of bot/dialogue that is named above, then make setup.",
    )  # fmt: skip
    trained = workshop / MODEL.name
    if not trained.is_file():
        raise StepError(f"Training wrote no model. Full output: {layout.logs() / 'training.log'}")
    checksum = layout.sha256_of(trained)
    SOURCES_STAMP.unlink(missing_ok=True)
    trained.replace(MODEL)
    layout.write_whole(checksum_path(MODEL), f"{checksum}  {MODEL.name}\n")
    layout.write_whole(SOURCES_STAMP, digest + "\n")
    shutil.rmtree(workshop, ignore_errors=True)


def engine_environment() -> dict[str, str]:
    """The environment Rasa runs in: ours on its path, nothing reported home, quiet libraries."""
    inherited = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ENGINE), *inherited]),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "RASA_CACHE_DIRECTORY": str(MODELS / "cache"),
    }
