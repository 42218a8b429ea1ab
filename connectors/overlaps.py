"""Overlaps and comparisons of pairs, for the API and for commands: requests in, JSON out."""

from __future__ import annotations

import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, TextIO, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answers.overlaps import sentence
from bot.words import LANGUAGES, Words
from connectors.client import CommandError, NotYet
from knowledge import finding
from knowledge.access import PUBLIC, Audience, operator
from knowledge.index import Index
from knowledge.lookups import Unreadable
from knowledge.overlap import asking, exporting, judging, proposals
from knowledge.overlap.answering import place_names
from knowledge.overlap.asking import OverlapRequest
from knowledge.overlap.cells import busiest
from knowledge.overlap.comparing import Side, compare_named
from knowledge.overlap.explaining import Clause
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.meetings import Meetings, Pair, clause_json, judgement_json
from knowledge.overlap.proposals import Proposal, UnreadableProposal
from knowledge.overlap.standing import PATIENCE, NotReady
from knowledge.overlap.wanted import Unknown
from knowledge.vocabulary import theme_label

MOST_PAIRS = 1_000
"""Pairs in one request."""
_CHUNK = 64 * 1024
_SHORTLY = 2.0
"""Seconds that a command waits before it shows how far the comparing is, and asks again."""

_OVERLAPS, _COMPARE = "/api/v1/overlaps", "/api/v1/compare"

Text = Annotated[str, Field(max_length=1_000)]
Names = Annotated[list[Text], Field(max_length=50)]


class Filters(BaseModel):
    """What narrows an answer. Places, themes and organisations by name or id; `from` and `to` ISO dates; `org_kind`:
    kinds of organisation; `starting_within` months; `at_least` organisations in one district; `label`: "overlap",
    "complementary"."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    org: Names = []
    org_kind: Names = []
    label: Names = []
    starting_within: int = Field(default=0, ge=0, le=120)
    at_least: int = Field(default=0, ge=0, le=50)
    only_open: bool = False
    ignore_declared_links: bool = False
    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=20, ge=1, le=asking.MOST)
    language: str = Field(default="en", max_length=10)
    speak_as: str = Field(default="", alias="as", max_length=1_000)


class OverlapsRequest(Filters):
    """Of a record, or of what is at a place, on a theme or by an organisation."""

    record: Text = ""
    place: Names = []
    theme: Names = []
    start: Text = Field(default="", alias="from")
    end: Text = Field(default="", alias="to")


class ProposalRequest(Filters):
    """A proposal: its text, or a file beside these fields. What is said here is not read from the text: `places`,
    `themes`, `from`, `to`, `organisation` (who proposes it), `title`. Nothing of it is stored."""

    text: str = Field(default="", max_length=proposals.MOST_CHARACTERS)
    title: Text = ""
    places: Names | None = None
    themes: Names | None = None
    organisation: Text = ""
    start: Text = Field(default="", alias="from")
    end: Text = Field(default="", alias="to")


class CellsRequest(BaseModel):
    """Cells of a place and a theme, by name or id. `below`: areas below the country instead of countries; `only_open`:
    only what runs today or later."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    place: Text = ""
    theme: Text = ""
    below: bool = False
    only_open: bool = False
    label: list[Label] = Field(default=[Label.OVERLAP], max_length=len(LABELS))
    limit: int = Field(default=20, ge=1, le=200)
    language: str = Field(default="en", max_length=10)
    speak_as: str = Field(default="", alias="as", max_length=1_000)


class CompareRequest(BaseModel):
    """Two records `a` and `b`, or up to a thousand `pairs` of them, by identifier."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    a: Text = ""
    b: Text = ""
    pairs: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = Field(default=[], max_length=MOST_PAIRS)
    ignore_declared_links: bool = False
    language: str = Field(default="en", max_length=10)
    speak_as: str = Field(default="", alias="as", max_length=1_000)


def overlaps(index: Index, audience: Audience, asked: OverlapsRequest, wait: float | None = PATIENCE) -> dict[str, Any]:
    """What a record meets, or who should meet at a place. Raises CommandError, NotYet."""
    request = _request(asked, record=asked.record, places=asked.place, themes=asked.theme)
    return _found(index, audience, request, asked.language, None, wait)


def proposed(
    index: Index,
    audience: Audience,
    asked: ProposalRequest,
    name: str = "",
    content: bytes | None = None,
    wait: float | None = PATIENCE,
) -> dict[str, Any]:
    """What a proposal meets, with what was read of it under `read`. Raises CommandError, NotYet."""
    try:
        corrections = asking.corrections(
            index, audience, asked.places, asked.themes, asked.start, asked.end, asked.organisation, asked.title
        )
        if content is None:
            proposal = proposals.from_text(index, audience, asked.text, corrections)
        else:
            proposal = proposals.from_file(index, audience, name, content, corrections)
    except (Unreadable, UnreadableProposal) as error:
        raise CommandError(str(error), 2) from None
    return _found(index, audience, _request(asked), asked.language, proposal, wait)


def _request(asked: OverlapsRequest | ProposalRequest, **named: Any) -> OverlapRequest:
    # The days of a proposal say when it runs; they do not narrow what it meets.
    days = {"start": asked.start, "end": asked.end} if isinstance(asked, OverlapsRequest) else {}
    return OverlapRequest(
        **named,
        **days,
        organisations=asked.org,
        kinds=asked.org_kind,
        labels=asked.label,
        starting_within=asked.starting_within,
        at_least=asked.at_least,
        only_open=asked.only_open,
        links=not asked.ignore_declared_links,
        offset=asked.offset,
        limit=asked.limit,
    )


def _found(
    index: Index,
    audience: Audience,
    request: OverlapRequest,
    language: str,
    proposal: Proposal | None,
    wait: float | None,
) -> dict[str, Any]:
    try:
        asked, found = asking.find_overlaps(index, request, audience, proposal, wait)
    except Unreadable as error:
        raise CommandError(str(error), 2) from None
    except Unknown as error:
        raise CommandError(str(error), 1) from None
    except NotReady as error:
        raise NotYet(error.done, error.all) from None
    answer = found.as_json()
    telling = _Telling(language, found)
    for meeting, told in zip((*found.same, *found.meetings), (*answer["same"], *answer["meetings"]), strict=True):
        for pair, row in zip(meeting.pairs, told["pairs"], strict=True):
            telling.add(pair, row)
        if told["pairs"]:
            told["for"], told["against"] = told["pairs"][0]["for"], told["pairs"][0]["against"]
    read = {"read": proposal.as_json()} if proposal is not None else {}
    return {"query": asked.as_json(), **read, **answer}


class _Telling:
    """Clauses with their sentence, in one language."""

    def __init__(self, language: str, found: Meetings) -> None:
        self._words = Words(language if language in LANGUAGES else "en")
        self._found = found

    def add(self, pair: Pair, row: dict[str, Any]) -> None:
        one, other = (self._called(ident) for ident in (pair.a, pair.b))
        if one == other:
            one, other = pair.a, pair.b
        for clauses, rows in ((pair.speaking_for, row["for"]), (pair.speaking_against, row["against"])):
            for clause, told in zip(clauses, rows, strict=True):
                told["text"] = sentence(self._words, clause, one, other, self._found.names)

    def _called(self, ident: str) -> str:
        hit = self._found.hits.get(ident)
        return (hit.publisher or hit.title) if hit is not None else self._found.proposal or ident


def cells(index: Index, audience: Audience, asked: CellsRequest, wait: float | None = PATIENCE) -> dict[str, Any]:
    """Where initiatives meet most: cells of a place and a theme, with the surest pairs. Raises CommandError, NotYet."""
    try:
        places = asking.named(index, "place", [asked.place] if asked.place else [], audience)
        themes = asking.named(index, "theme", [asked.theme] if asked.theme else [], audience)
        graph = index.overlaps.graph(audience, wait)
    except Unreadable as error:
        raise CommandError(str(error), 2) from None
    except NotReady as error:
        raise NotYet(error.done, error.all) from None
    with index.home.database.read() as session:
        said = judging.judged(session, audience)
        found = [
            cell
            for path in list(finding.paths_of(session, places).values()) or [""]
            for cell in busiest(
                graph,
                within=path,
                theme=next(iter(themes), ""),
                below=asked.below,
                open_on=index.today().toordinal() if asked.only_open else 0,
                labels=asked.label or [Label.OVERLAP],
                judged={pair: judgement.label for pair, judgement in said.items() if judgement.label is not None},
                limit=asked.limit,
            )
        ]
        found = sorted(found, key=lambda cell: (-cell.pairs, cell.path, cell.theme))[: asked.limit]
        names = place_names(session, {cell.place for cell in found})
    return {
        "query": {
            "places": [{"id": ident, "name": name} for ident, name in places.items()],
            "themes": [{"id": ident, "name": name} for ident, name in themes.items()],
            "labels": [label.value for label in asked.label],
        },
        "cells": [
            {
                **cell.as_json(),
                "place_name": names.get(cell.place, cell.place),
                "theme_name": theme_label(cell.theme, asked.language),
            }
            for cell in found
        ],
        "as_of": index.today().isoformat(),
    }


def compared(index: Index, audience: Audience, asked: CompareRequest, wait: float | None = PATIENCE) -> dict[str, Any]:
    """Each pair with what the two are to each other; with `error` where one is not known. Raises CommandError,
    NotYet."""
    if bool(asked.pairs) == bool(asked.a or asked.b):
        raise CommandError('Name two records as "a" and "b", or several pairs as "pairs"', 2)
    pairs = [(a, b) for a, b in asked.pairs] or [(asked.a, asked.b)]
    try:
        corpus = index.overlaps.corpus(audience, wait)
    except NotReady as error:
        raise NotYet(error.done, error.all) from None
    with index.home.database.read() as session:
        sides = compare_named(corpus, pairs, judging.judged(session, audience), links=not asked.ignore_declared_links)
        clauses = [clause for side in sides if side.compared for clause in side.compared.clauses]
        ids = {ident for clause in clauses for ident in (*clause.both, *clause.one, *clause.other)}
        places = place_names(session, ids)
    if asked.a and sides[0].unknown:
        raise CommandError(_unknown(sides[0].unknown))
    words = Words(asked.language if asked.language in LANGUAGES else "en")
    named = {ident for side in sides if side.compared for ident in (side.compared.a, side.compared.b)}
    publishers = {ident: corpus.profiles[corpus.index[ident]].reporter.name for ident in named}
    return {
        "declared_links": not asked.ignore_declared_links,
        "pairs": [_side(side, words, places, publishers) for side in sides],
    }


def _unknown(idents: Sequence[str]) -> str:
    return (
        f"No record {' and no record '.join(idents)} that is compared and that you may see. Check the identifier; "
        "activities, projects and grants are compared"
    )


def _side(side: Side, words: Words, places: Mapping[str, str], publishers: Mapping[str, str]) -> dict[str, Any]:
    found = side.compared
    if found is None or side.label is None:
        return {"a": side.a, "b": side.b, "error": _unknown(side.unknown)}
    one, other = publishers[found.a] or found.a, publishers[found.b] or found.b
    called = (one, other) if one != other else (found.a, found.b)

    def told(clause: Clause) -> dict[str, Any]:
        return {**clause_json(clause), "text": sentence(words, clause, *called, places)}

    return {
        "a": found.a,
        "b": found.b,
        "label": side.label.value,
        "confidence": round(side.confidence, 4),
        "judgement": judgement_json(side.judgement) if side.judgement is not None else None,
        "model": {"label": found.label.value, "confidence": round(found.confidence, 4)},
        "probabilities": {label.value: round(chance, 4) for label, chance in found.probabilities.items()},
        "rules": list(found.rules),
        "for": [told(clause) for clause in found.clauses if not clause.fact.against],
        "against": [told(clause) for clause in found.clauses if clause.fact.against],
        "evidence": {name: round(value, 4) for name, value in found.evidence.items()},
    }


def export(index: Index, audience: Audience, form: str, wait: float | None = 2.0) -> Iterator[bytes]:
    """The whole graph as "csv", "json" or "graphml", in parts. Raises NotYet before the first of them."""
    write = {"csv": exporting.write_csv, "json": exporting.write_json, "graphml": exporting.write_graphml}[form]
    try:
        graph = index.overlaps.graph(audience, wait)
    except NotReady as error:
        raise NotYet(error.done, error.all) from None
    with index.home.database.read() as session:
        judged = judging.judged(session, audience)
    return _written(lambda file: write(graph, judged, file))


def _written(write: Callable[[TextIO], None]) -> Iterator[bytes]:
    """What `write` writes. It goes through a file of its own that is gone once it is read."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        write(cast(TextIO, file))
        file.seek(0)
        while part := file.read(_CHUNK):
            yield part.encode("utf-8")


def checked(shape: type[BaseModel], values: Mapping[str, Any]) -> Any:
    """The request that `values` make. Raises CommandError that names the field."""
    try:
        return shape.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise CommandError(f"{where}: {first['msg']}" if where else str(first["msg"]), 2) from None


def begin(index: Index) -> None:
    """Has the graphs that a home keeps on the disk read, or made and kept: the next command then need not wait."""
    index.overlaps.warm((PUBLIC, operator(index.settings.organisation)))


def carry_out(index: Index, audience: Audience, method: str, path: str, values: Mapping[str, Any]) -> Any:
    """The answer to a command's request; None where the path is of something else. Waits shortly: see `NotYet`."""
    if path.startswith((_OVERLAPS, _COMPARE)):
        begin(index)
    match method, path:
        case "GET", "/api/v1/overlaps":
            return overlaps(index, audience, checked(OverlapsRequest, values), _SHORTLY)
        case "GET", "/api/v1/overlaps/cells":
            return cells(index, audience, checked(CellsRequest, values), _SHORTLY)
        case "POST", "/api/v1/overlaps":
            fields = dict(values)
            file = fields.pop("file", None)
            name, content = (file["name"], b64decode(file["content"])) if file is not None else ("", None)
            return proposed(index, audience, checked(ProposalRequest, fields), name, content, _SHORTLY)
        case "POST", "/api/v1/compare":
            return compared(index, audience, checked(CompareRequest, values), _SHORTLY)
    return None
