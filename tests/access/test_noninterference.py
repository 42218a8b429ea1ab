"""What somebody is shown does not depend on records that they may not see: not by a name, a weight or a count.

Two homes hold the same open records; one of them holds private ones besides, made to disturb: the same organisations
under other names and kinds, the same places under other spellings, bridges between organisations, crowds of near texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.actions import understanding
from bot.actions.capabilities import CAPABILITIES
from bot.actions.context import Context, Request
from bot.words import Words
from knowledge import lookups, search
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, named, operator
from knowledge.index import Index
from knowledge.records import Access, GazetteerPlace, Level, OrganisationName, Record, RecordKind
from tests.homes import PUBLIC, activity, implementer, opened, place, put

COMMUNITY = Access(Level.COMMUNITY)
OWN_OF_B = Access(Level.OWN, "bramble-fund")
NAMED_TO_B = Access(Level.NAMED, "cedar-trust", ("bramble-fund",))

TURKANA = place("Turkana", pcode="KE023")
WATER, FOOD, CHILD = "14031", "12240", "15180"
NEIGHBOURS, CROWD = 12, 30
"""As many nearest passages as a search takes here, and a crowd that would fill them all."""


def open_records() -> list[Record]:
    return [
        activity("KE-1-1", "Wells of Turkana", who=["Acme Relief (AR)"], where=[TURKANA], sectors=[WATER],
                 text="Deep wells and hand pumps for herders."),
        activity("KE-1-2", "Meals of Turkana", who=["AR"], where=[TURKANA], sectors=[FOOD],
                 text="School meals and therapeutic food."),
        activity("KE-1-3", "Wells of Kitui", who=[implementer("Free Voices")], where=[place("Kitui")],
                 sectors=[WATER], text="Sand dams that hold water into the dry season."),
        activity("KE-1-4", "Radio for rights", who=["FV"], where=[place("Bura")], sectors=[CHILD],
                 text="A radio programme on the rights of children."),
        activity("KE-1-5", "Wells of Garissa", who=["Nile Hands Fund"], where=[place("Garissa")], sectors=[WATER],
                 text="Boreholes along the river."),
    ]  # fmt: skip


def community_records() -> list[Record]:
    return [
        activity("KE-2-1", "Cash of Turkana", who=["Acme Relief", "Dune Works"], where=[TURKANA], sectors=[FOOD],
                 text="Monthly cash for herders who lost their goats."),
        activity("KE-2-2", "Clinic of Lamu", who=["Dune Works"], where=[place("Lamu Isles")], sectors=[FOOD]),
    ]  # fmt: skip


def private_records(prefix: str) -> list[Record]:
    """Records that share organisations, places, themes and words with the open ones, and say more than these."""
    loud = implementer("Acme Relief Secret Wing (AR)", ref="XX-9", kind="International NGO")
    bridge = implementer("Free Voices (FV)", kind="National NGO")
    renamed = implementer("Acme Relief", acronym="ACRE", kind="80")
    village, town = place("Hiddenland", "Hiddenford"), place("Hiddenland", "Bura")
    respelt, coded = place("Aa Hidden Turkana", pcode="KE023"), place("Kitui", pcode="KE015")
    crowd = [
        activity(f"{prefix}-crowd-{n}", f"Hand pumps and wells for herders, lot {n}", who=["Acme Relief"],
                 where=[TURKANA], sectors=[WATER], text=f"Deep wells and hand pumps for herders, lot {n} of many.")
        for n in range(CROWD)
    ]  # fmt: skip
    return [
        activity(f"{prefix}-1", "Night clinic of Hiddenford", who=[loud], where=[village], sectors=[CHILD],
                 text="Deep wells for survivors."),
        activity(f"{prefix}-2", "Second house", who=[bridge], where=[town], sectors=[CHILD],
                 text="Radio and shelter for children."),
        activity(f"{prefix}-3", "Third house", who=[renamed, "Whisper League"], where=[respelt],
                 sectors=[WATER, FOOD, CHILD]),
        activity(f"{prefix}-4", "Fourth house", who=["Nile Hands"], where=[coded], sectors=[CHILD]),
        activity(f"{prefix}-5", "Charter of the Whisper League", who=["Whisper League"], kind=RecordKind.MANDATE,
                 text="We guard boreholes, wells and hand pumps."),
        *crowd,
    ]  # fmt: skip


GAZETTEER = [GazetteerPlace("KE", 1, "KE001", "Mombasa"), GazetteerPlace("KE", 1, "KE007", "Garissa")]


@pytest.fixture(scope="module", autouse=True)
def _few_neighbours() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_NEIGHBOURS", NEIGHBOURS)
        yield


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Index]]:
    """Indices by what they hold: "open", "open+private", "community", "community+private", and B's own as well."""
    contents: dict[str, list[tuple[str, list[Any], Access]]] = {
        "open": [("open", open_records(), PUBLIC), ("places", GAZETTEER, PUBLIC)],
    }
    community = [*contents["open"], ("community", community_records(), COMMUNITY)]
    contents["community"] = community
    # The private files come first, so that what comes first has no say either.
    own, told = ("own", private_records("PRIV-1"), OWN_OF_B), ("named", private_records("PRIV-2"), NAMED_TO_B)
    contents["open+private"] = [own, told, ("hush", community_records(), COMMUNITY), *contents["open"]]
    contents["community+private"] = [own, told, *community]
    with ExitStack() as stack:
        made: dict[str, Index] = {}

        def index(name: str) -> Index:
            if name not in made:
                home = stack.enter_context(opened(tmp_path_factory.mktemp("home"), "Quiet Office"))
                for key, items, access in contents[name]:
                    put(home, key, items, access)
                made[name] = Index(home)
            return made[name]

        yield index


@pytest.fixture(scope="module")
def observed(homes: Callable[[str], Index]) -> Callable[[str, Audience], dict[str, Any]]:
    """Everything that the index of that name tells an audience, by what was asked; asked once."""
    return lru_cache(maxsize=None)(lambda name, audience: dict(seen(homes(name), audience)))


TEXTS = (
    "Who does water in Turkana?", "AR", "acme relief", "Acme Releif in Kenya", "Acme Relief Secret Wing", "ACRE",
    "Free Voices", "FV", "Whisper League", "Wisper League", "Nile Hands", "Nile Hands Fund",
    "who works in Hiddenford", "Hiddenland", "Hidenford", "Bura", "Bura in Hiddenland", "Aa Hidden Turkana",
    "Kitui", "KE015", "[KE:hiddenland]", "[KE:hiddenland/hiddenford]", "Lamu Isles", "Dune Works", "Garissa",
    "Tell me about KE-1-1", "Tell me about PRIV-1-1", "tell me about priv-2-3", "KE-2-1", "Mombasa",
)  # fmt: skip
QUESTIONS = (
    ("action_who_does_what", "who_does_what", TEXTS),
    ("action_describe_record", "describe_record", ("KE-1-1", "PRIV-1-1", "PRIV-2-crowd-7", "KE-2-1")),
    ("action_provenance", "provenance", ("", "Turkana", "KE-1-1", "PRIV-1-1", "Hiddenland")),
    ("action_help", "help", ("",)),
    ("action_greet", "greet", ("",)),
    ("action_fallback", "fallback", ("gibberish", "Hiddenford")),
)
WORDS = (
    "wells",
    "hand pumps for herders",
    "survivors",
    "Whisper League",
    "radio",
    "lot 17",
    "Hiddenford",
    "cash goats",
)


def seen(index: Index, audience: Audience) -> Iterator[tuple[str, Any]]:
    """Everything that the index tells this audience, by what was asked."""
    for text in TEXTS:
        yield f"link {text}", index.link(text, audience).as_json()
        yield f"organisation {text}", lookups.organisation(index, text, audience)
    for identifier in ("acme-relief-secret-wing", "whisper-league", "acme-relief", "ar", "dune-works", "free-voices"):
        yield f"organisation {identifier}", lookups.organisation(index, identifier, audience)
    for identifier in ("KE-1-1", "ke-1-2", "KE-2-1", "PRIV-1-1", "PRIV-2-2"):
        yield f"record {identifier}", lookups.record(index, identifier, audience)
    for words in WORDS:
        request = lookups.SearchRequest(words, limit=200)
        found = lookups.search_records(index, request, audience)
        yield f"search {words}", [(r["id"], r["passage"], r["score"]) for r in found["results"]]
    for facets in ({}, {"places": ["Turkana"]}, {"themes": ["water"]}, {"organisations": ["Acme Relief"]}):
        yield f"search {facets}", lookups.search_records(index, lookups.SearchRequest(limit=200, **facets), audience)
    for facets in ({"places": ["Hiddenland"]}, {"organisations": ["Whisper League"]}):
        try:
            yield f"search {facets}", lookups.search_records(index, lookups.SearchRequest(**facets), audience)
        except lookups.Unreadable as error:
            yield f"search {facets}", str(error)
    for action, intent, texts in QUESTIONS:
        for text in texts:
            yield f"{intent} {text}", _answer(index, audience, action, intent, text)
    with index.home.database.read() as session:
        yield "sources", [(row.title, row.name, counts) for row, counts in lookups.sources(session, audience)]


def _answer(index: Index, audience: Audience, action: str, intent: str, text: str) -> dict[str, Any]:
    linked = index.link(text, audience)
    request = Request(
        index=index,
        audience=audience,
        words_of=Words("en"),
        intent=intent,
        message=understanding.read([entity.as_json() for entity in linked.entities]),
        words=linked.words,
        text=text,
        context=Context(),
    )
    with index.home.database.read() as session:
        return CAPABILITIES[action](session, request).model_dump(mode="json")


@pytest.mark.parametrize(
    ("audience", "bare", "disturbed"),
    [
        pytest.param(VISITOR, "open", "open+private", id="visitor"),
        pytest.param(named("community"), "community", "community+private", id="community"),
        pytest.param(member("Cedar & Sons"), "community", "community+private", id="an organisation that owns nothing"),
        pytest.param(operator("Quiet Office"), "community", "community+private", id="operator"),
    ],
)
def test_private_records_change_nothing_that_others_are_shown(
    observed: Callable[[str, Audience], dict[str, Any]], audience: Audience, bare: str, disturbed: str
) -> None:
    without, besides = observed(bare, audience), observed(disturbed, audience)
    different = [asked for asked in without if orjson.dumps(without[asked]) != orjson.dumps(besides[asked])]
    assert different == []


@pytest.mark.parametrize(
    ("audience", "disturbed"),
    [
        (VISITOR, "open+private"),
        (named("community"), "community+private"),
        (member("Cedar & Sons"), "community+private"),
        (operator("Quiet Office"), "community+private"),
    ],
)
def test_no_word_of_private_records_comes_through(
    observed: Callable[[str, Audience], dict[str, Any]], audience: Audience, disturbed: str
) -> None:
    private = ("secret wing", "hiddenl", "hiddenf", "whisper", "night clinic", "second house", "priv-", " lot ", "acre")
    for asked, said in observed(disturbed, audience).items():
        text = orjson.dumps(said).decode().casefold()
        # The words of the question itself may come back.
        assert [word for word in private if word in text and word not in asked.casefold()] == [], asked


@pytest.mark.parametrize(
    ("audience", "records"),
    [
        (member("Bramble Fund"), {"PRIV-1-1", "PRIV-2-1"}),
        (member("BRAMBLE-FUND"), {"PRIV-1-1", "PRIV-2-1"}),
        (member("Cedar Trust"), {"PRIV-2-1"}),
        (member("Cedar"), set()),
        (named("community"), set()),
        (VISITOR, set()),
    ],
)
def test_who_owns_a_record_or_is_named_for_it_finds_it(
    homes: Callable[[str], Index], audience: Audience, records: set[str]
) -> None:
    index = homes("community+private")
    request = lookups.SearchRequest("night clinic survivors", limit=50)
    found = {r["id"] for r in lookups.search_records(index, request, audience)["results"]}
    assert {record for record in found if record in ("PRIV-1-1", "PRIV-2-1")} == records
    for record in ("PRIV-1-1", "PRIV-2-1"):
        assert (lookups.record(index, record, audience) is not None) == (record in records)
        assert bool(index.link(f"tell me about {record}", audience).of("record")) >= (record in records)
    assert bool(index.link("Whisper League", audience).of("organisation")) == bool(records)
    assert bool(index.link("who works in Hiddenford", audience).of("place")) == bool(records)


def test_a_visitor_finds_open_records_behind_a_crowd_of_private_ones(homes: Callable[[str], Index]) -> None:
    request = lookups.SearchRequest("deep wells and hand pumps for herders", limit=5)
    results = lookups.search_records(homes("open+private"), request, VISITOR)["results"]
    assert results[0]["id"] == "KE-1-1"


def test_a_record_that_is_withdrawn_from_the_public_takes_its_names_with_it(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        index = Index(home)
        records = [activity("KE-9-1", "Once open", who=["Hornbill Circle"], where=[place("Onceland", "Onceford")])]
        put(home, "file", records)
        assert index.link("Hornbill Circle in Onceford", VISITOR).entities
        put(home, "file", records, Access(Level.OWN, "hornbill-circle"))
        assert not index.link("Hornbill Circle in Onceford", VISITOR).entities
        assert not index.link("Onceland", VISITOR).entities
        assert index.link("Hornbill Circle in Onceford", member("Hornbill Circle")).of("organisation")


def test_a_record_that_names_nobody_is_for_its_owner_alone(tmp_path: Path) -> None:
    with opened(tmp_path, "Quiet Office") as home:
        put(home, "file", [activity("KE-9-1", "Undeclared", who=["Hornbill Circle"])], Access())
        index = Index(home)
        for audience in (VISITOR, named("community"), member("Hornbill Circle"), named("home")):
            assert lookups.record(index, "KE-9-1", audience) is None
        for audience in (operator(), operator("Quiet Office"), named("quiet office", organisation="Quiet Office")):
            assert lookups.record(index, "KE-9-1", audience) is not None


def test_linkers_are_shared_by_those_who_see_the_same_and_by_nobody_else(homes: Callable[[str], Index]) -> None:
    index = homes("community+private")
    linker = index.linker(named("community"))
    assert index.linker(member("Cedar")) is linker
    assert index.linker(replace(named("community"), label="somebody")) is linker
    assert index.linker(VISITOR) is not linker
    assert index.linker(member("Bramble Fund")) is not linker


def test_private_lists_of_names_serve_only_who_may_see_them(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        index = Index(home)
        put(home, "records", [activity("KE-9-1", "Nests", who=["Hornbill Circle"], where=[place("Onceford")])])
        put(home, "names", [OrganisationName("The Secret Beaks", "Hornbill Circle")], OWN_OF_B)
        put(home, "places", [GazetteerPlace("KE", 1, "KE099", "Hushtown")], OWN_OF_B)
        # The owner asks first, so that what was made for the owner is there to be given to others by mistake.
        for audience, known in ((member("Bramble Fund"), True), (VISITOR, False), (named("community"), False)):
            assert bool(index.link("The Secret Beaks", audience).of("organisation")) is known
            assert bool(index.link("who works in Hushtown", audience).of("place")) is known
