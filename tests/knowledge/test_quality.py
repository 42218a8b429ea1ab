"""Notes on quality: each code on the fault it names and on nothing else, and a fair report on a publisher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge import sources
from knowledge.access import PUBLIC, Audience, member, operator
from knowledge.corpus import FILES
from knowledge.corpus.inputs import load
from knowledge.home import Home
from knowledge.index import Index
from knowledge.quality import lasting_notes, noted, notes_of, passing_notes, shown_notes
from knowledge.quality.catalogue import dimensions, note_kind, note_kinds, rank
from knowledge.quality.publishers import UnknownPublisher
from knowledge.quality.report import report
from knowledge.records import (
    Access,
    GazetteerPlace,
    Indicator,
    Level,
    Link,
    Locator,
    Money,
    Note,
    OrganisationMention,
    Period,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from tests import homes
from tests.homes import TODAY

REPORTER = OrganisationMention(Role.REPORTING, "Saltmarsh Aid", ref="XX-9", kind="21")
IMPLEMENTER = OrganisationMention(Role.IMPLEMENTING, "Saltmarsh Aid", ref="XX-9", kind="21")
GOOD = Record(
    id="XX-9-1",
    kind=RecordKind.ACTIVITY,
    title="Wells for Loima",
    locator=Locator("iati-activity[1]", 3),
    language="en",
    texts=(Text("general", "Forty wells are dug and handed over to committees of users in Loima.", "en"),),
    organisations=(REPORTER, IMPLEMENTER),
    places=(PlaceMention("KE", percentage=100.0), PlaceMention("KE", ("Loima",), "KE023128", scope="location")),
    themes=(ThemeMention("1", "14031", percentage=100.0),),
    period=Period(date(2026, 1, 1), date(2026, 1, 15), date(2027, 6, 30)),
    status="implementation",
    reported_on=date(2026, 10, 1),
    money=(
        Money("budget", 1000.0, "USD", date(2026, 1, 1), date(2026, 12, 31)),
        Money("3", 400.0, "USD", date(2026, 5, 1), date(2026, 5, 1)),
    ),
    indicators=(
        Indicator("Wells", "Wells dug", target="40", actual="12", start=date(2026, 1, 1), end=date(2026, 12, 31)),
    ),
)
ROW = replace(
    GOOD,
    id="3w:1",
    kind=RecordKind.PRESENCE,
    themes=(ThemeMention("cluster", name="WASH"),),
    places=(PlaceMention("KE", ("Turkana",), "KE023"),),
    organisations=(IMPLEMENTER,),
    money=(),
    indicators=(),
)


FRENCH = (
    "Les comités des usagers de la zone sont formés par le projet, et les puits qui ont été forés dans les villages "
    "sont remis à la population pour que l'eau soit gérée par elle."
)


def codes(record: Record, today: date = TODAY) -> set[str]:
    stored = next(iter(noted([record])))
    assert isinstance(stored, Record)
    return {note.code for note in notes_of(stored, today)}


def period(*days: str | None) -> Period:
    return Period(*(date.fromisoformat(day) if day else None for day in days))


def budget(amount: float = 1.0, currency: str = "USD", start: str = "2026-01-01", end: str = "2026-12-31") -> Money:
    first, last = (date.fromisoformat(day) if day else None for day in (start, end))
    return Money("budget", amount, currency, first, last)


def spent(day: str, kind: str = "3") -> Money:
    return Money(kind, 1.0, "USD", date.fromisoformat(day), date.fromisoformat(day))


def indicator(**said: Any) -> Indicator:
    return replace(GOOD.indicators[0], **said)


def test_what_is_right_gets_no_note() -> None:
    assert codes(GOOD) == set()
    assert codes(ROW) == set()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no-dates", {"period": Period()}),
        ("no-start-date", {"period": period(None, None, "2027-01-01")}),
        ("no-end-date", {"period": period("2026-01-01")}),
        ("end-before-start", {"period": period("2026-03-01", None, "2025-12-01"), "status": "suspended"}),
        ("start-long-past", {"period": period("1900-01-01", None, "2027-01-01")}),
        ("actual-date-to-come", {"period": period(None, "2026-12-24", "2027-06-30")}),
        ("ended-but-active", {"period": period("2026-01-01", None, "2026-11-01")}),
        ("closed-but-continuing", {"status": "closed"}),
        ("planned-but-started", {"status": "pipeline"}),
        ("far-start", {"period": period("2050-01-01", None, "2051-01-01"), "money": (budget(),)}),
        ("not-updated", {"reported_on": date(2024, 1, 1), "period": period("2023-12-01", None, "2027-06-30"),
                         "money": (budget(),)}),
        ("cancelled-but-paid", {"status": "cancelled"}),
        ("no-status", {"status": ""}),
        ("no-place", {"places": ()}),
        ("country-in-text-only", {"places": (), "title": "Wells for Kenya"}),
        ("no-place-below-country", {"places": (PlaceMention("KE"),)}),
        ("unknown-country", {"places": (PlaceMention("ZZ", ("Loima",)),)}),
        ("country-on-two-levels", {"places": (*GOOD.places, PlaceMention("KE", scope="transaction"))}),
        ("no-sector", {"themes": ()}),
        ("coarse-sector", {"themes": (ThemeMention("2", "140"),)}),
        ("sector-on-two-levels", {"themes": (*GOOD.themes, ThemeMention("1", "14031", scope="transaction"))}),
        ("no-organisation", {"organisations": ()}),
        ("no-participating-organisation", {"organisations": (REPORTER,)}),
        ("no-implementing-organisation", {"organisations": (REPORTER, replace(IMPLEMENTER, role=Role.FUNDING))}),
        ("reporter-not-participating", {"organisations": (REPORTER, OrganisationMention(Role.IMPLEMENTING, "Other"))}),
        ("organisation-without-name", {"organisations": (REPORTER, replace(IMPLEMENTER, name=""))}),
        ("no-results", {"indicators": (), "period": period("2025-01-01", None, "2027-01-01")}),
        ("results-without-period", {"indicators": (indicator(start=None, end=None),)}),
        ("results-without-target", {"indicators": (indicator(target=""),)}),
        ("results-without-actual", {"indicators": (indicator(actual="", end=date(2025, 1, 1)),)}),
        ("no-budget", {"money": ()}),
        ("budget-over-a-year", {"money": (budget(end="2027-12-31"),)}),
        ("budget-not-positive", {"money": (budget(0.0),)}),
        ("budget-without-period", {"money": (budget(start=""),)}),
        ("no-currency", {"money": (budget(currency=""),)}),
        ("money-outside-dates", {"money": (budget(), spent("2024-05-01"))}),
        ("money-to-come", {"money": (budget(), spent("2026-11-20"))}),
        ("title-is-identifier", {"title": "PRJ-2026/17"}),
        ("no-description", {"texts": ()}),
        ("short-description", {"texts": (Text("general", "Wells dug", "en"),)}),
        ("description-is-title", {"texts": (Text("general", "wells for loima", "en"),)}),
        ("no-language", {"language": "", "texts": (replace(GOOD.texts[0], language=""),)}),
        ("other-language", {"texts": (Text("general", FRENCH, "en"),)}),
        ("self-related", {"links": (Link("sibling", GOOD.id),)}),
        ("hierarchy-without-parent", {"extra": (("hierarchy", "2"),)}),
    ],
)  # fmt: skip
def test_each_fault_has_its_note_and_no_other(code: str, changes: dict[str, Any]) -> None:
    assert codes(replace(GOOD, **changes)) == {code}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no-dates", {"period": Period()}),
        ("no-pcode", {"places": (PlaceMention("KE", ("Turkana",)),)}),
        ("no-place-below-country", {"places": (PlaceMention("KE"),)}),
        ("no-cluster", {"themes": (), "texts": ()}),
        ("unknown-cluster", {"themes": (ThemeMention("cluster", name="Qwerty"),)}),
        ("no-organisation-type", {"organisations": (replace(IMPLEMENTER, kind=""),)}),
    ],
)
def test_faults_of_rows(code: str, changes: dict[str, Any]) -> None:
    assert codes(replace(ROW, **changes)) == {code}


def test_what_depends_on_the_day_is_never_stored() -> None:
    passing = {kind.code for kind in note_kinds().values() if kind.passing}
    ended = replace(GOOD, period=period("2026-01-01", None, "2026-11-01"))
    assert not passing & {note.code for note in lasting_notes(ended)}
    assert "ended-but-active" not in codes(ended, date(2026, 10, 31))
    assert "ended-but-active" in codes(ended, date(2026, 11, 2))
    assert [note.code for note in passing_notes(ended.kind, "2", None, date(2026, 1, 1), None, TODAY)] == [
        "ended-but-active"
    ]


def test_a_reader_s_own_note_is_not_repeated() -> None:
    own = Note("no-status", "status '9' is no code")
    (record,) = noted([replace(GOOD, status="", notes=(own,))])
    assert isinstance(record, Record)
    assert record.notes == (own,)
    problem = Problem("a.csv", "", 1, "reason", "mend")
    assert list(noted([problem])) == [problem]


def test_the_gravest_is_shown_first() -> None:
    record = replace(
        GOOD, status="closed", notes=(Note("no-language", ""), Note("no-budget", ""), Note("own-code", ""))
    )
    assert [note.code for note in shown_notes(record, TODAY)] == [
        "closed-but-continuing",
        "own-code",
        "no-budget",
        "no-language",
    ]


def test_every_code_is_explained() -> None:
    for kind in note_kinds().values():
        assert kind.weight in ("fault", "gap", "hint")
        assert not kind.dimension or kind.dimension in dimensions()
        assert kind.title
        assert kind.why.endswith((".", "?"))
        assert kind.mend.endswith(".")
        assert rank(kind.code) < (3, 0)
    assert note_kind("own-code").weight == "fault"


# --- the shipped corpus ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus() -> tuple[dict[str, set[str]], list[str]]:
    """Code -> identifiers of the records that carry it, and the problems as printed."""
    found: dict[str, set[str]] = defaultdict(set)
    problems = []
    for path in sorted((FILES / "iati").glob("*.xml")):
        for item in sources.read(path):
            if isinstance(item, Record):
                for note in notes_of(item, TODAY):
                    found[note.code].add(item.id)
                    assert note.code in note_kinds(), note
            elif isinstance(item, Problem):
                problems.append(str(item))
    return found, problems


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("sector-percentages", "percentages_not_100"),
        ("channel-code-as-organisation", "sector_channel_code_as_organisation_id"),
    ],
)
def test_planted_faults_are_noted_and_nothing_else(
    corpus: tuple[dict[str, set[str]], list[str]], code: str, fault: str
) -> None:
    assert len(corpus[0][code]) == len(load("faults.yml")[fault])


def test_planted_statuses_and_dates_are_noted(corpus: tuple[dict[str, set[str]], list[str]]) -> None:
    noted_on, problems = corpus
    by_status = {"4": "closed-but-continuing", "1": "planned-but-started", "5": "cancelled-but-paid", "9": "no-status"}
    wrong: dict[str, int] = defaultdict(int)
    for fault in load("faults.yml")["wrong_status"].values():
        wrong[by_status[fault["status"]]] += 1
    assert {code: len(noted_on[code]) for code in by_status.values()} == dict(wrong)
    # one end date is ill-formed, and so there is none
    ill_formed_ends = [problem for problem in problems if "'31/12/2027' is not a date" in problem]
    assert len(noted_on["no-end-date"]) == len(load("faults.yml")["missing_end_date"]) + len(ill_formed_ends)
    assert len(noted_on["unknown-country"]) == 1
    assert len([problem for problem in problems if "stands in the file already" in problem]) == 5
    assert len([problem for problem in problems if "no iati-identifier" in problem]) == 2
    assert not noted_on["personal-data"]


# --- the report -----------------------------------------------------------------------------------------------------


def activity(number: int, publisher: str = "Saltmarsh Aid", ref: str = "XX-9", **changes: Any) -> Record:
    mentions = tuple(replace(mention, name=publisher, ref=ref) for mention in GOOD.organisations)
    text = replace(GOOD.texts[0], text=f"{GOOD.texts[0].text} Part {number} of {publisher}.")
    base = replace(
        GOOD, id=f"{ref}-{number}", title=f"Wells of {publisher}, part {number}", organisations=mentions, texts=(text,)
    )
    return replace(base, **changes)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    def put(key: str, items: list[Record], access: Access = homes.PUBLIC) -> None:
        homes.put(opened, key, noted(items), access)

    with homes.opened(tmp_path_factory.mktemp("quality")) as opened:
        ended = period("2026-01-01", None, "2026-11-01")
        many = tuple(OrganisationMention(Role.FUNDING, f"Donor {letter}", ref="XX-7") for letter in "ABCDEFGHIJ")
        same = (Text("general", "The same words stand on every record of this programme of ours.", "en"),)
        put(
            "saltmarsh",
            [
                activity(1, period=ended),
                activity(2, places=(PlaceMention("KE"),)),
                activity(3, links=(Link("parent", "XX-9-50"), Link("child", "XX-8-404"))),
                activity(4, title="Emergency response programme"),
                activity(5, places=(PlaceMention("KE", ("Loima",), "KE999999"),)),
                *(activity(number, texts=same) for number in range(6, 11)),
            ],
        )
        put("secret", [activity(50), activity(51, money=())], Access(Level.NAMED, "saltmarsh", ("saltmarsh",)))
        others = [("Nordhavn Group", "XX-8"), ("Kestrel Alliance", "XX-6")]
        for publisher, ref in others:
            records = [activity(number, publisher, ref) for number in range(1, 6)]
            records[0] = replace(records[0], title="Emergency Response Programme")
            put(ref, records)
        put(
            "donors",
            [activity(1, "Donors", "XX-5", organisations=(replace(REPORTER, name="Donors"), *many, IMPLEMENTER))],
        )
        homes.put(opened, "places", [GazetteerPlace("KE", 2, "KE023128", "Loima")])
        yield opened


def notes(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {note["code"]: note for note in found["notes"]}


def test_a_report_counts_explains_and_gives_examples(home: Home) -> None:
    found = report(Index(home), "Saltmarsh Aid", PUBLIC)
    assert found["publisher"] == {"name": "Saltmarsh Aid", "id": found["publisher"]["id"], "refs": ["XX-9"], "also": []}
    assert found["records"] == 10
    assert found["date"] == TODAY.isoformat()
    assert found["last_reported"] == "2026-10-01"
    assert [source["file"] for source in found["sources"]] == ["saltmarsh.xml"]
    told = notes(found)
    ended = told["ended-but-active"]
    assert (ended["records"], ended["of"], ended["share"], ended["median_share"]) == (1, 10, 0.1, 0.0)
    assert ended["mend"]
    assert ended["why"]
    assert ended["examples"] == [
        {
            "id": "XX-9-1",
            "title": "Wells of Saltmarsh Aid, part 1",
            "file": "saltmarsh.xml",
            "line": 3,
            "element": "iati-activity[1]",
            "note": "status says implementation, but the end 2026-11-01 has passed: set the status, or a later end",
        }
    ]
    assert [note["weight"] for note in found["notes"]] == sorted(
        (note["weight"] for note in found["notes"]), key=["fault", "gap", "hint"].index
    )


def test_what_only_the_index_can_tell(home: Home) -> None:
    told = notes(report(Index(home), "Saltmarsh Aid", PUBLIC))
    # XX-9-50 is there, but not for the public; the identifier of another publisher is not this one's to mend
    assert [example["note"] for example in told["unknown-related"]["examples"]] == [
        "parent XX-9-50 is not in the index: publish or correct it"
    ]
    assert told["unknown-pcode"]["examples"][0]["id"] == "XX-9-5"
    assert told["unknown-pcode"]["records"] == 1
    assert told["title-not-telling"]["examples"][0]["note"].startswith("3 publishers")
    assert told["repeated-description"]["records"] == 5
    assert notes(report(Index(home), "Donors", PUBLIC))["shared-ref"]["examples"][0]["note"].startswith(
        "identifier XX-7"
    )


def test_scores_follow_their_formula(home: Home) -> None:
    found = report(Index(home), "Saltmarsh Aid", PUBLIC)
    scores = {score["dimension"]: score for score in found["scores"]}
    assert scores["timeliness"]["score"] == 90
    assert scores["timeliness"]["median"] == 100
    assert scores["place"]["score"] == 90
    assert scores["dates"]["score"] == 100
    assert set(scores) == set(dimensions())
    assert any(said.startswith("Dates: 100 %") for said in found["good"])
    assert found["without_notes"] == 6


@pytest.mark.parametrize("audience", [PUBLIC, member("Nordhavn Group")])
def test_what_others_may_not_see_is_not_told(home: Home, audience: Audience) -> None:
    found = report(Index(home), "Saltmarsh Aid", audience)
    assert found["records"] == 10
    assert "no-budget" not in notes(found)
    assert "XX-9-50" not in {example["id"] for note in found["notes"] for example in note["examples"]}
    whole = report(Index(home), "Saltmarsh Aid", member("Saltmarsh"))
    assert whole["records"] == 12
    assert notes(whole)["no-budget"]["examples"][0]["id"] == "XX-9-51"
    assert "unknown-related" not in notes(whole)


@pytest.mark.parametrize("asked", ["saltmarsh aid", "xx-9", "XX-9"])
def test_a_publisher_is_found_by_name_and_reference(home: Home, asked: str) -> None:
    assert report(Index(home), asked, operator())["publisher"]["name"] == "Saltmarsh Aid"


def test_an_unknown_publisher_is_answered_with_the_nearest(home: Home) -> None:
    with pytest.raises(UnknownPublisher, match="Nearest names: Kestrel Alliance") as raised:
        report(Index(home), "Kestral Aliance", PUBLIC)
    assert raised.value.nearest[0] == "Kestrel Alliance"
    with pytest.raises(UnknownPublisher, match="Saltmarsh Aid"):
        report(Index(home), "Zzz", PUBLIC)


def test_an_empty_index_has_no_publisher(tmp_path: Path) -> None:
    with homes.opened(tmp_path) as empty, pytest.raises(UnknownPublisher, match="No records published by"):
        report(Index(empty), "Saltmarsh Aid", PUBLIC)
