"""Initiatives that people register: real records, seen by whom they are for, kept through re-reading and restarts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge import changes, finding, forgetting, indexing, initiatives, lookups
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, operator
from knowledge.finding import Facets
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.index import Index
from knowledge.initiatives import Draft
from knowledge.keeping import NotAMember, NotKept, TooMany, UnknownThing, Who
from knowledge.records import Access, GazetteerPlace, Level, RecordKind
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from tests.homes import TODAY, activity, opened, place, put

BRAMBLE, CEDAR = Who(member("Bramble Fund"), "p1"), Who(member("Cedar Trust"), "p2")
WELLS = Draft(
    "Wells for Turkana South", "Twelve boreholes with hand pumps.", places=("KE023",), themes=("water",),
    start=date(2027, 1, 1), end=date(2027, 12, 31),
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        put(home, "places", [GazetteerPlace("KE", 1, "KE023", "Turkana"), GazetteerPlace("KE", 1, "KE009", "Mandera")])
        put(
            home,
            "a",
            [
                activity("KE-1", "Meals", who=["Acme Relief"], where=[place("Turkana", "Loima")], sectors=["12240"]),
                activity("KE-2", "Clinics", who=["Cedar Trust"], where=[place("Kitui")], sectors=["12220"]),
            ],
        )
        yield home


def ids(home: Home, audience: Audience, **facets: tuple[str, ...]) -> list[str]:
    with home.database.read() as session:
        return [hit.id for hit in finding.find(session, Facets(**facets), audience)]  # type: ignore[arg-type]


def test_it_is_a_record_like_those_of_files(home: Home) -> None:
    made = initiatives.register(home, BRAMBLE, WELLS)
    ours = BRAMBLE.audience
    assert ids(home, ours, places=("KE023",), themes=("water",)) == [made]
    assert ids(home, ours, places=("KE",), organisations=("bramble-fund",)) == [made]
    index = Index(home)
    with home.database.read() as session:
        (hit,) = finding.find(session, Facets(themes=("water",)), ours)
        assert (hit.kind, hit.publisher, hit.source_title) == (
            RecordKind.PROJECT,
            "Bramble Fund",
            "Registered in conversation",
        )
        assert hit.element == f"registered on {TODAY} by Bramble Fund"
        assert (hit.start, hit.end, hit.reported_on) == (WELLS.start, WELLS.end, TODAY)
    assert lookups.search_records(index, lookups.SearchRequest("hand pumps"), ours)["results"][0]["id"] == made
    assert [e.value["id"] for e in index.link(f"describe {made}", ours).entities if e.type == "record"] == [made]


def test_it_is_told_as_new_and_then_as_withdrawn(home: Home) -> None:
    with home.database.read() as session:
        before = changes.mark(session, utc_now())
    made = initiatives.register(home, BRAMBLE, WELLS)
    for totals in ((1, 0), (0, 1)):
        with home.database.read() as session:
            found = changes.since(session, BRAMBLE.audience, Facets(), before, TODAY)
            hidden = changes.since(session, CEDAR.audience, Facets(), before, TODAY)
            before = changes.mark(session, utc_now())
        assert (found.new.total, found.withdrawn.total) == totals
        # Nobody read it anywhere: it is no old work of a source that is new here.
        assert (found.first_read, hidden.total) == ((), 0)
        initiatives.withdraw(home, BRAMBLE, made)


def test_only_those_it_is_for_are_told_of_it(home: Home) -> None:
    made = initiatives.register(home, BRAMBLE, WELLS)
    for other in (VISITOR, CEDAR.audience, Audience(community=True)):
        assert made not in ids(home, other)
        assert lookups.record(Index(home), made, other) is None
    shared = initiatives.register(
        home, BRAMBLE, Draft("Shared", places=("KE",), level=Level.NAMED, named=("Cedar Trust",))
    )
    assert shared in ids(home, CEDAR.audience)
    assert shared not in ids(home, member("Acme Relief"))
    opened_to_all = initiatives.register(home, BRAMBLE, Draft("Open", places=("KE",), level=Level.PUBLIC))
    assert ids(home, VISITOR) == sorted(["KE-1", "KE-2", opened_to_all])


@pytest.mark.parametrize("ident", ["KE", "KE023", "KE009", "KE:ke023/loima", "KE:kitui"])
def test_a_place_means_itself(home: Home, ident: str) -> None:
    with home.database.read() as session:
        before = set(session.scalars(select(m.PlaceRow.id)))
        assert ident in before
    made = initiatives.register(home, BRAMBLE, Draft("Here", places=(ident,)))
    with home.database.read() as session:
        assert set(session.scalars(select(m.PlaceRow.id))) == before
        (hit,) = finding.find(session, Facets(kinds=(RecordKind.PROJECT,)), BRAMBLE.audience)
        assert [found.place for found in hit.places] == [ident]
    assert made in ids(home, BRAMBLE.audience, places=(ident,))


def test_said_twice_it_is_kept_once(home: Home) -> None:
    made = initiatives.register(home, BRAMBLE, WELLS)
    assert initiatives.register(home, Who(member("Bramble Fund"), "p9"), WELLS) == made
    assert initiatives.register(home, CEDAR, WELLS) != made
    assert initiatives.register(home, BRAMBLE, WELLS, key="a") == initiatives.register(
        home, BRAMBLE, Draft("Other", places=("KE",)), key="a"
    )


def test_withdrawn_it_is_not_answered_from_and_may_be_registered_anew(home: Home) -> None:
    made, other = (initiatives.register(home, BRAMBLE, draft) for draft in (WELLS, Draft("Other", places=("KE",))))
    with pytest.raises(UnknownThing):
        initiatives.withdraw(home, CEDAR, made)
    initiatives.withdraw(home, BRAMBLE, made)
    initiatives.withdraw(home, BRAMBLE, made)
    assert ids(home, BRAMBLE.audience) == sorted(["KE-1", "KE-2", other])
    with home.database.read() as session:
        (first, second) = sorted(initiatives.list_(session, BRAMBLE), key=lambda one: one.withdrawn_at is None)
    assert (first.record, second.record, first.mine) == (made, other, True)
    again = initiatives.register(home, BRAMBLE, WELLS)
    assert again != made
    assert again in ids(home, BRAMBLE.audience)


def test_it_survives_a_restart_and_readings(home: Home, tmp_path: Path) -> None:
    made = initiatives.register(home, BRAMBLE, WELLS)
    home.close()
    with opened(tmp_path / "home") as again:
        put(again, "b", [activity("KE-3", "Seeds", who=["Acme Relief"], where=[place("Turkana")])])
        assert ids(again, BRAMBLE.audience) == [made, "KE-1", "KE-2", "KE-3"]
        assert ids(again, BRAMBLE.audience, places=("KE023",), organisations=("bramble-fund",)) == [made]


def test_a_killed_process_goes_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "finish", lambda *_: None)
        made = initiatives.register(home, BRAMBLE, WELLS)
    indexing.finish(home)
    assert ids(home, BRAMBLE.audience, places=("KE023",)) == [made, "KE-1"]
    assert initiatives.register(home, BRAMBLE, WELLS) == made


def test_forgotten_it_is_gone_and_does_not_come_back(home: Home) -> None:
    made, other = (initiatives.register(home, BRAMBLE, draft) for draft in (WELLS, Draft("Other", places=("KE",))))
    forgetting.forget(home, Wanted(records=(made,)))
    assert made not in ids(home, BRAMBLE.audience)
    initiatives.register(home, BRAMBLE, Draft("Third", places=("KE",)))
    assert made not in ids(home, BRAMBLE.audience)
    forgetting.forget(home, Wanted(organisation="Bramble Fund"))
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(m.InitiativeRow)) == 0
    assert ids(home, BRAMBLE.audience) == ["KE-1", "KE-2"]
    assert other not in ids(home, operator())


@pytest.mark.parametrize(
    ("code", "draft"),
    [
        ("empty", Draft("  ", places=("KE",))),
        ("too_long", Draft("x" * 301, places=("KE",))),
        ("period", Draft("X", places=("KE",), start=date(2027, 2, 1), end=date(2027, 1, 1))),
        ("no_place_or_theme", Draft("X")),
        ("unknown_place", Draft("X", places=("KE999",))),
        ("unknown_theme", Draft("X", themes=("astrology",))),
        ("unknown_organisation", Draft("X", organisation="nobody", places=("KE",))),
        ("names_nobody", Draft("X", places=("KE",), level=Level.NAMED)),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(home: Home, code: str, draft: Draft) -> None:
    with pytest.raises(NotKept) as refused:
        initiatives.register(home, BRAMBLE, draft)
    assert refused.value.code == code
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(m.InitiativeRow)) == 0
    assert ids(home, operator()) == ["KE-1", "KE-2"]


def test_what_is_hidden_is_as_unknown_as_what_is_nowhere(home: Home) -> None:
    secret = initiatives.register(home, CEDAR, Draft("Secret", places=("KE:kitui",)))
    assert secret
    put(
        home,
        "private",
        [activity("XX-1", who=["Whisper League"], where=[place("Hidden Hills")])],
        Access(Level.OWN, "cedar-trust"),
    )
    said = set()
    for draft in (
        Draft("X", places=("KE:hidden-hills",)),
        Draft("X", places=("KE:nowhere",)),
        Draft("X", places=("KE",), organisation="whisper-league"),
        Draft("X", places=("KE",), organisation="nobody"),
    ):
        with pytest.raises(NotKept) as refused:
            initiatives.register(home, BRAMBLE, draft)
        said.add(str(refused.value).replace(str(refused.value.values["id"]), "*"))
    assert len(said) == 1
    assert initiatives.register(home, CEDAR, Draft("X", places=("KE:hidden-hills",), organisation="whisper-league"))


def test_visitors_and_people_of_no_organisation_may_not(home: Home) -> None:
    for audience in (VISITOR, Audience(community=True, label="community")):
        with pytest.raises(NotAMember):
            initiatives.register(home, Who(audience, "p"), WELLS)
    with pytest.raises(NotKept, match="no name of its own"):
        initiatives.register(home, Who(operator(), "p"), WELLS)
    made = initiatives.register(home, Who(operator(), "p"), Draft("X", places=("KE",), organisation="acme-relief"))
    assert made in ids(home, operator())
    assert made not in ids(home, member("Acme Relief"))


def test_a_person_may_register_so_many(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initiatives, "MOST_OF_A_PERSON", 2)
    first = [initiatives.register(home, BRAMBLE, Draft(title, places=("KE",))) for title in ("A", "B")]
    with pytest.raises(TooMany):
        initiatives.register(home, BRAMBLE, Draft("C", places=("KE",)))
    assert initiatives.register(home, BRAMBLE, Draft("A", places=("KE",))) == first[0]
    initiatives.withdraw(home, BRAMBLE, first[0])
    assert initiatives.register(home, BRAMBLE, Draft("C", places=("KE",)))


def test_personal_data_is_left_out(home: Home) -> None:
    made = initiatives.register(
        home, BRAMBLE, Draft("Wells", "Call Ms Jane Roe, +254 712 345 678, jane.roe@gmail.com.", places=("KE",))
    )
    found = lookups.record(Index(home), made, BRAMBLE.audience)
    assert found is not None
    said = str(found["as_stated"]["texts"])
    assert "712" not in said
    assert "jane.roe" not in said
