"""The vector index, and the only import of chromadb: ids and vectors, which can be rebuilt from the store any time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge import vector_files
from knowledge.embeddings import Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

_PAGE = 5_000
_MADE_ANEW = "--anew"
_LONGEST_NAME = 48


class VectorIndex:
    """Vectors by text hash in an embedded Chroma. One process owns the folder: a second client would see stale data."""

    def __init__(self, folder: Path, model: str, client: ClientAPI | None = None) -> None:
        self._folder = folder
        self._client = client or _opened(folder)
        name = _collection_name(model)
        self._names = (name, name + _MADE_ANEW)
        held = {collection.name for collection in self._client.list_collections()}.intersection(self._names)
        # A run that was to make it anew was killed. Whichever stays is made level with the store before it is used.
        for unfinished in sorted(held)[1:]:
            self._client.delete_collection(unfinished)
        self._collection: Collection = self._made(min(held, default=name))

    def beside(self, model: str) -> VectorIndex:
        """The vectors of another model in the same folder, through the same client."""
        return VectorIndex(self._folder, model, self._client)

    def _made(self, name: str) -> Collection:
        return self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def __len__(self) -> int:
        return self._collection.count()

    def ids(self) -> set[str]:
        """All text hashes that have a vector."""
        found: set[str] = set()
        for page in self._pages():
            found.update(page)
        return found

    def _pages(self) -> Iterator[list[str]]:
        for offset in range(0, len(self), _PAGE):
            yield self._collection.get(limit=_PAGE, offset=offset, include=[])["ids"]

    def add(self, hashes: Sequence[str], vectors: Vectors) -> None:
        """Adds or replaces; on return the vectors are durable."""
        _put(self._collection, hashes, vectors)

    def remove(self, hashes: Sequence[str]) -> None:
        for start in range(0, len(hashes), _PAGE):
            self._collection.delete(ids=list(hashes[start : start + _PAGE]))

    def make_anew(self, parts: Iterable[tuple[Sequence[str], Vectors]]) -> None:
        """Holds `parts` and nothing else, also on disk: removing alone leaves the bytes of a vector in Chroma's files.

        Searches go on meanwhile, on what was there before.
        """
        before = self._collection
        name = next(name for name in self._names if name != before.name)
        if any(collection.name == name for collection in self._client.list_collections()):
            self._client.delete_collection(name)
        after = self._made(name)
        for hashes, vectors in parts:
            _put(after, hashes, vectors)
        self._collection = after
        self.drop_others()

    def drop_others(self) -> None:
        """Takes all other vectors off the disk: what this index replaced, and those of other models."""
        for collection in self._client.list_collections():
            if collection.name != self._collection.name:
                self._client.delete_collection(collection.name)
        vector_files.clean(self._folder)

    def clear(self) -> None:
        """Empties it, for vectors of another dimension."""
        name = self._collection.name
        self._client.delete_collection(name)
        self._collection = self._made(name)

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """(text hash, cosine similarity) of the `count` nearest, best first."""
        if len(self) == 0:
            return []
        query: Any = vector.reshape(1, -1)
        found = self._collection.query(query_embeddings=query, n_results=min(count, len(self)), include=["distances"])
        distances = found["distances"] or [[]]
        return [(key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def close(self) -> None:
        close = getattr(self._client, "close", None)
        if close is not None:
            close()


def _opened(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(
        path=str(folder), settings=ChromaSettings(anonymized_telemetry=False, is_persistent=True)
    )


def _collection_name(model: str) -> str:
    """A name that Chroma takes, and that no other model has."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in model).strip("-")
    if plain != model or len(plain) > _LONGEST_NAME:
        plain = f"{plain[-38:].strip('-')}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"
    return f"passages-{plain}"


def _put(collection: Collection, hashes: Sequence[str], vectors: Vectors) -> None:
    for start in range(0, len(hashes), _PAGE):
        part: Any = vectors[start : start + _PAGE]
        collection.upsert(ids=list(hashes[start : start + _PAGE]), embeddings=part)
