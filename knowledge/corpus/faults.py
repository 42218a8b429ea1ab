"""Plants the data faults that `inputs/faults.yml` names: some in the records, some only in the XML."""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from knowledge.corpus.activities import Corpus
from knowledge.corpus.iati_xml import activity_element
from knowledge.corpus.inputs import load, services
from knowledge.corpus.model import Activity


def plant(corpus: Corpus) -> None:
    """Faults that a well-formed activity can carry."""
    faults = load("faults.yml")
    found = corpus.activities
    for key, (one, two) in faults["percentages_not_100"].items():
        service = services()[found[key].service]
        others = [sector for sector in found[key].sectors if sector[0] != "1"]
        found[key].sectors = [("1", service.dac, one), ("1", service.also, two), *others]
    for key, code in faults["sector_channel_code_as_organisation_id"].items():
        for participant in found[key].participants:
            if participant.role == "1":
                participant.ref = code
    for key in faults["missing_end_date"]:
        found[key].endless = True
    for key in faults["same_title_unrelated"]["records"]:
        found[key].titles = {found[key].language: faults["same_title_unrelated"]["title"]}
    for key, fault in faults["wrong_status"].items():
        found[key].status = fault["status"]
    for key in faults["duplicated_identifier_block"]:
        found[key].repeated = True


def _repeat(element: etree._Element) -> etree._Element:
    """The block once more under the same identifier, a little changed, as careless exports write it."""
    again = copy.deepcopy(element)
    title = again.find("title/narrative")
    if title is not None:
        title.text = f"{title.text} (2)"
    for value in again.iterfind("budget/value"):
        value.text = str(int(value.text or 0) + 5000)
    return again


def _break(element: etree._Element, fault: dict[str, Any]) -> None:
    target = element.find(fault["element"])
    if target is None:
        raise ValueError(f"{fault['record']}: no {fault['element']} to break")
    if "attribute" in fault:
        target.set(fault["attribute"], fault["value"])
    else:
        target.text = fault["text"]


def elements(activity: Activity) -> list[etree._Element]:
    """The XML of an activity with its ill-formed elements, its repetition and its nameless neighbour."""
    faults = load("faults.yml")
    element = activity_element(activity)
    for fault in faults["ill_formed_element"]:
        if fault["record"] == activity.key:
            _break(element, fault)
    found = [element]
    if activity.repeated:
        found.append(_repeat(element))
    for fault in faults["missing_identifier"]:
        if fault["like"] == activity.key:
            nameless = copy.deepcopy(element)
            for tag, text in (("iati-identifier", ""), ("title/narrative", fault["title"])):
                child = nameless.find(tag)
                assert child is not None
                child.text = text
            found.append(nameless)
    return found
