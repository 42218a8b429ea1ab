"""What retrieval holds in memory, always level with the published version of one home."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.embeddings import Embedder, Vectors
from knowledge.finding import Facets
from knowledge.retrieval import columns, meaning
from knowledge.retrieval.columns import Columns, Mask
from knowledge.retrieval.lexical import TextIndex
from knowledge.retrieval.meaning import PassageVectors
from knowledge.splitting import text_hash
from knowledge.store import state

if TYPE_CHECKING:
    from knowledge.home import Home

_QUESTIONS_KEPT = 512


@dataclass(frozen=True, slots=True)
class Held:
    """One published version of the index, of vectors of one model, which reads the questions too. `version` is that of
    `knowledge.store.state`."""

    version: int
    embedder: Embedder
    columns: Columns
    texts: TextIndex
    passages: PassageVectors

    @property
    def model(self) -> str:
        return self.embedder.name

    def visible(self, audience: Audience) -> Mask:
        return self.columns.visible(self.columns.sight(audience))

    def mask(self, session: Session, facets: Facets, visible: Mask) -> Mask:
        """The records of `visible` that answer `facets`."""
        paths = finding.paths_of(session, facets.places).values() if facets.places else ()
        return self.columns.mask(facets, visible, paths)


class Retrieval:
    """Thread-safe. Of a version that was published, the first question asked reads what is new, and those that come
    meanwhile wait for it: an answer from the version before could show what has been withdrawn."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = Lock()
        self._held: Held | None = None
        self._asking = Lock()
        self._questions: OrderedDict[tuple[str, str], Vectors] = OrderedDict()

    def level(self, session: Session) -> Held:
        """The columns and vectors of the version that is published now."""
        held, model = self._held, self._home.embedder.name
        if held is not None and (held.version, held.model) == (state.version(session), model):
            return held
        with self._lock:
            if self._held is None or (self._held.version, self._held.model) != (state.version(session), model):
                self._held = self._read(self._home.embedder, self._held)
            return self._held

    def _read(self, embedder: Embedder, before: Held | None) -> Held:
        model = embedder.name
        with self._home.database.engine.connect() as connection:
            # One snapshot for all of it: Python's driver opens no transaction for reading by itself.
            connection.exec_driver_sql("BEGIN")
            with Session(connection) as session:
                version = state.version(session)
            read = columns.load(connection)
            same = before is not None and before.model == model
            passages = meaning.load(
                connection, model, embedder.dimension, read.pks, before.passages if same and before else None
            )
            connection.rollback()
        return Held(version, embedder, read, TextIndex(read), passages)

    def vector(self, words: str, held: Held | None = None) -> Vectors:
        """The vector of a question, by the model of `held` (else that which answers now); the latest are remembered."""
        embedder = held.embedder if held else self._home.embedder
        key = (embedder.name, text_hash(words))
        with self._asking:
            if (known := self._questions.get(key)) is not None:
                self._questions.move_to_end(key)
                return known
        vector: Vectors = embedder.embed([words])[0]
        with self._asking:
            self._questions[key] = vector
            while len(self._questions) > _QUESTIONS_KEPT:
                self._questions.popitem(last=False)
        return vector

    def clear(self) -> None:
        """Lets go of everything: what was forgotten must not stay in memory until the next question."""
        with self._lock:
            self._held = None
        with self._asking:
            self._questions.clear()
