"""The page has a word for everything a record can be or hold."""

from __future__ import annotations

import pytest

from connectors.web.words import LANGUAGES, words
from knowledge.records import Level, RecordKind, Role
from knowledge.statements import FIELDS

FIGURES = ("in_need", "targeted", "reached", "population", "deaths", "injured", "displaced", "value", "rank")


@pytest.mark.parametrize("language", LANGUAGES)
def test_kinds_roles_figures_and_fields_are_named(language: str) -> None:
    wanted = {f"{prefix}_{kind}" for kind in RecordKind for prefix in ("kind", "count")}
    wanted |= {f"role_{role}" for role in Role} | {f"audience_{level}" for level in Level}
    wanted |= {f"figure_{name}" for name in FIGURES} | {f"field_{name}" for name in FIELDS}
    assert wanted - words(language).keys() == set()
