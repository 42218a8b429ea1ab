"""Who-does-what questions over real records, answered by a server and worked out independently: the sets must be equal.

    python -m benchmarks.questions DATA [--url http://127.0.0.1:8000] [--largest BYTES]

DATA is the folder with 3w/ and iati/ that the server has indexed. Each question goes through the whole path (Rasa,
linking, search, answer). Compared are the names of the organisations as the records write them, and the number of
records. `benchmarks/truth.py` states the rules and has none of the project's code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from benchmarks import truth
from benchmarks.truth import Fact


@dataclass(frozen=True)
class Question:
    """`turns`: what is typed, the last one counts. What it means, in the words of the records: any of `places`, any of
    `themes`, organisations of any of `kinds`, records in which any of `organisations` takes part, a span of time."""

    turns: tuple[str, ...]
    places: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    start: date | None = None
    end: date | None = None
    now: bool = False

    @property
    def name(self) -> str:
        return " > ".join(self.turns)


NATIONAL = frozenset({"National NGO", "ONG Nationale"})
INTERNATIONAL = frozenset({"International NGO", "ONG Internationale"})
UN = frozenset({"UN Agency", "United Nations", "Agence UN"})
REFUGEE_AGENCY = frozenset(
    {
        "UNHCR",
        "UN Refugee Agency",
        "United Nations High Commisionner for Refugees",
        "United Nations High Commissioner for Refugees",
        "United Nations Higher Commissioner for Refugees",
        "UNHCR/United Nations High Commissioner for Refugees",
        "United Nations Office of the United Nations High Commissioner for Refugees",
    }
)
SAVE_THE_CHILDREN = frozenset(
    {
        "Save the Children",
        "Save the Children International",
        "Save The Children International",
        "Save the Children Fund",
    }
)


TIGRAY = ("1:Tigray", "location:Tigray", "location:Mekelle, Äthiopien")
AFAR = ("1:Afar", "location:Afar")
AMHARA = ("1:Amhara", "location:Amhara")
SOMALI = ("1:Somali", "location:Somali")
"""Regions as tables and as the locations of activities write them."""


def ask(
    *turns: str,
    at: Iterable[str] = (),
    on: Iterable[str] = (),
    kinds: frozenset[str] = frozenset(),
    who: Iterable[str] = (),
    start: date | None = None,
    end: date | None = None,
    now: bool = False,
) -> Question:
    return Question(turns, frozenset(at), frozenset(on), kinds, frozenset(who), start, end, now)


QUESTIONS = (
    ask("Who is doing WASH in Dibate?", at=["3:Dibate"], on=["wash"]),
    ask("who works on nutrition in Metekel zone", at=["2:Metekel"], on=["nutrition"]),
    ask("Which organisations do health in Tigray?", at=TIGRAY, on=["health"]),
    ask("Who is active in education in Ethiopia?", at=["country:ET"], on=["education"]),
    ask("Who does nutrition in Afar?", "only national NGOs", at=AFAR, on=["nutrition"], kinds=NATIONAL),
    ask("Who does nutrition in Afar?", "and in Gambela?", at=["1:Gambela"], on=["nutrition"]),
    ask("Who does nutrition in Afar?", "what about shelter?", at=AFAR, on=["shelter"]),
    ask("who is doing nutriton in Metekl", at=["2:Metekel"], on=["nutrition"]),
    ask("What is Norwegian Refugee Council doing in Tigray?", at=TIGRAY, who=["Norwegian Refugee Council"]),
    ask("Which UN agencies work on protection in Tigray?", at=TIGRAY, on=["protection"], kinds=UN),
    ask("What is Save the Children doing in Amhara?", at=AMHARA, who=SAVE_THE_CHILDREN),
    ask("Which UN agencies work on protection in Somali region?", at=SOMALI, on=["protection"], kinds=UN),
    ask("Qui fait de l'eau et assainissement dans le Lac, Tchad ?", at=["1:Lac"], on=["wash"]),
    ask("Quelles ONG nationales travaillent en santé au Ouaddaï ?", at=["1:Ouaddaï", "1:Ouaddai"], on=["health"],
        kinds=NATIONAL),
    ask("¿Quién trabaja en educación en Chad?", at=["country:TD"], on=["education"]),
    ask("Who is present in Assoungha?", at=["2:Assoungha"]),
    ask("Qui intervient dans la sécurité alimentaire dans le Guéra ?", at=["1:Guera"], on=["food security"]),
    ask("Who is responding to refugees in Sila, Chad?", at=["1:Sila"], on=["refugees"]),
    ask("¿Qué organizaciones trabajan en nutrición en Kanem?", at=["1:Kanem"], on=["nutrition"]),
    ask("who does logistics in Chad", at=["country:TD"], on=["logistics"]),
    ask("Que fait le HCR au Tchad ?", at=["country:TD"], who=REFUGEE_AGENCY),
    ask("Qui fait de la protection dans le Wadi Fira ?", "et la santé ?", at=["1:Wadi Fira"], on=["health"]),
    ask("Who is doing WASH in Kenya?", at=["country:KE"], on=["wash"]),
    ask("Who works on education in Uganda?", at=["country:UG"], on=["education"]),
    ask("¿Quién trabaja en salud en Nepal?", at=["country:NP"], on=["health"]),
    ask("Who worked on health in Bangladesh in 2020?", at=["country:BD"], on=["health"], start=date(2020, 1, 1),
        end=date(2020, 12, 31)),
    ask("Who is doing health in Ethiopia right now?", at=["country:ET"], on=["health"], now=True),
    ask("Which international NGOs do shelter in North Wello?", at=["2:North Wello"], on=["shelter"],
        kinds=INTERNATIONAL),
    ask("Qui travaille dans l'agriculture au Kenya ?", "y en Etiopía?", at=["country:ET"], on=["agriculture"]),
    ask("Who is doing agriculture in Guatemala?", at=["country:GT"], on=["agriculture"]),
    ask("Who is active in Arero?", at=["3:Arero", "location:Arero, Ethiopia", "location:Arero,Wachila and Guchi"]),
    ask("Who is working in Kajiado?", at=["location:Kajiado County, Kenya"]),
    ask("Who works on energy in Rwanda?", at=["country:RW"], on=["energy"]),
)  # fmt: skip


def expected(question: Question, facts: Sequence[Fact], today: date) -> tuple[set[str], int]:
    """(names of the organisations as written, number of records)."""
    found = matching(question, facts, today)
    return {name for _, doers in found for name in doers}, len(found)


def matching(
    question: Question, facts: Sequence[Fact], today: date, *, spans: bool = True
) -> list[tuple[Fact, set[str]]]:
    """The facts that answer, with those who do their work. `spans`: their time must meet that of the question."""
    usual = _usual_kinds(facts)
    found: list[tuple[Fact, set[str]]] = []
    for fact in facts:
        if question.places and not fact.places & question.places:
            continue
        if question.themes and not fact.themes & question.themes:
            continue
        if spans and question.start and fact.end and fact.end < question.start:
            continue
        if spans and question.end and fact.start and fact.start > question.end:
            continue
        if question.now and _over(fact, today):
            continue
        doers = fact.doers
        if question.organisations:
            doers = fact.names & question.organisations
        if question.kinds:
            doers = {name for name in doers if usual.get(name) in question.kinds}
        if (question.kinds or question.organisations) and not doers:
            continue
        found.append((fact, doers))
    return found


def _usual_kinds(facts: Iterable[Fact]) -> dict[str, str]:
    """Name as written -> the kind most of its rows give it."""
    counted: dict[str, dict[str, int]] = {}
    for fact in facts:
        for name, kind in fact.kinds.items():
            if kind:
                kinds = counted.setdefault(name, {})
                kinds[kind] = kinds.get(kind, 0) + 1
    found = {name: max(kinds, key=lambda kind: kinds[kind]) for name, kinds in counted.items()}
    return {"OHCHR": "UN Agency"} | found  # it stands in activities alone, whose reporters call it multilateral


def _over(fact: Fact, today: date) -> bool:
    """An activity reported as closed or cancelled. Presence is kept: a table tells who was there, however old it is."""
    if fact.kind != "activity" or (fact.start and fact.start > today and fact.status != "5"):
        return False
    return fact.status == "5" or (fact.status in ("3", "4") and not (fact.end and fact.end >= today))


def asked(client: httpx.Client, question: Question) -> dict[str, Any]:
    """The answer to the last turn."""
    answer: dict[str, Any] = {"conversation": ""}
    for turn in question.turns:
        response = client.post("/api/v1/chat", json={"text": turn, "conversation": answer["conversation"]})
        response.raise_for_status()
        answer = response.json()
    return answer


def answered(answer: dict[str, Any]) -> tuple[set[str], int]:
    """(names of the organisations as written, number of records) of an answer."""
    names = {name for organisation in answer["organisations"] for name in organisation["reported_as"]}
    return names, len(answer["records"])


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--url", default="http://127.0.0.1:8000")
    arguments.add_argument("--largest", type=int, help="only activity files smaller than this many bytes were indexed")
    arguments.add_argument("--today", type=date.fromisoformat, default=date.today(), help="the server's date")
    given = arguments.parse_args()
    from benchmarks import counting  # it asks in the terms of this module

    facts = truth.facts(given.data, given.largest)
    names = counting.Names(given.data / "3w" / "organisation_name_variants.csv")
    total = len(QUESTIONS) + len(counting.COUNTED)
    print(f"{len(facts)} records, {total} questions")
    wrong = 0
    with httpx.Client(base_url=given.url, timeout=60, trust_env=False) as client:
        for question in QUESTIONS:
            wrong += not _listed_right(client, question, facts, given.today)
        for counted in counting.COUNTED:
            answer = asked(client, counted.question)
            wanted, found = counting.expected(counted, facts, names, given.today), counting.answered(counted, answer)
            wrong += wanted != found
            print(f"{'equal' if wanted == found else 'DIFFERS':8s}{wanted[0]:5d} {counted.about:15s}  {counted.name}")
            if wanted != found:
                print(f"        read as {_read(answer)} {answer['query'].get('focus')}, answered {found[0]}")
                print(f"        {counting.differences(wanted, found)}")
    print(f"{total - wrong} of {total} equal")
    sys.exit(bool(wrong))


def _listed_right(client: httpx.Client, question: Question, facts: Sequence[Fact], today: date) -> bool:
    """Whether the organisations and the number of records are equal; prints the comparison."""
    names, records = expected(question, facts, today)
    answer = asked(client, question)
    found, found_records = answered(answer)
    equal = (found, found_records) == (names, records)
    verdict = "equal" if equal else "DIFFERS"
    print(f"{verdict:8s}{len(names):4d} organisations {records:5d} records  {question.name}")
    if not equal:
        print(f"        read as {_read(answer)}, answered {found_records} records")
        print(f"        missing {sorted(names - found)}, more {sorted(found - names)}")
    return equal


def _read(answer: dict[str, Any]) -> str:
    query = answer["query"]
    read = [item["id"] for key in ("places", "themes", "organisations") for item in query[key]]
    return f"{query['intent']} {read} {query['organisation_kinds']} {query['words']!r}"


if __name__ == "__main__":
    main()
