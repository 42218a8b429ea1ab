"""Mandate documents: the hand-written text, under a front matter that names the organisation in full."""

from __future__ import annotations

import yaml

from knowledge.corpus.inputs import INPUTS, organisations
from knowledge.corpus.model import NOTICE
from knowledge.corpus.sources import File


def documents() -> list[tuple[File, bytes]]:
    """Each document as a file of the corpus and its bytes, in order of the file names."""
    found: list[tuple[File, bytes]] = []
    for path in sorted((INPUTS / "mandates").glob("*.md")):
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = yaml.safe_load(head)
        organisation = organisations()[fields["organisation"]]
        front = {
            "organisation": organisation.name,
            "acronym": organisation.acronym,
            "ref": organisation.ref,
            "title": fields["title"],
            "language": fields["language"],
            "date": fields["date"],
            "source": NOTICE,
        }
        dumped = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=120)
        file = File(
            f"mandates/{path.name}",
            "mandate",
            f"{fields['title']} (invented)",
            organisation.name,
            fields["date"].isoformat(),
            fields.get("audience", "public"),
        )
        found.append((file, f"---\n{dumped}---\n# {fields['title']}\n\n{body.strip()}\n".encode()))
    return found
