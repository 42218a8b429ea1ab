"""The columns in memory and the store answer every combination of facets and audience alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from knowledge import finding, indexing
from knowledge.access import PUBLIC, Audience, member, named, operator
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import (
    Access,
    GazetteerPlace,
    Level,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Text,
    ThemeMention,
)
from knowledge.retrieval.columns import Groups, varints
from knowledge.store import models as m
from tests.homes import activity, opened, place, put, source, write

GAZETTEER = [
    GazetteerPlace("KE", 1, "KE01", "Upper"),
    GazetteerPlace("KE", 2, "KE0101", "Inner", "KE01"),
    GazetteerPlace("KE", 1, "KE011", "Lookalike"),
]
PLACES = [place(), place(pcode="KE01"), place(pcode="KE0101"), place(pcode="KE011"), place("Kitui"), PlaceMention("TD")]
SECTORS = ["14031", "12220", "12262", "15180", "11220"]
NAMES = ["Acme", "Bolt", "Cove", "Dune"]
ACCESS = {
    "open": Access(Level.PUBLIC),
    "community": Access(Level.COMMUNITY, "dune"),
    "own": Access(Level.OWN, "acme"),
    "ours": Access(Level.OWN),
    "told": Access(Level.NAMED, "bolt", ("acme", "cove")),
    "told another": Access(Level.NAMED, "bolt", ("cove",)),
}
AUDIENCES = [PUBLIC, named("community"), operator(), *map(member, NAMES), Audience(frozenset({"acme"}))]


def records(key: str, random_: random.Random, number: int) -> list[Record]:
    made = []
    for i in range(number):
        start = random_.choice([None, date(2020, 1, 1) + timedelta(random_.randrange(2500))])
        end = random_.choice([None, (start or date(2022, 1, 1)) + timedelta(random_.randrange(900))])
        kind = random_.choice([RecordKind.ACTIVITY, RecordKind.GRANT, RecordKind.MANDATE, RecordKind.PRESENCE])
        record = activity(
            f"{key}-{i}",
            who=random_.sample(NAMES, random_.randrange(3)),
            where=random_.sample(PLACES, random_.randrange(3)),
            sectors=random_.sample(SECTORS, random_.randrange(3)),
            period=Period(start, None, end, None),
            kind=kind,
        )
        if kind is RecordKind.PRESENCE:
            # What such a row says more precisely than its cluster counts for the finer theme alone.
            texts = (Text("general", random_.choice(["Psychosocial support", "Latrines", "School feeding"]), "en"),)
            record = replace(record, texts=texts, themes=(ThemeMention("cluster", "", "Protection"),))
        made.append(record)
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    random_ = random.Random(7)
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(home, "places", GAZETTEER)
        for key, access in ACCESS.items():
            put(home, key, records(key, random_, 40), access)
        # Some leave their source: they stay in the store, retired.
        write(home, source("open", sha="later"), records("open", random.Random(8), 30))
        indexing.finish(home)
        yield home


def asked(random_: random.Random, home: Home) -> Facets:
    with home.database.read() as session:
        places = sorted(session.scalars(select(m.PlaceRow.id)))
        organisations = sorted(session.scalars(select(m.OrganisationRow.id)))
        pks = sorted(session.scalars(select(m.RecordRow.pk)))
    days = [None, *(date(2020, 1, 1) + timedelta(days) for days in (0, 400, 900, 1800))]
    return Facets(
        places=tuple(random_.sample([*places, "KE99"], random_.choice([0, 0, 0, 1, 2]))),
        themes=tuple(random_.sample(["wash", "health", "mhpss", "protection", "child_protection", "nutrition"],
                                    random_.choice([0, 0, 0, 1, 2]))),
        organisations=tuple(random_.sample([*organisations, "nobody"], random_.choice([0, 0, 0, 1, 2]))),
        start=random_.choice(days),
        end=random_.choice(days),
        kinds=tuple(random_.sample(list(RecordKind), random_.choice([3, len(RecordKind)]))),
        pks=random_.choice([None, None, (), tuple(random_.sample([*pks, 10_000], 25))]),
    )  # fmt: skip


def test_the_columns_and_the_store_agree_on_facets_and_audiences(home: Home) -> None:
    random_ = random.Random(9)
    not_empty = 0
    with home.database.read() as session:
        held = home.retrieval.level(session)
        for _ in range(400):
            facets, audience = asked(random_, home), random_.choice(AUDIENCES)
            mask = held.mask(session, facets, held.visible(audience))
            by_columns = held.columns.pks[mask].tolist()
            by_store = session.scalars(select(m.RecordRow.pk).where(*finding.clauses(session, facets, audience))).all()
            assert by_columns == sorted(by_store), (facets, audience)
            assert int(mask.sum()) == finding.count(session, facets, audience)
            not_empty += bool(by_columns)
    assert not_empty > 100, "most of what was asked answers nothing: the comparison shows little"


def test_retired_records_are_in_no_column(home: Home) -> None:
    with home.database.read() as session:
        held = home.retrieval.level(session)
        retired = set(session.scalars(select(m.RecordRow.pk).where(m.RecordRow.retired_at.is_not(None))))
    assert retired
    assert retired.isdisjoint(held.columns.pks.tolist())


def test_who_fulfils_the_same_permissions_has_the_same_sight(home: Home) -> None:
    with home.database.read() as session:
        columns = home.retrieval.level(session).columns
    assert columns.sight(member("Dune")) == columns.sight(named("community"))
    assert len({columns.sight(audience) for audience in AUDIENCES}) == 6
    assert sum(columns.sight(PUBLIC)) == 1


def test_a_home_without_records_answers_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as home, home.database.read() as session:
        held = home.retrieval.level(session)
        assert held.mask(session, Facets(places=("KE",), pks=(1,)), held.visible(operator())).tolist() == []


def test_groups_find_a_key_and_a_range_of_keys() -> None:
    groups = Groups(["KE/01/", "KE/", "TD/", "KE/01/", "KF/"], np.array([4, 2, 1, 3, 0], np.int32))
    assert groups.of("KE/01/").tolist() == [4, 3]
    assert sorted(groups.between("KE/", "KE/\U0010ffff").tolist()) == [2, 3, 4]
    assert groups.of("KE").tolist() == groups.of("ZZ").tolist() == []


def test_numbers_of_several_bytes_are_read() -> None:
    assert varints(bytes([0x09, 0x81, 0x00, 0x82, 0x80, 0x05])) == [9, 128, 32773]
    assert varints(b"") == []
