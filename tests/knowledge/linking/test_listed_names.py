"""Organisations that stand in a curated list and in no record are understood by whoever may see the list."""

from __future__ import annotations

from pathlib import Path

from knowledge.access import PUBLIC as EVERYONE
from knowledge.index import Index
from knowledge.records import Access, Level, OrganisationName
from tests import homes


def test_a_listed_organisation_without_records_is_named_and_not_indexed(tmp_path: Path) -> None:
    listed = [
        OrganisationName("Reedwater Trust", "Reedwater Trust", "RWT"),
        OrganisationName("Ashgrove Relief", "Ashgrove Relief", "AGR"),
    ]
    with homes.opened(tmp_path) as home:
        homes.put(home, "records", [homes.activity("XX-1", who=["Ashgrove Relief"])])
        homes.put(home, "list", listed)
        index = Index(home)
        (trust,) = index.link("does Reedwater Trust work here", EVERYONE).of("organisation")
        assert (trust.value["name"], trust.value["indexed"]) == ("Reedwater Trust", False)
        (relief,) = index.link("and AGR?", EVERYONE).of("organisation")
        assert relief.value["name"] == "Ashgrove Relief"
        assert "indexed" not in relief.value
        assert relief.alternatives == ()


def test_a_list_of_others_names_nobody(tmp_path: Path) -> None:
    with homes.opened(tmp_path) as home:
        homes.put(home, "records", [homes.activity("XX-1", who=["Ashgrove Relief"])])
        listed = [OrganisationName("Reedwater Trust", "Reedwater Trust", "RWT")]
        homes.put(home, "list", listed, Access(Level.OWN, "ashgrove-relief"))
        assert Index(home).link("does Reedwater Trust work here", EVERYONE).of("organisation") == []
