"""The embedding model run by OpenVINO: converted once from the reference, kept on disk, loaded without PyTorch.

The only import of openvino and tokenizers. What is computed is what sentence-transformers computes (its whole pipeline
is converted, pooling and all), in bf16 where the processor has instructions for it and in f32 elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_BATCH = 16
_STEP = 8
"""Lengths are rounded up to a multiple of this, so that few shapes are compiled and kept."""
_STREAMS = 8
_IR, _WEIGHTS, _TOKENIZER, _FACTS = "model.xml", "model.bin", "tokenizer.json", "facts.json"
_SAME = 0.995
"""Least cosine between a converted model's vectors and the reference's; bf16 gives .9995."""
_SAMPLES = (
    "Water",
    "  Who does WASH in Bakool right now?  ",
    "Projet d'appui à la sécurité alimentaire,\nphase II",
    "يقوم البرنامج بحفر الآبار وإصلاح المضخات اليدوية",
    "Boreholes are drilled, hand pumps repaired and committees trained in every village. " * 30,
)


class Unusable(RuntimeError):
    """This model cannot be run by OpenVINO, or not with the same results. The message says why."""


class Converted:
    """A converted model, ready to run. Thread-safe."""

    def __init__(self, model: Any, tokenizer: Any, facts: dict[str, Any]) -> None:
        import openvino  # type: ignore[import-untyped]

        self.dimension = int(facts["dimension"])
        self.limit = int(facts["limit"])
        self._pad = int(facts["pad"])
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.limit)
        self._tokenizer = tokenizer
        core = openvino.Core()
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        self.runs_on = f"openvino {precision}"
        options = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            # A stream per core: batches side by side lose less to waiting than one batch spread over all cores.
            "NUM_STREAMS": min(threads, _STREAMS),
        }
        self._compiled = core.compile_model(model, "CPU", options)

    @classmethod
    def load(cls, folder: Path) -> Converted:
        """What `convert` wrote. Raises Unusable where it is not whole."""
        import openvino
        from tokenizers import Tokenizer

        try:
            facts = json.loads((folder / _FACTS).read_bytes())
            if facts["sums"] != _sums(folder):
                raise Unusable(f"{folder} was changed")
            return cls(openvino.Core().read_model(folder / _IR), Tokenizer.from_file(str(folder / _TOKENIZER)), facts)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise Unusable(f"{folder} cannot be loaded ({type(error).__name__})") from error

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors of `texts` in their order, float32, (n, dimension). `progress` hears of each batch done."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch([text.strip() for text in texts])]
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(tokens)), key=lambda i: -len(tokens[i]))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        if len(batches) == 1:
            request = self._compiled.create_infer_request()
            request.infer(self._inputs(tokens, batches[0]))
            result[batches[0]] = request.get_output_tensor(0).data
            if progress:
                progress(len(batches[0]))
            return result
        self._run(tokens, batches, result, progress)
        return result

    def _run(
        self,
        tokens: Sequence[Sequence[int]],
        batches: Sequence[list[int]],
        result: Vectors,
        progress: Callable[[int], None] | None,
    ) -> None:
        import openvino

        done: list[int] = []

        def keep(request: Any, batch: list[int]) -> None:
            result[batch] = request.get_output_tensor(0).data
            done.append(len(batch))

        queue = openvino.AsyncInferQueue(self._compiled)
        queue.set_callback(keep)
        for batch in batches:
            queue.start_async(self._inputs(tokens, batch), batch)
            while progress and done:
                progress(done.pop())
        queue.wait_all()
        while progress and done:
            progress(done.pop())

    def _inputs(self, tokens: Sequence[Sequence[int]], batch: Sequence[int]) -> list[NDArray[np.int64]]:
        longest = max(len(tokens[i]) for i in batch)
        width = min(-(-longest // _STEP) * _STEP, self.limit)
        ids = np.full((len(batch), width), self._pad, dtype=np.int64)
        mask = np.zeros((len(batch), width), dtype=np.int64)
        for row, i in enumerate(batch):
            ids[row, : len(tokens[i])] = tokens[i]
            mask[row, : len(tokens[i])] = 1
        return [ids, mask]

    def fits(self, text: str) -> bool:
        return not self._tokenizer.encode(text).overflowing

    def tokens(self, words: Sequence[str]) -> list[int]:
        return list(map(len, self._tokenizer.encode_batch(list(words), add_special_tokens=False)))


def key(name: str, location: Path) -> str:
    """The folder name of a converted model: model, checksum of what it was made from, version of OpenVINO."""
    import openvino

    digest = hashlib.sha256()
    for file in sorted(location.rglob("*")):
        if file.suffix in {".json", ".txt", ".safetensors", ".bin", ".model"} and file.is_file():
            digest.update(f"{file.relative_to(location).as_posix()}\0{_sum(file)}\n".encode())
    return f"{_slug(name)}-{digest.hexdigest()[:16]}-openvino-{openvino.__version__.split('-')[0]}"


def convert(reference: Any, folder: Path | None) -> Converted:
    """Converts a SentenceTransformer and proves it on a few texts; written to `folder`, whole or not at all, if given.

    Raises Unusable where the model is none that OpenVINO runs with the same results.
    """
    facts, tokenizer = _facts(reference)
    try:
        model = _traced(reference)
    except Exception as error:  # the converter raises whatever a model's own code raises
        raise Unusable(f"the model cannot be converted ({type(error).__name__})") from error
    converted = Converted(model, tokenizer, facts)
    expected = reference.encode(list(_SAMPLES), normalize_embeddings=True, show_progress_bar=False)
    least = float((converted.embed(_SAMPLES) * np.asarray(expected)).sum(axis=1).min())
    if least < _SAME:
        raise Unusable(f"the converted model's vectors differ (cosine {least:.3f})")
    if folder is not None:
        _write(folder, model, tokenizer, facts)
    return converted


def _facts(reference: Any) -> tuple[dict[str, Any], Any]:
    from tokenizers import Tokenizer

    tokenizer = getattr(reference.tokenizer, "backend_tokenizer", None)
    if tokenizer is None or reference.default_prompt_name:
        raise Unusable("the model has no fast tokenizer, or puts words of its own before each text")
    facts = {
        "dimension": reference.get_embedding_dimension(),
        "limit": reference.max_seq_length or 256,
        "pad": reference.tokenizer.pad_token_id or 0,
    }
    return facts, Tokenizer.from_str(tokenizer.to_str())


def _traced(reference: Any) -> Any:
    import openvino
    import torch

    class Pipeline(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = reference

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            found = self.modules_in_order({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(found["sentence_embedding"], p=2, dim=1)

    example = reference.tokenizer(["one text", "another text with more words"], padding=True, return_tensors="pt")
    inputs = {name: example[name] for name in ("input_ids", "attention_mask")}
    logger = logging.getLogger("transformers")
    level = logger.level
    try:
        # Tracing warns of every branch that is taken for good; `convert` compares what comes out.
        logger.setLevel(logging.ERROR)
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            model = openvino.convert_model(Pipeline().eval(), example_input=inputs)
    finally:
        logger.setLevel(level)
    if len(model.inputs) != 2:
        raise Unusable("the model needs more than tokens and their mask")
    return model


def _write(folder: Path, model: Any, tokenizer: Any, facts: dict[str, Any]) -> None:
    import openvino

    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        openvino.save_model(model, unfinished / _IR, compress_to_fp16=False)
        tokenizer.save(str(unfinished / _TOKENIZER))
        stated = {**facts, "sums": _sums(unfinished)}
        (unfinished / _FACTS).write_text(json.dumps(stated, indent=1), encoding="utf-8")
        for file in unfinished.iterdir():
            with file.open("rb+") as opened:
                os.fsync(opened.fileno())
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    model_name = folder.name.rpartition("-openvino-")[0].rpartition("-")[0]
    for older in folder.parent.glob(f"{model_name}-*-openvino-*"):
        if older != folder and older.name.rpartition("-openvino-")[0].rpartition("-")[0] == model_name:
            shutil.rmtree(older, ignore_errors=True)


def _sums(folder: Path) -> dict[str, str]:
    return {name: _sum(folder / name) for name in (_IR, _WEIGHTS, _TOKENIZER)}


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _slug(name: str) -> str:
    return re.sub(r"[^\w.]+", "-", name).strip("-.")[-60:] or "model"
