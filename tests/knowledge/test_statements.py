"""What several sources say of one record: who may read which statement, and on which fields they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select

from knowledge import statements
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.home import Home
from knowledge.records import Access, Level, Money, OrganisationMention, Period, Role
from knowledge.statements import Difference, Statement
from knowledge.store import models as m
from tests.homes import activity, implementer, opened, source, write

OWN = Access(Level.OWN, "acme")


def read(home: Home, audience: Audience) -> list[Statement]:
    with home.database.read() as session:
        pk = session.scalars(select(m.RecordRow.pk).where(m.RecordRow.id == "r1")).one()
        return statements.of_record(session, pk, audience)


def fill(home: Home) -> None:
    first = activity("r1", "Wells", who=["Acme"], status="2", reported_on=date(2026, 1, 1))
    funded = replace(first, money=(Money("budget", 500.0, "EUR"), Money("budget", 250.0, "EUR")))
    second = activity(
        "r1",
        "Wells",
        who=[implementer("Bolt"), OrganisationMention(Role.FUNDING, "Cove")],
        status="4",
        period=Period(planned_start=date(2026, 1, 1), planned_end=date(2026, 6, 30)),
        reported_on=date(2025, 1, 1),
    )
    hidden = replace(first, title="Hidden", reported_on=date(2026, 5, 1))
    write(home, source("a"), [funded])
    write(home, source("b"), [second])
    write(home, source("c", OWN), [hidden])


def test_the_shown_statement_comes_first_and_hidden_ones_show_to_their_owner_only(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        fill(home)
        assert [(s.source.name, s.shown) for s in read(home, VISITOR)] == [("a.xml", True), ("b.xml", False)]
        assert [s.source.name for s in read(home, member("acme"))] == ["a.xml", "c.xml", "b.xml"]


def test_differences_name_the_field_each_value_and_who_states_it(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        fill(home)
        found = {difference.field: difference for difference in statements.differences(read(home, VISITOR))}
        assert found.keys() == {"status", "end", "implementing"}
        assert found["status"] == Difference("status", (("2", ("a.xml",)), ("4", ("b.xml",))))
        assert found["end"].values == (("2027-12-31", ("a.xml",)), ("2026-06-30", ("b.xml",)))
        owner = {difference.field for difference in statements.differences(read(home, member("acme")))}
        assert owner == {"status", "end", "implementing", "title"}


def test_a_withdrawn_statement_is_shown_with_its_date_and_differs_from_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        fill(home)
        write(home, source("b", sha="2"), [])
        shown, withdrawn = read(home, VISITOR)
        assert (shown.withdrawn_on, withdrawn.source.name) == (None, "b.xml")
        assert withdrawn.withdrawn_on is not None
        assert statements.differences([shown, withdrawn]) == []


def test_a_budget_is_compared_as_the_sum_of_its_periods(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        fill(home)
        other = activity("r1", "Wells", who=["Acme"], status="2", reported_on=date(2025, 6, 1))
        write(home, source("d"), [replace(other, money=(Money("budget", 750.0, "EUR"),))])
        write(home, source("e"), [replace(other, money=(Money("budget", 800.0, "EUR"),))])
        found = {difference.field: difference for difference in statements.differences(read(home, VISITOR))}
        assert found["budget"].values == (("750 EUR", ("a.xml", "d.xml")), ("800 EUR", ("e.xml",)))
