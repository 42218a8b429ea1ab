"""Which record stands in which file, and who may see that file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from knowledge.corpus.inputs import load, organisations
from knowledge.corpus.model import Activity


@dataclass(frozen=True, slots=True)
class File:
    """One line of sources.yml. `owner` and `named` are organisation names."""

    path: str
    format: str
    title: str
    publisher: str
    as_of: str
    audience: str = "public"
    owner: str = ""
    named: tuple[str, ...] = ()

    def as_yaml(self) -> dict[str, object]:
        line: dict[str, object] = {
            "path": self.path,
            "format": self.format,
            "title": self.title,
            "publisher": self.publisher,
            "licence": "CC0-1.0",
            "as_of": self.as_of,
            "audience": self.audience,
        }
        if self.owner:
            line["owner"] = self.owner
        if self.named:
            line["named"] = list(self.named)
        return line


def slug(text: str) -> str:
    """ASCII words joined by hyphens."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")


def _name(key: str) -> str:
    return organisations()[key].name


def _shelf(activity: Activity) -> tuple[str, str, str, tuple[str, ...]]:
    """Suffix of the file name, title, audience and the organisations named, for one activity."""
    publisher = activity.publisher
    for rule in load("restricted.yml"):
        if rule["publisher"] != publisher.key:
            continue
        if ("keys" in rule and activity.key in rule["keys"]) or activity.service in rule.get("services", ()):
            return rule["suffix"], rule["title"], rule["audience"], tuple(_name(key) for key in rule.get("named", ()))
        if rule["audience"] == "own" and activity.audience == "own":
            return rule["suffix"], rule["title"], "own", ()
    return "", "Activities of", "public", ()


def shelve(activities: list[Activity]) -> dict[File, list[Activity]]:
    """Activity files in order of their paths; sets the audience of each activity."""
    files: dict[File, list[Activity]] = {}
    for activity in activities:
        publisher = activity.publisher
        suffix, title, audience, named = _shelf(activity)
        activity.audience = audience
        path = f"iati/{slug(publisher.name)}{suffix}.xml"
        owner = publisher.name if audience in ("own", "named") else ""
        file = File(
            path,
            "iati-activity",
            f"{title} {publisher.name} (invented)",
            publisher.name,
            "2026-11-20",
            audience,
            owner,
            named,
        )
        files.setdefault(file, []).append(activity)
    return dict(sorted(files.items(), key=lambda pair: pair[0].path))
