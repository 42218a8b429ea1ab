"""What is read from an activity, what a bad element costs, and what is noted about quality."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks import reading
from knowledge import sources
from knowledge.records import (
    Contact,
    Document,
    Indicator,
    Link,
    Locator,
    Money,
    OrganisationMention,
    PlaceMention,
    Problem,
    Record,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources import iati
from knowledge.sources.formats import Given
from knowledge.sources.iati_contact import mailbox_of

WHOLE = """
<iati-activity xml:lang="EN" default-currency="usd" humanitarian="1" hierarchy="2"
    last-updated-datetime="2025-06-01T10:00:00Z" linked-data-uri="http://data.example.org/a">
  <iati-identifier> XX-LR-7
  </iati-identifier>
  <reporting-org ref="XX-LR" type="21" secondary-reporter="1"><narrative>Lantern Relief</narrative></reporting-org>
  <title><narrative xml:lang="fr">Eau pour Bakool</narrative><narrative>Water for Bakool</narrative></title>
  <description type="2"><narrative>Wells.

  Pumps.</narrative><narrative xml:lang="fr">Puits.</narrative></description>
  <participating-org ref="XX-GOV" type="10" role="1" activity-id="XX-GOV-9">
    <narrative>Ministry</narrative></participating-org>
  <participating-org role="4"><narrative xml:lang="fr">Association Puits</narrative></participating-org>
  <other-identifier ref="ABC-1" type="A1"><owner-org ref="X"/></other-identifier>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2025-01-01"/>
  <activity-date type="2" iso-date="2025-01-15Z"/>
  <activity-date type="3" iso-date="2026-12-31"/>
  <contact-info type="1">
    <email>someone@example.org</email><person-name><narrative>A Person</narrative></person-name></contact-info>
  <activity-scope code="6"/>
  <recipient-country code="so" percentage="100"/>
  <location><name><narrative>Xudur</narrative></name><description><narrative>Town in Bakool</narrative></description>
    <location-reach code="1"/><administrative vocabulary="G1" level="1" code="64538"/>
    <point srsName="http://www.opengis.net/def/crs/EPSG/0/4326"><pos>4.1213 43.8894</pos></point></location>
  <sector code="14030" percentage="60"/>
  <sector vocabulary="1" code="12220" percentage="40"><narrative>Basic health care</narrative></sector>
  <sector vocabulary="99" code="W1"><narrative>Wells</narrative></sector>
  <tag vocabulary="2" code="6"/>
  <humanitarian-scope type="1" vocabulary="1-2" code="EQ-2025-1"/>
  <policy-marker vocabulary="1" code="1" significance="2"/>
  <policy-marker vocabulary="1" code="2" significance="0"/>
  <default-aid-type code="C01"/>
  <budget type="1"><period-start iso-date="2025-01-01"/><period-end iso-date="2025-12-31"/>
    <value value-date="2025-01-01">1000.50</value></budget>
  <planned-disbursement><period-start iso-date="2025-02-01"/><value currency="EUR">20</value></planned-disbursement>
  <transaction><transaction-type code="1"/><transaction-date iso-date="2025-03-01"/><value>500</value>
    <provider-org ref="XX-GOV" provider-activity-id="XX-GOV-9"><narrative>Ministry</narrative></provider-org>
    <receiver-org ref="XX-LR" receiver-activity-id="XX-LR-7"/>
    <sector code="72010"/><recipient-country code="KE"/></transaction>
  <document-link url="https://example.org/report.pdf"><title><narrative>Report</narrative></title>
    <category code="A08"/><language code="en"/></document-link>
  <related-activity ref="XX-LR-1" type="1"/>
  <result type="2"><title><narrative>Water is safe</narrative></title>
    <indicator measure="2"><title><narrative>Safe points</narrative></title>
      <baseline year="2024" value="10"><comment><narrative>Survey</narrative></comment></baseline>
      <period><period-start iso-date="2025-01-01"/><period-end iso-date="2025-12-31"/>
        <target value="80"/>
        <actual value="30"><dimension name="sex" value="female"/></actual><actual value="25"/></period>
    </indicator></result>
</iati-activity>"""


def write(
    tmp_path: Path, *activities: str, root: str = 'version="2.03" generated-datetime="2025-07-01T00:00:00Z"'
) -> Path:
    path = tmp_path / "lantern.xml"
    path.write_text(f"<iati-activities {root}>{''.join(activities)}</iati-activities>", encoding="utf-8")
    return path


def small(identifier: str = "XX-1", body: str = "") -> str:
    return (
        f'<iati-activity xml:lang="en"><iati-identifier>{identifier}</iati-identifier>'
        f"<title><narrative>Wells</narrative></title>{body}</iati-activity>\n"
    )


def read(path: Path) -> tuple[list[Record], list[Problem]]:
    # without the notes that are made of every format
    items = list(sources.each_once(iati.READER.read(path, Given()), path.name))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Problem)]


def only(path: Path) -> tuple[Record, list[Problem]]:
    records, problems = read(path)
    assert len(records) == 1
    return records[0], problems


def codes(record: Record) -> set[str]:
    return {note.code for note in record.notes}


def test_everything_of_an_activity(tmp_path: Path) -> None:
    record, problems = only(write(tmp_path, WHOLE))
    assert problems == []
    assert (record.id, record.title, record.language, record.status) == (
        "XX-LR-7",
        "Water for Bakool",
        "en",
        "implementation",
    )
    assert record.reported_on == date(2025, 6, 1)
    assert record.secondary_reporter
    assert record.locator.element == "iati-activity[1]"
    assert record.texts == (
        Text("title", "Eau pour Bakool", "fr"),
        Text("objectives", "Wells.\n\nPumps.", "en"),
        Text("objectives", "Puits.", "fr"),
    )
    assert record.organisations == (
        OrganisationMention(Role.REPORTING, "Lantern Relief", "", "XX-LR", "21"),
        OrganisationMention(Role.FUNDING, "Ministry", "", "XX-GOV", "10", "XX-GOV-9"),
        OrganisationMention(Role.IMPLEMENTING, "Association Puits"),
    )
    assert record.places == (
        PlaceMention(country="SO", percentage=100.0),
        PlaceMention(country="SO", names=("Xudur",), latitude=4.1213, longitude=43.8894, scope="location"),
        PlaceMention(country="KE", scope="transaction"),
    )
    assert record.themes == (
        ThemeMention("1", "14030", "", 60.0),
        ThemeMention("1", "12220", "Basic health care", 40.0),
        ThemeMention("99", "W1", "Wells"),
        ThemeMention("sdg", "6"),
        ThemeMention("1", "72010", scope="transaction"),
    )
    assert (record.period.start, record.period.end) == (date(2025, 1, 15), date(2026, 12, 31))
    assert record.money == (
        Money("budget", 1000.5, "USD", date(2025, 1, 1), date(2025, 12, 31)),
        Money("planned-disbursement", 20.0, "EUR", date(2025, 2, 1)),
        Money("1", 500.0, "USD", date(2025, 3, 1), date(2025, 3, 1), "Ministry", "XX-LR", "XX-GOV-9", "XX-LR-7"),
    )
    assert record.links == (Link("parent", "XX-LR-1"),)
    assert record.documents == (Document("Report", "https://example.org/report.pdf", "A08", "en"),)
    assert record.indicators == (
        Indicator(
            "Water is safe", "Safe points", "outcome", "percentage", "10", "80", "30 (sex: female); 25",
            date(2025, 1, 1), date(2025, 12, 31), "Survey",
        ),
    )  # fmt: skip
    assert dict(record.extra) == {
        "other-identifier": "A1 ABC-1",
        "activity-scope": "6",
        "location-reach": "1 Xudur",
        "location-administrative": "G1:64538 level 1 Xudur",
        "location-description": "Town in Bakool",
        "humanitarian-scope": "1 1-2 EQ-2025-1",
        "policy-marker": "1:1:2",
        "default-aid-type": "C01",
        "humanitarian": "1",
        "hierarchy": "2",
        "linked-data-uri": "http://data.example.org/a",
    }
    assert record.contacts == ()
    assert codes(record) == {"secondary-reporter", "personal-data"}


def test_only_an_office_is_a_contact(tmp_path: Path) -> None:
    contact = """<contact-info><organisation><narrative xml:lang="fr">Lanterne</narrative>
        <narrative>Lantern Relief</narrative></organisation>
      <person-name><narrative>Amina Testname</narrative></person-name><job-title><narrative>Head</narrative></job-title>
      <telephone>+252 61 5550123</telephone><telephone>+252 61 5550124</telephone>
      <email>amina.testname@lantern.example, info@lantern.example</email>
      <website>www.lantern.example/contact</website>
      <mailing-address><narrative>7 Harbour Road</narrative></mailing-address></contact-info>
      <contact-info><email>{}</email><website>{}</website></contact-info>"""
    record, problems = only(write(tmp_path, small(body=contact.format("", "javascript:alert(1)"))))
    assert problems == []
    assert record.contacts == (
        Contact("Lantern Relief", "https://www.lantern.example/contact", "info@lantern.example"),
    )
    said = repr(record)
    for value in ("Amina", "amina", "5550123", "Harbour", "Head", "javascript"):
        assert value not in said
    (note,) = (note.text for note in record.notes if note.code == "personal-data")
    for part in ("1 mail address", "2 phone numbers", "1 name", "1 postal address"):
        assert part in note


def test_mailboxes_of_roles_and_of_persons() -> None:
    for office in ("info@x.example", "Press.Office@x.example", "iati@x.example", "kenya.office@x.example"):
        assert mailbox_of(office) == (office.lower(), 0), office
    for person in ("j.doe@x.example", "doe@x.example", "info.doe@x.example"):
        assert mailbox_of(person) == ("", 1), person
    assert mailbox_of("") == ("", 0)
    assert mailbox_of("info@x.example; contact@x.example; jo@x.example") == ("info@x.example", 1)
    assert mailbox_of("not given") == ("", 1)


def test_words_and_letters_of_version_1_in_a_file_of_version_2(tmp_path: Path) -> None:
    body = """<activity-date type="START-ACTUAL" iso-date="2025-01-01"/>
    <activity-status code="Implementation"/><sector vocabulary="DAC-3" code="151"/>
    <transaction><transaction-type code="D"/><transaction-date iso-date="2025-02-01"/><value>5</value></transaction>
    """
    record, problems = only(write(tmp_path, small(body=body)))
    assert problems == []
    assert record.period.actual_start == date(2025, 1, 1)
    assert record.status == "implementation"
    assert record.themes == (ThemeMention("2", "151"),)
    assert record.money == (Money("3", 5.0, "", date(2025, 2, 1), date(2025, 2, 1)),)
    assert {"code-of-version-1", "unknown-code"} <= codes(record)


def test_codes_of_other_lists(tmp_path: Path) -> None:
    body = """<default-aid-type code="A02"/><default-aid-type code="2" vocabulary="2"/>
    <recipient-country><narrative>Somalia</narrative></recipient-country>
    <crs-add><channel-code>21016</channel-code></crs-add>"""
    record, problems = only(write(tmp_path, small(body=body)))
    assert problems == []
    assert record.places == (PlaceMention(country="SO"),)
    assert record.extra == (("default-aid-type", "A02"), ("default-aid-type", "2:2"), ("crs-channel-code", "21016"))


def test_both_parsers_give_the_same_records(tmp_path: Path) -> None:
    """The benchmark compares them at the same work."""
    path = write(tmp_path, WHOLE, small("XX-2", "<sector code='x'><narrative>A</narrative></sector>"))
    with_lxml = list(reading.with_lxml(path))
    for reader in (reading.with_standard_library, reading.with_standard_library_end_only):
        other = list(reader(path))
        assert [replace(r, locator=Locator("")) for r in other] == [replace(r, locator=Locator("")) for r in with_lxml]


def test_records_made_quickly_are_the_frozen_ones(tmp_path: Path) -> None:
    record, _ = only(write(tmp_path, WHOLE))
    money = record.money[0]
    assert type(record) is Record
    assert type(money) is Money
    assert hash(money) == hash(replace(money))
    with pytest.raises(FrozenInstanceError):
        money.amount = 1.0  # type: ignore[misc]


def test_a_bad_element_costs_only_itself(tmp_path: Path) -> None:
    body = """
    <activity-date type="1" iso-date="31/12/2025"/>
    <activity-date type="3" iso-date="2026-02-30"/>
    <activity-date type="9" iso-date="2026-01-01"/>
    <activity-status code="99"/>
    <participating-org role="7"><narrative>Nobody</narrative></participating-org>
    <participating-org role="4"/>
    <recipient-country code="Somalia"/>
    <sector code="11220" percentage="ninety"/>
    <budget><value currency="USD">1,000</value></budget>
    <transaction><transaction-type code="1"/><transaction-date iso-date="soon"/><value>7</value></transaction>
    <transaction><transaction-type code="77"/><value>8</value></transaction>
    <location><name><narrative>Goré</narrative></name><point><pos>200 300</pos></point></location>
    <document-link url="javascript:alert(1)"/>
    <related-activity type="1"/>
    """
    record, problems = only(write(tmp_path, small(body=body)))
    assert [problem.line for problem in problems] == list(range(2, 16))
    assert all(problem.mend and not problem.fatal and problem.file == "lantern.xml" for problem in problems)
    assert record.period.start is None
    assert record.status == ""
    assert record.organisations == ()
    assert record.themes == (ThemeMention("1", "11220"),)
    assert record.money == (Money("1", 7.0, ""),)
    assert record.places == (PlaceMention(names=("Goré",), scope="location"),)
    assert record.documents == ()


def test_problem_says_where_and_how_to_mend(tmp_path: Path) -> None:
    _, problems = only(write(tmp_path, small(body='\n<activity-date type="1" iso-date="2025-13-01"/>')))
    assert str(problems[0]) == (
        "lantern.xml:2: iati-activity[1] XX-1 activity-date: iso-date '2025-13-01' is not a date. "
        "Write it as YYYY-MM-DD"
    )


def test_numbers_that_python_reads_but_nobody_means(tmp_path: Path) -> None:
    for text in ("nan", "inf", "-Infinity", "1_000", "1e999"):
        record, problems = only(write(tmp_path, small(body=f"<budget><value>{text}</value></budget>")))
        assert record.money == (), text
        assert len(problems) == 1, text


def test_an_activity_without_identifier_is_left_out(tmp_path: Path) -> None:
    records, problems = read(write(tmp_path, small(""), small("XX-2")))
    assert [record.id for record in records] == ["XX-2"]
    assert "no iati-identifier" in problems[0].reason
    assert problems[0].element == "iati-activity[1]"


def test_the_first_of_two_with_one_identifier_is_kept(tmp_path: Path) -> None:
    records, problems = read(
        write(tmp_path, small("XX-1", "<activity-status code='2'/>"), small("XX-1"), small("XX-3"))
    )
    assert [(record.id, record.status) for record in records] == [("XX-1", "implementation"), ("XX-3", "")]
    assert [(problem.element, problem.line) for problem in problems] == [("iati-activity[2]", 2)]


def test_lines_are_right_far_down_the_file(tmp_path: Path) -> None:
    records, _ = read(write(tmp_path, *("\n" * 10_000 + small(f"XX-{number}") for number in range(10))))
    assert [record.locator.line for record in records] == [10_001 * number + 10_001 for number in range(10)]


def test_notes_on_quality(tmp_path: Path) -> None:
    body = """
    <participating-org role="1" ref="44000"><narrative>World Bank</narrative></participating-org>
    <participating-org role="Implementing" type="99"><narrative>Puits</narrative></participating-org>
    <activity-status code="2"/>
    <activity-date type="1" iso-date="2020-01-01"/><activity-date type="3" iso-date="2021-01-01"/>
    <recipient-country code="SO"/><recipient-country code="KE" percentage="50"/>
    <sector code="11220" percentage="50"/><sector code="12220" percentage="40"/>
    """
    record, problems = only(write(tmp_path, small(body=body)))
    assert problems == []
    assert codes(record) == {
        "channel-code-as-organisation",
        "role-in-words",
        "unknown-code",
        "countries-without-percentages",
        "sector-percentages",
    }
    assert [mention.role for mention in record.organisations] == [Role.FUNDING, Role.IMPLEMENTING]


def test_what_is_right_gets_no_note(tmp_path: Path) -> None:
    """One country without a percentage means all of it; vocabularies are views of the same money."""
    body = """<activity-date type="3" iso-date="2999-01-01"/><activity-status code="2"/>
    <recipient-country code="SO"/>
    <sector code="11220" percentage="33.33"/><sector code="11230" percentage="66.66"/>
    <sector vocabulary="99" code="A" percentage="100"/>"""
    record, _ = only(write(tmp_path, small(body=body)))
    assert record.notes == ()


def test_shares_of_countries_and_regions_together(tmp_path: Path) -> None:
    end = '<activity-date type="3" iso-date="2999-01-01"/><recipient-country code="SO" percentage="{}"/>'
    region = '<recipient-region code="298" percentage="40"/>'
    for share, noted in ((60, False), (100, False), (50, True)):
        record, _ = only(write(tmp_path, small(body=end.format(share) + region)))
        assert ("country-percentages" in codes(record)) is noted, share


def test_a_file_without_version_is_read_with_a_problem(tmp_path: Path) -> None:
    records, problems = read(write(tmp_path, small(), root=""))
    assert len(records) == 1
    assert "2.03" in problems[0].mend
    assert not problems[0].fatal


def test_what_a_file_says_of_itself(tmp_path: Path) -> None:
    facts = sources.describe(write(tmp_path, WHOLE))
    assert (facts.format, facts.publisher, facts.as_of) == ("iati-activity", "Lantern Relief", date(2025, 7, 1))
    facts = sources.describe(write(tmp_path, WHOLE, root='version="2.03"'))
    assert facts.as_of == date(2025, 6, 1)


def test_where_a_location_lies(tmp_path: Path) -> None:
    def location(name: str, more: str = "") -> str:
        return f"<location><name><narrative>{name}</narrative></name>{more}</location>"

    locations = location("Xudur") + location("Kenya") + location("Rue 1, Bruxelles, Belgique")
    locations += location("Hill", '<administrative vocabulary="A4" code="ET"/>')
    one, two = '<recipient-country code="SO"/>', '<recipient-country code="DJ"/>'
    for countries, expected in ((one, "SO"), (one + two, "")):
        record, _ = only(write(tmp_path, small(body=locations + countries)))
        assert [(place.country, place.names) for place in record.places if place.scope == "location"] == [
            (expected, ("Xudur",)),
            ("KE", ()),
            ("BE", ("Rue 1, Bruxelles",)),
            ("ET", ("Hill",)),
        ]


def test_instructions_and_comments_do_not_cut_a_text(tmp_path: Path) -> None:
    path = write(
        tmp_path, small(), small("XX<?x y?>-2<!-- z -->", "<?x y?>").replace("Wells", "We<?x y?>l<!-- z -->ls")
    )
    path.write_text(f"<?xml version='1.0'?><!-- a --><?style b?>\n{path.read_text()}<?end?>")
    records, problems = read(path)
    assert [(record.id, record.title, record.locator.line) for record in records] == [
        ("XX-1", "Wells", 2),
        ("XX-2", "Wells", 3),
    ]
    assert problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, small().replace("Wells", "Écoles à Goré"))
    declared = "" if encoding == "utf-8-sig" else f'<?xml version="1.0" encoding="{encoding}"?>'
    path.write_bytes((declared + path.read_text(encoding="utf-8")).encode(encoding))
    records, problems = read(path)
    assert [record.title for record in records] == ["Écoles à Goré"]
    assert problems == []
