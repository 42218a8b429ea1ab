"""A small invented index in real places, enough for every trap of names."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.linking import Lexicon, Linker, OrganisationEntry, PlaceEntry

TODAY = date(2026, 11, 23)

PLACES = [
    PlaceEntry("ET", "Ethiopia", 0, "ET", weight=50),
    PlaceEntry("ET05", "Somali", 1, "ET", "ET", weight=20),
    PlaceEntry("ET06", "Benishangul Gumuz", 1, "ET", "ET", weight=20),
    PlaceEntry("ET0602", "Metekel", 2, "ET", "ET06", weight=10),
    PlaceEntry("ET060205", "Dibate", 3, "ET", "ET0602", weight=10),
    PlaceEntry("TD", "Chad", 0, "TD", weight=50),
    PlaceEntry("TD07", "Lac", 1, "TD", "TD", weight=20),
    PlaceEntry("TD14", "Ouaddaï", 1, "TD", "TD", weight=20),
    PlaceEntry("TD:central", "Central", 3, "TD", "TD07"),
    PlaceEntry("BW12", "Central", 1, "BW", "BW"),
    PlaceEntry("UG1", "Central", 1, "UG", "UG"),
    PlaceEntry("SO24", "Bay", 1, "SO", "SO", weight=5),
    PlaceEntry("SO25", "Bakool", 1, "SO", "SO", weight=5),
    PlaceEntry("NG027", "Niger", 1, "NG", "NG"),
    PlaceEntry("NG008", "Borno", 1, "NG", "NG", weight=3),
    PlaceEntry("NG008021", "Maiduguri", 2, "NG", "NG008", weight=3),
    PlaceEntry("CD41", "Equateur", 1, "CD", "CD"),
    PlaceEntry("CD54", "Ituri", 1, "CD", "CD", weight=4),
    PlaceEntry("GN002", "Conakry", 1, "GN", "GN"),
    PlaceEntry("GN002001", "Conakry", 2, "GN", "GN002"),
    PlaceEntry("TR1", "Of", 2, "TR", "TR"),
    PlaceEntry("TR2", "Are", 2, "TR", "TR"),
    PlaceEntry("YE24", "Aden", 1, "YE", "YE"),
    PlaceEntry("BD2022", "Cox's Bazar", 2, "BD", "BD", weight=2),
    PlaceEntry("UA63", "Kharkivska", 1, "UA", "UA"),
]
ORGANISATIONS = [
    OrganisationEntry("unicef", "United Nations Children's Fund", "un", aliases=("UNICEF",), weight=80),
    OrganisationEntry("wfp", "World Food Programme", "un", aliases=("WFP", "PAM"), weight=80),
    OrganisationEntry("who", "World Health Organization", "un", aliases=("WHO",), weight=60),
    OrganisationEntry("care", "CARE International", "ingo", aliases=("CARE",), weight=40),
    OrganisationEntry("plan", "Plan International", "ingo", aliases=("PI",), weight=30),
    OrganisationEntry("goal", "GOAL Global", "ingo", aliases=("GOAL",), weight=5),
    OrganisationEntry("concern", "Concern Worldwide", "ingo", aliases=("CWW",), weight=20),
    OrganisationEntry("drc", "Danish Refugee Council", "ingo", aliases=("DRC",), weight=30),
    OrganisationEntry("sci", "Save the Children International", "ingo", aliases=("SCI",), weight=40),
    OrganisationEntry("afdb", "African Development Bank", "multilateral", weight=9),
    OrganisationEntry("asdb", "Asian Development Bank", "multilateral", weight=9),
    OrganisationEntry("moh-et", "Ministry of Health", "government", "ET", aliases=("MoH",), weight=9),
    OrganisationEntry("moh-td", "Ministry of Health", "government", "TD", aliases=("MoH",), weight=9),
    OrganisationEntry("health", "Health", "nngo", weight=1),
    OrganisationEntry("hidden", "Secret Shelter Trust", "nngo", aliases=("SSTX", "Bakoolo"), weight=3),
    OrganisationEntry("krcs", "Kenya Red Cross Society", "red_cross", "KE", weight=3),
    OrganisationEntry("safaricom", "Safaricom Foundation", "foundation", "KE", weight=2),
]


@pytest.fixture(scope="session")
def organisations() -> list[OrganisationEntry]:
    return ORGANISATIONS


@pytest.fixture(scope="session")
def places() -> list[PlaceEntry]:
    return PLACES


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def linker() -> Linker:
    known = {"ET-MFA-4471": "ET-MFA-4471", "xx-lower-7": "xx-lower-7"}
    return Linker(Lexicon(ORGANISATIONS, PLACES), TODAY, known.get)
