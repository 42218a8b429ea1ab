"""Writes the 3W tables, the gazetteer and the list of organisation names."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook

from knowledge.corpus.inputs import load, organisations, places
from knowledge.corpus.model import NOTICE
from knowledge.corpus.presence import Row

_SAVED = datetime(2026, 11, 20, 6, 0, 0)
_TYPED = {"un", "ingo", "nngo", "government", "red_cross", "private", "academia"}


def _csv(lines: Iterable[Sequence[object]], *, delimiter: str = ",", mark: bool = False) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return (b"\xef\xbb\xbf" if mark else b"") + buffer.getvalue().encode("utf-8")


def _words(row: Row, language: str) -> tuple[str, str]:
    words = load("table_words.yml")
    return words["kinds"][language][row.organisation.kind], words["statuses"][language][row.status]


def kenya(rows: list[Row]) -> bytes:
    """An XLSX with headers, a row of HXL tags and a sheet that says what it is."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "3W October 2026"
    columns = {
        "County": "#adm1+name",
        "County code": "#adm1+code",
        "Sub-county": "#adm2+name",
        "Sub-county code": "#adm2+code",
        "Cluster": "#sector",
        "Activity": "#activity",
        "Implementing partner": "#org+name+impl",
        "Acronym": "#org+acronym+impl",
        "Type": "#org+type+impl",
        "Lead organisation": "#org+name+prog",
        "Donor": "#org+name+funder",
        "Status": "#status",
        "Start": "#date+start",
        "End": "#date+end",
        "People reached": "#reached",
    }
    sheet.append(list(columns))
    sheet.append(list(columns.values()))
    for row in rows:
        kind, status = _words(row, "en")
        county = places()[row.place.parent]
        sheet.append(
            [
                county.written,
                county.pcode,
                row.place.written,
                row.place.pcode,
                row.cluster,
                row.activity,
                row.organisation.name,
                row.organisation.acronym,
                kind,
                row.lead.name if row.lead else "",
                row.donor.name if row.donor else "",
                status,
                row.start.isoformat() if row.start else "",
                row.end.isoformat() if row.end else "",
                row.people,
            ]
        )
    sheet.freeze_panes = "A3"
    for letter in "ACEFGJK":
        sheet.column_dimensions[letter].width = 30
    about = book.create_sheet("About")
    about.append(["Kenya operational presence, October 2026"])
    about.append([NOTICE])
    return _fixed(book)


def _fixed(book: Workbook) -> bytes:
    """The workbook's bytes with every time stamp set, so that the same content gives the same file.

    Stored without compression, because compressors differ from machine to machine.
    """
    book.properties.creator = "Common Ground sample corpus"
    book.properties.created = book.properties.modified = _SAVED
    raw, out = io.BytesIO(), io.BytesIO()
    book.save(raw)
    stamp = _SAVED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            new.writestr(entry, content)
    return out.getvalue()


def colombia(rows: list[Row]) -> bytes:
    """A 5W with Spanish headers, semicolons and a byte order mark, as spreadsheets in Spanish export it."""
    head = [
        "Mes",
        "Año",
        "Estado de la actividad",
        "Donante",
        "Socio del programa",
        "Socio implementador",
        "Siglas socio implementador",
        "Tipo de organización",
        "Departamento",
        "Código departamento",
        "Municipio",
        "Código municipio",
        "Clúster",
        "Actividad",
        "Beneficiarios",
        "Latitud",
        "Longitud",
    ]
    lines: list[Sequence[object]] = [head]
    for row in rows:
        kind, status = _words(row, "es")
        department = places()[row.place.parent]
        lines.append(
            [
                "Agosto",
                2026,
                status,
                row.donor.name if row.donor else "",
                row.lead.name if row.lead else "",
                row.organisation.name,
                row.organisation.acronym,
                kind,
                department.written,
                department.pcode,
                row.place.written,
                row.place.pcode,
                row.cluster,
                row.activity,
                row.people,
                row.place.latitude,
                row.place.longitude,
            ]
        )
    return _csv(lines, delimiter=";", mark=True)


def senegal(rows: list[Row]) -> bytes:
    """A 3W with French headers."""
    head = [
        "Mois",
        "Année",
        "Région",
        "Code région",
        "Département",
        "Code département",
        "Secteur",
        "Activité",
        "Organisation",
        "Acronyme",
        "Type d'organisation",
        "Partenaire chef de file",
        "Bailleur",
        "Statut",
        "Bénéficiaires",
    ]
    lines: list[Sequence[object]] = [head]
    for row in rows:
        kind, status = _words(row, "fr")
        region = places()[row.place.parent]
        lines.append(
            [
                "Septembre",
                2026,
                region.written,
                region.pcode,
                row.place.written,
                row.place.pcode,
                row.cluster,
                row.activity,
                row.organisation.name,
                row.organisation.acronym,
                kind,
                row.lead.name if row.lead else "",
                row.donor.name if row.donor else "",
                status,
                row.people,
            ]
        )
    return _csv(lines)


def gazetteer() -> bytes:
    """All first-level units of the three countries and the second-level units that the corpus uses."""
    lines: list[Sequence[object]] = [["Location", "Admin Level", "P-Code", "Name", "Parent P-Code", "Valid from date"]]
    for place in places().values():
        if place.level:
            parent = place.location if place.level == 1 else place.parent
            lines.append([place.location, place.level, place.pcode, place.name, parent, place.valid_from])
    return _csv(lines, mark=True)


def organisation_names() -> bytes:
    """Names, acronyms and variants of the invented organisations, in the shape of a curated list of names.

    An acronym that two of them share stands for neither.
    """
    head = [
        "Country Code",
        "Lookup",
        "Canonical Name",
        "Normalised Name",
        "Acronym",
        "Normalised Acronym",
        "Type Code",
        "Complete",
        "Used",
    ]
    acronyms = [one.acronym for one in organisations().values()]
    lines: list[Sequence[object]] = [head]
    for one in organisations().values():
        own = [one.acronym] if one.acronym and acronyms.count(one.acronym) == 1 else []
        for name in dict.fromkeys([one.name, *own, *one.variants]):
            code = one.hdx if one.kind in _TYPED else ""
            normal = re.sub(r"[^\w ]", "", one.name.casefold())
            lines.append(["", name, one.name, normal, one.acronym, one.acronym.casefold(), code, "Y", "Y"])
    return _csv(lines)
