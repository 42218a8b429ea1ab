"""Which known organisation a written name means, with its score and evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.organisations import answers, half, known, variants
from knowledge.identity import Known, Matcher, fold

KNOWN = (
    Known("undp", "United Nations Development Programme", "UNDP", kind="United Nations"),
    Known("wfp", "World Food Programme", "WFP", kind="United Nations"),
    Known("afdb", "African Development Bank", "AfDB"),
    Known("asdb", "Asian Development Bank", "ADB"),
    Known("irc", "International Rescue Committee", "IRC", kind="International NGO"),
    Known("irc-td", "Initiative Rurale et Communautaire", "IRC", "TD", "National NGO"),
    Known("sc-dk", "Save the Children Denmark", "", "", "International NGO"),
    Known("sc-uk", "Save the Children UK", "", "", "International NGO"),
    Known("msf-ch", "Doctors Without Borders Switzerland", "MSF-CH"),
    Known("msf-nl", "Doctors Without Borders Holland", "MSF-H"),
    Known("apd-cd", "Association pour le Développement", "APD", "CD", "National NGO"),
    Known("apd-td", "Association pour le Développement", "ADEV", "TD", "National NGO"),
    Known("acted", "Agency for Technical Cooperation and Development", "ACTED"),
    Known("hope", "Light of Hope", "LoH", "KE", "National NGO", ("Lumière d'Espoir",)),
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(KNOWN)


@pytest.mark.parametrize(
    ("written", "expected", "reason"),
    [
        ("World Food Programme", "wfp", "same name"),
        ("WORLD FOOD PROGRAM", "wfp", "same name"),
        ("Programme Alimentaire Mondial", "wfp", "known name"),
        ("PAM", "wfp", "known name"),
        ("UNDP", "undp", "known name"),
        ("UN Developement Programme", "undp", "words"),
        ("International Resuce Comittee", "irc", "words"),
        ("Save the Children Danmark", "sc-dk", "member of a federation"),
        ("Médecins sans frontières Suisse", "msf-ch", "member of a federation"),
        ("ACTED | Agency for Technical Cooperation", "acted", "known name"),
        ("MSF-H", "msf-nl", "acronym"),
        ("LoH", "hope", "acronym"),
        ("lumiere d'espoir", "hope", "same name"),
        ("Afican Development Bank", "afdb", "words"),
    ],
)
def test_the_likeliest_organisation_comes_first_and_says_why(
    matcher: Matcher, written: str, expected: str, reason: str
) -> None:
    best, *others = matcher.match(written)
    assert best.organisation.id == expected
    assert best.evidence[0][0] == reason
    assert 0.35 <= best.score <= 1
    assert all(other.score <= best.score for other in others)


@pytest.mark.parametrize("written", ["", "()", "  ", "Ministry of Silly Walks", "####", "a" * 5_000])
def test_a_name_near_none_has_no_candidates(matcher: Matcher, written: str) -> None:
    assert matcher.match(written) == []


@pytest.mark.parametrize(
    ("written", "country", "kind", "expected"),
    [
        ("IRC", "TD", "National NGO", "irc-td"),
        ("IRC", "ET", "International NGO", "irc"),
        ("Association pour le developpement", "CD", "", "apd-cd"),
        ("Association pour le developpement", "TD", "", "apd-td"),
    ],
)
def test_country_and_kind_tip_the_scales(
    matcher: Matcher, written: str, country: str, kind: str, expected: str
) -> None:
    assert matcher.match(written, country=country, kind=kind)[0].organisation.id == expected


def test_neighbours_in_spelling_are_both_shown_and_the_right_one_is_clearly_ahead(matcher: Matcher) -> None:
    asian = {candidate.organisation.id: candidate.score for candidate in matcher.match("Asian Development Bank")}
    assert asian["asdb"] - asian.get("afdb", 0) > 0.1
    members = {candidate.organisation.id: candidate.score for candidate in matcher.match("Save the Children UK")}
    assert members["sc-uk"] - members.get("sc-dk", 0) > 0.2


def test_an_acronym_beside_a_name_counts(matcher: Matcher) -> None:
    assert matcher.match("Agence d'aide", acronym="ACTED")[0].organisation.id == "acted"


def test_a_candidate_is_ready_for_json(matcher: Matcher) -> None:
    assert matcher.match("WFP", kind="UN agency")[0].as_json() == {
        "id": "wfp",
        "name": "World Food Programme",
        "score": 0.98,
        "evidence": [{"reason": "known name", "value": "WFP"}, {"reason": "kind", "value": "un"}],
    }


def test_variants_of_real_names_are_found_by_canonical_names_and_acronyms_alone(shared_data: Path) -> None:
    rows = variants(shared_data)
    ours = answers(known(rows))["this project"]
    held = [row for row in rows if half(row.canonical) == 1]
    right = sum(fold(ours(row)) == fold(row.canonical) for row in held)
    assert right / len(held) >= 0.97
