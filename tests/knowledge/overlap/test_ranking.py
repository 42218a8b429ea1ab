"""Who should be brought together: order, headings, filters, who may see what, and honest answers where nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

import pytest

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.home import Home
from knowledge.index import Index
from knowledge.overlap import folding
from knowledge.overlap.judgements import Judgement, What
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import Meetings, When
from knowledge.overlap.ranking import Unknown, Wanted, meetings
from knowledge.records import Access, Level, Locator, OrganisationMention, Period, Record, RecordKind, Role, Text
from tests.homes import PUBLIC, activity, implementer, opened, place, put

NOW = Period(planned_start=date(2026, 1, 1), planned_end=date(2027, 12, 31))
PAST = Period(planned_start=date(2019, 1, 1), actual_end=date(2020, 12, 31))
AHEAD = Period(planned_start=date(2027, 2, 1), planned_end=date(2028, 12, 31))
STALE = Period(planned_start=date(2023, 1, 1), planned_end=date(2025, 6, 30))
TURKANA, KITUI = "Turkana", "Kitui"


def work(
    ident: str, by: str, where: str = TURKANA, when: Period = NOW, sector: str = "14031", kind: str = "22"
) -> Record:
    return activity(
        ident,
        f"Boreholes of {ident}",
        who=[OrganisationMention(Role.REPORTING, by, kind=kind), implementer(by, kind=kind)],
        where=[place(where)],
        sectors=[sector],
        period=when,
        status="4" if when is PAST else "2",
        text=f"Drilling boreholes for herders in {where}.",
    )


RECORDS = [
    work("A", "Acme Relief"),
    work("B", "Bolt Fund"),
    work("C", "Cedar Trust"),
    work("D", "Dune Aid", when=PAST),
    work("E", "Elm Office", where=KITUI),
    work("F", "Fern Group", when=AHEAD, kind="40"),
    work("G", "Gale Help", when=STALE),
    work("H", "Hill School", sector="11220"),
]


def judged(pairs: Mapping[str, Label], among: Iterable[str] = "ABCDEFGH") -> dict[frozenset[str], Judgement]:
    """What each pair is; all others of `among` are unrelated. So no model decides these tests."""
    labels = {frozenset(pair): Label.UNRELATED for pair in combinations(among, 2)}
    labels |= {frozenset(pair.split("-") if "-" in pair else pair): label for pair, label in pairs.items()}
    return {
        pair: Judgement(
            "J1", min(pair), max(pair), What.RELABEL, label, None, "", 3, "Acme", False, datetime(2026, 11, 1), PUBLIC
        )
        for pair, label in labels.items()
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(home, "open", RECORDS)
        put(home, "secret", [work("S", "Silent League")], Access(Level.OWN, "silent-league"))
        presence = activity("P", who=["Acme Relief"], where=[place("Wajir")], kind=RecordKind.PRESENCE)
        put(home, "table", [presence])
        yield home


@pytest.fixture(scope="module")
def index(home: Home) -> Index:
    return Index(home)


def asked(index: Index, wanted: Wanted, said: Mapping[str, Label], audience: Audience = VISITOR) -> Meetings:
    return meetings(index, audience, wanted, 0, 20, judged(said), wait=None)


def others(found: Meetings) -> list[str]:
    return [meeting.headings[-1].lead for meeting in found.meetings]


def place_id(index: Index, name: str) -> str:
    return next(str(e.value["id"]) for e in index.link(name, VISITOR).entities if e.type == "place")


OVERLAP, COMPLEMENTARY, CHAIN = Label.OVERLAP, Label.COMPLEMENTARY, Label.CHAIN


def test_overlaps_come_before_what_is_complementary(index: Index) -> None:
    found = asked(index, Wanted(record="A"), {"AB": COMPLEMENTARY, "AD": OVERLAP, "AC": COMPLEMENTARY})
    assert [meeting.label for meeting in found.meetings] == [OVERLAP, COMPLEMENTARY, COMPLEMENTARY]
    assert others(found)[0] == "D"
    assert found.by_label == {OVERLAP: 1, COMPLEMENTARY: 2}


def test_what_can_still_be_acted_on_comes_before_what_is_over_or_elsewhere(index: Index) -> None:
    found = asked(index, Wanted(record="A"), dict.fromkeys(("AB", "AD", "AE", "AG"), OVERLAP))
    assert others(found) == ["B", "E", "G", "D"]
    assert [meeting.when for meeting in found.meetings] == [When.NOW, When.NOW, When.OPEN, When.PAST]


def test_what_has_not_begun_is_ahead(index: Index) -> None:
    (meeting,) = asked(index, Wanted(record="A"), {"AF": OVERLAP}).meetings
    assert meeting.when is When.AHEAD


def test_a_stale_record_is_said_to_be_stale(index: Index) -> None:
    rows = asked(index, Wanted(record="A"), {"AG": OVERLAP}).as_json()["records"]
    stale = next(row for row in rows if row["id"] == "G")
    assert stale["stale"]
    assert stale["timing"] == "stale"
    assert stale["months"] == 16


def test_what_is_reported_more_than_once_is_one_heading(index: Index) -> None:
    found = asked(index, Wanted(record="A"), {"AB": OVERLAP, "AC": COMPLEMENTARY, "BC": CHAIN})
    (meeting,) = found.meetings
    heading = meeting.headings[1]
    assert meeting.label is OVERLAP
    assert meeting.pairs[0].a == "A"
    assert meeting.pairs[0].b == "B"
    assert heading.lead == "B"
    assert heading.reported == 2
    assert heading.publishers == ("Bolt Fund", "Cedar Trust")
    assert found.as_json()["meetings"][0]["folded"] == [{"under": "B", "kind": "chain", "records": ["C"]}]


def test_parts_of_one_programme_stand_under_one_heading(index: Index) -> None:
    said = {"AB": OVERLAP, "AC": OVERLAP, "BC": Label.FAMILY}
    (meeting,) = asked(index, Wanted(record="A"), said).meetings
    heading = meeting.headings[1]
    assert set(heading.records) == {"B", "C"}
    # They are other work, so nothing is reported twice.
    assert (heading.reported, len(heading.publishers), len(heading.organisations)) == (1, 1, 2)


def test_the_chain_of_a_record_is_its_own_heading_and_no_meeting(index: Index) -> None:
    found = asked(index, Wanted(record="A"), {"AB": CHAIN, "AC": Label.FAMILY})
    assert not found.meetings
    assert found.subject is not None
    assert found.subject.records == ("A", "B")
    assert {(each.label, each.headings[1].lead) for each in found.same} == {(CHAIN, "B"), (Label.FAMILY, "C")}
    assert found.coverage.state == "reported"


def test_reasons_cite_fields_of_both_and_say_what_speaks_against(index: Index) -> None:
    found = asked(index, Wanted(record="A"), {"AE": OVERLAP})
    told = found.as_json()["meetings"][0]
    assert told["for"]
    assert all(len(clause["fields"]) == 2 for clause in told["for"])
    (against,) = [clause for clause in told["against"] if clause["fact"] == "other_areas"]
    assert {found.names[ident] for ident in (*against["one"], *against["other"])} == {TURKANA, KITUI}
    assert told["evidence"]
    assert told["judged"]


def test_at_a_place_all_who_do_the_same_meet_at_one_table(index: Index) -> None:
    wanted = Wanted(places=(place_id(index, TURKANA),), themes=("water",))
    found = asked(index, wanted, {"AB": OVERLAP, "AC": OVERLAP, "BC": OVERLAP, "AE": OVERLAP})
    (meeting,) = found.meetings
    assert set(meeting.leads) == {"A", "B", "C"}
    assert len(meeting.pairs) == 3
    assert {heading.lead for heading in found.initiatives} == {"A", "B", "C", "D", "F", "G"}


def test_every_pair_stands_in_one_meeting(index: Index) -> None:
    said = dict.fromkeys(("AB", "BC", "AC", "CD", "DA", "BG"), OVERLAP)
    found = asked(index, Wanted(places=("KE",)), said)
    pairs = [frozenset((pair.a, pair.b)) for meeting in found.meetings for pair in meeting.pairs]
    assert sorted("".join(sorted(pair)) for pair in pairs) == ["AB", "AC", "AD", "BC", "BG", "CD"]


def test_filters_narrow_what_a_record_meets(index: Index) -> None:
    said = dict.fromkeys(("AB", "AD", "AE", "AF"), OVERLAP)
    turkana = place_id(index, TURKANA)
    assert others(asked(index, Wanted(record="A", places=(turkana,)), said)) == ["B", "F", "D"]
    assert others(asked(index, Wanted(record="A", starting_within=6), said)) == ["F"]
    assert others(asked(index, Wanted(record="A", starting_within=2), said)) == []
    assert others(asked(index, Wanted(record="A", kinds=("multilateral",)), said)) == ["F"]
    assert others(asked(index, Wanted(record="A", only_open=True), said)) == ["B", "F", "E"]
    assert others(asked(index, Wanted(record="A", start=date(2028, 6, 1)), said)) == ["F"]
    assert others(asked(index, Wanted(record="A", labels=(COMPLEMENTARY,)), said)) == []


def test_districts_with_enough_organisations(index: Index) -> None:
    said = {"AB": OVERLAP}
    (meeting,) = asked(index, Wanted(places=("KE",), at_least=3), said).meetings
    assert set(meeting.leads) == {"A", "B", "C", "F", "G", "H"}
    assert meeting.place == place_id(index, TURKANA)
    assert meeting.label is OVERLAP
    assert set(meeting.leads[:2]) == {"A", "B"}
    assert not asked(index, Wanted(places=("KE",), at_least=7), said).meetings
    # What ended counts where a time is asked for.
    ended = Wanted(places=("KE",), at_least=3, start=date(2019, 1, 1), end=date(2019, 12, 31))
    assert not asked(index, ended, said).meetings


def test_what_is_of_hardly_any_use_is_left_out_and_counted(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.overlap.answering._USEFUL", 0.2)
    found = asked(index, Wanted(record="A"), {"AB": COMPLEMENTARY, "AD": COMPLEMENTARY, "AG": OVERLAP})
    assert others(found) == ["G", "B"]
    assert (found.total, found.left_out) == (2, 1)
    # An overlap that is over is told all the same.
    assert others(asked(index, Wanted(record="A"), {"AD": OVERLAP})) == ["D"]


def test_pages_follow_each_other(index: Index) -> None:
    said = judged(dict.fromkeys(("AB", "AC", "AD", "AE"), OVERLAP))
    whole = meetings(index, VISITOR, Wanted(record="A"), 0, 10, said, wait=None)
    parts = [meetings(index, VISITOR, Wanted(record="A"), at, 2, said, wait=None) for at in (0, 2, 4)]
    assert [others(part) for part in parts] == [others(whole)[:2], others(whole)[2:], []]
    assert [part.more for part in parts] == [2, 0, 0]
    assert {part.total for part in parts} == {4}


def test_none_reported_is_not_the_same_as_not_covered(index: Index) -> None:
    assert asked(index, Wanted(places=("KE",), themes=("education",)), {}).coverage.state == "reported"
    assert asked(index, Wanted(places=("KE",), themes=("energy",)), {}).coverage.state == "none_reported"
    assert asked(index, Wanted(places=("PE",)), {}).coverage.state == "not_covered"


def test_rows_of_presence_are_counted_and_not_compared(index: Index) -> None:
    found = asked(index, Wanted(places=(place_id(index, "Wajir"),)), {})
    assert not found.initiatives
    assert found.coverage.presence == 1
    with pytest.raises(Unknown, match="only activities, projects and grants"):
        asked(index, Wanted(record="P"), {})


def test_identifiers_are_found_whatever_their_letter_case(index: Index) -> None:
    assert asked(index, Wanted(record=" a "), {"AB": OVERLAP}).total == 1


def test_what_an_audience_may_not_see_changes_nothing_for_it(index: Index, tmp_path: Path) -> None:
    said = {"AB": OVERLAP, "AS": OVERLAP, "BS": CHAIN}
    with pytest.raises(Unknown, match="No record S"):
        asked(index, Wanted(record="S"), said)
    owner = asked(index, Wanted(record="A"), said, member("Silent League"))
    assert "S" in owner.hits
    with opened(tmp_path / "without") as home:
        put(home, "open", RECORDS)
        put(home, "table", [activity("P", who=["Acme Relief"], where=[place("Wajir")], kind=RecordKind.PRESENCE)])
        for wanted in (Wanted(record="A"), Wanted(places=("KE",)), Wanted(places=("KE",), at_least=2)):
            without = asked(Index(home), wanted, {"AB": OVERLAP})
            with_it = asked(index, wanted, said)
            assert json.dumps(with_it.as_json()) == json.dumps(without.as_json())


def test_a_proposal_meets_what_is_there_and_stays_outside(index: Index) -> None:
    proposal = Record(
        id="proposal",
        kind=RecordKind.PROJECT,
        title="Boreholes for herders in Turkana",
        locator=Locator("a proposal"),
        texts=(Text("general", "Drilling boreholes for herders in Turkana.", "en"),),
        organisations=(OrganisationMention(Role.REPORTING, "New Wells"),),
        places=(place(TURKANA),),
        period=NOW,
    )
    found = meetings(index, VISITOR, Wanted(proposal=proposal), 0, 20, {}, wait=None)
    named = {ident for meeting in found.meetings for heading in meeting.headings[1:] for ident in heading.records}
    assert {"A", "B", "C"} <= named | {each.headings[1].lead for each in found.same}
    assert found.proposal == proposal.title
    assert "proposal" not in found.hits
    with pytest.raises(Unknown):
        asked(index, Wanted(record="proposal"), {})


def test_with_links_hidden_folding_needs_no_links(index: Index) -> None:
    found = asked(index, Wanted(record="A", links=False), {"AB": OVERLAP, "AC": CHAIN})
    assert others(found) == ["B"]
    assert [each.headings[1].lead for each in found.same] == ["C"]


def test_neighbours_are_folded_before_the_whole_graph_is_there(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is decided on the spot and what the graph holds come to the same."""
    said = {"AB": OVERLAP, "BC": CHAIN, "AC": COMPLEMENTARY, "AD": OVERLAP}
    whole = asked(index, Wanted(record="A"), said)
    monkeypatch.setattr("knowledge.overlap.ranking._whole", lambda *_: None)
    assert asked(index, Wanted(record="A"), said).as_json() == whole.as_json()
    assert folding.SAME_WORK == (Label.DUPLICATE, CHAIN)


DUPLICATE, FAMILY = Label.DUPLICATE, Label.FAMILY


def organisation_id(index: Index, name: str) -> str:
    return next(str(e.value["id"]) for e in index.link(name, VISITOR).entities if e.type == "organisation")


def test_records_of_one_work_are_found_where_that_is_asked_for(index: Index) -> None:
    said = {"AB": DUPLICATE, "BC": DUPLICATE, "AC": DUPLICATE, "AF": CHAIN, "CG": OVERLAP}
    here = place_id(index, TURKANA)
    copies = asked(index, Wanted(places=(here,), labels=(DUPLICATE,)), said)
    assert [set(meeting.leads) for meeting in copies.meetings] == [{"A", "B", "C"}]
    assert copies.by_label == {DUPLICATE: 1}
    chains = asked(index, Wanted(places=(here,), labels=(CHAIN, FAMILY)), said)
    assert [set(meeting.leads) for meeting in chains.meetings] == [{"A", "F"}]
    none = asked(index, Wanted(places=(here,), labels=(FAMILY,)), said)
    assert (none.total, none.coverage.state) == (0, "reported")
    assert len(none.initiatives) > 1


def test_the_other_of_one_work_may_name_no_such_place(index: Index) -> None:
    found = asked(index, Wanted(places=(place_id(index, KITUI),), labels=(DUPLICATE,)), {"AE": DUPLICATE})
    assert [set(meeting.leads) for meeting in found.meetings] == [{"A", "E"}]
    assert [heading.lead for heading in found.initiatives] == ["E"]


def test_of_one_record_only_what_was_asked_for_is_the_same(index: Index) -> None:
    said = {"AB": DUPLICATE, "AC": CHAIN, "AD": OVERLAP}
    found = asked(index, Wanted(record="A", labels=(DUPLICATE,)), said)
    assert [meeting.headings[-1].lead for meeting in found.same] == ["B"]
    assert not found.meetings


def test_the_work_of_one_organisation_meets_that_of_others_anywhere(index: Index) -> None:
    said = {"AB": OVERLAP, "AE": OVERLAP, "BC": OVERLAP, "CD": DUPLICATE}
    found = asked(index, Wanted(organisations=(organisation_id(index, "Acme Relief"),)), said)
    assert [set(meeting.leads) for meeting in found.meetings] == [{"A", "B"}, {"A", "E"}]
    assert [heading.lead for heading in found.initiatives] == ["A"]
    assert found.where == (("KE", 2),), "A and E have no more in common than the country"
    assert "KE" in found.names


def test_whom_nobody_may_see_meets_no_organisation(index: Index) -> None:
    wanted = Wanted(organisations=(organisation_id(index, "Acme Relief"),))
    said = judged({"A-S": OVERLAP, "AB": OVERLAP}, "ABCDEFGHS")
    found = meetings(index, VISITOR, wanted, 0, 20, said, wait=None)
    assert [set(meeting.leads) for meeting in found.meetings] == [{"A", "B"}]
