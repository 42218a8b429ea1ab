"""Events, needs, an index of risk and a register of no known shape: what the three countries' work answers to.

Places are real and their numbers invented; so are all groups that take part in events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from openpyxl import Workbook

from knowledge.corpus.inputs import COUNTRIES, load, places
from knowledge.corpus.model import NOTICE, Place
from knowledge.corpus.sources import File
from knowledge.corpus.tables import _csv as csv_bytes
from knowledge.corpus.tables import _fixed as fixed_bytes

OFFICE = "Common Ground sample coordination office"


def documents() -> Iterator[tuple[File, bytes]]:
    """Every file of this module with its bytes; a mapping comes with the table it stands beside."""
    for path, form, title, as_of, body in (
        ("events/conflict_ged_shape_2026.csv", "event", "Conflict events in UCDP GED columns", "2026-10-31", _ucdp()),
        ("events/conflict_acled_shape_2026.csv", "event", "Conflict events in ACLED columns", "2026-10-31", _acled()),
        ("hazards/alerts_2026.csv", "event", "Alerts of hazards", "2026-10-31", _alerts()),
        ("hazards/risk_index_2026.csv", "index", "Index of risk", "2026-06-30", _index()),
        ("needs/needs_overview_2026.csv", "need", "People in need, targeted and reached", "2026-06-30", _needs()),
        ("needs/senegal_besoins_2026.xlsx", "need", "Personnes dans le besoin, Sénégal", "2026-06-30", _besoins()),
        ("tables/registre_inondations_2026.csv", "mapped", "Registre des inondations", "2026-09-30", _register()),
    ):
        yield File(path, form, f"{title} (invented)", OFFICE, as_of), body


def mapping() -> tuple[str, bytes]:
    """The path and the bytes of the mapping of the register."""
    text = f"# {NOTICE}\n{load('risks.yml')['mapping']}"
    return "tables/registre_inondations_2026.csv.mapping.yml", text.encode("utf-8")


def _districts(country: str) -> list[Place]:
    return sorted(
        (one for one in places().values() if one.level == 2 and one.pcode[:2] == country), key=lambda o: o.pcode
    )


def _head(columns: str) -> list[str]:
    return columns.split(",")


def _day(random: Random) -> date:
    return date(2026, 1, 5) + timedelta(days=random.randrange(290))


def _ucdp() -> bytes:
    random = Random("ucdp")
    head = _head(
        "id,relid,year,active_year,type_of_violence,conflict_new_id,conflict_name,dyad_new_id,dyad_name,side_a_new_id,"
        "side_a,side_b_new_id,side_b,number_of_sources,source_office,where_prec,where_coordinates,adm_1,adm_2,latitude,"
        "longitude,country,country_id,region,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,"
        "deaths_civilians,deaths_unknown,best,high,low"
    )
    lines: list[Sequence[object]] = [head]
    for country, kind, conflict, side_a, side_b in load("risks.yml")["conflicts"]:
        for place in random.sample(_districts(country), 5):
            day = _day(random)
            a, b, civilians, unknown = (random.randrange(4) for _ in range(4))
            if kind == 3:
                a = b = 0
            best = a + b + civilians + unknown
            number = 900_000 + len(lines)
            name = COUNTRIES[country][1]["en"]
            dyad = f"{side_a} - {side_b}"
            lines.append([
                number, f"XX-{number}", day.year, 1, kind, 90_000 + kind, conflict, 91_000 + kind, dyad, 92_001, side_a,
                92_002, side_b, random.randrange(1, 4), "Sample Radio", 1, place.town or place.written,
                places()[place.parent].written, place.written, place.latitude or "", place.longitude or "", name, 0,
                "Africa" if country != "CO" else "Americas", 1, 1, day.isoformat(), day.isoformat(), a, b, civilians,
                unknown, best, best + random.randrange(3), max(best - 1, 0),
            ])  # fmt: skip
    return csv_bytes(lines)


def _acled() -> bytes:
    random = Random("acled")
    head = _head(
        "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,inter1,actor2,inter2,"
        "civilian_targeting,iso,region,country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,"
        "source_scale,notes,fatalities"
    )
    lines: list[Sequence[object]] = [head]
    for country, kind, sub_kind, side_a, side_b, deadly, notes in load("risks.yml")["acled"]:
        for place in random.sample(_districts(country), 4):
            day = _day(random)
            iso3, names = COUNTRIES[country]
            lines.append([
                f"{iso3}{9000 + len(lines)}", f"{day.day:02} {day:%B} {day.year}", day.year, 1,
                "Demonstrations" if kind in ("Protests", "Riots") else "Political violence", kind, sub_kind, side_a, "",
                side_b, "", "", "", "", names["en"], places()[place.parent].written, place.written, "",
                place.town or place.written, place.latitude or "", place.longitude or "", 1, "Sample Radio", "National",
                notes.format(place=place.written), random.randrange(1, 6) if deadly else 0,
            ])  # fmt: skip
    return csv_bytes(lines)


def _alerts() -> bytes:
    random = Random("alerts")
    head = [
        "eventtype",
        "eventid",
        "name",
        "alertlevel",
        "country",
        "iso3",
        "fromdate",
        "todate",
        "latitude",
        "longitude",
    ]
    lines: list[Sequence[object]] = [[*head, "population"]]
    for country, kind, level in load("risks.yml")["alerts"]:
        place = random.choice([one for one in _districts(country) if one.latitude])
        day = _day(random)
        iso3, names = COUNTRIES[country]
        number = 990_000 + len(lines)
        until = day + timedelta(days=random.randrange(2, 20))
        lines.append([
            kind, number, f"Invented {number}", level, names["en"], iso3, day.isoformat(), until.isoformat(),
            place.latitude, place.longitude, random.randrange(2, 90) * 1000,
        ])  # fmt: skip
    return csv_bytes(lines)


def _index() -> bytes:
    random = Random("index")
    head = [
        "Country",
        "ISO3",
        "Admin 1",
        "Admin 1 P-code",
        "Risk index",
        "Rank",
        "Hazard and exposure",
        "Vulnerability",
    ]
    rows: list[tuple[str, str, str, str, list[float]]] = []
    for country, (iso3, names) in COUNTRIES.items():
        areas = ["", *sorted({place.parent for place in _districts(country)})]
        for code in areas:
            written = places()[code].written if code else ""
            rows.append((names["en"], iso3, written, code, [random.randrange(15, 85) / 10 for _ in range(4)]))
    order = sorted((-values[0], position) for position, (*_, values) in enumerate(rows))
    rank = {position: place for place, (_, position) in enumerate(order, start=1)}
    lines: list[Sequence[object]] = [[*head, "Lack of coping capacity", "Risk class"]]
    for position, (name, iso3, written, code, values) in enumerate(rows):
        risk_class = "High" if values[0] >= 6 else "Medium" if values[0] >= 3.5 else "Low"
        lines.append([name, iso3, written, code, values[0], rank[position], *values[1:], risk_class])
    return csv_bytes(lines)


def _needs() -> bytes:
    """In the columns of a humanitarian needs overview, with a row of HXL tags; totals and parts in one table."""
    random = Random("needs")
    head = [
        "Country",
        "Admin 1",
        "Admin 1 P-code",
        "Cluster",
        "Category",
        "Population",
        "In Need",
        "Targeted",
        "Reached",
    ]
    tags = ["#country+code", "#adm1+name", "#adm1+code", "#sector+name", "#population+group", "#population", "#inneed"]
    lines: list[Sequence[object]] = [head, [*tags, "#targeted", "#reached"]]
    for country, (iso3, _) in COUNTRIES.items():
        for code in sorted({place.parent for place in _districts(country)}):
            area = places()[code].written
            population = random.randrange(300, 2200) * 1000
            overall = population * random.randrange(4, 30) // 100
            lines.append([iso3, area, code, "Intersectoral", "all", population, overall, overall // 2, overall // 5])
            for cluster in load("risks.yml")["clusters"]:
                need = overall * random.randrange(20, 90) // 100
                lines.append([iso3, area, code, cluster, "all", population, need, need // 2, need // 5])
                children = need * 45 // 100
                lines.append([iso3, area, code, cluster, "Children", "", children, children // 2, children // 5])
    return csv_bytes(lines)


def _besoins() -> bytes:
    """A workbook as clusters fill it: a sheet for each, merged groups of headers, regions merged over districts."""
    random = Random("besoins")
    book = Workbook()
    assert book.active is not None
    book.active.title = "Lisez-moi"
    book.active.append([NOTICE])
    districts = _districts("SN")
    for name in ("Santé", "Nutrition", "Éducation"):
        sheet = book.create_sheet(name)
        sheet.append(["Zone", None, None, "Personnes dans le besoin", None, "Personnes ciblées", None])
        sheet.append(["Région", "Département", "Code département", "Femmes", "Hommes", "Femmes", "Hommes"])
        for area in ("A1:C1", "D1:E1", "F1:G1"):
            sheet.merge_cells(area)
        first = 3
        for parent in sorted({place.parent for place in districts}):
            inside = [place for place in districts if place.parent == parent]
            for number, place in enumerate(inside):
                women, men = random.randrange(2000, 40_000), random.randrange(2000, 38_000)
                region = places()[parent].written if number == 0 else None
                sheet.append([region, place.written, place.pcode, women, men, women // 2, men // 2])
            if len(inside) > 1:
                sheet.merge_cells(f"A{first}:A{first + len(inside) - 1}")
            first += len(inside)
        sheet.append(["Total", None, None, *(f"=SUM({letter}3:{letter}{first - 1})" for letter in "DEFG")])
    return fixed_bytes(book)


def _register() -> bytes:
    random = Random("register")
    lines: list[Sequence[object]] = [
        ["No", "Constat", "Jour", "Région", "Département", "Code", "Ménages touchés", "Agent"]
    ]
    for number, place in enumerate(random.sample(_districts("SN"), 8), start=1):
        day = date(2026, 7, 1) + timedelta(days=random.randrange(80))
        words = random.choice(load("risks.yml")["floods"]).format(place=place.written)
        region = places()[place.parent].written
        households = random.randrange(20, 600)
        lines.append(
            [f"I-{number:02}", words, f"{day:%d/%m/%Y}", region, place.written, place.pcode, households, "agent"]
        )
    return csv_bytes(lines, delimiter=";", mark=True)
