"""IATI activity files as large as one likes, shaped like real ones: how many parts of what, never what they say.

    python -m benchmarks.generate REAL_FOLDER OUT_FOLDER ACTIVITIES

Of each real activity its shape is read: numbers of words, codes, dates, and how many organisations, places,
transactions, budgets, results and documents it has. Each generated activity takes one real shape and fills it with
words of a list of its own. Names of organisations and places recur as they do in the real files: new ones come ever
more rarely (Heaps' law), known ones in proportion to how often they were named before. Each publisher has a circle of
its own: in 12,484 real activities 36 of 100 organisations that take part are the publisher itself, and of those that a
publisher names for the first time 89 of 100 are named by no other; few are publishers too.
"""

from __future__ import annotations

import argparse
import random
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from knowledge.sources import guard, iati, iati_xml
from knowledge.sources.iati_draft import Element

_PER_FILE = 20_000
_MOST_SHAPES = 20_000
_WORDS = (
    "water health school district village community training support food clinic women children youth market road "
    "bridge seed farm harvest income credit bank energy solar grid forest river coast island border camp refugee "
    "return shelter roof kit hygiene latrine borehole pump committee council ministry policy reform law court "
    "police election media rights gender girls nutrition vaccine malaria nurse midwife hospital medicine supply "
    "chain storage transport port customs trade tax budget audit data survey census map early warning flood drought "
    "storm recovery resilience climate adaptation carbon waste recycling city urban housing land title tenure "
    "irrigation livestock dairy fish cotton coffee cocoa rice maize wheat school teacher pupil book literacy "
    "vocational skill job enterprise women's cooperative savings insurance pension social protection cash transfer "
    "voucher ration monitoring evaluation partner donor region province national local rural remote phase programme "
    "project grant component activity output result target baseline the of and in to for with by on from through"
)
_SYLLABLES = "ba da ka ma na ra sa ta wa za be de ke me ne re se te bi di ki mi ni ri si ti bo do ko mo no ro so to"
_ORGANISATION_WORDS = "Relief Trust Foundation Agency Society Network Council Institute Alliance Fund Association"


@dataclass(frozen=True, slots=True)
class Shape:
    """What an activity has, without its words. Pairs of codes; counts; dates as (type, ISO date)."""

    attributes: tuple[tuple[str, str], ...]
    title: int
    texts: tuple[int, ...]
    organisations: tuple[tuple[str, str, bool, bool], ...]
    """(role, kind, whether it has an identifier, whether it is the publisher)."""
    countries: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str, str], ...]
    locations: int
    dates: tuple[tuple[str, str], ...]
    status: str
    transactions: tuple[str, ...]
    budgets: int
    indicators: tuple[int, ...]
    documents: int
    related: int


def shapes(folder: Path) -> Iterator[Shape]:
    """The shapes of all activities in the .xml files of `folder`."""
    for path in sorted(folder.glob("*.xml")):
        for element in iati_xml.elements(path, guard.xml_prolog(path), iati.ACTIVITY):
            children: dict[str, list[Element]] = {}
            for child in element[:]:
                children.setdefault(str(child.tag), []).append(child)

            def all_of(tag: str, found: dict[str, list[Element]] = children) -> list[Element]:
                return found.get(tag, [])

            def first(tag: str, attribute: str, found: dict[str, list[Element]] = children) -> str:
                return next((child.get(attribute) or "" for child in found.get(tag, [])), "")

            publisher = {_called(child) for child in all_of("reporting-org")}
            yield Shape(
                attributes=tuple(
                    (name, element.get(name) or "")
                    for name in ("default-currency", "hierarchy", "humanitarian")
                    if element.get(name)
                ),
                title=sum(map(_words, all_of("title"))),
                texts=tuple(map(_words, all_of("description"))),
                organisations=tuple(
                    (
                        child.get("role") or "4",
                        child.get("type") or "",
                        bool(child.get("ref")),
                        _called(child) in publisher,
                    )
                    for child in all_of("participating-org")
                ),
                countries=tuple(
                    (child.get("code") or "", child.get("percentage") or "") for child in all_of("recipient-country")
                ),
                sectors=tuple(
                    (child.get("vocabulary") or "1", child.get("code") or "", child.get("percentage") or "")
                    for child in all_of("sector")
                ),
                locations=len(all_of("location")),
                dates=tuple(
                    (child.get("type") or "1", (child.get("iso-date") or "")[:10]) for child in all_of("activity-date")
                ),
                status=first("activity-status", "code"),
                transactions=tuple(
                    next((part.get("code") or "3" for part in child[:] if part.tag == "transaction-type"), "3")
                    for child in all_of("transaction")
                ),
                budgets=len(all_of("budget")),
                indicators=tuple(
                    sum(1 for part in indicator[:] if part.tag == "period")
                    for result in all_of("result")
                    for indicator in result[:]
                    if indicator.tag == "indicator"
                ),
                documents=len(all_of("document-link")),
                related=len(all_of("related-activity")),
            )


def _called(element: Element) -> str:
    """The identifier of an organisation, else its name."""
    return element.get("ref") or " ".join(part.text or "" for part in element[:])


def _words(element: Element) -> int:
    return len(" ".join(part.text or "" for part in element[:]).split())


class Names:
    """Numbers of names: the `n`th draw is a new one with a chance that falls with n, else one drawn before."""

    def __init__(self, chance: random.Random, new: float, exponent: float) -> None:
        self._chance, self._new, self._exponent = chance, new, exponent
        self._drawn = array("I")
        self.distinct = 0

    def draw(self) -> int:
        chance, drawn = self._chance, self._drawn
        if not drawn or chance.random() < self._new * (len(drawn) + 1) ** (self._exponent - 1):
            number = self.distinct
            self.distinct += 1
        else:
            number = drawn[int(chance.random() * len(drawn))]
        drawn.append(number)
        return number

    def known(self) -> int:
        """One that was drawn before; this counts as no draw."""
        return self._drawn[int(self._chance.random() * len(self._drawn))] if self._drawn else 0


class Organisations:
    """Numbers of organisations: of publishers, and of those that each names."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._publishing = Names(chance, new=1.2, exponent=0.45)
        self._publishers: list[int] = []
        self._circles: dict[int, tuple[Names, list[int]]] = {}
        self._others: list[int] = []
        self._count = 0

    def publisher(self) -> int:
        drawn = self._publishing.draw()
        if drawn == len(self._publishers):
            self._publishers.append(self._new())
        return self._publishers[drawn]

    def partner(self, publisher: int) -> int:
        """One that the publisher names beside itself."""
        names, circle = self._circles.setdefault(publisher, (Names(self._chance, new=1.2, exponent=0.6), []))
        drawn = names.draw()
        if drawn == len(circle):
            circle.append(self._first_named())
        return circle[drawn]

    def party(self, publisher: int) -> int:
        """One side of a transaction."""
        names, circle = self._circles.get(publisher, (None, []))
        if names is None or self._chance.random() < 0.5:
            return publisher
        return circle[names.known()]

    def _first_named(self) -> int:
        chance = self._chance.random()
        if chance < 0.07:
            return self._chance.choice(self._publishers)
        if chance < 0.11 and self._others:
            return self._chance.choice(self._others)
        self._others.append(self._new())
        return self._others[-1]

    def _new(self) -> int:
        self._count += 1
        return self._count


class Generator:
    """Activities made of `shapes`; the same seed makes the same ones."""

    def __init__(self, shapes: list[Shape], seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._shapes = shapes
        self._organisations = Organisations(self._chance)
        self._published: dict[int, list[int]] = {}
        self._places: dict[str, Names] = {}
        self._words, self._syllables = _WORDS.split(), _SYLLABLES.split()
        self._kinds = _ORGANISATION_WORDS.split()
        self._made_up = [self._made_up_word() for _ in range(20_000)]

    def files(self, folder: Path, activities: int) -> Iterator[Path]:
        """Writes `activities` in files of up to 20,000 each, and names each file when it is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        for start in range(0, activities, _PER_FILE):
            path = folder / f"XM-GEN-{start // _PER_FILE:04d}.xml"
            with path.open("w", encoding="utf-8") as file:
                file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
                file.write('<iati-activities version="2.03" generated-datetime="2026-06-01T00:00:00Z">\n')
                file.writelines(map(self._activity, range(start, min(start + _PER_FILE, activities))))
                file.write("</iati-activities>\n")
            yield path

    def _made_up_word(self) -> str:
        return "".join(self._chance.choice(self._syllables) for _ in range(self._chance.randint(2, 4)))

    def _prose(self, count: int) -> str:
        chance = self._chance
        found = []
        for number in range(count):
            # Common words by Zipf's law, and one in eight of a long tail.
            if chance.random() < 0.12:
                word = self._made_up[int(len(self._made_up) * chance.random() ** 3)]
            else:
                word = self._words[-1 - int(len(self._words) * chance.random() ** 2)]
            found.append(f"{word}." if number % 17 == 16 else word)
        return " ".join(found).capitalize()

    def _organisation(self, number: int) -> str:
        one, two = self._made_up[number % 20_000], self._made_up[(number * 7919 + number // 20_000) % 20_000]
        return f"{one.capitalize()} {two.capitalize()} {self._kinds[number % len(self._kinds)]}"

    def _activity(self, number: int) -> str:
        chance, shape = self._chance, self._shapes[int(self._chance.random() * len(self._shapes))]
        reporter = self._organisations.publisher()
        own = self._published.setdefault(reporter, [])
        own.append(number)
        shift = timedelta(days=chance.randint(0, 1500))
        attributes = "".join(f' {name}="{value}"' for name, value in shape.attributes)
        country = next((code for code, _ in shape.countries if code), "KE")
        parts = [
            f'<iati-activity last-updated-datetime="2026-05-01T00:00:00Z"{attributes}>\n'
            f"<iati-identifier>XM-GEN-{reporter}-{number}</iati-identifier>\n"
            f'<reporting-org ref="XM-GEN-{reporter}" type="22"><narrative>{self._organisation(reporter)}</narrative>'
            f"</reporting-org>\n<title><narrative>{self._prose(min(shape.title, 60) or 3)}</narrative></title>\n"
        ]
        parts += [f"<description><narrative>{self._prose(count)}</narrative></description>\n" for count in shape.texts]
        for role, kind, has_ref, publishes in shape.organisations:
            name = reporter if publishes else self._organisations.partner(reporter)
            ref = f' ref="XM-GEN-{name}"' if has_ref else ""
            parts.append(
                f'<participating-org role="{role}" type="{kind}"{ref}><narrative>{self._organisation(name)}</narrative>'
                "</participating-org>\n"
            )
        parts.append(f'<activity-status code="{shape.status}"/>\n')
        parts += [f'<activity-date type="{kind}" iso-date="{_later(day, shift)}"/>\n' for kind, day in shape.dates]
        parts += [
            f'<recipient-country code="{code}"{_percentage(share)}/>\n' for code, share in shape.countries if code
        ]
        parts += [self._location(country) for _ in range(shape.locations)]
        parts += [
            f'<sector vocabulary="{vocabulary}" code="{code}"{_percentage(share)}/>\n'
            for vocabulary, code, share in shape.sectors
            if code.isalnum()
        ]
        parts += [self._budget(year) for year in range(shape.budgets)]
        parts += [self._transaction(kind, reporter) for kind in shape.transactions]
        parts += [
            f'<document-link url="https://documents.example.org/{number}/{i}" format="application/pdf"><title>'
            f'<narrative>{self._prose(5)}</narrative></title><category code="A02"/></document-link>\n'
            for i in range(shape.documents)
        ]
        parts += [
            f'<related-activity ref="XM-GEN-{reporter}-{chance.choice(own)}" type="2"/>\n' for _ in range(shape.related)
        ]
        parts += map(self._result, shape.indicators)
        parts.append("</iati-activity>\n")
        return "".join(parts)

    def _location(self, country: str) -> str:
        names = self._places.setdefault(country, Names(self._chance, new=1.2, exponent=0.6))
        number = names.draw()
        name = f"{self._made_up[number % 20_000].capitalize()} {'' if number < 20_000 else number // 20_000}".strip()
        position = f"{(number * 37) % 120 / 10:.1f} {(number * 91) % 400 / 10:.1f}"
        return (
            f'<location><name><narrative>{name}</narrative></name><point srsName="http://www.opengis.net/def/crs/EPSG/'
            f'0/4326"><pos>{position}</pos></point></location>\n'
        )

    def _budget(self, year: int) -> str:
        day = 2020 + year % 9
        return (
            '<budget type="1" status="1">\n'
            f'<period-start iso-date="{day}-01-01"/>\n<period-end iso-date="{day}-12-31"/>\n'
            f'<value currency="USD" value-date="{day}-01-01">{self._chance.randint(1_000, 5_000_000)}</value>\n'
            "</budget>\n"
        )

    def _transaction(self, kind: str, reporter: int) -> str:
        day = date(2018, 1, 1) + timedelta(days=self._chance.randint(0, 3000))
        giver, taker = self._organisations.party(reporter), self._organisations.party(reporter)
        return (
            f'<transaction>\n<transaction-type code="{kind}"/>\n<transaction-date iso-date="{day}"/>\n<value '
            f'currency="USD" value-date="{day}">{self._chance.randint(100, 900_000)}</value>\n<description><narrative>'
            f"{self._prose(6)}</narrative></description>\n<provider-org><narrative>{self._organisation(giver)}"
            f"</narrative></provider-org>\n<receiver-org><narrative>{self._organisation(taker)}</narrative>"
            "</receiver-org>\n</transaction>\n"
        )

    def _result(self, periods: int) -> str:
        period = (
            '<period><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><target value="100"/>'
            f'<actual value="{self._chance.randint(0, 150)}"/></period>\n'
        )
        return (
            f'<result type="1"><title><narrative>{self._prose(8)}</narrative></title><indicator measure="1"><title>'
            f"<narrative>{self._prose(10)}</narrative></title>\n{period * periods}</indicator></result>\n"
        )


def _later(day: str, by: timedelta) -> str:
    try:
        return (date.fromisoformat(day) + by).isoformat()
    except (ValueError, OverflowError):
        return "2026-01-01"


def _percentage(share: str) -> str:
    return f' percentage="{share}"' if share.replace(".", "", 1).isdigit() else ""


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("real", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("activities", type=int)
    given = arguments.parse_args()
    started = time.perf_counter()
    found = sample(given.real)
    print(f"{len(found)} shapes in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    files = list(Generator(found).files(given.out, given.activities))
    size = sum(file.stat().st_size for file in files)
    print(
        f"{given.activities} activities, {size / 1e6:.0f} MB ({size / given.activities / 1e3:.1f} kB each) in "
        f"{len(files)} files, {time.perf_counter() - started:.0f} s"
    )


def sample(folder: Path) -> list[Shape]:
    """At most 20,000 shapes of the real files, taken evenly."""
    found = list(shapes(folder))
    return random.Random(1).sample(found, _MOST_SHAPES) if len(found) > _MOST_SHAPES else found


if __name__ == "__main__":
    main()
