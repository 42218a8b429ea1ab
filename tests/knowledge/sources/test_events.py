"""Conflict and hazard events, needs and indices: what a row of each shape becomes, and real files counted twice."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from knowledge import sources
from knowledge.records import Figure, Period, PlaceMention, Problem, Record, RecordKind
from knowledge.sources import Format

UCDP = (
    "id,year,type_of_violence,conflict_name,dyad_name,side_a,side_b,number_of_sources,source_article,source_office,"
    "source_headline,where_prec,where_coordinates,adm_1,adm_2,latitude,longitude,country,date_prec,date_start,date_end,"
    "deaths_civilians,low,best,high\n"
)
ROW = (
    '901,2026,1,Invented: Hill,Government - Hill Front,Government,Hill Front,2,"A paper, a name",Paper,'
    "Headline naming Somebody,1,Modogashe town,Garissa,Lagdera,0.7,39.2,Kenya,1,2026-03-01 00:00:00.000,2026-03-02,"
    "1,2,4,9\n"
)


def read(path: Path, content: str) -> tuple[list[Record], list[Problem]]:
    path.write_text(content, encoding="utf-8")
    items = list(sources.read(path))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Problem)]


def test_an_event_of_ucdp(tmp_path: Path) -> None:
    path = tmp_path / "ged.csv"
    (record,), problems = read(path, UCDP + ROW)
    assert problems == []
    assert (record.id, record.kind) == ("ucdp:901", RecordKind.EVENT)
    assert record.title == "State-based conflict: Modogashe town, 2026-03-01"
    assert record.places == (PlaceMention("KE", ("Garissa", "Lagdera"), "", "Modogashe town", 0.7, 39.2),)
    assert record.period == Period(actual_start=date(2026, 3, 1), actual_end=date(2026, 3, 2))
    assert record.figures == (Figure("deaths", 4), Figure("deaths", 1, "civilians"))
    assert record.organisations == (), "an armed group runs no programme"
    extra = dict(record.extra)
    assert (extra["side_b"], extra["deaths_low"], extra["deaths_high"]) == ("Hill Front", "2", "9")
    assert "Somebody" not in repr(record)
    assert sources.describe(path).as_of == date(2026, 3, 2)


def test_a_bad_event_costs_only_itself(tmp_path: Path) -> None:
    bad_day = ROW.replace("901", "902").replace("2026-03-01 00:00:00.000", "soon")
    bad_place = ROW.replace("901", "903").replace("39.2", "390")
    records, problems = read(tmp_path / "ged.csv", UCDP + bad_day + bad_place + ROW + ROW)
    assert [one.id for one in records] == ["ucdp:901", "ucdp:901-2"]
    assert [(one.line, one.fatal) for one in problems] == [(2, False), (3, False)]
    assert "'soon' is not a date" in problems[0].reason
    assert "longitude" in problems[1].reason


def test_an_event_of_acled(tmp_path: Path) -> None:
    head = (
        "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,"
        "actor2,iso,region,country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,notes,fatalities\n"
    )
    row = (
        "COL77,12 March 2026,2026,1,Political violence,Battles,Armed clash,Group A,,Group B,170,South America,Colombia,"
        'Choco,Quibdo,,Quibdo,5.69,-76.66,1,Radio,"Two groups clashed; no one was hurt.",0\n'
    )
    (record,), problems = read(tmp_path / "acled.csv", head + row)
    assert problems == []
    assert (record.id, record.title) == ("acled:COL77", "Armed clash: Quibdo, 2026-03-12")
    assert record.period == Period(actual_start=date(2026, 3, 12), actual_end=date(2026, 3, 12))
    assert record.figures == (Figure("deaths", 0),)
    assert record.texts[0].text == "Two groups clashed; no one was hurt."
    assert record.places[0].country == "CO"
    assert record.organisations == ()


def test_alerts_of_hazards(tmp_path: Path) -> None:
    (record,), problems = read(
        tmp_path / "alerts.csv",
        "eventtype,eventid,alertlevel,country,fromdate,todate,latitude,longitude,population\n"
        "FL,1100,Orange,Senegal,2026-08-20,2026-09-02,15.6,-13.3,52000\n",
    )
    assert problems == []
    assert (record.id, record.kind) == ("gdacs:FL1100", RecordKind.EVENT)
    assert record.title == "Flood, orange alert: Senegal, 2026-08-20"
    assert record.figures == (Figure("population", 52_000, "exposed"),)
    assert ("alert_level", "Orange") in record.extra


def test_tagged_counts_of_deaths(tmp_path: Path) -> None:
    records, problems = read(
        tmp_path / "deaths_KEN.csv",
        "end_year,adm_1,best\n#date+year+end,#adm1+name,#affected+killed\n2025,Garissa,3\n2025,Garissa,3\n2024,,1\n",
    )
    assert problems == []
    assert [(one.places[0].country, one.places[0].names) for one in records] == [
        ("KE", ("Garissa",)),
        ("KE", ("Garissa",)),
        ("KE", ()),
    ]
    assert {one.figures for one in records} == {(Figure("deaths", 3),), (Figure("deaths", 1),)}
    assert records[0].period == Period(actual_start=date(2025, 1, 1), actual_end=date(2025, 12, 31))
    assert len({one.id for one in records}) == 3


# --- needs ----------------------------------------------------------------------------------------------------------


def test_needs_in_long_form_by_population_status(tmp_path: Path) -> None:
    path = tmp_path / "needs.csv"
    records, problems = read(
        path,
        "location_code,admin1_code,admin1_name,admin_level,sector_code,sector_name,category,population_status,population,"
        "reference_period_start,reference_period_end\n"
        "KEN,KE007,Garissa,1,Intersectoral,Intersectoral,,INN,9000,2026-01-01,2026-12-31\n"
        "KEN,KE007,Garissa,1,WSH,WASH,,INN,5000,2026-01-01,2026-12-31\n"
        "KEN,KE007,Garissa,1,WSH,WASH,Children,TGT,2000,2026-01-01,2026-12-31\n"
        "KEN,,,0,Intersectoral,Intersectoral,,all,50000000,2026-01-01,2026-12-31\n",
    )
    assert problems == []
    assert sources.detect(path) is Format.NEED
    assert [one.figures for one in records] == [
        (Figure("in_need", 9000),),
        (Figure("in_need", 5000),),
        (Figure("targeted", 2000, "Children"),),
        (Figure("population", 50_000_000),),
    ]
    assert [dict(one.extra)["disaggregation"] for one in records] == ["total", "sector", "sector and group", "total"]
    assert [dict(one.extra)["admin_level"] for one in records] == ["1", "1", "1", "0"]
    assert [[theme.name for theme in one.themes] for one in records] == [[], ["WASH"], ["WASH"], []]
    assert records[0].places == (PlaceMention("KE", ("Garissa",), "KE007"),)
    assert records[0].period == Period(actual_start=date(2026, 1, 1), planned_end=date(2026, 12, 31))


def test_needs_with_clusters_side_by_side(tmp_path: Path) -> None:
    records, problems = read(
        tmp_path / "senegal_besoins_2026-01.csv",
        "Région,Code région,Population,Personnes dans le besoin,Personnes dans le besoin - Santé,"
        "Personnes ciblées - Santé\nKolda,SN07,800000,30000,12 000,9 000\nTotal,,800000,30000,12000,9000\n",
    )
    assert problems == []
    overall, health = records
    assert overall.figures == (Figure("population", 800_000), Figure("in_need", 30_000))
    assert health.figures == (Figure("in_need", 12_000), Figure("targeted", 9_000))
    assert [dict(one.extra)["disaggregation"] for one in records] == ["total", "sector"]
    assert [one.title for one in records] == ["People in need: all sectors in Kolda", "People in need: sante in Kolda"]


def test_tagged_needs(tmp_path: Path) -> None:
    records, problems = read(
        tmp_path / "hno.csv",
        "Where,Code,What,Whom,A,B,C\n#adm1+name,#adm1+code,#sector+name,#population+group,#inneed,#targeted,#reached\n"
        "Chocó,CO27,Salud,all,100,50,10\nChocó,CO27,Salud,IDPs,40,20,n/a\nChocó,CO27,Salud,all,,,\n",
    )
    assert records[0].figures == (
        Figure("in_need", 100),
        Figure("targeted", 50),
        Figure("reached", 10),
    )
    assert len(records) == 2
    assert [problem.line for problem in problems] == [5]
    assert "no number of people" in problems[0].reason


def test_a_table_with_organisations_is_presence_not_need(tmp_path: Path) -> None:
    path = tmp_path / "presence.csv"
    path.write_text("Organisation,County,Cluster,People targeted,People reached\nLantern,Garissa,WASH,100,60\n")
    (record,) = sources.read(path)
    assert isinstance(record, Record)
    assert (record.kind, record.figures) == (RecordKind.PRESENCE, (Figure("targeted", 100), Figure("reached", 60)))


# --- indices --------------------------------------------------------------------------------------------------------


def test_an_index_of_risk(tmp_path: Path) -> None:
    path = tmp_path / "risk.csv"
    records, problems = read(
        path,
        "Country,ISO3,INFORM Risk,Risk class,Rank,Hazard & Exposure,Flood\nKenya,KEN,6.2,High,19,6.1,5.5\n"
        "Senegal,SEN,4.1,Medium,70,3.3,x\n,,,,,,\nNowhere,,,,,,\n",
    )
    assert sources.detect(path) is Format.INDEX
    kenya, senegal = records
    assert (kenya.title, kenya.kind) == ("INFORM Risk: Kenya", RecordKind.INDEX)
    assert kenya.figures == (
        Figure("value", 6.2, unit="INFORM Risk"),
        Figure("rank", 19, unit="Rank"),
        Figure("value", 6.1, unit="Hazard & Exposure"),
        Figure("value", 5.5, unit="Flood"),
    )
    assert kenya.extra == (("Risk class", "High"),)
    assert (senegal.places[0].country, len(senegal.figures)) == ("SN", 3)
    assert [problem.line for problem in problems] == [5]


def test_an_index_with_a_row_per_indicator(tmp_path: Path) -> None:
    records, problems = read(
        tmp_path / "inform.csv",
        "Iso3,IndicatorName,IndicatorScore,Year\nKEN,Drought,7.5,2026\nKEN,Flood,-1,2026\n",
    )
    assert problems == []
    assert [one.figures for one in records] == [
        (Figure("value", 7.5, unit="Drought"),),
        (Figure("value", -1, unit="Flood"),),
    ]
    assert records[0].period == Period(actual_start=date(2026, 1, 1), actual_end=date(2026, 12, 31))
    assert len({one.id for one in records}) == 2


# --- real files -----------------------------------------------------------------------------------------------------


def both(path: Path) -> tuple[list[Record], list[Problem]]:
    items = list(sources.read(path))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Problem)]


def frame_of(path: Path, tagged: bool) -> pd.DataFrame:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
            return pd.read_csv(file, dtype=str, keep_default_na=False)
    return pd.read_csv(path, dtype=str, keep_default_na=False).iloc[1 if tagged else 0 :]


@pytest.mark.parametrize(
    ("name", "tagged", "rows"), [("conflict_data_BGD.csv", True, 601), ("download.zip", False, 3194)]
)
def test_real_events(shared_data: Path, name: str, tagged: bool, rows: int) -> None:
    path = shared_data / "events" / name
    frame, (records, problems) = frame_of(path, tagged), both(path)
    assert problems == []
    assert len(records) == len(frame) == rows
    assert {one.id for one in records} == {f"ucdp:{number}" for number in frame["id"]}
    assert sum(one.figures[0].value for one in records) == frame["best"].astype(int).sum()
    civilians = [figure.value for one in records for figure in one.figures if figure.group == "civilians"]
    assert sum(civilians) == frame["deaths_civilians"].astype(int).sum()
    assert sorted(str(one.period.start) for one in records) == sorted(frame["date_start"])
    assert {one.places[0].country for one in records} == {"BD", "MM"} if name.endswith("zip") else {"BD"}
    assert sum(one.places[0].latitude or 0 for one in records) == pytest.approx(frame["latitude"].astype(float).sum())


def test_real_counts_of_deaths(shared_data: Path) -> None:
    path = shared_data / "events" / "qc_conflict_data_BGD.csv"
    frame, (records, problems) = frame_of(path, True), both(path)
    assert problems == []
    assert len(records) == len(frame) == 601
    assert len({one.id for one in records}) == 601
    assert sum(one.figures[0].value for one in records) == frame["best"].astype(int).sum()
