"""Who says it has the mandate for something, who says it has not, and where that is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.access import PUBLIC, operator
from knowledge.extracts import mandates
from knowledge.extracts.fields import load, value_at
from knowledge.finding import Facets, find
from knowledge.home import Home
from knowledge.records import Access, Level, Locator, OrganisationMention, Record, RecordKind, Role, Text
from tests import homes


def charter(name: str, *sections: tuple[str, str], kind: str = "statute", language: str = "en") -> Record:
    return Record(
        id=f"mandate:{name}",
        kind=RecordKind.MANDATE,
        title=f"Charter of {name}",
        locator=Locator("page 1"),
        language=language,
        texts=tuple(Text("section", text, language, heading, page) for page, (heading, text) in enumerate(sections, 1)),
        organisations=(OrganisationMention(Role.REPORTING, name),),
        extra=(("document-type", kind),),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with homes.opened(tmp_path_factory.mktemp("home")) as opened:
        homes.put(
            opened,
            "charters",
            [
                charter(
                    "Rivers Authority",
                    ("Seat", "The seat is by the river, and boreholes are seen from it."),
                    ("Authority", "The Authority plans and licenses boreholes in Kenya. It keeps the register."),
                    ("Roles", "Sanitation is led by the counties, not by the Authority of Rivers."),
                ),
                charter("Shelter Office", ("Limits", "The Office builds. It does not drill boreholes at all.")),
                charter("Child Agency", ("Purpose", "It exists so that no child falls ill from cholera or hunger.")),
                charter("Liga Norte", ("Objeto", "Tiene por objeto cuidar los pozos y el agua potable de todos."),
                        language="es"),
                charter("Minas Gerais Centre", ("", "The centre is an institute based in Minas Gerais for land."),
                        kind="register-entry"),
                charter("Plan House", ("Table 5 - Posts", "The mandate for one post on mine action was cut again."),
                        kind="strategic-plan"),
            ],
        )  # fmt: skip
        homes.put(opened, "own", [charter("Quiet Wells", ("Mandate", "We are mandated to drill boreholes at night."))],
                  Access(Level.OWN))  # fmt: skip
        yield opened


def asked(home: Home, *themes: str, words: str = "", audience: object = PUBLIC) -> mandates.Stated:
    with home.database.read() as session:
        return mandates.holders(session, list(themes), words, [], audience, [])  # type: ignore[arg-type]


def names(statements: tuple[mandates.Statement, ...]) -> set[str]:
    return {statement.organisation.name for statement in statements}


def test_those_who_claim_and_those_who_deny_are_told_apart(home: Home) -> None:
    stated = asked(home, "water")
    assert names(stated.own) == {"Rivers Authority", "Liga Norte"}
    assert names(stated.denied) == {"Shelter Office"}
    best = next(s for s in stated.own if s.organisation.name == "Rivers Authority")
    assert best.evidence.quote == "The Authority plans and licenses boreholes in Kenya."
    assert (best.evidence.heading, best.evidence.page) == ("Authority", 2)


def test_what_is_led_by_others_is_no_mandate_and_a_no_within_a_purpose_is_no_denial(home: Home) -> None:
    sanitation = asked(home, "sanitation")
    assert (names(sanitation.own), names(sanitation.denied)) == (set(), {"Rivers Authority"})
    cholera = asked(home, "cholera")
    assert (names(cholera.own), names(cholera.denied)) == ({"Child Agency"}, set())


def test_a_word_counts_in_its_own_language_and_posts_are_no_mandate(home: Home) -> None:
    assert asked(home, "mine_action") == mandates.Stated()


def test_a_quotation_is_the_span_it_names(home: Home) -> None:
    with home.database.read() as session:
        for statement in asked(home, "water").own:
            record = load(session, [statement.hit.pk])[statement.hit.pk]
            evidence = statement.evidence
            assert value_at(record, evidence.field)[evidence.start : evidence.end] == evidence.quote


def test_a_private_mandate_shows_to_its_owner_alone(home: Home) -> None:
    assert "Quiet Wells" not in names(asked(home, "water").own)
    assert "Quiet Wells" in names(asked(home, "water", audience=operator()).own)


def test_an_organisation_is_told_by_its_own_words_on_the_theme_or_in_general(home: Home) -> None:
    with home.database.read() as session:
        hits = find(session, Facets(kinds=mandates.KINDS), PUBLIC)
        key = next(p.organisation for hit in hits for p in hit.organisations if p.name == "Rivers Authority")
        on_water = mandates.of_organisation(session, key, ["water"], "", PUBLIC)
        general = mandates.of_organisation(session, key, [], "", PUBLIC)
        assert mandates.of_organisation(session, key, ["nutrition"], "", PUBLIC) == []
    assert [s.evidence.heading for s in on_water] == ["Authority"]
    assert general[0].evidence.quote == "The Authority plans and licenses boreholes in Kenya."


def test_a_place_narrows_to_texts_that_name_it_and_else_says_so(home: Home) -> None:
    def holders(place: str, name: str) -> mandates.Stated:
        with home.database.read() as session:
            return mandates.holders(session, ["water"], "", [place], PUBLIC, [name])

    assert names(holders("KE", "Kenya").own) == {"Rivers Authority"}
    elsewhere = holders("PE", "Peru")
    assert elsewhere.wider
    assert names(elsewhere.own) == {"Rivers Authority", "Liga Norte"}


def test_a_denial_stands_in_the_clause_that_denies(tmp_path: Path) -> None:
    with homes.opened(tmp_path) as home:
        homes.put(
            home,
            "c",
            [charter("Camp Office", ("What we will do > Shelter",
             "In camps it is the provider of last resort for boreholes; outside them it does not build houses."))],
        )  # fmt: skip
        assert names(asked(home, "water").own) == {"Camp Office"}


def test_a_theme_named_twice_does_not_stand_for_another(tmp_path: Path) -> None:
    first = ("Mandate for refugees", "It is responsible for refugees. Education is a task of others.")
    second = ("Mandate for refugees", "Refugees founded it. It is responsible for the education of their children.")
    with homes.opened(tmp_path) as home:
        homes.put(home, "c", [charter("Camp Office", first), charter("School Office", second)])
        assert names(asked(home, "refugees", "education").own) == {"School Office"}
