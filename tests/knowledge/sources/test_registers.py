"""Registers of mandates: publishers' self-descriptions, entities of the United Nations, its programme budget."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from knowledge import sources
from knowledge.records import (
    Contact,
    Document,
    Item,
    OrganisationMention,
    OrganisationName,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
)
from knowledge.sources import Format


def read(folder: Path, value: Any, name: str = "register.json") -> list[Item]:
    path = folder / name
    path.write_text(json.dumps(value), encoding="utf-8")
    assert sources.detect(path) is Format.MANDATE_REGISTER
    return list(sources.read(path))


def records(items: list[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def publisher(name: str, title: str, words: str = "", **fields: str) -> dict[str, Any]:
    return {
        "publisher_iati_id": f"XX-{name}",
        "title": title,
        "name": name,
        "publisher_description": words,
        "description": "",
        "publisher_country": "",
        "publisher_organization_type": "21",
        "license_id": "",
        "image_url": None,
        **fields,
    }


def test_publishers(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        [
            publisher("lr", "Lantern Relief", "We repair the wells of the north.", publisher_country="KE"),
            publisher("puits", "Puits et Santé", "Nous réparons les puits dans les villages.", license_id="cc-by"),
            publisher("na", "Not Told", "n/a"),
            publisher("self", "Says Its Name", "Says its name"),
            publisher("moh", "Ministry of Health", "The ministry of the state", publisher_country="ZM"),
            {"publisher_iati_id": "XX-none", "title": ""},
        ],
    )
    first, second, ministry = records(items)
    assert first.id == "iati-publisher:lr"
    assert first.kind is RecordKind.MANDATE
    assert first.organisations == (OrganisationMention(Role.REPORTING, "Lantern Relief", "", "XX-lr", "21"),)
    assert first.places == (), "where a publisher sits is not where it works"
    assert ministry.places == (PlaceMention(country="ZM"),), "which ministry it is only its country says"
    assert {("document-type", "register-entry"), ("country", "KE")} <= set(first.extra)
    assert (first.texts[0].language, second.texts[0].language, second.language) == ("en", "fr", "fr")
    names = [item for item in items if isinstance(item, OrganisationName)]
    assert names[0] == OrganisationName("Lantern Relief", "Lantern Relief", "", "21", "KE")
    assert [name.name for name in names] == [
        "Lantern Relief", "Puits et Santé", "Not Told", "Says Its Name", "Ministry of Health",
    ]  # fmt: skip
    (problem,) = [item for item in items if isinstance(item, Problem)]
    assert (problem.element, problem.fatal) == ("entry 6", False)


def test_a_name_that_many_bear_is_nobodys_without_a_country(tmp_path: Path) -> None:
    items = read(tmp_path, [publisher("moh", "Ministry of Health"), publisher("lr", "Lantern Relief")])
    assert [item.name for item in items if isinstance(item, OrganisationName)] == ["Lantern Relief"]


def entity(short: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"entity": short, "entity_long": name, "entity_aliases": None, "entity_description": None, **fields}


def test_entities(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        [
            entity(
                "UNLO",
                "United Nations Lantern Office",
                entity_description="The office keeps lanterns.",
                entity_aliases="LO, Lantern Board",
                foundational_mandate="<https://lantern.example/m(1)>\n\n**Set up** by [resolution 1](https://x.example/r(1)).\n",
                strategic_plan_link="https://lantern.example/plan",
                annual_reports_link="Not found",
                entity_link="https://lantern.example",
                un_principal_organ=["General Assembly", "Security Council"],
                entity_headquarters="Nairobi, Kenya",
            ),
            entity("Fifth Committee", "Administrative Committee", un_principal_organ="Related Organizations"),
        ],
    )
    (record,) = records(items)
    assert record.id == "un-entity:UNLO"
    assert [(text.heading, text.text) for text in record.texts] == [
        ("Description", "The office keeps lanterns."),
        ("Foundational mandate", "Set up by resolution 1."),
    ]
    assert record.documents == (
        Document("Strategic plan", "https://lantern.example/plan", "mandate"),
        Document("Foundational mandate", "https://lantern.example/m(1)", "mandate"),
    )
    assert record.contacts == (Contact("United Nations Lantern Office", "https://lantern.example"),)
    assert ("principal-organ", "General Assembly, Security Council") in record.extra
    assert [item for item in items if isinstance(item, OrganisationName)] == [
        OrganisationName(name, "United Nations Lantern Office", "UNLO", "United Nations")
        for name in ("United Nations Lantern Office", "LO", "Lantern Board")
    ] + [OrganisationName("Administrative Committee", "Administrative Committee", "", "International Organization")]


def block(kind: str, text: str = "", *children: Any, table: Any = None) -> dict[str, Any]:
    return {"block_type": kind, "text": text, "table_content": table, "hyperlinks": [], "children": list(children)}


def rows(*lines: tuple[str, ...]) -> list[list[dict[str, Any]]]:
    return [[{"text": cell, "hyperlinks": []} for cell in line] for line in lines]


MANDATES = block("heading-sub", "Mandates", block("paragraph-1", "1.1\tIt keeps lanterns."))
RESULT = block("heading-sub-sub", "Result 1", block("paragraph-1", "1.3\tMore light."), block("table", "Table 1"))
LAMPS = block("table-content", table=rows(("Changes", "Changes", "2026"), ("", "", ""), ("Lamps", "", "7")))
POSTS = block("table-content", table=rows(("Posts", "2")))
BUDGET = {
    "entity": "Lantern Office",
    "entity_abbrev": "UNLO",
    "section_title": "Light",
    "source_file": "A_80_6.json",
    "content": [
        block(
            "a/b",
            "A.\tProposed programme plan for 2026",
            block("heading", "Overall orientation", MANDATES),
            block(
                "heading-sub",
                "Strategy",
                block("paragraph-1", "1.2\tIt will:", block("paragraph-2", "(a)\tLight them;")),
                RESULT,
                block("paragraph-1", "1.4\tAfterwards it rests."),
                LAMPS,
            ),
            block("heading-sub", "Nothing under it", block("image")),
        ),
        block("a/b", "B.\tPosts", block("heading-sub", "Overview", block("paragraph-1", "1.5\tTwo posts."), POSTS)),
    ],
}


def test_a_programme_budget(tmp_path: Path) -> None:
    (record,) = records(read(tmp_path, BUDGET))
    assert record.id == "un-programme-budget:2026:UNLO"
    assert record.title == "Lantern Office: proposed programme plan for 2026"
    assert [(text.heading, text.text) for text in record.texts] == [
        ("Overall orientation > Mandates", "It keeps lanterns."),
        ("Strategy", "It will:\n\n(a) Light them;\n\nAfterwards it rests.\n\nChanges | 2026\nLamps | 7"),
        ("Strategy > Result 1", "More light."),
        ("Posts > Overview", "Two posts."),
    ]
    assert record.organisations[0].acronym == "UNLO"
    assert {("document-type", "strategic-plan"), ("budget-section", "Light")} <= set(record.extra)


def test_blocks_in_each_other_without_end(tmp_path: Path) -> None:
    inner = block("paragraph-1", "deep")
    for _ in range(400):
        inner = block("heading-sub", "h", inner)
    content = [block("a/b", "A.\tPlan for 2026", block("paragraph-1", "Text."), inner)]
    (record,) = records(read(tmp_path, {**BUDGET, "content": content}))
    assert [text.text for text in record.texts] == ["Text."]


@pytest.mark.parametrize(
    "value",
    [
        [{"entity": 1, "entity_long": None}],
        [{"publisher_iati_id": [], "title": {}}, 7, None],
        {"entity": "X", "content": []},
    ],
)
def test_registers_with_nothing_usable(tmp_path: Path, value: Any) -> None:
    items = read(tmp_path, value)
    assert items
    assert all(isinstance(item, Problem) for item in items)


# --- real registers ---------------------------------------------------------------------------------------------------


def test_the_real_publishers(shared_data: Path) -> None:
    path = shared_data / "mandates" / "iati_publishers.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    items = list(sources.read(path))
    found = records(items)
    expected = 0
    for entry in told:
        words = re.findall(r"[^\W\d_]+", re.sub(r"https?://\S+", "", entry["publisher_description"] or "").casefold())
        expected += len(words) >= 3 and words != re.findall(r"[^\W\d_]+", entry["title"].casefold())
    assert not [item for item in items if isinstance(item, Problem)]
    assert len(found) == expected > 1200
    assert len({record.id for record in found}) == len(found)
    assert {record.organisations[0].ref for record in found} <= {entry["publisher_iati_id"] for entry in told}
    named = {item.canonical for item in items if isinstance(item, OrganisationName)}
    assert len({entry["title"].strip() for entry in told} - named) < 5, "all but names that many bear"


def test_the_real_entities(shared_data: Path) -> None:
    path = shared_data / "mandates" / "un-entities.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    items = list(sources.read(path))
    names = [item for item in items if isinstance(item, OrganisationName)]
    assert len({name.canonical for name in names}) == len({entry["entity_long"].strip() for entry in told})
    described = {entry["entity_long"].strip() for entry in told if entry["entity_description"]}
    titles = {record.title for record in records(items)}
    assert described <= titles
    assert len(records(items)) == len(titles) <= 115


def test_the_real_programme_budget(shared_data: Path) -> None:
    """Every paragraph of every file stands in a text, and every heading that has one above it."""
    ids = set()
    for path in sorted((shared_data / "mandates" / "un_programme_budget_2026").glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        (record,) = records(list(sources.read(path)))
        ids.add(record.id)
        assert record.organisations[0].name == " ".join(told["entity"].split())
        whole = "\n".join(text.text for text in record.texts)
        waiting = list(told["content"])
        paragraphs = 0
        while waiting:
            part = waiting.pop()
            waiting += part["children"]
            if part["block_type"].startswith("paragraph"):
                paragraphs += 1
                words = " ".join(re.sub(r"^\d{1,2}[A-Z]?\.\d{1,3}\t", "", part["text"]).split())
                assert words[-60:] in whole, (path.name, words[:80])
        assert paragraphs > 0
        assert all(text.language == "en" for text in record.texts)
    assert len(ids) == 57
