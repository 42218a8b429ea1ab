"""From the shapes in which contracting data is published to one release per contracting process (OCDS 1.1).

Release packages, record packages, bare releases and records, and lists or JSON Lines of any of them are taken apart;
releases of one process are merged in the order of their dates: a later value replaces an earlier one, and lists of
objects are merged by the `id` of their members.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.sources.values import line, mapping, numbered, objects

_DEEPEST = 40
"""The standard nests some ten levels; what lies deeper is replaced whole."""


@dataclass(slots=True)
class Process:
    """One contracting process: its releases with where they stood, or what a record has compiled of them."""

    ocid: str
    label: str
    releases: list[dict[str, Any]] = field(default_factory=list)
    compiled: dict[str, Any] | None = None

    def merged(self) -> dict[str, Any]:
        """The process as one release; empty where nothing of it stands in the file."""
        if self.compiled is not None:
            return self.compiled
        if len(self.releases) == 1:
            return self.releases[0]
        merged: Any = {}
        for release in sorted(self.releases, key=lambda release: line(release.get("date"))):
            merged = _merge(merged, release)
        return mapping(_plain(merged))


def is_ocds(value: Any) -> bool:
    """Whether a parsed file holds releases or records."""
    if isinstance(value, list):
        return any(is_ocds(one) for one in value[:20] if isinstance(one, dict))
    if not isinstance(value, dict):
        return False
    packaged = [*objects(value.get("releases"))[:20], *objects(value.get("records"))[:20]]
    marked = {"tag", "initiationType", "compiledRelease", "releases", "tender", "awards", "contracts", "parties"}
    return ("ocid" in value and bool(marked & {*value})) or any("ocid" in one for one in packaged)


def processes(value: Any) -> list[Process]:
    """Every contracting process of a parsed file, in the order in which it is first met."""
    found: dict[str, Process] = {}
    for label, entry in _entries(value, ""):
        ocid = line(entry.get("ocid"))
        # entries without an ocid stay apart, so that each is reported where it stands
        process = found.setdefault(ocid or f" {label}", Process(ocid, label))
        if compiled := mapping(entry.get("compiledRelease")):
            process.compiled = compiled
        embedded = [one for one in objects(entry.get("releases")) if {*one} - {"url", "date", "tag", "ocid"}]
        if "releases" in entry or "compiledRelease" in entry:
            process.releases += embedded
        else:
            process.releases.append(entry)
    return list(found.values())


def packages(value: Any) -> Iterator[dict[str, Any]]:
    """The packages of a parsed file: they say who publishes it, when and under which licence."""
    for one in objects(value):
        if "releases" in one or "records" in one:
            yield one


def _entries(value: Any, label: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for number, one in enumerate(value, 1):
            if isinstance(one, dict):
                yield from _entries(one, f"{label}[{number}]")
        return
    if "ocid" in value or not ("releases" in value or "records" in value):
        yield label.strip() or "release", value
        return
    for name in ("releases", "records"):
        for inner, one in numbered(name, value.get(name)):
            if isinstance(one, dict):
                yield f"{label} {inner}".strip(), one


class _Members(dict[str, Any]):
    """A list of objects by their ids, while releases are merged: each release then costs its own size only."""


def _kept(value: Any, depth: int) -> Any:
    """A value of a release as it is kept between merges, shared with no release."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, dict):
        return {key: _kept(inner, depth + 1) for key, inner in value.items() if inner is not None}
    if isinstance(value, list) and _by_id(value):
        return _Members((line(one["id"]), _kept(one, depth + 1)) for one in value)
    return value


def _merge(before: Any, after: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST or not isinstance(before, dict):
        return _kept(after, depth)
    if isinstance(before, _Members):
        if not (isinstance(after, list) and _by_id(after)):
            return _kept(after, depth)
        for one in after:
            key = line(one["id"])
            before[key] = _merge(before[key], one, depth + 1) if key in before else _kept(one, depth + 1)
        return before
    if not isinstance(after, dict):
        return _kept(after, depth)
    for key, value in after.items():
        if value is None:
            before.pop(key, None)
        else:
            before[key] = _merge(before[key], value, depth + 1) if key in before else _kept(value, depth + 1)
    return before


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return value
    if isinstance(value, _Members):
        return [_plain(one, depth + 1) for one in value.values()]
    return {key: _plain(inner, depth + 1) for key, inner in value.items()} if isinstance(value, dict) else value


def _by_id(values: list[Any]) -> bool:
    """Whether all members are objects with an id, and no two with the same: else nobody can tell which one is meant."""
    ids = [line(one.get("id")) for one in values if isinstance(one, dict)]
    return bool(ids) and len(ids) == len(values) and all(ids) and len({*ids}) == len(ids)
