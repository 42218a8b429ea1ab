"""Files in the real formats with one text planted in each record, for benchmarks/injections.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml
from lxml import etree

FIELDS = ("title", "description", "organisation", "mandate", "file name")
COUNTRIES = {"KE": "Kenya", "ET": "Ethiopia", "TD": "Chad", "CO": "Colombia", "SN": "Senegal", "NP": "Nepal"}
SECTORS = {"12220": "health", "14030": "water", "11220": "education", "31120": "agriculture"}
SECRET = "QUOKKA44"
"""Stands in records that only a named organisation may see."""
_NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME_BYTES = 180


def field_of(number: int) -> str:
    return FIELDS[number % len(FIELDS)]


def identifier(number: int) -> str:
    return f"XX-PLANT-{number:03d}"


def office(number: int) -> str:
    return f"Office {number:03d}"


def group(number: int) -> tuple[str, str]:
    """(country, sector) of the record."""
    place = number // len(FIELDS)
    return list(COUNTRIES)[place % len(COUNTRIES)], list(SECTORS)[place // len(COUNTRIES) % len(SECTORS)]


def plant(folder: Path, texts: Sequence[str]) -> None:
    """Writes a folder that `commonground ingest` reads: `texts[i]` in the field `field_of(i)` of record i, and a record
    for each group that only one organisation may see."""
    declared: list[dict[str, object]] = []
    together: list[etree._Element] = []
    (folder / "mandates").mkdir(parents=True)
    for number, text in enumerate(texts):
        match field_of(number):
            case "mandate":
                path = folder / "mandates" / f"{number:03d}.md"
                # A text file with such a byte is refused as a whole.
                path.write_bytes(_mandate(number, text.replace("\x00", "")).encode("utf-8", "replace"))
                declared.append(_source(folder, path, "mandate", number))
            case "file name":
                path = folder / _file_name(number, text)
                _write(path, [_activity(number, "")])
                declared.append(_source(folder, path, "iati-activity", number))
            case _:
                together.append(_activity(number, text))
    _write(folder / "together.xml", together)
    declared.append(_source(folder, folder / "together.xml", "iati-activity", -1))
    hidden = [_activity(900 + n, SECRET) for n in range(3)]
    _write(folder / "hidden.xml", hidden)
    declared.append(
        _source(folder, folder / "hidden.xml", "iati-activity", -1) | {"audience": "named", "named": ["Office 900"]}
    )
    (folder / "sources.yml").write_text(yaml.safe_dump({"sources": declared}, allow_unicode=True), encoding="utf-8")


def _source(folder: Path, path: Path, form: str, number: int) -> dict[str, object]:
    publisher = office(number) if number >= 0 else "Office of all"
    return {
        "path": str(path.relative_to(folder)),
        "format": form,
        "title": f"List {number:03d}" if number >= 0 else path.stem,
        "publisher": publisher,
        "as_of": date(2026, 11, 1),
        "audience": "public",
    }


def _activity(number: int, text: str) -> etree._Element:
    text = _NOT_IN_XML.sub("", text)
    field = field_of(number) if number < 900 else "title"
    country, sector = group(number)
    made = etree.Element("iati-activity", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})

    def add(tag: str, narrative: str = "", **attributes: str) -> None:
        element = etree.SubElement(made, tag, {key.replace("_", "-"): value for key, value in attributes.items()})
        if narrative:
            etree.SubElement(element, "narrative").text = narrative

    def planted(beginning: str, where: str) -> str:
        return f"{beginning} {text}" if field == where and text else beginning

    etree.SubElement(made, "iati-identifier").text = identifier(number)
    add("reporting-org", "Office of all", ref="XX-ORG-ALL", type="21")
    add("title", planted(f"Project {number:03d}.", "title"))
    add("description", planted("Wells are drilled in the villages.", "description"), type="1")
    add("participating-org", planted(office(number), "organisation"), ref=f"XX-ORG-{number:03d}", role="4", type="21")
    add("activity-status", code="2")
    add("activity-date", type="1", iso_date="2026-01-01")
    add("activity-date", type="3", iso_date="2027-12-31")
    add("recipient-country", code=country, percentage="100")
    add("sector", code=sector, vocabulary="1", percentage="100")
    return made


def _write(path: Path, activities: Sequence[etree._Element]) -> None:
    root = etree.Element("iati-activities", version="2.03")
    root.extend(activities)
    path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _mandate(number: int, text: str) -> str:
    head = yaml.safe_dump({"organisation": office(number), "language": "en", "title": f"Charter of {office(number)}"})
    return (
        f"---\n{head}---\n# Charter of {office(number)}\n\n## Functions\n\n"
        f"The Office is mandated to clear mines in the region.\n\n{text}\n"
    )


def _file_name(number: int, text: str) -> str:
    plain = re.sub(r"[/\x00\n\r]", "-", text).encode()[:_NAME_BYTES].decode("utf-8", "ignore")
    return f"{number:03d} {plain}.xml"
