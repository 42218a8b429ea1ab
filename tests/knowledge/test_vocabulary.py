"""The tables hold together, and every sector, cluster and kind that real files write leads somewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from knowledge import vocabulary
from knowledge.countries import LANGUAGES
from knowledge.language import detect
from knowledge.text import fold, stems, tokens


def test_themes_are_a_tree_with_words_in_every_language() -> None:
    for theme in vocabulary.themes().values():
        assert theme.id not in vocabulary.ancestors(theme.id)
        for language in LANGUAGES:
            assert theme.label(language)
            assert theme.words[language]


def test_descendants_and_several_parents() -> None:
    assert {"malaria", "cholera", "polio"} <= vocabulary.descendants("health")
    assert "school_feeding" in vocabulary.descendants("education") & vocabulary.descendants("food_security")
    assert vocabulary.descendants("malaria") == {"malaria"}


def test_every_sector_has_a_theme_or_a_reason() -> None:
    for sector in vocabulary.sectors().values():
        assert bool(sector.themes) != bool(sector.without), sector.code
        assert set(sector.themes) <= set(vocabulary.themes())


@pytest.mark.parametrize(
    ("scheme", "code", "name", "wanted"),
    [
        ("1", "12262", "", ("malaria",)),
        ("", "11250", "", ("school_feeding",)),
        ("1", "15171", "", ("governance",)),
        ("1", "", "72050", ("coordination", "disaster_response")),
        ("1", "99810", "", ()),
        ("2", "140", "", ("wash",)),
        ("10", "11", "", ("wash",)),
        ("10", "5404", "", ("gbv",)),
        ("10", "", "Cross-sectoral", ("coordination",)),
        ("7", "3", "", ("health",)),
        ("8", "6.2", "", ("sanitation",)),
        ("8", "3.8", "", ("health",)),
        ("9", "2.1.2", "", ("food_security",)),
        ("cluster", "", "Securité alimentaire", ("food_security",)),
        ("cluster", "", "Abris/AME", ("shelter",)),
        ("cluster", "", "Protection - VBG", ("gbv",)),
        ("cluster", "", "Seguridad alimentaria", ("food_security",)),
        ("cluster", "", "المياه والصرف الصحي", ("wash",)),
        ("cluster", "", "Food Security and Livelihoods Cluster", ("food_security", "livelihoods")),
        ("99", "HLT", "Health", ("health",)),
        ("99", "X1", "Strategic outcome 4", ()),
    ],
)
def test_themes_of_sectors(scheme: str, code: str, name: str, wanted: tuple[str, ...]) -> None:
    assert vocabulary.themes_of_sector(scheme, code, name) == wanted


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("10", "government"),
        ("21", "ingo"),
        ("40", "multilateral"),
        ("441", "nngo"),
        ("ONG Internationale", "ingo"),
        ("National NGOs", "nngo"),
        ("UN Agency", "un"),
        ("Agence UN", "un"),
        ("Mouvement de la Croix Rouge", "red_cross"),
        ("Red Cross / Red Crescent", "red_cross"),
        ("Academic, Training and Research", "academia"),
        ("منظمة غير حكومية دولية", "ingo"),
        ("N/A", ""),
        ("", ""),
    ],
)
def test_kinds(written: str, kind: str) -> None:
    assert vocabulary.kind_of(written) == kind


def test_labels_in_the_language_asked_for() -> None:
    assert vocabulary.sector_name("12262", "fr") == "Lutte contre le paludisme"
    assert vocabulary.sector_name("12262", "ar") == "Malaria control"
    assert vocabulary.sector_name("00000") == ""
    assert vocabulary.kind_label("nngo", "es") == "ONG nacional"
    assert vocabulary.status_label("2", "pt") == "Em curso"
    assert vocabulary.status_label("On-going") == "Under way"
    assert vocabulary.status_label("Unheard of") == "Unheard of"
    assert "rdc" in vocabulary.country_words()["CD"].names


def test_all_sectors_of_real_activities_lead_to_a_theme_or_a_reason(shared_data: Path) -> None:
    unknown: dict[str, int] = {}
    total = 0
    for path in sorted((shared_data / "iati").glob("*.xml"))[::4]:
        for _, element in etree.iterparse(path, tag="sector", recover=True, huge_tree=True):
            scheme, code = element.get("vocabulary") or "1", (element.get("code") or "").strip()
            name = " ".join("".join(element.itertext()).split())
            element.clear()
            if scheme in {"1", "2", "10"}:
                total += 1
                known = vocabulary.sectors().get(code)
                if not vocabulary.themes_of_sector(scheme, code, name) and not (known and known.without):
                    unknown[f"{scheme}:{code}:{name}"] = unknown.get(f"{scheme}:{code}:{name}", 0) + 1
    assert total > 1000
    assert sum(unknown.values()) <= total * 0.001, unknown


def test_all_clusters_and_kinds_of_real_tables_are_known(shared_data: Path) -> None:
    with (shared_data / "3w" / "ethiopia_5w_august_2025.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    clusters = {row["Cluster"] for row in rows}
    kinds = {row["Implementing Partner Type"] for row in rows}
    sheet = openpyxl.load_workbook(shared_data / "3w" / "chad_3w_april_2025.xlsx").worksheets[0]
    for row in sheet.iter_rows(min_row=3, values_only=True):
        clusters.add(str(row[3] or ""))
        kinds.add(str(row[6] or ""))
    assert [name for name in clusters - {""} if not vocabulary.themes_of_sector("cluster", "", name)] == []
    assert [name for name in kinds - {""} if not vocabulary.kind_of(name)] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who does WASH in N'Djaména?", "en"),
        ("et à Abéché ?", "fr"),
        ("¿y en Tibú?", "es"),
        ("quem faz saúde em Nampula", "pt"),
        ("مين يشتغل في UNICEF", "ar"),
        ("Médecins Sans Frontières in Addis Abeba", "en"),
        ("WFP Bakool", "en"),
        ("", "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect(text) == language


def test_a_text_that_does_not_tell_has_the_default_language() -> None:
    assert detect("Bakool", "fr") == "fr"
    assert detect("WASH 2025 ?", "ar") == "ar"


def test_folding() -> None:
    assert fold("Ségou  l'Élevage") == "segou l elevage"
    assert fold("أحمد إلى آفة") == "احمد الي افه"
    assert fold("الصِّحّة ٢٠٢٥") == "صحه 2025"
    assert stems(fold("Écoles maternelles")) == stems(fold("école maternelle"))


def test_tokens_point_into_the_text() -> None:
    text = "Qui à N'Djaména ؟ بالصحّة"
    assert [text[token.start : token.end] for token in tokens(text)] == ["Qui", "à", "N", "Djaména", "بالصحّة"]
    assert "صحه" in tokens(text)[-1].forms
