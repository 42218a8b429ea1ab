"""The graph of an audience on disk: files that can always be made again, for nobody but who runs the installation.

A folder holds `about.json` (keys and names), `arrays.npz` (numbers) and `profiles.jsonl`, a profile on each line. It
is written beside the one before and takes its place in one step, so a killed run leaves one that is whole.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
import orjson
from numpy.typing import NDArray

from knowledge.access import Audience
from knowledge.overlap import packing
from knowledge.overlap.corpus import Corpus, Statistics
from knowledge.overlap.graph import Graph
from knowledge.overlap.linked import Linking
from knowledge.overlap.packing import Packed
from knowledge.overlap.profiles import Declared
from knowledge.overlap.raw import Raw
from knowledge.overlap.sparse import Rows

logger = logging.getLogger(__name__)

_FORMAT = 2
_ABOUT, _ARRAYS, _PROFILES = "about.json", "arrays.npz", "profiles.jsonl"


@dataclass(frozen=True, slots=True)
class Made:
    """A graph and what it was made of: `kind` and `prints` are those of `knowledge.overlap.state.Records`, a print for
    each row of the graph's corpus. `touched`: records changed since all of it was made in one go."""

    kind: str
    prints: NDArray[np.uint64]
    graph: Graph
    touched: int = 0

    @property
    def corpus(self) -> Corpus:
        return self.graph.corpus


def folder_of(root: Path, audience: Audience) -> Path:
    """Where the graph of an audience is kept."""
    if audience.is_public:
        return root / "public"
    who = repr((sorted(audience.organisations), audience.community))
    return root / blake2b(who.encode(), digest_size=8).hexdigest()


def write(folder: Path, made: Made) -> None:
    """Puts it into `folder`, in place of what is there."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".new", dir=folder.parent))
    try:
        about, arrays = _taken_apart(made)
        with _created(new / _PROFILES) as file:
            file.writelines(one + b"\n" for one in packing.packed(made.corpus.profiles))
        with _created(new / _ARRAYS) as file:
            np.savez(file, allow_pickle=False, **arrays)
        with _created(new / _ABOUT) as file:
            file.write(orjson.dumps(about))
        old = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".old", dir=folder.parent))
        if folder.exists():
            folder.replace(old)
        new.replace(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _created(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def kind_of(folder: Path) -> str:
    """The kind of what is kept there."""
    return str(orjson.loads((folder / _ABOUT).read_bytes())["kind"])


def read(folder: Path, kind: str) -> Made | None:
    """What `folder` holds; None where it holds nothing of this kind that can be read."""
    try:
        about = orjson.loads((folder / _ABOUT).read_bytes())
        if (about["format"], about["kind"]) != (_FORMAT, kind):
            return None
        with (folder / _ARRAYS).open("rb") as bytes_of, np.load(bytes_of, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _put_together(about, arrays, (folder / _PROFILES).read_bytes().split(b"\n")[:-1])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        logger.warning("%s: what is kept of the graph cannot be read (%s). It is made again", folder, error)
        return None


def remove(root: Path, *, but: frozenset[Path] = frozenset()) -> None:
    """Takes kept graphs off the disk, and what killed runs left of them, except these folders."""
    for folder in root.iterdir() if root.is_dir() else ():
        if folder not in but:
            drop(folder)


def drop(folder: Path) -> None:
    """Takes one off the disk."""
    shutil.rmtree(folder, ignore_errors=True)


def _taken_apart(made: Made) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    corpus, graph = made.corpus, made.graph
    raw, statistics = corpus.raw, corpus.statistics
    about = {
        "format": _FORMAT,
        "kind": made.kind,
        "touched": made.touched,
        "looked_at": graph.looked_at,
        "ids": raw.ids,
        "titles": raw.titles,
        "reporters": raw.reporters,
        "owners": raw.owners,
        "tails": raw.tails,
        "declared": [[[link.kind, link.target] for link in one.links] for one in raw.declared],
        "names": {name: list(rows.names) for name, rows in raw.rows.items()},
        "statistics": {
            "records": statistics.records,
            "terms": statistics.terms,
            "sentences": [list(statistics.sentences), list(statistics.sentences.values())],
            "told_themes": statistics.told_themes,
            "groups": statistics.groups,
            "services": statistics.services,
        },
    }
    arrays: dict[str, NDArray[Any]] = {
        "prints": made.prints,
        "vectors": corpus.vectors,
        "left": graph.left,
        "right": graph.right,
        "probabilities": graph.probabilities,
        "best": graph.best,
    }
    for name, rows in raw.rows.items():
        arrays |= {f"{name}.offsets": rows.offsets, f"{name}.columns": rows.columns, f"{name}.values": rows.values}
    arrays |= {f"{name}.flags": bits for name, bits in raw.flags.items()}
    arrays |= {f"{name}.array": values for name, values in raw.arrays.items()}
    return about, arrays


def _put_together(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], profiles: list[bytes]) -> Made:
    ids, names, counted = about["ids"], about["names"], about["statistics"]
    if not len(ids) == len(profiles) == len(arrays["prints"]) == len(arrays["vectors"]):
        raise ValueError("its parts do not belong together")

    def ending(suffix: str) -> dict[str, NDArray[Any]]:
        return {name.removesuffix(suffix): value for name, value in arrays.items() if name.endswith(suffix)}

    raw = Raw(
        ids=ids,
        titles=about["titles"],
        reporters=about["reporters"],
        owners=about["owners"],
        tails=about["tails"],
        declared=[
            Linking(ident, tuple(Declared(kind, target) for kind, target in links))
            for ident, links in zip(ids, about["declared"], strict=True)
        ],
        rows={
            name: Rows(arrays[f"{name}.offsets"], arrays[f"{name}.columns"], arrays[f"{name}.values"], tuple(keys))
            for name, keys in names.items()
        },
        flags=ending(".flags"),
        arrays=ending(".array"),
        profiles=Packed(profiles),
    )
    statistics = Statistics(
        counted["records"],
        counted["terms"],
        dict(zip(*counted["sentences"], strict=True)),
        tuple(counted["told_themes"]),
        tuple(counted["groups"]),
        tuple(counted["services"]),
    )
    corpus = Corpus(raw, arrays["vectors"], statistics)
    graph = Graph(corpus, arrays["left"], arrays["right"], arrays["probabilities"], arrays["best"], about["looked_at"])
    return Made(about["kind"], arrays["prints"], graph, about["touched"])
