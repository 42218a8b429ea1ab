"""The REST API's answers without a server: commands that need no conversation open the home themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from connectors import judging, keeping, overlap_judging, overlaps, upkeep
from connectors.client import CommandError
from connectors.identity import OPERATOR
from knowledge import access, indexing, lookups
from knowledge.access import Audience, organisation_key
from knowledge.extracts import lookups as extracts
from knowledge.home import Home
from knowledge.index import Index
from knowledge.indexing import Progress
from knowledge.keeping import Who
from knowledge.quality.publishers import UnknownPublisher
from knowledge.quality.report import report
from knowledge.records import Access, Level


class LocalService:
    """The operator's view of a home that this process holds open."""

    def __init__(self, home: Home) -> None:
        self._index = Index(home)

    def _audience(self, speak_as: str) -> Audience:
        return access.named(speak_as, organisation=self._index.settings.organisation)

    def get(self, path: str, query: dict[str, Any]) -> Any:
        audience = self._audience(query.get("as", ""))
        if (kept := self._kept("GET", path, query)) is not None:
            return kept
        if (found := overlaps.carry_out(self._index, audience, "GET", path, query)) is not None:
            return _as_json(found)
        if path == "/api/v1/search":
            asked = lookups.SearchRequest(
                query["q"],
                query["place"],
                query["theme"],
                query["org"],
                query["kind"],
                query["from"],
                query["to"],
                query["limit"],
            )
            try:
                return _as_json(lookups.search_records(self._index, asked, audience))
            except lookups.Unreadable as error:
                raise CommandError(str(error), 2) from None
        if path == "/api/v1/quality":
            try:
                return _as_json(report(self._index, query["publisher"], audience))
            except UnknownPublisher as error:
                raise CommandError(str(error)) from None
        if path in ("/api/v1/mandates", "/api/v1/results"):
            try:
                return _as_json(_answered(self._index, path, query, audience))
            except lookups.Unreadable as error:
                raise CommandError(str(error), 2) from None
        if path == "/api/v1/organisation-pairs":
            return _as_json(judging.pairs(self._index, audience, query["organisation"], query["limit"]))
        if path == "/api/v1/organisation-decisions":
            return _as_json(judging.decisions(self._index))
        kind, _, identifier = path.removeprefix("/api/v1/").partition("/")
        look_up: Callable[[Index, str, Audience], dict[str, Any] | None] = {
            "records": lookups.record,
            "organisations": lookups.organisation,
        }[kind]
        found = look_up(self._index, unquote(identifier), audience)
        if found is None:
            raise CommandError(
                f"No {kind.removesuffix('s')} {unquote(identifier)} that you may see. Check the identifier"
            )
        return _as_json(found)

    def delete(self, path: str, query: dict[str, Any]) -> Any:
        found = self._kept("DELETE", path, query)
        if found is None:
            raise CommandError(f"{path} cannot be deleted")
        return found

    def _kept(self, method: str, path: str, values: dict[str, Any]) -> Any:
        """The answer of what keeps things for people; None where the path is of something else."""
        who = Who(self._audience(values.get("as", "")), OPERATOR)
        found = overlap_judging.carry_out(self._index, who, method, path, values)
        return _as_json(found if found is not None else keeping.carry_out(self._index, who, method, path, values))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        if (found := self._kept("POST", path, body)) is not None:
            return found
        audience = self._audience(body.get("as", ""))
        if (found := overlaps.carry_out(self._index, audience, "POST", path, body)) is not None:
            return _as_json(found)
        if path != "/api/v1/link":
            raise CommandError(f"{path} needs a running server. Start one: commonground serve")
        return _as_json(self._index.link(body["text"], self._audience(body.get("as", ""))).as_json())

    def download(self, path: str, query: dict[str, Any]) -> Iterator[bytes]:
        if path != "/api/v1/overlaps/export":
            raise CommandError(f"{path} cannot be written to a file")
        overlaps.begin(self._index)
        return overlaps.export(self._index, self._audience(query.get("as", "")), query["format"])

    def work(self, path: str, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
        content: dict[str, Any] = _as_json(upkeep.carry_out(self._index.home, path, body, progress))
        return content

    def ingest(
        self, paths: Sequence[Path], audience: Level | None, owner: str, named: Sequence[str], progress: Progress
    ) -> dict[str, Any]:
        chosen = None
        if audience is not None:
            chosen = Access(audience, organisation_key(owner), tuple(sorted(map(organisation_key, named))))
        report = indexing.ingest(self._index.home, list(paths), access=chosen, progress=progress)
        return lookups.report_json(report)


def _answered(index: Index, path: str, query: dict[str, Any], audience: Audience) -> dict[str, Any]:
    named = (query["place"], query["theme"], query["org"], audience, query["limit"])
    if path == "/api/v1/mandates":
        return extracts.find_mandates(index, query["q"], *named)
    return extracts.find_results(index, *named)


def _as_json(content: Any) -> Any:
    return orjson.loads(orjson.dumps(content))
