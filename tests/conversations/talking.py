"""A person in a conversation, and what the shipped corpus holds according to its own plan and tables."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import yaml
from lxml import etree

from bot.words import Words
from knowledge.corpus import FILES

Json = dict[str, Any]
BOREHOLES = "XX-CGD-INGO-1002-BW-4410"
"""A record of Bridgewell Relief on which many examples rest."""
PLANTED = Path(FILES).parent / "planted.yml"
FALLBACKS = frozenset({"fallback", "nlu_fallback", "out_of_scope"})


@dataclass
class Talk:
    """One conversation over HTTP. `say` answers with the parsed answer, and fails the test on any other status.

    `speaks` is whom the person speaks for: "" for the operator.
    """

    client: httpx.Client
    conversation: str = ""
    said: list[str] = field(default_factory=list)
    speaks: str = ""

    def post(self, text: str) -> httpx.Response:
        body = {"text": text, "conversation": self.conversation} | ({"as": self.speaks} if self.speaks else {})
        return self.client.post("/api/v1/chat", json=body)

    def say(self, text: str) -> Json:
        response = self.post(text)
        assert response.status_code == 200, (text, response.status_code, response.text)
        answer: Json = response.json()
        self.conversation = answer["conversation"]
        self.said.append(text)
        check_reply(answer)
        return answer

    def press(self, answer: Json, title: str) -> Json:
        """Says what the button of that title sends."""
        sends = {button["title"]: button["send"] for button in answer["reply"]["buttons"]}
        return self.say(sends[title])


NewTalk = Callable[[], Talk]
Speaker = Callable[[str], Talk]


def check_reply(answer: Json) -> None:
    """What holds for every reply: it says something, its citations are numbered from 1, and each of them is used."""
    reply = answer["reply"]
    assert words_of(answer), "an empty reply"
    numbers = [citation["number"] for citation in reply["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {number for span in spans_of(reply) for number in span["cites"]} == set(numbers)
    assert all(button["title"].strip() and button["send"].strip() for button in reply["buttons"])


def spans_of(reply: Json) -> Iterator[Json]:
    for part in reply["parts"]:
        yield from part.get("spans", ())
        for item in part.get("items", ()):
            yield from item
        for row in part.get("rows", ()):
            for cell in row:
                yield from cell
        if part["type"] == "quote":
            yield part


def words_of(answer: Json) -> str:
    """All words of a reply, without its citations and buttons."""
    return "\n".join(span["text"] for span in spans_of(answer["reply"]))


def rows_of(answer: Json) -> list[str]:
    """The first cell of each table row."""
    return [row[0][0]["text"] for part in answer["reply"]["parts"] for row in part.get("rows", ())]


def names_of(answer: Json) -> set[str]:
    return {organisation["name"] for organisation in answer["organisations"]}


def ids_of(answer: Json) -> set[str]:
    return {record["id"] for record in answer["records"]}


def buttons_of(answer: Json) -> list[str]:
    return [button["send"] for button in answer["reply"]["buttons"]]


def summed_up(answer: Json) -> dict[str, str]:
    """The rows of the summary that stands before a confirmation."""
    tables = [part for part in answer["reply"]["parts"] if part["type"] == "table"]
    return {row[0][0]["text"]: row[1][0]["text"] for row in tables[-1]["rows"]} if tables else {}


def asks(answer: Json, words: Words, key: str) -> bool:
    return words(key) in words_of(answer)


@lru_cache(maxsize=1)
def planted() -> Json:
    content: Json = yaml.load(PLANTED.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content


@dataclass(frozen=True)
class PresenceRow:
    """One row of the three presence tables, read without the project's readers."""

    area: str
    cluster: str
    activity: str
    organisation: str
    kind: str


@lru_cache(maxsize=1)
def presence() -> tuple[PresenceRow, ...]:
    folder = Path(FILES) / "3w"
    sheet = openpyxl.load_workbook(folder / "kenya_3w_october_2026.xlsx").worksheets[0]
    found = [PresenceRow(row[3], row[4], row[5], row[6], row[8]) for row in list(sheet.iter_rows(values_only=True))[2:]]
    with (folder / "senegal_3w_septembre_2026.csv").open(encoding="utf-8-sig", newline="") as file:
        found += [
            PresenceRow(
                row["Code département"],
                row["Secteur"],
                row["Activité"],
                row["Organisation"],
                row["Type d'organisation"],
            )
            for row in csv.DictReader(file)
        ]
    with (folder / "colombia_5w_agosto_2026.csv").open(encoding="utf-8-sig", newline="") as file:
        found += [
            PresenceRow(
                row["Código municipio"],
                row["Clúster"],
                row["Actividad"],
                row["Socio implementador"],
                row["Tipo de organización"],
            )
            for row in csv.DictReader(file, delimiter=";")
        ]
    return tuple(found)


@lru_cache(maxsize=1)
def locations() -> dict[str, set[str]]:
    """Activity identifier -> the codes of its locations, as the IATI files state them."""
    found: dict[str, set[str]] = {}
    for path in sorted((Path(FILES) / "iati").glob("*.xml")):
        for activity in etree.parse(path, etree.XMLParser(recover=True)).iter("iati-activity"):
            identifier = (activity.findtext("iati-identifier") or "").strip()
            found.setdefault(identifier, set()).update(str(at.get("code")) for at in activity.iter("location-id"))
    return found


def present(area: str, cluster: str) -> set[str]:
    """Organisations, as written, whom the tables show at work in an area for a cluster."""
    return {row.organisation for row in presence() if row.area == area and row.cluster == cluster}


def written_in(answer: Json) -> set[str]:
    """The organisations of an answer, as the records write them."""
    return {name for organisation in answer["organisations"] for name in organisation["reported_as"]}
