"""Overlaps and comparisons over REST and as commands: the same answers, clear errors, and no more than one may see."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from connectors import client, commands_overlaps, overlaps
from connectors.api import overlaps as api
from connectors.cli import app as commands
from connectors.client import CommandError, NotYet
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.access import PUBLIC as VISITOR
from knowledge.home import Home
from knowledge.index import Index
from knowledge.overlap.labels import LABELS
from knowledge.overlap.standing import NotReady, Standing
from knowledge.records import Access, Level, OrganisationMention, Record, Role
from tests.asynchronous import run
from tests.homes import activity, opened, place, put

TEXT = "Boreholes for herders of Turkana\nDrilling boreholes for herders in Turkana, Kenya, from January to June 2027."


def work(ident: str, by: str, where: str = "Turkana", **more: Any) -> Record:
    return activity(
        ident,
        f"Boreholes for herders in {where}",
        who=[OrganisationMention(Role.REPORTING, by), OrganisationMention(Role.IMPLEMENTING, by)],
        where=[place(where)],
        sectors=["14031"],
        text=f"Drilling boreholes for herders and training water committees in {where}.",
        **more,
    )


class Server:
    def __init__(self, home: Home) -> None:
        self.home, self.index = home, Index(home)
        self.app = FastAPI()
        self.app.include_router(api.router(self.index, Identities(home.settings)))
        add_handlers(self.app)

    def send(self, method: str, path: str, *, local: bool = True, **more: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("127.0.0.1" if local else "203.0.113.7", 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as session:
                return await session.request(method, f"/api/v1/{path}", **more)

        return run(exchange())

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.send("POST", path, json=body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(home, "open", [work("XX-A/1", "Acme Relief"), work("XX-B", "Bolt Fund"), work("XX-C", "Cedar", "Kitui")])
        put(home, "own", [work("XX-S", "Silent League")], Access(Level.OWN, "silent-league"))
        found = Server(home)
        found.index.overlaps.graph(VISITOR, None)
        yield found


@pytest.fixture
def service(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that find this home and no server."""

    @contextmanager
    def local() -> Iterator[LocalService]:
        yield LocalService(server.home)

    monkeypatch.setattr(client, "open_service", local)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(commands, list(map(str, arguments)))


def test_the_overlaps_of_a_record(server: Server) -> None:
    found = server.get("overlaps", record="xx-a/1").json()
    assert found["subject"]["lead"] == "XX-A/1"
    told = [*found["meetings"], *found["same"]]
    assert "XX-B" in {ident for meeting in told for ident in meeting["records"]}
    assert {"for", "against", "evidence", "folded", "label", "probability"} <= told[0].keys()
    assert all(clause["text"] and len(clause["fields"]) == 2 for meeting in told for clause in meeting["for"])
    assert found["coverage"]["state"] == "reported"
    assert "XX-S" not in json.dumps(found)


def test_reasons_in_another_language(server: Server) -> None:
    def said(language: str) -> set[str]:
        found = server.get("overlaps", record="XX-A/1", language=language).json()
        return {c["text"] for meeting in [*found["meetings"], *found["same"]] for c in meeting["for"]}

    assert said("fr") != said("en")
    assert said("xx") == said("en")


def test_by_place_and_theme_by_name(server: Server) -> None:
    found = server.get("overlaps", place="Turkana", theme="water supply").json()
    assert [place["name"] for place in found["query"]["places"]] == ["Turkana"]
    assert {heading["lead"] for heading in found["initiatives"]} == {"XX-A/1", "XX-B"}


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({}, 422, "Overlaps of what"),
        ({"place": "Nowhereville"}, 422, "Nowhereville"),
        ({"record": "XX-none"}, 404, "XX-none"),
        ({"record": "XX-S"}, 404, "XX-S"),
        ({"place": "Turkana", "from": "soon"}, 422, "no date"),
        ({"place": "Turkana", "from": "2027-01-01", "to": "2026-01-01"}, 422, "before"),
        ({"place": "Turkana", "org_kind": "gnome"}, 422, "gnome"),
        ({"place": "Turkana", "label": "gnome"}, 422, "gnome"),
        ({"place": "Turkana", "limit": "0"}, 422, "limit"),
    ],
)
def test_what_cannot_be_asked(server: Server, query: dict[str, str], status: int, says: str) -> None:
    answer = server.get("overlaps", **query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.json()["detail"]


def test_who_may_see_more_is_told_more(server: Server) -> None:
    owner = server.get("overlaps", record="XX-S", **{"as": "Silent League"})
    assert owner.json()["subject"]["lead"] == "XX-S"
    assert server.send("GET", "overlaps", local=False, params={"record": "XX-S"}).status_code == 404


def multipart(name: str, content: bytes, **fields: str) -> dict[str, Any]:
    return {"files": {"file": (name, content)}, "data": fields}


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"text": TEXT}},
        {"json": {"file": {"name": "p.txt", "content": base64.b64encode(TEXT.encode()).decode()}}},
        {"content": TEXT.encode(), "headers": {"content-type": "text/plain; charset=utf-8"}},
        multipart("ü.txt", TEXT.encode()),
    ],
)
def test_a_proposal_as_text_or_file(server: Server, sent: dict[str, Any]) -> None:
    answer = server.send("POST", "overlaps", **sent)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["read"]["title"] == "Boreholes for herders of Turkana"
    assert [place["name"] for place in found["read"]["places"]] == ["Turkana"]
    assert (found["read"]["start"], found["read"]["end"]) == ("2027-01-01", "2027-06-30")
    named = {ident for meeting in [*found["meetings"], *found["same"]] for ident in meeting["records"]}
    assert {"XX-A/1", "XX-B"} <= named
    assert "XX-S" not in answer.text


def test_what_is_read_of_a_proposal_can_be_corrected(server: Server) -> None:
    body = {"text": TEXT, "places": ["Kitui"], "themes": [], "from": "2028-01-01", "to": "2028-12-31"}
    read = server.post("overlaps", body).json()["read"]
    assert [place["name"] for place in read["places"]] == ["Kitui"]
    assert (read["themes"], read["start"]) == ([], "2028-01-01")
    form = server.send("POST", "overlaps", **multipart("p.txt", TEXT.encode(), places="Kitui", title="Wells"))
    assert [place["name"] for place in form.json()["read"]["places"]] == ["Kitui"]
    assert form.json()["read"]["title"] == "Wells"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"text": ""}}, 422),
        ({"json": {"text": "w" * 200_001}}, 422),
        ({"json": {"text": TEXT, "nonsense": 1}}, 422),
        ({"json": ["text"]}, 400),
        ({"json": {"file": {"name": "p.txt", "content": "%%%"}}}, 422),
        ({"json": {"file": "p.txt"}}, 422),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"<a/>", "headers": {"content-type": "image/png"}}, 415),
        ({"content": b"%PDF-1.7", "headers": {"content-type": "application/pdf"}}, 422),
        ({"content": b"x" * (11 * 1024 * 1024), "headers": {"content-type": "text/plain"}}, 413),
        ({"content": b"no parts", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400),
        ({"content": b"no parts", "headers": {"content-type": "multipart/form-data"}}, 400),
        (multipart("p.exe", b"MZ"), 422),
    ],
)
def test_a_proposal_that_cannot_be_read(server: Server, sent: dict[str, Any], status: int) -> None:
    answer = server.send("POST", "overlaps", **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "w" * 100 not in answer.text


def test_a_form_keeps_every_byte_of_a_file(server: Server) -> None:
    """A file may hold line ends of all kinds, and what looks like a boundary."""
    content = TEXT.encode() + b"\r\n\r\n--not-the-boundary\r\nline\rline\n"
    found = server.send("POST", "overlaps", **multipart("p.txt", content))
    assert found.status_code == 200, found.text


def test_comparing_two_and_several(server: Server) -> None:
    one = server.post("compare", {"a": "xx-a/1", "b": "XX-B"}).json()["pairs"][0]
    assert one["label"] in set(LABELS)
    assert 0 < one["confidence"] <= 1
    assert (one["a"], one["b"]) == ("XX-A/1", "XX-B")
    assert sum(one["probabilities"].values()) == pytest.approx(1.0, abs=0.01)
    several = server.post("compare", {"pairs": [["XX-A/1", "XX-B"], ["XX-A/1", "XX-none"], ["XX-S", "XX-B"]]}).json()
    assert [("error" in row) for row in several["pairs"]] == [False, True, True]
    assert several["pairs"][0] == one
    # What one may not see is answered as what there is not.
    errors = [row["error"].replace("XX-none", "?").replace("XX-S", "?") for row in several["pairs"][1:]]
    assert errors[0] == errors[1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"a": "XX-A/1", "b": "XX-none"}, 404),
        ({"a": "XX-A/1", "b": "XX-B", "pairs": [["XX-A/1", "XX-B"]]}, 422),
        ({"pairs": [["XX-A/1"]]}, 422),
        ({"pairs": [["a", "b"]] * (overlaps.MOST_PAIRS + 1)}, 422),
    ],
)
def test_comparisons_that_cannot_be_made(server: Server, body: dict[str, Any], status: int) -> None:
    answer = server.post("compare", body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_while_initiatives_are_being_compared(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> Any:
        raise NotReady(3, 7)

    monkeypatch.setattr(Standing, "graph", busy)
    answer = server.get("overlaps", place="Turkana")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert (answer.json()["compared"], answer.json()["of"]) == (3, 7)
    content = httpx.Response(503, json=answer.json())
    with httpx.Client(transport=httpx.MockTransport(lambda _: content), base_url="http://x") as session:
        with pytest.raises(NotYet) as error:
            client.HttpService(session).get("/api/v1/overlaps", {})
        assert (error.value.done, error.value.total) == (3, 7)


def test_a_command_waits_until_all_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_overlaps, "_PAUSE", 0.0)
    left = [NotYet(0, 0), NotYet(2, 9), NotYet(9, 9)]

    def ask() -> str:
        if left:
            raise left.pop(0)
        return "done"

    assert commands_overlaps.awaited(ask) == "done"


@pytest.mark.parametrize("form", ["csv", "json", "graphml"])
def test_the_graph_as_a_file(server: Server, form: str, service: None, tmp_path: Path) -> None:
    answer = server.get("overlaps/export", format=form, **{"as": "public"})
    assert answer.status_code == 200
    assert f"overlaps.{form}" in answer.headers["content-disposition"]
    assert "XX-A/1" in answer.text
    assert "XX-S" not in answer.text
    written = tmp_path / f"graph.{form}"
    assert call("overlaps", "export", form, written, "--as", "public").exit_code == 0
    assert written.read_bytes() == answer.content
    assert [path.name for path in tmp_path.iterdir()] == [written.name]
    assert server.get("overlaps/export", format="xls").status_code == 422


def test_where_most_meet(server: Server, service: None) -> None:
    every = ["overlap", "complementary", "family", "chain", "duplicate"]
    found = server.get("overlaps/cells", label=every, theme="wash", below=True, **{"as": "public"}).json()
    assert found["cells"], found
    assert {cell["place_name"] for cell in found["cells"]} <= {"Turkana", "Kitui"}
    assert found["cells"][0]["pairs"] >= 1
    assert "XX-S" not in json.dumps(found)
    assert server.get("overlaps/cells", place="Nowhereville").status_code == 422
    assert server.get("overlaps/cells", label="gnome").status_code == 422
    assert call("overlaps", "cells", "--place", "Kitui").exit_code == 1


@pytest.mark.usefixtures("service")
class TestCommands:
    def test_of_a_record_with_and_without_the_word_find(self) -> None:
        plain, named = call("overlaps", "XX-A/1", "--json"), call("overlaps", "find", "XX-A/1", "--json")
        assert plain.exit_code == 0
        assert json.loads(plain.stdout) == json.loads(named.stdout)
        assert "Boreholes" in call("overlaps", "XX-A/1").stdout

    def test_of_a_place(self) -> None:
        answer = call("overlaps", "--place", "Turkana", "--theme", "water", "--json")
        assert {heading["lead"] for heading in json.loads(answer.stdout)["initiatives"]} >= {"XX-A/1", "XX-B"}

    def test_of_a_proposal(self, tmp_path: Path) -> None:
        file = tmp_path / "proposal.txt"
        file.write_text(TEXT, encoding="utf-8")
        answer = call("overlaps", "--file", file)
        assert answer.exit_code == 0
        assert "Read: where: Turkana" in answer.stdout
        corrected = call("overlaps", "--file", file, "--place", "Kitui", "--json")
        assert [place["name"] for place in json.loads(corrected.stdout)["read"]["places"]] == ["Kitui"]

    def test_exit_codes(self, tmp_path: Path) -> None:
        def code(*arguments: object) -> int:
            error = call(*arguments).exception
            return error.code if isinstance(error, CommandError | SystemExit) else 0  # type: ignore[return-value]

        assert code("overlaps", "XX-none") == 1
        assert code("overlaps", "--place", "Nowhereville") == 2
        assert code("overlaps", "XX-A/1", "--file", tmp_path / "p.txt") == 2
        assert code("overlaps", "--file", tmp_path / "none.txt") == 2
        assert code("overlaps", "export", "xls", tmp_path / "x") == 2
        assert code("overlaps", "export", "csv", tmp_path / "no" / "x") == 2
        assert code("compare", "XX-A/1") == 2
        assert code("compare", "XX-A/1", "XX-none") == 1
        assert code("compare", "XX-A/1", "XX-B") == 0

    def test_two_records(self) -> None:
        answer = call("compare", "XX-A/1", "xx-b")
        assert answer.exit_code == 0
        assert any(label in answer.stdout for label in LABELS)
        assert json.loads(call("compare", "XX-A/1", "XX-B", "--json").stdout)["evidence"]

    def test_a_file_of_pairs(self, tmp_path: Path) -> None:
        file = tmp_path / "pairs.csv"
        file.write_text(
            "a,b,label\nXX-A/1,XX-B,chain\nXX-A/1,XX-none,\n,XX-B,\nXX-C,XX-B,\n", encoding="utf-8-sig", newline=""
        )
        answer = call("compare", "--pairs", file, "--ignore-declared-links", "--as", "public")
        rows = list(csv.DictReader(StringIO(answer.stdout)))
        assert answer.exit_code == 1
        assert list(rows[0]) == ["a", "b", "label", "confidence", "evidence"]
        assert [(row["a"], row["b"]) for row in rows] == [("XX-A/1", "XX-B"), ("XX-C", "XX-B")]
        assert all(row["label"] in set(LABELS) and 0 < float(row["confidence"]) <= 1 for row in rows)
        assert "place_share=1" in rows[0]["evidence"]
        said = answer.stderr.replace("\n", "")
        assert "pairs.csv:3:" in said
        assert "XX-none" in said
        assert "pairs.csv:4:" in said
        whole = tmp_path / "whole.csv"
        whole.write_text("a,b\nXX-A/1,XX-B\n", encoding="utf-8")
        assert call("compare", "--pairs", whole).exit_code == 0

    def test_a_file_without_the_columns(self, tmp_path: Path) -> None:
        file = tmp_path / "pairs.csv"
        file.write_text("one,two\nXX-A/1,XX-B\n", encoding="utf-8")
        error = call("compare", "--pairs", file).exception
        assert isinstance(error, CommandError)
        assert error.code == 2
        assert "no column a, b" in str(error)
