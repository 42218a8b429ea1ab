"""Questions of how many, what, where, when, whether and the most, with what each comes to according to the files.

`expected` counts facts of `benchmarks/truth.py`; `answered` takes the same from an answer of the server. A place is its
p-code, an organisation its name as written (several spellings that the table of name variants joins are one), a theme
the project's identifier for it, a record its own identifier.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.questions import (
    AFAR,
    AMHARA,
    NATIONAL,
    REFUGEE_AGENCY,
    SAVE_THE_CHILDREN,
    TIGRAY,
    Question,
    ask,
    matching,
)
from benchmarks.truth import Fact

Outcome = tuple[Any, ...]
_IDS = {"food security": "food_security", "early recovery": "early_recovery"}
_KIND_IDS = {
    "National NGO": "nngo", "ONG Nationale": "nngo", "International NGO": "ingo", "ONG Internationale": "ingo",
    "UN Agency": "un", "United Nations": "un", "Agence UN": "un",
}  # fmt: skip


@dataclass(frozen=True)
class Counting:
    """One question. `about` is what `result` of the answer must be about; `of` narrows facts beside the question."""

    question: Question
    about: str
    level: int = 0
    unit: str = ""
    date: str = ""
    most: str = ""

    @property
    def name(self) -> str:
        return self.question.name


def count(question: Question, about: str, **more: Any) -> Counting:
    return Counting(question, about, **more)


KENYA, NEPAL, UGANDA, LEBANON = ["country:KE"], ["country:NP"], ["country:UG"], ["country:LB"]
COUNTED = (
    count(ask("How many organisations work on WASH in Dibate?", at=["3:Dibate"], on=["wash"]), "organisations"),
    count(ask("How many national NGOs do nutrition in Afar?", at=AFAR, on=["nutrition"], kinds=NATIONAL),
          "organisations"),
    count(ask("Combien d'organisations travaillent en nutrition au Kanem ?", at=["1:Kanem"], on=["nutrition"]),
          "organisations"),
    count(ask("¿Cuántas organizaciones trabajan en nutrición en Gambela?", at=["1:Gambela"], on=["nutrition"]),
          "organisations"),
    count(ask("كم منظمة تعمل في الصحة في تيغراي؟", at=TIGRAY, on=["health"]), "organisations"),
    count(ask("Quantas organizações trabalham em educação em Afar?", at=AFAR, on=["education"]), "organisations"),
    count(ask("hw many organistions work on health in Tigray", at=TIGRAY, on=["health"]), "organisations"),
    count(ask("Who does nutrition in Afar?", "how many?", "and in Gambela?", at=["1:Gambela"], on=["nutrition"]),
          "organisations"),
    count(ask("How many projects are there in Kenya?", at=KENYA), "records", unit="projects"),
    count(ask("¿Cuántos proyectos hay en Guatemala?", at=["country:GT"]), "records", unit="projects"),
    count(ask("Combien de projets y a-t-il au Népal ?", at=NEPAL), "records", unit="projects"),
    count(ask("How many projects are there in Lebanon?", at=LEBANON), "records", unit="projects"),
    count(ask("Quantos projetos de saúde há na Jordânia?", at=["country:JO"], on=["health"]), "records",
          unit="projects"),
    count(ask("How many grants are there in Uganda?", at=UGANDA), "records", unit="grants"),
    count(ask("How many grants does Indigo Trust have in Kenya?", at=KENYA, who=["Indigo Trust"]), "records",
          unit="grants"),
    count(ask("How many records of nutrition are there in Metekel?", at=["2:Metekel"], on=["nutrition"]), "records"),
    count(ask("how many zones of Tigray have a WASH partner", at=TIGRAY, on=["wash"]), "places", level=2),
    count(ask("how many districts of Afar have a nutrition partner", at=AFAR, on=["nutrition"]), "places",
          level=3),
    count(ask("Quelles provinces du Tchad ont des partenaires en nutrition ?", at=["country:TD"], on=["nutrition"]),
          "places", level=1),
    count(ask("Dans quelles provinces du Tchad travaille le HCR ?", at=["country:TD"], who=REFUGEE_AGENCY), "places",
          level=1),
    count(ask("Who does nutrition in Afar?", "where?", at=AFAR, on=["nutrition"]), "places", level=2),
    count(ask("¿Dónde trabaja Save the Children en Amhara?", at=AMHARA, who=SAVE_THE_CHILDREN), "places",
          level=2),
    count(ask("What does Norwegian Refugee Council do in Tigray?", at=TIGRAY,
              who=["Norwegian Refugee Council"]), "themes"),
    count(ask("Que fait Save the Children en Amhara ?", at=AMHARA, who=SAVE_THE_CHILDREN), "themes"),
    count(ask("How many projects end in 2021 in Bangladesh?", at=["country:BD"], start=date(2021, 1, 1),
              end=date(2021, 12, 31)), "records", unit="projects", date="end"),
    count(ask("Which projects end in 2022 in Uganda?", at=UGANDA, start=date(2022, 1, 1), end=date(2022, 12, 31)),
          "dates", unit="projects", date="end"),
    count(ask("Quais projetos terminam em 2021 no Quénia?", at=KENYA, start=date(2021, 1, 1), end=date(2021, 12, 31)),
          "dates", unit="projects", date="end"),
    count(ask("¿Qué proyectos empiezan en 2020 en Nepal?", at=NEPAL, start=date(2020, 1, 1), end=date(2020, 12, 31)),
          "dates", unit="projects", date="start"),
    count(ask("Which projects end this year in Kenya?", at=KENYA, start=date(2026, 1, 1), end=date(2026, 12, 31)),
          "dates", unit="projects", date="end"),
    count(ask("When do the education projects in Nepal end?", at=NEPAL, on=["education"]), "dates"),
    count(ask("How many projects by year in Uganda?", at=UGANDA), "years", unit="projects"),
    count(ask("Which zone of Amhara has the most health partners?", at=AMHARA, on=["health"]), "places", level=2,
          most="organisations"),
    count(ask("Quelle province du Tchad a le plus d'organisations en nutrition ?", at=["country:TD"],
              on=["nutrition"]), "places", level=1, most="organisations"),
    count(ask("Is Save the Children still in Amhara?", at=AMHARA, who=SAVE_THE_CHILDREN), "presence"),
    count(ask("Break down the organisations in Dibate by kind", at=["3:Dibate"]), "kinds"),
    count(ask("List the projects on health in Nepal", at=NEPAL, on=["health"]), "records", unit="projects"),
)  # fmt: skip


class Names:
    """Which written names mean one organisation, by the table of name variants that comes with the 3W data."""

    def __init__(self, path: Path) -> None:
        self._canonical: dict[str, str] = {}
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as opened:
                for row in csv.DictReader(opened):
                    self._canonical[_plain(row["Lookup"])] = _plain(row["Canonical Name"])

    def one(self, name: str) -> str:
        return self._canonical.get(_plain(name), _plain(name))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


def expected(counting: Counting, facts: Sequence[Fact], names: Names, today: date) -> Outcome:
    """What the question comes to: (number, set or counts) by what it is about."""
    question = counting.question
    spans = not counting.date
    found = [
        (fact, doers) for fact, doers in matching(question, facts, today, spans=spans) if _of_unit(counting.unit, fact)
    ]
    if counting.date:
        found = [(fact, doers) for fact, doers in found if _within(question, _day(fact, counting.date))]
    return _COUNTERS[counting.about](counting, found, names)


def _of_unit(unit: str, fact: Fact) -> bool:
    return not unit or (fact.kind == "grant" if unit == "grants" else fact.kind != "presence")


def _day(fact: Fact, which: str) -> date | None:
    return fact.start if which == "start" else fact.end


def _within(question: Question, day: date | None) -> bool:
    return day is not None and (question.start or day) <= day <= (question.end or day)


Found = Sequence[tuple[Fact, set[str]]]


def _organisations(_: Counting, found: Found, names: Names) -> Outcome:
    return (len({names.one(name) for _, doers in found for name in doers}),)


def _records(_: Counting, found: Found, _names: Names) -> Outcome:
    ids = sorted(fact.id for fact, _ in found if fact.kind != "presence")
    return len(found), ids


def _places(counting: Counting, found: Found, names: Names) -> Outcome:
    length = 2 + 2 * counting.level
    who: dict[str, set[str]] = {}
    for fact, doers in found:
        for code in fact.codes:
            if len(code) == length:
                who.setdefault(code, set()).update(map(names.one, doers))
    if not counting.most:
        return len(who), sorted(who)
    best = max(len(doers) for doers in who.values())
    return best, sorted(code for code, doers in who.items() if len(doers) == best)


def _themes(_: Counting, found: Found, _names: Names) -> Outcome:
    counts = Counter(_IDS.get(theme, theme) for fact, _ in found for theme in fact.themes)
    return len(counts), sorted(counts.items())


def _years(_: Counting, found: Found, _names: Names) -> Outcome:
    counts = Counter(str(fact.start.year) for fact, _ in found if fact.start)
    return len(counts), sorted(counts.items())


def _kinds(_: Counting, found: Found, names: Names) -> Outcome:
    kind_of = {name: kind for fact, _ in found for name, kind in fact.kinds.items() if kind}
    counts: dict[str, set[str]] = {}
    for _fact, doers in found:
        for name in doers:
            counts.setdefault(_KIND_IDS.get(kind_of.get(name, ""), ""), set()).add(names.one(name))
    return len(counts), sorted((kind, len(doers)) for kind, doers in counts.items())


def _presence(_: Counting, found: Found, _names: Names) -> Outcome:
    """Tables older than a quarter tell who was there; "ended" where all of them say completed."""
    over = all(fact.status == "Completed" for fact, _ in found)
    return len(found), "ended" if over else "stale"


_COUNTERS: Mapping[str, Callable[[Counting, Found, Names], Outcome]] = {
    "organisations": _organisations,
    "records": _records,
    "dates": _records,
    "places": _places,
    "themes": _themes,
    "years": _years,
    "kinds": _kinds,
    "presence": _presence,
}


def answered(counting: Counting, answer: Mapping[str, Any]) -> Outcome:
    """The same from an answer; ("nothing",) where it counts nothing."""
    result = answer.get("result")
    if not result or result["about"] != counting.about:
        return ("nothing", result and result["about"])
    rows: Sequence[Mapping[str, Any]] = result["rows"]
    match counting.about:
        case "organisations":
            return (result["number"],)
        case "records" | "dates":
            kinds = {record["id"]: record["kind"] for record in answer["records"]}
            return result["number"], sorted(_own(row["id"]) for row in rows if kinds.get(row["id"]) != "presence")
        case "presence":
            return result["number"], result["timing"]
        case "themes" | "years":
            return result["number"], sorted((row["id"], row["records"]) for row in rows)
        case "kinds":
            return result["number"], sorted((row["id"], row["organisations"]) for row in rows)
        case _ if counting.most:
            best = rows[0]["organisations"]
            return best, sorted(row["id"] for row in rows if row["organisations"] == best)
        case _:
            return result["number"], sorted(row["id"] for row in rows)


def _own(record: str) -> str:
    """The identifier that the reporter gave: HPC numbers its projects."""
    return record.removeprefix("hpc:")


def differences(wanted: Iterable[Any], given: Iterable[Any]) -> str:
    """What is missing and what is more, of two outcomes."""
    ours, theirs = [set(map(str, part)) for part in (_items(given), _items(wanted))]
    return f"missing {sorted(theirs - ours)[:12]}, more {sorted(ours - theirs)[:12]}"


def _items(outcome: Iterable[Any]) -> list[Any]:
    return [item for part in outcome for item in (part if isinstance(part, list) else [part])]
