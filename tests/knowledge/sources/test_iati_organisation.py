"""IATI organisation files: budgets and spending of an organisation as a whole."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from knowledge import sources
from knowledge.records import (
    Document,
    Money,
    OrganisationMention,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Text,
)
from knowledge.sources import guard, iati_organisation
from knowledge.sources.formats import Given

PERIOD = '<period-start iso-date="2025-01-01"/><period-end iso-date="2025-12-31"/>'
WHOLE = f"""
<iati-organisation xml:lang="en" default-currency="usd" last-updated-datetime="2025-06-01T10:00:00Z">
  <organisation-identifier>XX-LR</organisation-identifier>
  <name><narrative>Lantern Relief</narrative><narrative xml:lang="fr">Lanterne</narrative></name>
  <reporting-org ref="XX-LR" type="21"><narrative>Lantern</narrative></reporting-org>
  <total-budget status="1">{PERIOD}<value>1000.5</value><budget-line><value>400</value></budget-line></total-budget>
  <recipient-org-budget><recipient-org ref="XX-W"><narrative>Well Diggers</narrative></recipient-org>{PERIOD}
    <value currency="EUR">10</value></recipient-org-budget>
  <recipient-region-budget><recipient-region code="298"/>{PERIOD}<value>20</value></recipient-region-budget>
  <recipient-country-budget><recipient-country code="so"/>{PERIOD}<value>30</value></recipient-country-budget>
  <recipient-country-budget><recipient-country code="SO"/>{PERIOD}<value>40</value></recipient-country-budget>
  <total-expenditure>{PERIOD}<value>900</value><expense-line><value>1</value></expense-line></total-expenditure>
  <document-link url="https://lantern.example/annual.pdf"><title><narrative>Annual report</narrative></title>
    <category code="B01"/><language code="en"/></document-link>
</iati-organisation>"""


def write(tmp_path: Path, *organisations: str, version: str = "2.03") -> Path:
    path = tmp_path / "lantern-org.xml"
    root = f'<iati-organisations version="{version}" generated-datetime="2025-07-01T00:00:00Z">'
    path.write_text(f"{root}{''.join(organisations)}</iati-organisations>", encoding="utf-8")
    return path


def read(path: Path) -> tuple[list[Record], list[Problem]]:
    items = list(sources.each_once(iati_organisation.READER.read(path, Given()), path.name))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Problem)]


def test_everything_of_an_organisation(tmp_path: Path) -> None:
    (record,), problems = read(write(tmp_path, WHOLE))
    assert problems == []
    assert (record.id, record.kind, record.title) == (
        "organisation-file:XX-LR",
        RecordKind.ORGANISATION,
        "Lantern Relief",
    )
    assert record.texts == (Text("title", "Lanterne", "fr"),)
    assert record.organisations == (OrganisationMention(Role.REPORTING, "Lantern Relief", "", "XX-LR", "21"),)
    assert record.reported_on == date(2025, 6, 1)
    period = (date(2025, 1, 1), date(2025, 12, 31))
    assert record.money == (
        Money("total-budget", 1000.5, "USD", *period),
        Money("recipient-org-budget", 10.0, "EUR", *period, receiver="Well Diggers"),
        Money("recipient-region-budget", 20.0, "USD", *period, receiver="298"),
        Money("recipient-country-budget", 30.0, "USD", *period, receiver="SO"),
        Money("recipient-country-budget", 40.0, "USD", *period, receiver="SO"),
        Money("total-expenditure", 900.0, "USD", *period),
    )
    assert record.places == (PlaceMention(region="298"), PlaceMention(country="SO"))
    assert record.documents == (Document("Annual report", "https://lantern.example/annual.pdf", "B01", "en"),)
    assert record.notes == ()
    facts = sources.describe(tmp_path / "lantern-org.xml")
    assert (facts.format, facts.publisher, facts.as_of) == ("iati-organisation", "Lantern", date(2025, 7, 1))


def test_version_1(tmp_path: Path) -> None:
    body = """<iati-organisation default-currency="USD" xml:lang="en"><iati-identifier>XX-LR</iati-identifier>
    <reporting-org ref="XX-LR" type="40" secondary-reporter="0">Lantern</reporting-org>
    <name xml:lang="fr">Lanterne</name><name>Lantern Relief</name>
    <total-budget><period-start iso-date="2014-01-01">2014</period-start><period-end>2014-12-31</period-end>
      <value>25</value></total-budget>
    <recipient-country-budget><recipient-country>Kenya</recipient-country><value>5</value></recipient-country-budget>
    </iati-organisation>"""
    (record,), problems = read(write(tmp_path, body, version="1.04"))
    assert problems == []
    assert record.title == "Lantern Relief"
    assert record.texts == (Text("title", "Lanterne", "fr"),)
    assert record.organisations == (OrganisationMention(Role.REPORTING, "Lantern Relief", "", "XX-LR", "40"),)
    assert record.money == (
        Money("total-budget", 25.0, "USD", date(2014, 1, 1), date(2014, 12, 31)),
        Money("recipient-country-budget", 5.0, "USD", receiver="Kenya"),
    )
    assert record.places == (PlaceMention(country="KE"),)


def test_an_organisation_that_another_one_reports(tmp_path: Path) -> None:
    body = """<iati-organisation><organisation-identifier>XX-FUND</organisation-identifier>
    <name><narrative>Lantern Fund</narrative></name>
    <reporting-org ref="XX-LR" type="21" secondary-reporter="1"><narrative>Lantern Relief</narrative></reporting-org>
    </iati-organisation>"""
    (record,), _ = read(write(tmp_path, body))
    assert record.organisations == (OrganisationMention(Role.REPORTING, "Lantern Fund", "", "XX-FUND"),)
    assert ("reported-by", "XX-LR Lantern Relief") in record.extra
    assert record.secondary_reporter


def test_what_is_wrong_costs_only_itself(tmp_path: Path) -> None:
    bad = """<iati-organisation><organisation-identifier>XX-2</organisation-identifier>
    <total-budget><value>much</value></total-budget><total-budget/>
    <recipient-country-budget><recipient-country code="Kenya"/><value>5</value></recipient-country-budget>
    <document-link url="javascript:alert(1)"/></iati-organisation>"""
    records, problems = read(write(tmp_path, WHOLE, WHOLE, bad, "<iati-organisation/>"))
    assert [record.id for record in records] == ["organisation-file:XX-LR", "organisation-file:XX-2"]
    assert not any(problem.fatal for problem in problems)
    said = " ".join(problem.reason for problem in problems)
    for part in ("stands in the file already", "'much' is not a number", "no value", "two letters", "web address",
                 "no organisation-identifier"):  # fmt: skip
        assert part in said
    assert records[1].money == (Money("recipient-country-budget", 5.0, "", receiver="KENYA"),)
    assert {note.code for note in records[1].notes} == {"missing-title"}


def test_a_file_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(guard.Refused, match="no iati-organisation"):
        read(write(tmp_path, "<iati-organisation/>"))


def test_figures_of_real_files_as_counted_another_way(shared_data: Path) -> None:
    kinds = ("total-budget", "recipient-org-budget", "recipient-region-budget", "recipient-country-budget",
             "total-expenditure")  # fmt: skip
    files = sorted((shared_data / "iati-organisation").glob("*.xml"))
    assert len(files) == 11
    for path in files:
        records, problems = read(path)
        tree = etree.parse(path)
        ids = [" ".join(e.text.split()) for e in tree.iter("organisation-identifier")]
        assert [record.id for record in records] == [f"organisation-file:{i}" for i in dict.fromkeys(ids)], path.name
        values = [
            (kind, float(value)) for kind in kinds for value in tree.xpath(f"//iati-organisation/{kind}/value/text()")
        ]
        expected = Counter(kind for kind, _ in values)
        read_ = [money for record in records for money in record.money]
        assert Counter(money.kind for money in read_) == expected, path.name
        for kind in kinds:
            total = sum(money.amount for money in read_ if money.kind == kind)
            assert abs(total - sum(value for k, value in values if k == kind)) < 0.01, (path.name, kind)
        assert len([d for record in records for d in record.documents]) == len(tree.findall(".//document-link"))
        countries = {code.upper() for code in tree.xpath("//recipient-country-budget/recipient-country/@code")}
        assert {place.country for record in records for place in record.places if place.country} == countries
        assert problems == []
