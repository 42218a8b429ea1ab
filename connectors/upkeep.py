"""What the operator has done to the index besides reading files, for the API and for commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors import judging
from connectors.client import CommandError
from connectors.judging import DecisionRequest, UndoRequest
from connectors.kept_json import time_json
from knowledge import forgetting, reindexing, syncing
from knowledge.declarations import FILE_NAME
from knowledge.embeddings import ModelError
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.progress import Progress


class SyncRequest(BaseModel):
    """Files sources.yml on the machine the server runs on; none: the one in the data folder."""

    model_config = ConfigDict(extra="forbid")
    manifests: list[str] = Field(default_factory=list, max_length=1_000)
    force: bool = False
    retire_gone: bool = False


class ForgetRequest(BaseModel):
    """What to forget. Without `confirm` nothing is erased: the answer says what would be."""

    model_config = ConfigDict(extra="forbid")
    records: list[str] = Field(default_factory=list, max_length=10_000)
    source: str = ""
    organisation: str = ""
    reason: str = Field(default="", max_length=200)
    confirm: bool = False
    allow_again: bool = False

    @property
    def wanted(self) -> Wanted:
        """Raises CommandError unless one of the three ways to say what to forget is used."""
        if sum(map(bool, (self.records, self.source, self.organisation))) != 1:
            raise CommandError("Name records, or one source, or one organisation", 2)
        return Wanted(tuple(self.records), self.source, self.organisation)


def sync(home: Home, asked: SyncRequest, progress: Progress) -> dict[str, Any]:
    manifests = [Path(path) for path in asked.manifests] or [home.settings.home / FILE_NAME]
    for path in manifests:
        if not path.exists():
            raise CommandError(f"{path} does not exist. Name a sources.yml, or write that one", 2)
    try:
        report = syncing.sync(home, manifests, force=asked.force, retire_gone=asked.retire_gone, progress=progress)
    except syncing.Busy as error:
        raise CommandError(str(error)) from None
    return {
        "sources": [
            {
                "name": source.name,
                "key": source.key,
                "result": source.result.value,
                "why": source.why,
                "next_try": time_json(source.next_try),
                "gone_since": time_json(source.gone_since),
                "records": source.records,
                "added": source.added,
                "changed": source.changed,
                "retired": source.retired,
                "problems": [str(problem) for problem in source.problems],
            }
            for source in report.sources
        ],
        "problems": [str(problem) for problem in report.problems],
        "wrong": sum(problem.fatal for problem in report.problems),
        "trouble": report.trouble,
        "version": report.version,
        "seconds": report.seconds,
    }


def preview(home: Home, asked: ForgetRequest) -> dict[str, Any]:
    """What `forget` would erase."""
    wanted = asked.wanted
    try:
        with home.database.read() as session:
            return forgetting.selected(session, wanted).as_json()
    except forgetting.Unknown as error:
        raise CommandError(str(error)) from None


def forget(home: Home, asked: ForgetRequest, progress: Progress) -> dict[str, Any]:
    wanted = asked.wanted
    if asked.allow_again:
        if wanted.organisation:
            raise CommandError("Of an organisation nothing is remembered. Name its records, or the source", 2)
        return {"lifted": forgetting.allow_again(home, wanted)}
    try:
        report = forgetting.forget(home, wanted, reason=asked.reason, progress=progress)
    except forgetting.Unknown as error:
        raise CommandError(str(error)) from None
    return {
        "records": report.records,
        "sources": report.sources,
        "rows": report.rows,
        "vectors": report.vectors,
        "files": report.files,
        "left": report.left,
        "unfinished": report.unfinished,
        "version": report.version,
    }


class ReindexRequest(BaseModel):
    """The embedding model that is to answer: 'packaged', a folder or a name; none: that of the settings."""

    model_config = ConfigDict(extra="forbid")
    model: str = Field(default="", max_length=1_000)


def reindex(home: Home, asked: ReindexRequest, progress: Progress) -> dict[str, Any]:
    try:
        report = reindexing.reindex(home, asked.model, progress)
    except ModelError as error:
        raise CommandError(str(error), 2) from None
    except reindexing.Busy as error:
        raise CommandError(str(error)) from None
    return asdict(report) | {"setting": home.settings.embedding_model}


def carry_out(home: Home, path: str, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """What a POST of `body` to `path` does, in this process. Raises CommandError."""
    operations: dict[str, Callable[[], dict[str, Any]]] = {
        "/api/v1/sync": lambda: sync(home, SyncRequest(**body), progress),
        "/api/v1/reindex": lambda: reindex(home, ReindexRequest(**body), progress),
        "/api/v1/forget": lambda: _forget_or_show(home, ForgetRequest(**body), progress),
        "/api/v1/organisation-decisions": lambda: judging.decide(home, DecisionRequest(**body), progress),
        "/api/v1/organisation-decisions/undo": lambda: judging.undo(home, UndoRequest(**body), progress),
    }
    try:
        return operations[path]()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise CommandError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", 2) from None


def _forget_or_show(home: Home, asked: ForgetRequest, progress: Progress) -> dict[str, Any]:
    return forget(home, asked, progress) if asked.confirm or asked.allow_again else preview(home, asked)
