"""The REST API's answers without a server: commands that need no conversation open the home themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from connectors import judging, upkeep
from connectors.client import CommandError
from knowledge import access, indexing, lookups
from knowledge.access import Audience, organisation_key
from knowledge.home import Home
from knowledge.index import Index
from knowledge.indexing import Progress
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

    def post(self, path: str, body: dict[str, Any]) -> Any:
        if path != "/api/v1/link":
            raise CommandError(f"{path} needs a running server. Start one: commonground serve")
        return _as_json(self._index.link(body["text"], self._audience(body.get("as", ""))).as_json())

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


def _as_json(content: Any) -> Any:
    return orjson.loads(orjson.dumps(content))
