"""Organisations that existing registers confuse: never one by rule, at most possibly the same."""

from __future__ import annotations

from itertools import combinations

import pytest

from knowledge.identity import Likeness, Mention, Reason, Resolution, resolution
from knowledge.records import OrganisationName


def read(*rows: str | dict[str, str], curated: tuple[OrganisationName, ...] = ()) -> Resolution:
    """The resolution of names, or of fields of mentions; ids are positions."""
    empty = {"ref": "", "name": "", "acronym": "", "kind": "", "country": ""}
    mentions = [
        Mention(id=number, **{**empty, **({"name": row} if isinstance(row, str) else row)})
        for number, row in enumerate(rows)
    ]
    return resolution(mentions, [(0, row) for row in curated])


def together(found: Resolution) -> set[frozenset[int]]:
    return {frozenset(organisation.members) for organisation in found.organisations}


def pairs(found: Resolution) -> dict[frozenset[int], set[Likeness]]:
    return {frozenset((pair.one, pair.other)): {likeness for likeness, _ in pair.evidence} for pair in found.possible}


APART = {
    "development banks": ["African Development Bank", "Asian Development Bank", "Inter-American Development Bank",
                          "Islamic Development Bank", "European Investment Bank", "African Union"],
    "the World Bank Group": ["World Bank", "International Bank for Reconstruction and Development",
                             "International Development Association", "International Finance Corporation",
                             "World Bank Group", "Multilateral Investment Guarantee Agency"],
    "ministries of neighbours": ["Ministry of Health Niger", "Ministry of Health Nigeria", "Ministry of Health",
                                 "Ministère de la Santé du Niger", "Federal Ministry of Health Nigeria"],
    "members of Save the Children": ["Save the Children", "Save the Children International", "Save the Children UK",
                                     "Save the Children US", "Save the Children Denmark", "Save the Children Norway",
                                     "Save Our Seas"],
    "members of CARE": ["CARE International", "CARE USA", "CARE Deutschland", "CARE Canada", "CARE Ethiopia",
                        "Kenya Care"],
    "members of Caritas": ["Caritas", "Caritas Internationalis", "Caritas Germany", "Caritas Ethiopia",
                           "Caritas Lebanon", "Caritas Développement Goma"],
    "members of Oxfam": ["Oxfam", "Oxfam GB", "Oxfam America", "Oxfam Novib", "Oxfam Canada", "Oxfam International"],
    "members of Plan and World Vision": ["Plan International", "Plan International Canada", "Plan Nederland",
                                         "World Vision", "World Vision International", "World Vision Niger",
                                         "World Vision Nigeria", "Family Planning International"],
    "the Red Cross": ["International Committee of the Red Cross", "Kenya Red Cross Society", "Danish Red Cross",
                      "International Federation of Red Cross and Red Crescent Societies", "Red Cross",
                      "Turkish Red Crescent Society", "Syrian Arab Red Crescent", "Croix-Rouge malienne"],
    "funds of the United Nations": ["UN Women", "UNFPA", "UNDP", "UNEP", "UNICEF", "UNIDO", "UNODC", "UNOPS"],
    "sections of MSF": ["Médecins Sans Frontières", "MSF Belgium", "Médecins sans frontières Suisse", "MSF-F",
                        "Artsen zonder Grenzen", "Médicos Sin Fronteras", "Vétérinaires sans Frontières"],
    "Islamic Relief": ["Islamic Relief Worldwide", "Islamic Relief USA", "Islamic Relief", "Islamic Relief Kenya"],
    "ADRA and AAR": ["ADRA", "ADRA Canada", "ADRA Germany", "AAR", "AAR Japan", "ADRA Kenya"],
    "successors": ["DFID", "FCDO", "GTZ", "GIZ", "UNIFEM", "UN Women"],
    "Johns Hopkins": ["Johns Hopkins University", "Johns Hopkins Center for Communication Programs",
                      "Johns Hopkins Hospital"],
}  # fmt: skip


@pytest.mark.parametrize("names", APART.values(), ids=APART.keys())
def test_names_of_different_organisations_stay_apart(names: list[str]) -> None:
    assert together(read(*names)) == {frozenset({number}) for number in range(len(names))}


@pytest.mark.parametrize("names", APART.values(), ids=APART.keys())
def test_one_identifier_written_on_all_of_them_joins_none(names: list[str]) -> None:
    """A publisher that writes its own identifier on every partner must not make them one."""
    found = read(*({"name": name, "ref": "GB-CHC-999999"} for name in names))
    assert together(found) == {frozenset({number}) for number in range(len(names))}


@pytest.mark.parametrize(
    ("acronym", "names"),
    [
        ("ISS", ["Institute for Security Studies", "Institute of Social Studies", "International Social Service"]),
        ("IRC", ["International Rescue Committee", "International Resource Centre"]),
        ("ADB", ["African Development Bank", "Asian Development Bank"]),
        ("AAR", ["Association for Aid and Relief", "Action Against Racism"]),
        ("ADR", ["Association pour le Développement Rural", "Action pour le Développement Régional"]),
    ],
)
@pytest.mark.parametrize("country", ["", "TD"])
def test_an_acronym_of_several_organisations_joins_none(acronym: str, names: list[str], country: str) -> None:
    rows = [{"name": name, "acronym": acronym, "country": country} for name in names]
    found = read(*rows, {"name": acronym, "country": country})
    assert together(found) == {frozenset({number}) for number in range(len(names) + 1)}
    for number, other in combinations(range(len(names) + 1), 2):
        assert Likeness.SAME_ACRONYM in pairs(found)[frozenset((number, other))]


@pytest.mark.parametrize(
    ("bearer", "bare"),
    [
        ({"name": "Backward Society Education (BASE)"}, {"name": "BASE", "country": "TD", "kind": "National NGO"}),
        ({"name": "Development Expertise Center", "acronym": "DEC", "country": "ET", "kind": "National NGO"},
         {"name": "DEC", "ref": "GB-CHC-1062638"}),
        ({"name": "Community Health and Development (CHAD)"}, {"name": "Chad"}),
        ({"name": "Hope for Our People (HOPE)"}, {"name": "Hope"}),
        ({"name": "Adventist Development and Relief Agency Canada (ADRA)"}, {"name": "ADRA"}),
        ({"name": "Green Initiative (GI)"}, {"name": "GI"}),
        ({"name": "Austrian Nurses (ANU)", "kind": "22"}, {"name": "ANU", "kind": "80"}),
    ],
)  # fmt: skip
def test_a_bare_acronym_far_from_its_only_bearer_is_not_taken_as_it(
    bearer: dict[str, str], bare: dict[str, str]
) -> None:
    assert together(read(bearer, bare)) == {frozenset({0}), frozenset({1})}


def test_codes_of_sectors_and_channels_are_no_identifiers() -> None:
    found = read(
        {"name": "Green Valley Trust", "ref": "12220"}, {"name": "Light of Hope", "ref": "12220"}, {"ref": "12220"},
        {"name": "United Nations Development Programme", "ref": "41114"}, {"name": "UNDP", "ref": "XM-DAC-41114"},
        {"ref": "41114"}, {"name": "Developing country-based NGO", "ref": "23000"}, {"ref": "null"},
    )  # fmt: skip
    assert together(found) == {frozenset({0}), frozenset({1}), frozenset({3, 4, 5})}
    assert {row.mention: row.reason for row in found.evidence}[5] is Reason.IDENTIFIER_ALONE


@pytest.mark.parametrize(
    "name", ["Recipient Government", "Gouvernement bénéficiaire", "ONG locales", "Central Government", "Others"]
)
def test_what_stands_for_a_kind_is_nobody(name: str) -> None:
    assert read({"name": name, "ref": "12000", "country": "KE"}, name).organisations == []


@pytest.mark.parametrize("name", ["Ministry of Finance", "Ministère de la Santé", "Ministerio de Salud", "Government"])
def test_ministries_are_one_in_each_country_and_are_not_those_of_the_country_that_pays(name: str) -> None:
    found = read(
        {"name": name, "country": "NE"}, {"name": name, "country": "NG"}, {"name": name, "country": "NE", "ref": "x1"},
        # A donor's ministry: the country beside it is the one that receives.
        {"name": name, "country": "NE", "ref": "KR-GOV-020"}, {"name": name, "country": "NG", "ref": "KR-GOV-020"},
    )  # fmt: skip
    assert together(found) - {frozenset()} == (
        {frozenset({0, 2}), frozenset({1}), frozenset({3, 4})} if name != "Government" else set()
    )


def test_lists_of_two_countries_with_the_same_canonical_name_keep_them_apart() -> None:
    listed = tuple(
        OrganisationName(name, name, "", kind, country)
        for name, kind in (("Ministry of Health", "Government"), ("Light of Hope", "National NGO"))
        for country in ("KE", "TD")
    )
    rows = [{"name": row.name, "country": row.country} for row in listed]
    assert len(read(*rows, curated=listed).organisations) == 4


def test_a_national_organisation_is_not_one_of_that_name_in_another_country() -> None:
    rows = [{"name": "Light of Hope", "country": country, "kind": "National NGO"} for country in ("KE", "TD")]
    assert len(read(*rows).organisations) == 2
    assert len(read(rows[0], "Light of Hope").organisations) == 1
    assert len(read(*rows, "Light of Hope").organisations) == 3, "which of the two is not known"


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        (Reason.KNOWN_NAME, ["World Food Programme", "Programme Alimentaire Mondial"]),
        (Reason.KNOWN_NAME, ["WHO - World Health Organization", "Organización Mundial de la Salud"]),
        (Reason.KNOWN_NAME, ["UNHCR", "ACNUR"]),
        (Reason.KNOWN_NAME, ["African Development Bank", "Banque africaine de développement"]),
        (Reason.KNOWN_NAME, ["UNICEF", "منظمة الأمم المتحدة للطفولة"]),
        (Reason.ACRONYM_BORNE_BY_ONE, ["World Food Programme", "PAM"]),
        (Reason.ACRONYM_BORNE_BY_ONE, ["World Health Organization", "OMS"]),
        (Reason.ACRONYM_BORNE_BY_ONE, ["Danish Refugee Council (DRC)", "DRC"]),
        (Reason.KNOWN_NAME, ["UNHCR", "United Nations High Commisioner for Refugees (UNHCR)"]),
        (Reason.ACRONYM_AND_WORDS, ["Sahel Water Fund (SWF)", "Sahel Watter Fund (SWF)"]),
        (Reason.LEGAL_FORM, ["Blue Nile Water Ltd", "Blue Nile Water Limited"]),
        (Reason.FAMILY_MEMBER, ["Malian Red Cross", "Croix-Rouge malienne"]),
        (Reason.FAMILY_MEMBER, ["Save the Children Netherlands", "Save the Children Nederland"]),
        (Reason.FAMILY_MEMBER, ["MSF France", "Médecins Sans Frontières - France"]),
    ],
)  # fmt: skip
def test_what_is_the_same_is_joined_and_says_why(reason: Reason, rows: list[str]) -> None:
    found = read(*rows)
    assert together(found) == {frozenset({0, 1})}
    assert [row.reason for row in found.evidence] == [reason]


@pytest.mark.parametrize(
    ("likeness", "one", "two"),
    [
        (Likeness.SUCCESSOR, "DFID", "FCDO"),
        (Likeness.SUCCESSOR, "GTZ", "GIZ"),
        (Likeness.FAMILY, "Save the Children", "Save the Children Denmark"),
        (Likeness.KNOWN_NAME, "World Bank", "International Bank for Reconstruction and Development"),
        (Likeness.NEAR_SPELLING, "International Rescue Comittee", "International Rescue Committee"),
        (Likeness.SAME_WORDS, "Sahel Water Institute", "Institute for Water in the Sahel"),
        (Likeness.COUNTRY_OFFICE, "Blue Nile Trust", "Blue Nile Trust Kenya"),
    ],
)
def test_what_is_possibly_the_same_is_shown_and_not_joined(likeness: Likeness, one: str, two: str) -> None:
    found = read(one, two)
    assert together(found) == {frozenset({0}), frozenset({1})}
    ((pair, reasons),) = pairs(found).items()
    assert pair == {0, 1}
    assert likeness in reasons
    assert 0.3 <= found.possible[0].score < 1


def test_more_evidence_makes_a_pair_likelier() -> None:
    def score(**fields: str) -> float:
        rows = ({"name": name, **fields} for name in ("Sahelian Water", "Sahelian Watter"))
        found = read(*rows, {"name": "Sahelian Watter", "country": "TD"})
        return found.possible[0].score

    assert 0.3 <= score() < score(acronym="SAW")


def test_every_joined_mention_says_with_which_other_and_why() -> None:
    found = read(
        {"name": "Acme Relief", "ref": "GB-CHC-1"}, {"name": "Acme Relief Kenya", "ref": "GB-CHC-1"},
        {"name": "ACME RELIEF"}, {"name": "Acme Relief (AR)", "ref": "GB-CHC-1"}, {"ref": "GB-CHC-1"},
    )  # fmt: skip
    (organisation,) = found.organisations
    assert organisation.members == [0, 1, 2, 3, 4]
    explained = {row.mention: row for row in found.evidence}
    assert len(explained) == 4
    first = ({0, 1, 2, 3, 4} - set(explained)).pop()
    for number in explained:
        steps = 0
        while number != first:
            number, steps = explained[number].other, steps + 1
            assert steps < 5, "every mention leads to the first one"
    by_name = {row.mention: (row.reason, row.detail) for row in found.evidence}
    assert by_name[1] == (Reason.IDENTIFIER_AND_WORDS, "gb-chc-1")
    assert by_name[4] == (Reason.IDENTIFIER_ALONE, "gb-chc-1")


def test_a_private_list_of_names_changes_nothing_that_is_open() -> None:
    mentions = [Mention(1, "", "Free Voices", "", "", ""), Mention(2, "", "Acme Relief", "", "", ""),
                Mention(3, "", "Free Voices", "FV", "", "", privacy=3)]  # fmt: skip
    listed = [OrganisationName("Acme Relief", "Free Voices Union", "FVU"),
              OrganisationName("Free Voices", "Free Voices Union", "FVU")]  # fmt: skip
    plain, besides = resolution(mentions), resolution(mentions, [(3, row) for row in listed])
    assert [(o.id, o.name, o.acronym, o.members) for o in besides.organisations] == [
        (o.id, o.name, o.acronym, o.members) for o in plain.organisations
    ]
    (opened,) = (o for o in resolution(mentions, [(0, row) for row in listed]).organisations)
    assert opened.name == "Free Voices Union"


def test_a_crowd_under_one_identifier_or_acronym_is_not_paired_with_itself() -> None:
    crowd = [{"name": f"Village Group {n:03d} of Zone {n % 7}", "ref": "XX-1", "acronym": "VG", "country": "TD"}
             for n in range(300)]  # fmt: skip
    found = read(*crowd)
    assert len(found.organisations) == 300
    assert len(found.possible) < 300
