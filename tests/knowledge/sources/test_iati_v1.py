"""IATI 1.01 to 1.05 gives the same readings as 2.0x: text for narratives, words for codes, older locations."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.records import (
    Contact,
    Document,
    Indicator,
    Link,
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

WHOLE = """
<iati-activity xml:lang="en" default-currency="USD" hierarchy="1" last-updated-datetime="2014-05-06T10:15:37">
  <reporting-org ref="XX-LR" type="21" secondary-publisher="1">Lantern Relief</reporting-org>
  <iati-identifier>XX-LR-7</iati-identifier>
  <other-identifier owner-ref="XX-GOV" owner-name="Ministry">ABC-1</other-identifier>
  <title xml:lang="fr">Eau pour Bakool</title><title>Water for Bakool</title>
  <description type="1">Wells and pumps.</description>
  <description type="2" xml:lang="fr">Moins de choléra.</description>
  <activity-status code="2">Implementation</activity-status>
  <activity-date type="start-planned" iso-date="2012-04-15">April 2012</activity-date>
  <activity-date type="start-actual">2012-04-28</activity-date>
  <activity-date type="end-planned" iso-date="2015-12-31"/>
  <contact-info><organisation>Lantern Relief</organisation><person-name>Amina Testname</person-name>
    <email>info@lantern.example</email><website>http://lantern.example</website></contact-info>
  <participating-org ref="XX-GOV" role="Funding" type="10">Ministry</participating-org>
  <participating-org role="Implementing">Well Diggers</participating-org>
  <recipient-country code="SO">Somalia</recipient-country>
  <location percentage="50"><name>Xudur</name><name xml:lang="fr">Hoddour</name><location-type code="PPL"/>
    <administrative country="SO" adm1="BK">Somalia, Bakool, Xudur</administrative>
    <coordinates latitude="4.12" longitude="43.88" precision="2"/></location>
  <location><administrative country="SO">Gedo Province, Somalia</administrative></location>
  <sector code="14030" vocabulary="DAC" percentage="60">Basic water supply</sector>
  <sector code="122" vocabulary="DAC" percentage="40">Basic health</sector>
  <sector code="W1" vocabulary="RO">Wells</sector><sector code="W1" vocabulary="RO" xml:lang="fr">Puits</sector>
  <policy-marker code="01" significance="2" vocabulary="DAC">Gender</policy-marker>
  <collaboration-type code="1">Bilateral</collaboration-type>
  <default-aid-type code="C01">Project</default-aid-type>
  <budget type="1"><period-start iso-date="2012-01-01">Start</period-start><period-end>End of 2012</period-end>
    <value value-date="2012-01-01">1000</value></budget>
  <transaction><transaction-type code="C">Commitment</transaction-type><value value-date="2012-02-01">500</value>
    <provider-org ref="XX-GOV" provider-activity-id="XX-GOV-9">Ministry</provider-org>
    <transaction-date iso-date="2012-02-01">2012-02-01</transaction-date></transaction>
  <transaction><transaction-type code="IF"/><value currency="EUR">20</value>
    <transaction-date>2012-03-01</transaction-date></transaction>
  <document-link url="http://lantern.example/r.pdf"><title>Report</title><category code="A01">Plan</category>
    <language>EN</language></document-link>
  <activity-website>http://lantern.example/bakool</activity-website>
  <related-activity ref="XX-LR-1" type="1">Parent</related-activity>
  <related-activity ref="XX-LR-2" type="Sibling"/>
  <result type="1"><title>Water is safe</title><title xml:lang="fr">Eau sûre</title>
    <indicator measure="1"><title>Safe points</title>
      <baseline year="2011" value="10"><comment>Survey</comment></baseline>
      <period><period-start iso-date="2012-01-01"/><period-end iso-date="2012-12-31"/>
        <target value="80"/><actual value="55"/></period></indicator></result>
</iati-activity>"""


def read(tmp_path: Path, *activities: str, version: str = "1.05") -> tuple[list[Record], list[Problem]]:
    path = tmp_path / "lantern.xml"
    root = f'<iati-activities version="{version}" generated-datetime="2014-07-01T00:00:00">'
    path.write_text(f"{root}{''.join(activities)}</iati-activities>", encoding="utf-8")
    items = list(iati.READER.read(path, Given()))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Problem)]


@pytest.mark.parametrize("version", ["1.01", "1.02", "1.03", "1.04", "1.05"])
def test_everything_of_an_activity(tmp_path: Path, version: str) -> None:
    (record,), problems = read(tmp_path, WHOLE, version=version)
    assert problems == []
    assert (record.id, record.title, record.status) == ("XX-LR-7", "Water for Bakool", "implementation")
    assert record.secondary_reporter
    assert record.reported_on == date(2014, 5, 6)
    assert record.texts == (
        Text("title", "Eau pour Bakool", "fr"),
        Text("general", "Wells and pumps.", "en"),
        Text("objectives", "Moins de choléra.", "fr"),
    )
    assert record.organisations == (
        OrganisationMention(Role.REPORTING, "Lantern Relief", "", "XX-LR", "21"),
        OrganisationMention(Role.FUNDING, "Ministry", "", "XX-GOV", "10"),
        OrganisationMention(Role.IMPLEMENTING, "Well Diggers"),
    )
    assert record.places == (
        PlaceMention(country="SO"),
        PlaceMention("SO", ("Bakool", "Xudur"), latitude=4.12, longitude=43.88, scope="location"),
        PlaceMention("SO", ("Gedo Province",), scope="location"),
    )
    assert record.themes == (
        ThemeMention("1", "14030", "Basic water supply", 60.0),
        ThemeMention("1", "122", "Basic health", 40.0),
        ThemeMention("99", "W1", "Wells"),
    )
    period = record.period
    assert (period.planned_start, period.actual_start, period.planned_end, period.actual_end) == (
        date(2012, 4, 15),
        date(2012, 4, 28),
        date(2015, 12, 31),
        None,
    )
    assert record.money == (
        Money("budget", 1000.0, "USD", date(2012, 1, 1)),
        Money("2", 500.0, "USD", date(2012, 2, 1), date(2012, 2, 1), "Ministry", "", "XX-GOV-9"),
        Money("1", 20.0, "EUR", date(2012, 3, 1), date(2012, 3, 1)),
    )
    assert record.links == (Link("parent", "XX-LR-1"), Link("sibling", "XX-LR-2"))
    assert record.documents == (
        Document("Report", "http://lantern.example/r.pdf", "A01", "en"),
        Document("", "http://lantern.example/bakool", "A12"),
    )
    assert record.indicators == (
        Indicator(
            "Water is safe", "Safe points", "output", "unit", "10", "80", "55",
            date(2012, 1, 1), date(2012, 12, 31), "Survey",
        ),
    )  # fmt: skip
    assert record.contacts == (Contact("Lantern Relief", "http://lantern.example", "info@lantern.example"),)
    assert "Amina" not in repr(record)
    assert dict(record.extra) == {
        "other-identifier": "ABC-1",
        "policy-marker": "1:1:2",
        "collaboration-type": "1",
        "default-aid-type": "C01",
        "hierarchy": "1",
    }
    # words in place of codes are right in this version
    assert {note.code for note in record.notes} == {"secondary-reporter", "personal-data"}


def test_a_bad_element_costs_only_itself(tmp_path: Path) -> None:
    body = """<iati-activity><iati-identifier>XX-1</iati-identifier>
    <title>Wells</title>
    <activity-status>Sleeping</activity-status>
    <activity-date type="start" iso-date="2012-01-01"/>
    <participating-org role="Cheering">Fans</participating-org>
    <recipient-country code="Somalia"/>
    <location><name>Xudur</name><coordinates latitude="200" longitude="43"/></location>
    <transaction><transaction-type code="ZZ"/><value>5</value></transaction>
    <activity-website>ftp://lantern.example</activity-website>
    </iati-activity>"""
    (record,), problems = read(tmp_path, body)
    assert [problem.line for problem in problems] == list(range(3, 10))
    assert all(problem.mend and not problem.fatal for problem in problems)
    assert record.title == "Wells"
    assert record.places == (PlaceMention(names=("Xudur",), scope="location"),)
    assert record.money == record.documents == record.organisations == ()


def test_titles_of_several_languages_in_any_order(tmp_path: Path) -> None:
    for titles in (
        "<title xml:lang='fr'>Eau</title><title>Water</title>",
        "<title>Water</title><title xml:lang='fr'>Eau</title>",
    ):
        body = f"<iati-activity xml:lang='en'><iati-identifier>XX-1</iati-identifier>{titles}</iati-activity>"
        (record,), _ = read(tmp_path, body)
        assert (record.title, record.texts) == ("Water", (Text("title", "Eau", "fr"),))


def test_an_activity_may_be_of_another_version_than_its_file(tmp_path: Path) -> None:
    new = """<iati-activity version="2.03"><iati-identifier>XX-2</iati-identifier>
    <title><narrative>Two</narrative></title>
    <participating-org role="Funding"><narrative>Ministry</narrative></participating-org></iati-activity>"""
    (old, two), problems = read(tmp_path, WHOLE, new)
    assert problems == []
    assert (old.title, two.title) == ("Water for Bakool", "Two")
    assert "role-in-words" in {note.code for note in two.notes}
    assert "role-in-words" not in {note.code for note in old.notes}


def test_narratives_against_the_version_are_read_too(tmp_path: Path) -> None:
    body = """<iati-activity xml:lang="en"><iati-identifier>XX-1</iati-identifier>
    <title><narrative>Wells</narrative></title>
    <activity-date type="1" iso-date="2012-01-01"/></iati-activity>"""
    (record,), problems = read(tmp_path, body)
    assert problems == []
    assert (record.title, record.period.start) == ("Wells", date(2012, 1, 1))
