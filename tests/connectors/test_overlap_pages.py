"""The overlaps views over the store: what they show, to whom, and what of it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from connectors import overlap_filling
from connectors.api import overlaps
from connectors.identity import Identities
from connectors.overlap_pictures import pictures_for
from connectors.problems import add_handlers
from knowledge.access import PUBLIC, operator
from knowledge.home import Home
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.overlap import judging
from knowledge.overlap.judging import Opinion
from knowledge.overlap.labels import Label
from knowledge.records import Access, Level, OrganisationMention, Period, Record, Role
from tests.asynchronous import run
from tests.homes import activity, opened, place, put

DRILLING = "Drilling boreholes and repairing hand pumps for pastoralist villages in Turkana."
RUNNING = Period(planned_start=date(2026, 1, 1), planned_end=date(2027, 12, 31))
VISITOR = {"x-forwarded-for": "192.0.2.7"}
"""Came over a proxy, so nobody knows for whom."""


def wells(ident: str, by: str, title: str = "", period: Period = RUNNING, text: str = DRILLING) -> Record:
    who = [OrganisationMention(Role.REPORTING, by), OrganisationMention(Role.IMPLEMENTING, by)]
    where = [place("Turkana")]
    return activity(
        ident, title or f"Boreholes of {by}", who=who, where=where, sectors=["14031"], text=text, period=period
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home"), "Quiet Office") as home:
        late = Period(planned_start=date(2024, 1, 1), planned_end=date(2025, 6, 30))
        hostile = wells("KE-3", "Elm Aid", "<script>alert(1)</script> \u202eboreholes", late)
        put(home, "a", [wells("KE-1", "Bramble Fund"), wells("KE-2", "Cedar Trust"), hostile])
        put(home, "secret", [wells("XX-1", "Secret Society")], Access(Level.OWN, "home"))
        yield home


@pytest.fixture(scope="module")
def send(home: Home) -> Any:
    app, index = FastAPI(), Index(home)
    app.include_router(overlap_filling.router(index, Identities(home.settings)))
    add_handlers(app)
    for audience in (PUBLIC, operator("Quiet Office")):
        index.overlaps.graph(audience, None)
    # People say what the pairs are, so that no model decides these tests.
    who = Who(operator("Quiet Office"), "operator")
    for other, label in (("KE-2", Label.OVERLAP), ("KE-3", Label.COMPLEMENTARY), ("XX-1", Label.OVERLAP)):
        level = Level.OWN if other == "XX-1" else Level.PUBLIC
        judging.judge(index, who, Opinion("KE-1", other, label, reason="Seen there.", level=level))

    def exchange(method: str, path: str, **more: Any) -> httpx.Response:
        async def one() -> httpx.Response:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                return await client.request(method, path, **more)

        return run(one())

    return exchange


def shown(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text[:500]
    return response.text


def pictures(page: str) -> list[str]:
    found = re.findall(r'(?:src|srcset)="(/pictures/[^"]+)"', page)
    return [address.replace("&amp;", "&") for address in found]


def test_a_record_meets_others_with_reasons_pictures_and_a_table(send: Any) -> None:
    page = shown(send("GET", "/overlaps?record=KE-1", headers=VISITOR))
    for told in ("Boreholes of Bramble Fund", "Boreholes of Cedar Trust", "Overlap", "Turkana", "Quiet Office, "):
        assert told in page
    assert "/overlaps/compare?a=KE-1&amp;b=KE-2" in page
    addresses = pictures(page)
    assert {"asked=KE-1", "overlap=KE-2"} <= set(addresses[0].partition("?")[2].split("&"))
    drawn = send("GET", addresses[0], headers=VISITOR)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.headers["cache-control"].startswith("private")
    assert "default-src 'none'" in drawn.headers["content-security-policy"]
    assert "Bramble Fund" in drawn.text
    as_png = send("GET", addresses[0].replace(".svg", ".png"), headers=VISITOR)
    assert as_png.content.startswith(b"\x89PNG")


def test_what_is_not_for_a_visitor_changes_nothing_for_them(send: Any) -> None:
    visitors = shown(send("GET", "/overlaps?record=KE-1", headers=VISITOR))
    assert "Secret Society" not in visitors
    assert "Secret Society" in shown(send("GET", "/overlaps?record=KE-1"))
    refused = send("GET", "/overlaps?record=XX-1", headers=VISITOR)
    nothing = send("GET", "/overlaps?record=XX-9", headers=VISITOR)
    assert (refused.status_code, nothing.status_code) == (422, 422)
    assert refused.text.replace("XX-1", "XX-9") == nothing.text
    beside = send("GET", "/overlaps/compare?a=KE-1&b=XX-1", headers=VISITOR)
    assert "Secret Society" not in beside.text
    with_it = send("GET", "/pictures/timeline.svg?asked=KE-1&overlap=XX-1", headers=VISITOR)
    assert with_it.content == send("GET", "/pictures/timeline.svg?asked=KE-1", headers=VISITOR).content
    assert send("GET", "/pictures/timeline.svg?asked=XX-1", headers=VISITOR).status_code == 404


def test_a_place_and_theme_and_what_is_not_understood(send: Any) -> None:
    page = shown(send("GET", "/overlaps?place=Turkana&theme=WASH", headers=VISITOR))
    assert "Initiatives there: 3" in page
    for given, said in [
        ({"place": "Atlantis"}, "Atlantis"),
        ({"place": "Turkana", "from": "soon"}, "soon"),
        ({"place": "Turkana", "within": "-1"}, "-1"),
        ({"place": "Turkana", "kind": "pirates"}, "pirates"),
    ]:
        answer = send("GET", f"/overlaps?{urlencode(given)}", headers=VISITOR)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="Turkana"' in answer.text or "Atlantis" in answer.text, "what was typed stays in the form"


def test_a_proposal_is_compared_and_nothing_of_it_is_kept(send: Any, home: Home) -> None:
    text = "Zanthoxylum boreholes\nWe will drill boreholes for villages in Turkana from January 2026 to December 2027."
    page = shown(send("POST", "/overlaps", data={"proposal": text}, headers=VISITOR))
    assert "Zanthoxylum" in page
    read = dict(re.findall(r"<dt[^>]*>(.*?)</dt><dd><bdi>(.*?)</bdi>", page))
    assert (read["Title"], read["Where"]) == ("Zanthoxylum boreholes", "Turkana")
    assert read["Period"] == "1 Jan 2026 – 31 Dec 2027"
    for file in home.settings.home.rglob("*"):
        if file.is_file():
            assert b"anthoxylum" not in file.read_bytes(), file
    assert send("POST", "/overlaps", data={"proposal": "x" * 300_000}, headers=VISITOR).status_code == 413


def test_a_proposal_has_its_own_bar_of_which_only_the_days_stand_in_the_address(send: Any) -> None:
    rows = [("KE-1", "overlap")]
    (picture,) = pictures_for(rows, "en", cells=0, planned="2026-01-01/2027-12-31")
    assert picture.alt.count("2") == 1, "the proposal counts"
    drawn = send("GET", picture.wide, headers=VISITOR).text
    for told in ("Your proposal", "Jan\u00a02026", "Bramble Fund"):
        assert told in drawn
    alone = send("GET", "/pictures/timeline.svg?with=KE-1", headers=VISITOR)
    assert send("GET", "/pictures/timeline.svg?with=KE-1&planned=soon", headers=VISITOR).content == alone.content
    assert not pictures_for([], "en", cells=0, planned="2026-01-01/2027-12-31"), "one bar alone tells nothing"


def test_a_proposal_comes_as_a_file_and_its_text_can_be_corrected(send: Any, home: Home) -> None:
    text = "Quandong wells\nWe will drill boreholes for villages in Turkana from January 2026 to December 2027."
    file = {"proposal": (None, ""), "file": ("plan.txt", text.encode(), "text/plain")}
    page = shown(send("POST", "/overlaps", files=file, headers=VISITOR))
    assert "<bdi>Turkana</bdi>" in page
    assert text.partition("\n")[2] in page.partition("<textarea")[2], "what was read can be put right"
    for kept in home.settings.home.rglob("*"):
        assert not kept.is_file() or b"uandong" not in kept.read_bytes(), kept


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.exe", b"MZ", "Files of this kind are not read"),
        ("plan.txt", b"  \n ", "There is no text|No text can be read"),
        ("plan.pdf", b"%PDF-1.7 broken", "No text can be read"),
        ("plan.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "protected by a password"),
        ("plan.txt", b"x" * (11 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_a_file_that_is_not_read_is_refused_kindly(send: Any, name: str, content: bytes, said: str) -> None:
    answer = send("POST", "/overlaps", files={"file": (name, content)}, headers=VISITOR)
    assert answer.status_code in (413, 422)
    assert re.search(said, answer.text), answer.text[:3000]
    assert 'type="file"' in answer.text, "another can be chosen at once"


def test_a_form_without_text_and_file_says_what_to_do(send: Any) -> None:
    sent = {"proposal": (None, ""), "file": ("", b"", "application/octet-stream")}
    answer = send("POST", "/overlaps", files=sent, headers=VISITOR)
    assert answer.status_code in (200, 422)
    assert 'type="file"' in answer.text


def test_hostile_titles_stay_text_in_the_page_and_in_its_pictures(send: Any) -> None:
    page = shown(send("GET", "/overlaps?record=KE-3", headers=VISITOR))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    drawn = send("GET", "/pictures/timeline.svg?asked=KE-3&lang=ar", headers=VISITOR).text
    assert "<script" not in drawn
    assert "\u202e" not in drawn


def test_two_records_side_by_side(send: Any) -> None:
    page = shown(send("GET", "/overlaps/compare?a=ke-1&b=KE-2&lang=fr", headers=VISITOR))
    for told in ("Boreholes of Bramble Fund", "Boreholes of Cedar Trust", "Chevauchement", "Seen there.", "time_same"):
        assert told in page
    assert 'action="/overlaps/judge"' not in page, "a visitor speaks for no organisation"
    same = send("GET", "/overlaps/compare?a=KE-1&b=KE-1", headers=VISITOR)
    assert same.status_code == 422
    assert 'name="b"' in shown(send("GET", "/overlaps/compare", headers=VISITOR))


def test_a_judgement_outranks_the_model_is_shown_and_taken_back(send: Any) -> None:
    where = "/overlaps/compare?a=KE-2&b=KE-3"
    said = {"a": "KE-2", "b": "KE-3", "shown": "overlap", "label": "chain", "what": "label", "reason": "Paid from it."}
    assert send("POST", "/overlaps/judge", data=said, headers=VISITOR).status_code == 403
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert send("POST", "/overlaps/judge", data=said, headers=foreign).status_code == 403, "a page of somebody else"
    done = send("POST", "/overlaps/judge", data=said)
    assert done.status_code == 303
    page = shown(send("GET", done.headers["location"].partition("#")[0]))
    assert "Paid from it." in page
    assert '<span class="label chain">' in page
    undo = re.findall(r'name="undo" value="([^"]+)"', page)
    assert len(undo) == 1
    send("POST", "/overlaps/judge", data={"a": "KE-2", "b": "KE-3", "what": "undo", "undo": undo[0]})
    page = shown(send("GET", where))
    assert "Paid from it." not in page
    assert send("POST", "/overlaps/judge", data={**said, "label": "friends"}).status_code == 422


def test_what_somebody_cannot_tell_is_not_asked_again(send: Any) -> None:
    asked = len(re.findall(r"<article", shown(send("GET", "/overlaps/queue"))))
    skipped = {"a": "KE-2", "b": "KE-3", "what": "skip", "back": "queue", "label": "overlap"}
    assert send("POST", "/overlaps/judge", data=skipped).headers["location"] == "/overlaps/queue#next"
    page = shown(send("GET", "/overlaps/queue"))
    assert len(re.findall(r"<article", page)) in (asked, asked - 1)
    assert 'value="KE-2"' not in page or 'value="KE-3"' not in page


def test_pictures_of_addresses_that_nobody_wrote(send: Any) -> None:
    for path in ("/pictures/timeline.gif?asked=KE-1", "/pictures/secrets.svg?asked=KE-1"):
        assert send("GET", path).status_code in (404, 422)
    many = urlencode([("overlap", f"KE-{n}") for n in range(1, 2000)])
    assert send("GET", f"/pictures/timeline.svg?{many}").status_code == 200
    assert send("GET", "/pictures/timeline.svg?asked=KE-1&lang=%00&width=9e9&scheme=x").status_code == 200


def test_what_programs_get_is_asked_for_in_the_words_of_the_api(send: Any, home: Home) -> None:
    page = shown(send("GET", "/overlaps?place=Turkana&kind=nngo&within=3&open=1", headers=VISITOR))
    found = re.findall(r'href="(/api/v1/overlaps[^"]*)"', page)
    asked = {name for name, _ in parse_qsl(found[0].replace("&amp;", "&").partition("?")[2])}
    routes = overlaps.router(Index(home), Identities(home.settings)).routes
    known = {
        parameter.alias
        for route in routes
        if isinstance(route, APIRoute) and route.path == "/api/v1/overlaps" and "GET" in route.methods
        for parameter in route.dependant.query_params
    }
    assert asked <= known
    assert asked >= {"place", "org_kind", "starting_within", "only_open"}
    assert [address.partition("?")[2] for address in found[1:]] == ["format=csv", "format=json", "format=graphml"]


def test_where_most_meet_is_a_picture_and_a_table_with_addresses(send: Any, home: Home) -> None:
    page = shown(send("GET", "/overlaps/cells", headers=VISITOR))
    rows = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)<span', page)
    assert rows, "KE-1 and KE-2 overlap"
    assert rows[0][1] == "Kenya"
    address, given = rows[0][0].replace("&amp;", "&").split("?")
    assert address == "/overlaps"
    assert dict(parse_qsl(given))["place"] == "Kenya"
    assert "Boreholes of Bramble Fund" in shown(send("GET", f"/overlaps?{given}", headers=VISITOR))
    below = shown(send("GET", "/overlaps/cells?below=1&place=Kenya", headers=VISITOR))
    assert "Turkana" in below
    told = shown(send("GET", "/overlaps/cells.csv", headers=VISITOR))
    assert told.splitlines()[0] == "place,place_name,theme,theme_name,initiatives,publishers,pairs"
    assert told.splitlines()[1].startswith("KE,Kenya,")
    drawn = send("GET", "/pictures/cells.svg?lang=fr", headers=VISITOR)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "Kenya" in drawn.text
    assert send("GET", "/overlaps/cells?place=Atlantis", headers=VISITOR).status_code == 422
    assert send("GET", "/pictures/cells.svg?place=Atlantis", headers=VISITOR).status_code == 404


def test_cells_count_only_what_is_for_the_visitor(send: Any) -> None:
    counts = [
        re.findall(r'class="number">(\d+)<', shown(send("GET", "/overlaps/cells", headers=who)))
        for who in (VISITOR, {})
    ]
    assert int(counts[0][1]) < int(counts[1][1]), "the secret initiative counts for the operator alone"


def test_every_judgement_is_shown_with_who_and_when_and_can_be_taken_back(send: Any) -> None:
    said = {"a": "KE-2", "b": "KE-3", "shown": "overlap", "label": "family", "reason": "One programme of both."}
    assert send("POST", "/overlaps/judge", data=said).status_code == 303
    page = shown(send("GET", "/overlaps/judgements"))
    assert "One programme of both." in page
    assert "Quiet Office, " in page
    undo = re.findall(r'name="undo" value="([^"]+)"', page)[0]
    answer = send("POST", "/overlaps/judge", data={"what": "undo", "undo": undo, "back": "judgements"})
    assert answer.headers["location"] == "/overlaps/judgements?done=undone"
    page = shown(send("GET", "/overlaps/judgements?done=undone"))
    assert "Taken back." in page
    assert "Took one back" in page
    visitors = shown(send("GET", "/overlaps/judgements", headers=VISITOR))
    assert "One programme of both." not in visitors, "kept for the own organisation"
    assert 'name="undo"' not in visitors
    assert "Secret Society" not in visitors


def test_what_records_are_to_each_other_and_whose_they_are_can_be_asked(send: Any) -> None:
    none = shown(send("GET", "/overlaps?place=Turkana&label=duplicate", headers=VISITOR))
    assert "as of" in none
    whose = shown(send("GET", "/overlaps?org=Bramble+Fund", headers=VISITOR))
    assert "Boreholes of Cedar Trust" in whose
    assert "Initiatives there: 1" in whose
    assert send("GET", "/overlaps?place=Turkana&label=friends", headers=VISITOR).status_code == 422


@pytest.mark.parametrize("language", ["fr", "es", "ar", "pt"])
def test_new_views_speak_every_language(send: Any, language: str) -> None:
    for path in ("/overlaps/cells", "/overlaps/judgements", "/overlaps"):
        page = shown(send("GET", f"{path}?lang={language}"))
        assert f'lang="{language}"' in page
        assert "{n}" not in page
