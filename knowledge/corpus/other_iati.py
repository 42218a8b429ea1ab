"""IATI files of other kinds, written by hand: an archive of version 1.05, and an organisation file.

The archive states one of the current activities anew, as it was announced: two files under one identifier.
"""

from __future__ import annotations

from knowledge.corpus.inputs import INPUTS
from knowledge.corpus.sources import File

_PUBLISHER = "Ashgrove Hill Foundation"
_FILES = (
    ("iati-archive", "ashgrove-hill-foundation-archive.xml", "iati-activity", "Archived activities", "2025-03-31"),
    ("iati-organisation", "ashgrove-hill-foundation-organisation.xml", "iati-organisation", "Budgets", "2026-11-20"),
)


def documents() -> list[tuple[File, bytes]]:
    """Each file of the corpus and its bytes."""
    return [
        (
            File(f"{folder}/{name}", form, f"{title} of {_PUBLISHER} (invented)", _PUBLISHER, as_of),
            (INPUTS / "iati" / name).read_bytes(),
        )
        for folder, name, form, title, as_of in _FILES
    ]
