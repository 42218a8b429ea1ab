"""Puts the hand-written sentences together, in three languages, without giving neighbours the same words."""

from __future__ import annotations

import re
from random import Random

from knowledge.corpus.inputs import COUNTRIES, load, places
from knowledge.corpus.model import Activity, Work

SHAPES = (
    ("w", "p", "g", "h"),
    ("p", "h", "g"),
    ("w", "p", "h"),
    ("p", "g", "w", "h"),
    ("w", "p", "h", "g"),
    ("p", "w", "h"),
)
"""Orders in which motive (w), purpose (p), people (g) and manner (h) follow each other."""

SUMMARIES = (
    "{org} works on {label} in {place} from {y1} to {y2}; about {n} people are to be reached.",
    "Summary in English: {label} in {place}, {y1}-{y2}, run by {org}, for some {n} people.",
    "From {y1} to {y2} this project serves about {n} people in {place} ({label}).",
)


def number(value: int, language: str) -> str:
    """12400 as people of the language write it."""
    grouped = f"{value:,}"
    return {"en": grouped, "es": grouped.replace(",", "."), "fr": grouped.replace(",", "\N{NO-BREAK SPACE}")}[language]


def listing(names: list[str], language: str) -> str:
    """Names joined by commas and "and"; Spanish y becomes e before an i sound."""
    if len(names) == 1:
        return names[0]
    word = {"en": "and", "es": "e" if names[-1].startswith(("I", "Hi")) else "y", "fr": "et"}[language]
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def name_of(code: str, language: str) -> str:
    place = places()[code]
    if place.level == 0:
        return COUNTRIES[code][1][language]
    return place.written.removeprefix("San Andrés de ").removeprefix("San José de ")


def where(codes: list[str], language: str) -> dict[str, str]:
    """The slots place, region, area and a_place for the codes of a record."""
    names = [name_of(code, language) for code in codes]
    place = listing(names, language)
    first = places()[codes[0]]
    region_code = first.parent if first.level == 2 else first.pcode
    region = name_of(region_code, language)
    slots = {"place": place, "region": region, "area": place, "a_place": place}
    if language == "fr":
        national = first.level == 0
        unit = {1: "région", 2: "département"}.get(first.level, "")
        of = [f"{unit} {'d’' if name[0] in 'AEIOUYÉ' else 'de '}{name}".replace("’", "'") for name in names]
        article = "la" if unit == "région" else "le"
        areas = listing([f"{article} {words}" for words in of], language)
        slots["area"] = f"l'ensemble du {place}" if national else areas
        slots["a_place"] = f"au {place}" if national else f"à {place}"
    return slots


class Writer:
    """Deals fragments in turn, so that two records of one service written after each other share no sentence."""

    def __init__(self) -> None:
        self._dealt: dict[tuple[str, ...], int] = {}
        self._heard: set[tuple[str, str]] = set()

    def _deal(self, fragments: list[str], *key: str) -> str:
        turn = self._dealt.get(key, Random("/".join(key)).randrange(len(fragments)))
        self._dealt[key] = turn + 1
        return fragments[turn % len(fragments)]

    def fragment(self, language: str, service: str, slot: str, regions: list[str]) -> str:
        """The next fragment that has not been used in any of `regions`, as long as there is one."""
        fragments = load(f"prose/{language}.yml")[service][slot]
        text = ""
        for _ in fragments:
            text = self._deal(fragments, language, service, slot)
            if not any((text, region) in self._heard for region in regions):
                break
        self._heard |= {(text, region) for region in regions}
        return text

    def general(self, language: str, slot: str) -> str:
        return self._deal(load("general.yml")[language][slot], language, slot)

    @staticmethod
    def fill(text: str, slots: dict[str, str], language: str) -> str:
        """Fills the slots and mends what filling breaks (capitals, French elision, the stop after an acronym)."""
        filled = text.format_map(slots).replace("..", ".")
        if language == "fr":
            filled = re.sub(r"\bde ([AEIOUÉ]\w)", r"d'\1", filled)
        filled = re.sub(r"\bde el\b", "del", filled) if language == "es" else filled
        return filled[:1].upper() + filled[1:]

    def work(self, activity: Activity, work: Work, size: tuple[int, int]) -> None:
        """Title and description of an implementer's record."""
        rng = Random(f"prose/{activity.key}")
        language = activity.language
        codes = [code for code, _ in activity.places]
        regions = sorted({code[:5] if code[:2] == "KE" else code[:4] for code in codes})
        slots = where(codes, language) | self._numbers(size, language) | self._sentence_names(activity)
        activity.titles[language] = self.fill(self.fragment(language, work.do, "t", regions), slots, language)
        by_slot = {slot: self.fill(self.fragment(language, work.do, slot, regions), slots, language) for slot in "wpgh"}
        sentences = [by_slot[slot] for slot in rng.choice(SHAPES)]
        sentences += [self.general(language, "coordination") for _ in range(rng.choice((0, 1, 1, 2)))]
        if rng.random() < 0.3:
            activity.descriptions.append(("2", language, by_slot["p"]))
            activity.descriptions.append(("3", language, by_slot["g"]))
            sentences = [text for text in sentences if text not in (by_slot["p"], by_slot["g"])] or sentences
        activity.descriptions.insert(0, ("1", language, " ".join(sentences)))

    def summary(self, activity: Activity, label: str, size: int) -> None:
        """An English title and summary beside a record written in another language."""
        if activity.language == "en":
            return
        slots = where([code for code, _ in activity.places], "en") | self._sentence_names(activity)
        slots |= {"label": label, "n": number(size, "en"), "y1": str(activity.start.year), "y2": str(activity.end.year)}
        activity.titles["en"] = self.fill("{label} in {place}", slots, "en")
        activity.descriptions.append(("1", "en", self.fill(self._deal(list(SUMMARIES), "summary"), slots, "en")))

    def funder(self, activity: Activity, label: str, implementer: str, codes: list[str]) -> None:
        """Title and description of a funder's record: the grant, not the work."""
        rng = Random(f"prose/{activity.key}")
        language = activity.language
        slots = where(codes, language) | {
            "impl": implementer,
            "label": label,
            "country": name_of(codes[0][:2], language),
            "year": str(activity.start.year),
            "year2": str(activity.end.year),
            "no": f"{activity.start.year % 100}/{rng.randrange(100, 999)}",
        }
        activity.titles[language] = self.fill(self.general(language, "titles"), slots, language)
        parts = [self.general(language, "what")]
        parts += rng.sample([self.general(language, "terms"), self.general(language, "why")], k=rng.choice((1, 2, 2)))
        text = " ".join(self.fill(part, slots, language) for part in parts)
        activity.descriptions.append(("1", language, text))

    @staticmethod
    def _numbers(size: tuple[int, int], language: str) -> dict[str, str]:
        return {"n": number(size[0], language), "m": number(size[1], language)}

    @staticmethod
    def _sentence_names(activity: Activity) -> dict[str, str]:
        organisation = activity.publisher
        short = organisation.acronym if organisation.acronym and len(activity.key) % 2 else organisation.name
        return {"org": short, "year": str(activity.start.year)}
