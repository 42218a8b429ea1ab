"""What every reader has in common: the name of its format, what it recognises, what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from knowledge.records import Item
from knowledge.sources import guard

Shape = TypeVar("Shape")


class Format(StrEnum):
    """The kinds of file that can be read, by the names that `sources.yml` uses."""

    IATI_ACTIVITY = "iati-activity"
    IATI_ORGANISATION = "iati-organisation"
    PRESENCE = "presence"
    GAZETTEER = "gazetteer"
    ORGANISATION_NAMES = "organisation-names"
    MANDATE = "mandate"
    DOCUMENT = "document"
    MANDATE_REGISTER = "mandate-register"
    HPC_PROJECT = "hpc-project"
    HPC_PLAN = "hpc-plan"
    FTS_FLOW = "fts-flow"
    GRANT = "360giving"
    OCDS = "ocds"
    WORLD_BANK_PROJECT = "world-bank-project"
    EVENT = "event"
    INDEX = "index"
    NEED = "need"
    MAPPED = "mapped"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a file says of itself. `format` is empty where it is not recognised; other fields where it does not say."""

    format: str
    title: str = ""
    publisher: str = ""
    as_of: date | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What a declaration or the caller knows of a file better than the file does; empty where nobody said.

    `organisation` is whose document it is; `mapping` the file that says what the columns of a table mean; `type` what
    a document is: "strategy", "evaluation", "minutes" ...
    """

    as_of: date | None = None
    publisher: str = ""
    title: str = ""
    organisation: str = ""
    language: str = ""
    mapping: Path | None = None
    type: str = ""


@dataclass(frozen=True, slots=True)
class Reader(Generic[Shape]):
    """One format. `recognises` is shown what all files of its family are detected by: the name of the root element of
    an XML file, the parsed value of a JSON file, the first rows of a table's sheets, the path of a document.

    `read` and `facts` raise `guard.Refused` for a file that is broken as a whole.
    """

    format: Format
    recognises: Callable[[Shape], bool]
    read: Callable[[Path, Given], Iterator[Item]]
    facts: Callable[[Path], SourceFacts]


def title_of(path: Path) -> str:
    """The file's name as a title: "chad_3w_april_2025" -> "Chad 3W April 2025"."""
    words = guard.one_line(path.stem.replace("_", " ")).split()
    return " ".join(word.upper() if word[:1].isdigit() else word[:1].upper() + word[1:] for word in words)
