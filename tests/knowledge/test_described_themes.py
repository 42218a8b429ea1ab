"""Themes that a table's row describes beside the cluster it states."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge import finding
from knowledge.access import Audience
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.identity import Mention, resolve
from knowledge.records import Locator, OrganisationName, Record, RecordKind, Text, ThemeMention
from tests.homes import implementer, opened, place, put


def row(record_id: str, cluster: str, work: str) -> Record:
    return Record(
        id=record_id,
        kind=RecordKind.PRESENCE,
        title=record_id,
        locator=Locator("row 2", 2),
        texts=(Text("general", work),),
        organisations=(implementer("Ayuda"),),
        places=(place("Turkana"),),
        themes=(ThemeMention("cluster", "", cluster),),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("described")) as home:
        put(
            home,
            "table",
            [
                row("support", "Protection", "Psychosocial support for women"),
                row("clinic", "Health", "Mental health in clinics"),
                row("pumps", "WASH", "Durable water"),
                row("meals", "Education", "School feeding"),
            ],
        )
        yield home


@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        ("protection", {"support"}),
        ("health", {"clinic"}),
        ("mhpss", {"support", "clinic"}),
        ("wash", {"pumps"}),
        ("water", {"pumps"}),
        ("sanitation", set()),
        ("education", {"meals"}),
        ("school_feeding", {"meals"}),
        ("food_security", set()),
    ],
)
def test_the_stated_cluster_decides_the_sector(home: Home, theme: str, expected: set[str]) -> None:
    """A row is in the sector it states; its description only makes that finer."""
    with home.database.read() as session:
        found = finding.find(session, Facets(themes=(theme,)), Audience())
    assert {hit.id for hit in found} == expected


def test_a_name_written_as_its_own_acronym_is_still_looked_up() -> None:
    """Tables that have no acronym repeat the name in its column."""
    mentions = [
        Mention(1, "", "Save the Children", "SCI", "", "ET"),
        Mention(2, "", "Save the Children", "Save the Children", "", "ET"),
    ]
    curated = [OrganisationName("Save the Children", "Save the Children International", "SCI")]
    assert [organisation.members for organisation in resolve(mentions, curated)] == [[1, 2]]
