"""Gazetteers, lists of names, mandates, dates in file names, and how files are found and told apart."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge import sources
from knowledge.records import GazetteerPlace, OrganisationMention, OrganisationName, Problem, Record, Role, Text
from knowledge.sources import Format, dates


@pytest.mark.parametrize(
    ("stem", "day"),
    [
        ("ethiopia_5w_august_2025", date(2025, 8, 31)),
        ("chad_3w_april_2025", date(2025, 4, 30)),
        ("3w-tchad-février-2024", date(2024, 2, 29)),
        ("colombia_4w_septiembre2025", date(2025, 9, 30)),
        ("mocambique 3w março 2025", date(2025, 3, 31)),
        ("yemen_3w_2025-06", date(2025, 6, 30)),
        ("sudan_202507", date(2025, 7, 31)),
        ("mali_2025_04_12", date(2025, 4, 12)),
        ("kenya_3w_jan-mar_2025", date(2025, 3, 31)),
        ("kenya_3w_Q2_2025", date(2025, 6, 30)),
        ("nov_2024_to_feb_2025", date(2025, 2, 28)),
        ("data_set_2025", None),
        ("3w", None),
        ("report_12345678", None),
    ],
)
def test_dates_in_file_names(stem: str, day: date | None) -> None:
    assert dates.from_file_name(stem) == day


@pytest.mark.parametrize("text", ["2025-02-30", "2025-1-1", "20250101", "2025-01-01x", "", "0000-00-00"])
def test_what_is_no_iso_date(text: str) -> None:
    assert dates.iso_date(text) is None


def test_day_and_month_first() -> None:
    assert dates.cell_date("03/04/2025", day_first=True) == date(2025, 4, 3)
    assert dates.cell_date("03/04/2025", day_first=False) == date(2025, 3, 4)
    assert dates.cell_date("31.12.2025", day_first=True) == date(2025, 12, 31)


def test_a_gazetteer(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(
        "\ufeffLocation,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n"
        "TCD,1,TCD14,Ouaddaï,TCD,2012-09-04\nXXX,1,XX01,Nowhere,XX,2012-09-04\nETH,two,ET01,Tigray,ETH,2021-12-14\n"
    )
    place, *problems = sources.read(path)
    assert place == GazetteerPlace("TD", 1, "TCD14", "Ouaddaï", "TCD")
    assert [problem.line for problem in problems if isinstance(problem, Problem)] == [3, 4]
    facts = sources.describe(path)
    assert (facts.format, facts.as_of) == ("gazetteer", date(2021, 12, 14))


def test_a_list_of_names(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(
        "Country Code,Lookup,Canonical Name,Acronym,Type Code\n"
        ",PAM,World Food Programme,WFP,447\nTCD,Caritas T.,Caritas Tchad,,441\n,x,,,\n"
    )
    first, second, problem = sources.read(path)
    assert first == OrganisationName("PAM", "World Food Programme", "WFP", "United Nations", "")
    assert second == OrganisationName("Caritas T.", "Caritas Tchad", "", "National NGO", "TD")
    assert isinstance(problem, Problem)
    assert problem.line == 4


MANDATE = """---
organisation: Lantern Relief
ref: XX-LR
title: Statute of Lantern Relief
language: en
date: 2020-05-01
licence: CC-BY-4.0
---
Preamble.

# Mandate
Light for all.

## Water
Wells and pumps.

```
# not a heading
```

# Limits #
Never arms.
"""


def test_a_mandate(tmp_path: Path) -> None:
    path = tmp_path / "lantern.md"
    path.write_text(MANDATE)
    (record,) = sources.read(path)
    assert isinstance(record, Record)
    assert record.title == "Statute of Lantern Relief"
    assert record.organisations == (OrganisationMention(Role.REPORTING, "Lantern Relief", "", "XX-LR"),)
    assert record.reported_on == date(2020, 5, 1)
    assert record.texts == (
        Text("section", "Preamble.", "en"),
        Text("section", "Light for all.", "en", "Mandate"),
        Text("section", "Wells and pumps.\n\n```\n# not a heading\n```", "en", "Mandate > Water"),
        Text("section", "Never arms.", "en", "Limits"),
    )
    facts = sources.describe(path)
    assert (facts.format, facts.publisher, facts.licence) == ("mandate", "Lantern Relief", "CC-BY-4.0")
    path.write_text(MANDATE.replace("Light for all", "Light for everyone"))
    (again,) = sources.read(path)
    assert isinstance(again, Record)
    assert again.id == record.id


def test_content_decides_before_the_name(tmp_path: Path) -> None:
    xml = tmp_path / "activities.txt"
    xml.write_text('<iati-activities version="2.03"/>')
    assert sources.detect(xml) is Format.IATI_ACTIVITY
    names = tmp_path / "presence.csv"
    names.write_text("Lookup,Canonical Name\nPAM,World Food Programme\n")
    assert sources.detect(names) is Format.ORGANISATION_NAMES


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a/z.csv", "a/notes.yaml", ".git/config", "a/.hidden.csv", "~$open.xlsx", "sources.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Organisation,Province\nCaritas,Lac\n")
    found, problems = sources.survey([tmp_path])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a/z.csv", "b.csv"]
    assert [(problem.file, problem.fatal) for problem in problems] == [("notes.yaml", False)]


def test_a_broken_file_in_a_folder_stays_for_reading_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text("<iati-activities version='2.03'")
    found, problems = sources.survey([tmp_path])
    assert problems == []
    assert [item.fatal for path in found for item in sources.read(path) if isinstance(item, Problem)] == [True]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.csv").write_text("Organisation,Province\nCaritas,Lac\n")
    (inside / "real.csv").write_text("Organisation,Province\nCaritas,Lac\n")
    (inside / "out.csv").symlink_to(outside / "secret.csv")
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    (inside / "within.csv").symlink_to(inside / "real.csv")
    assert [path.name for path in sources.survey([inside])[0]] == ["real.csv", "within.csv"]


def test_a_named_file_of_unknown_type_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("Organisation,Province\nCaritas,Lac\n")
    (tmp_path / "bad.json").write_text("{}")
    good, bad, missing = (tmp_path / name for name in ("good.csv", "bad.json", "missing.xml"))
    found, problems = sources.survey([good, good, bad, missing])
    assert found == [good]
    assert [(problem.file, problem.fatal) for problem in problems] == [("bad.json", True), ("missing.xml", True)]
