"""Embedding beside sentence-transformers' default, on the same real texts in one run.

    python -m benchmarks.embedding FOLDER [--texts 1500] [--part 250] [--queries 40]

FOLDER has files that the project reads; the texts are passages of their records as the index would hold them. Both
sides read the same parts turn about; the median of the ratios counts, of wall time and of CPU time, so that other work
on the machine disturbs less. Recall: of the ten texts that the reference finds nearest to each text, how many are among
the ten that this application finds. The reference is `SentenceTransformer.encode` as it comes.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from knowledge import sources
from knowledge.embeddings import Embedder, Vectors, packaged_folder
from knowledge.records import Record
from knowledge.sources import Refused, UnknownType
from knowledge.splitting import PassageSplitter, text_hash

_TEN = 10
_RECORDS = 100
"""Records read of each file, so that a few large ones are not all."""
_OF_EACH = 5
"""Texts that are read for each one that is drawn."""


def texts(folder: Path, embedder: Embedder, wanted: int) -> list[str]:
    """Different passages of the records of some files, drawn evenly by their hash."""
    splitter = PassageSplitter(embedder.fits)
    found: dict[str, str] = {}
    for passage in _passages(folder, splitter):
        found[text_hash(passage)] = passage
        if len(found) >= wanted * _OF_EACH:
            break
    if len(found) < wanted:
        sys.exit(f"{folder} holds {len(found)} different texts. Give a folder with more, or ask for fewer with --texts")
    drawn = [found[key] for key in sorted(found)[:wanted]]
    random.Random(1).shuffle(drawn)
    return drawn


def _passages(folder: Path, splitter: PassageSplitter) -> Iterator[str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in random.Random(1).sample(files, len(files)):
        try:
            for item in itertools.islice(sources.read(path), _RECORDS):
                if isinstance(item, Record):
                    yield from (passage.text for passage in splitter.passages(item))
        except (Refused, UnknownType):
            continue


def nearest(vectors: Vectors) -> Vectors:
    """The ten nearest of each, itself left out."""
    near = vectors @ vectors.T
    np.fill_diagonal(near, -2.0)
    return np.argsort(-near, axis=1)[:, :_TEN]


def timed(work: Callable[[Sequence[str]], Vectors], part: Sequence[str]) -> tuple[float, float, Vectors]:
    wall, cpu = time.perf_counter(), time.process_time()
    vectors = work(part)
    return time.perf_counter() - wall, time.process_time() - cpu, vectors


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--texts", type=int, default=1_500)
    arguments.add_argument("--part", type=int, default=250)
    arguments.add_argument("--queries", type=int, default=40)
    given = arguments.parse_args()
    ours = Embedder()
    read = texts(given.folder, ours, given.texts)
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(packaged_folder()), device="cpu")

    def theirs(part: Sequence[str]) -> Vectors:
        return np.asarray(reference.encode(list(part), show_progress_bar=False), dtype=np.float32)

    for work in (theirs, ours.embed):
        work(read[:64])
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {len(read)} texts of {_mean(read):.0f} words")
    both: dict[str, list[tuple[float, float, Vectors]]] = {"theirs": [], "ours": []}
    for start in range(0, len(read), given.part):
        part = read[start : start + given.part]
        both["theirs"].append(timed(theirs, part))
        both["ours"].append(timed(ours.embed, part))
    for name, label in (("theirs", "sentence-transformers"), ("ours", ours.runs_on)):
        wall, cpu = (sum(run[i] for run in both[name]) for i in (0, 1))
        print(f"{label:24s}{len(read) / wall:8.1f} texts/s  {len(read) / cpu:8.1f} texts per second of CPU")
    pairs = list(zip(both["theirs"], both["ours"], strict=True))
    wall, cpu = (median(one[i] / two[i] for one, two in pairs) for i in (0, 1))
    print(f"ratio {wall:.2f} of wall time, {cpu:.2f} of CPU time")
    expected, found = (np.concatenate([run[2] for run in both[name]]) for name in ("theirs", "ours"))
    near, ten = nearest(expected), nearest(found)
    recall = float(np.mean([len(set(a) & set(b)) / _TEN for a, b in zip(near, ten, strict=True)]))
    print(
        f"recall@10 {recall:.4f}, top-1 agreement {float((near[:, 0] == ten[:, 0]).mean()):.4f}, "
        f"least cosine {float((expected * found).sum(axis=1).min()):.6f}"
    )
    for label, work in (("sentence-transformers", theirs), (ours.runs_on, ours.embed)):
        each = sorted(timed(work, [" ".join(text.split()[:10])])[0] for text in read[: given.queries])
        print(f"{label:24s}one query of ten words: median {median(each) * 1e3:.1f} ms, best {each[0] * 1e3:.1f} ms")


def _mean(read: Sequence[str]) -> float:
    return sum(len(text.split()) for text in read) / len(read)


if __name__ == "__main__":
    main()
