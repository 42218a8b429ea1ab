"""One home: the store, the vectors and the model of one installation, opened by one process at a time."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from threading import Lock, RLock
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from knowledge import embedded
from knowledge.embeddings import Embedder
from knowledge.retrieval.kept import Retrieval
from knowledge.settings import Settings
from knowledge.splitting import PassageSplitter
from knowledge.store.database import Database
from knowledge.vectors import VectorIndex

logger = logging.getLogger(__name__)


class HomeInUse(RuntimeError):
    """Another process has the home open. Chroma has one owner: a second client would answer from stale data."""


class Home:
    """Holds the lock while open. `vectors` opens at first use, since most commands never need it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.home.mkdir(parents=True, exist_ok=True)
        self.ingesting = Lock()
        self.fetching = RLock()
        self.reindexing = Lock()
        self._lock = FileLock(settings.lock_path)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise HomeInUse(
                f"{settings.home} is open in another process{_holder(settings)}. "
                "Use the running server, wait until the other command ends, or name another COMMONGROUND_HOME"
            ) from None
        settings.lock_path.with_suffix(".holder").write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
        try:
            self.database = Database(settings.database_path)
            self.embedder = self._serving_embedder()
        except BaseException:
            self._lock.release()
            raise
        self.retrieval = Retrieval(self)
        self._vectors: VectorIndex | None = None
        self.on_forget: list[Callable[[], None]] = []
        """Told when something was forgotten, so that nothing of it stays in memory or in files made from records."""
        self.on_close: list[Callable[[], None]] = []

    @property
    def vectors(self) -> VectorIndex:
        if self._vectors is None:
            self._vectors = VectorIndex(self.settings.vectors_path, self.embedder.name)
        return self._vectors

    def _serving_embedder(self) -> Embedder:
        """The model that the index was embedded with, whatever the settings say now; theirs where there is none."""
        settings = self.settings
        wanted = Embedder(settings.embedding_model, settings.embedding_backend, settings.models_path)
        with self.database.read() as session:
            found = embedded.read(session)
        if found is None:
            return wanted
        if found.name != wanted.name:
            logger.warning(
                "The index was embedded with %s, but embedding_model names %r. The former answers until you run: "
                "commonground reindex. To keep it, set embedding_model to %r",
                found,
                settings.embedding_model,
                found.setting,
            )
        return Embedder(found.setting, settings.embedding_backend, settings.models_path, found.dimension)

    def answer_with(self, embedder: Embedder, vectors: VectorIndex) -> None:
        """From now on this model and its vectors answer."""
        self._vectors, self.embedder = vectors, embedder

    def splitter(self) -> PassageSplitter:
        return PassageSplitter(self.embedder.fits)

    def close(self) -> None:
        for told in self.on_close:
            told()
        if self._vectors is not None:
            self._vectors.close()
        self.database.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _holder(settings: Settings) -> str:
    try:
        pid = json.loads(settings.lock_path.with_suffix(".holder").read_text(encoding="utf-8"))["pid"]
    except (OSError, ValueError, KeyError):
        return ""
    return f" (process {pid})"
