"""Writes the shipped corpus from its inputs: `python -m knowledge.corpus.generate [FOLDER]`.

The same inputs give the same bytes, on any machine and day.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import yaml

from knowledge.corpus import documents, faults, funding, mandates, other_iati, presence, risks, tables
from knowledge.corpus.activities import Corpus
from knowledge.corpus.iati_xml import document
from knowledge.corpus.inputs import COUNTRIES
from knowledge.corpus.model import NOTICE
from knowledge.corpus.planted import Planted, as_date
from knowledge.corpus.sources import File, shelve

HERE = Path(__file__).parent
OFFICE = "Common Ground sample coordination office"


class _Dumper(yaml.SafeDumper):
    """YAML without anchors, so that a person can read any entry by itself."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(content: object) -> bytes:
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120, line_break="\n").encode(
        "utf-8"
    )


def contents() -> dict[str, bytes]:
    """Every file of the corpus by its path below the folder `knowledge/corpus`."""
    corpus = Corpus()
    corpus.build()
    faults.plant(corpus)
    shelves = shelve(list(corpus.activities.values()))
    written: dict[str, bytes] = {}
    files: list[File] = []
    path_of: dict[str, str] = {}
    for file, activities in shelves.items():
        elements = [element for activity in activities for element in faults.elements(activity)]
        written[file.path] = document(elements, file.title)
        path_of |= {activity.key: file.path for activity in activities}
        files.append(file)
    rows = {country: presence.rows(corpus, country) for country in COUNTRIES}
    for path, body, title, as_of, audience, kind in (
        (
            "3w/kenya_3w_october_2026.xlsx",
            tables.kenya(rows["KE"]),
            "Kenya 3W, October 2026",
            "2026-10-31",
            "community",
            "presence",
        ),
        (
            "3w/colombia_5w_agosto_2026.csv",
            tables.colombia(rows["CO"]),
            "Colombia 5W, agosto de 2026",
            "2026-08-31",
            "public",
            "presence",
        ),
        (
            "3w/senegal_3w_septembre_2026.csv",
            tables.senegal(rows["SN"]),
            "Sénégal 3W, septembre 2026",
            "2026-09-30",
            "public",
            "presence",
        ),
        (
            "places/pcodes.csv",
            tables.gazetteer(),
            "P-codes of Kenya, Colombia and Senegal",
            "2026-11-20",
            "public",
            "gazetteer",
        ),
        (
            "organisations/organisation_names.csv",
            tables.organisation_names(),
            "Names of the invented organisations",
            "2026-11-20",
            "public",
            "organisation-names",
        ),
    ):
        written[path] = body
        real = "real names and codes" if kind == "gazetteer" else "invented"
        files.append(File(path, kind, f"{title} ({real})", OFFICE, as_of, audience))
    for file, body in (
        *mandates.documents(),
        *documents.documents(),
        *risks.documents(),
        *other_iati.documents(),
    ):
        written[file.path] = body
        files.append(file)
    funded = funding.write_funding(corpus, OFFICE)
    for file, body in funded.files:
        written[file.path] = body
        files.append(file)
    path, body = risks.mapping()
    written[path] = body
    entries = [{**file.as_yaml(), "as_of": as_date(file.as_of)} for file in files]
    folder = {f"files/{path}": body for path, body in written.items()}
    folder["files/sources.yml"] = f"# {NOTICE}\n".encode() + _yaml({"sources": entries})
    folder["planted.yml"] = f"# {NOTICE}\n".encode() + _yaml(
        {**Planted(corpus, rows).everything(path_of), "funding": funded.planted}
    )
    return folder


def write(folder: Path) -> list[Path]:
    """Replace the generated files below `folder`; returns their paths."""
    shutil.rmtree(folder / "files", ignore_errors=True)
    paths = []
    for name, body in contents().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        paths.append(path)
    return paths


def main(arguments: list[str]) -> int:
    """Exit code 0 after writing."""
    folder = Path(arguments[0]) if arguments else HERE
    paths = write(folder)
    print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
