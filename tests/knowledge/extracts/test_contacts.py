"""Offices only: the website of an organisation and the mailbox of a role, never what leads to a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.access import PUBLIC, operator
from knowledge.extracts import contacts
from knowledge.finding import Facets, find
from knowledge.records import Access, Contact, Level, OrganisationMention, Record, Role
from tests import homes


def told(record_id: str, *given: Contact, reporter: str = "Amber Aid") -> Record:
    mention = OrganisationMention(Role.REPORTING, reporter)
    return replace(homes.activity(record_id, who=[mention, "Basalt Relief"]), contacts=given)


@pytest.mark.parametrize(
    ("address", "office"),
    [
        ("https://amber.example", True),
        ("https://www.amber.example/contact", True),
        ("https://www.linkedin.com/company/amber", True),
        ("https://www.linkedin.com/in/some-person", False),
        ("https://facebook.com/profile.php?id=1", False),
        ("https://amber.example/~someone", False),
        ("https://amber.example/people/someone", False),
        ("javascript:alert(1)", False),
        ("https://someone@amber.example", False),
        ("amber.example", False),
    ],
)
def test_an_address_leads_to_an_office(address: str, office: bool) -> None:
    assert contacts.is_office_page(address) is office


def test_an_office_belongs_to_who_publishes_unless_the_contact_names_another(tmp_path: Path) -> None:
    records = [
        told("a1", Contact("", "https://amber.example/", "info@amber.example")),
        told("a2", Contact("Amber Aid", "http://www.amber.example")),
        told("a3", Contact("Basalt Relief", "https://basalt.example")),
        told("a4", Contact("Somebody Else", "https://else.example")),
        told("a5", Contact("", "", "jane.doe@amber.example")),
    ]
    with homes.opened(tmp_path) as home:
        homes.put(home, "a", records)
        with home.database.read() as session:
            hits = find(session, Facets(), PUBLIC)
            named = {part.name: part.organisation for hit in hits for part in hit.organisations}
            found = contacts.of_organisations(session, sorted(named.values()), PUBLIC)
    said = {name: [(o.kind, o.address, o.times) for o in found.get(key, [])] for name, key in named.items()}
    assert said == {
        "Amber Aid": [("mailbox", "info@amber.example", 1), ("website", "https://amber.example/", 2)],
        "Basalt Relief": [("website", "https://basalt.example", 1)],
    }


def test_an_office_in_a_private_record_is_nobody_elses(tmp_path: Path) -> None:
    with homes.opened(tmp_path) as home:
        homes.put(home, "p", [told("p1", Contact("", "https://amber.example"))], Access(Level.OWN))
        with home.database.read() as session:
            key = find(session, Facets(), operator())[0].organisations[0].organisation
            assert contacts.of_organisations(session, [key], PUBLIC) == {}
            assert key in contacts.of_organisations(session, [key], operator())
