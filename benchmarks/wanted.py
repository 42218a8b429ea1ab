"""Questions whose right answers are known, made from the records of a home; `benchmarks/retrieval.py` says how."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.countries import LANGUAGES, country_labels
from knowledge.records import Record, RecordKind
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from knowledge.text import fold, fold_word
from knowledge.vocabulary import sector_name

SEED = 20
_TEXTED = ("activity", "grant", "project", "mandate", "document", "plan")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NEAR_KEYS = {
    "a": "qs",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "n": "bm",
    "t": "ry",
    "s": "ad",
    "r": "et",
    "l": "k",
    "u": "yi",
}


@dataclass
class Question:
    text: str
    right: frozenset[int]
    """Primary keys of the records that answer."""
    kind: str
    tuning: bool = False


class Questions:
    """Made from the records of a home."""

    def __init__(self, session: Session) -> None:
        self._random = random.Random(SEED)
        rows = session.execute(
            select(m.RecordRow.pk, m.RecordRow.kind, m.RecordRow.title, m.RecordRow.language, m.RecordRow.body)
            .where(m.RecordRow.kind.in_(_TEXTED), m.RecordRow.retired_at.is_(None))
            .order_by(m.RecordRow.id)
        )
        self._records: dict[int, Record] = {row.pk: RECORD.validate_json(row.body) for row in rows}
        held: dict[str, set[int]] = defaultdict(set)
        for pk, text_hash in session.execute(select(m.PassageRow.record_pk, m.PassageRow.text_hash)):
            held[text_hash].add(pk)
        shared = set().union(*(pks for pks in held.values() if len(pks) > 1))
        titles = Counter(fold(record.title) for record in self._records.values())
        self._alone = [
            pk
            for pk, record in self._records.items()
            if pk not in shared and titles[fold(record.title)] == 1 and any(len(t.text) > 200 for t in record.texts)
        ]
        self._seen: Counter[str] = Counter()
        for record in self._records.values():
            self._seen.update({word for text in record.texts for word in fold(text.text).split()})

    def known_item(self, each: int) -> list[Question]:
        makers: dict[str, Callable[[Record], str]] = {
            "excerpt": self._excerpt,
            "title": self._title,
            "sentence": self._sentence,
            "other language": self._other_language,
            "document": self._of_document,
        }
        found: list[Question] = []
        for kind, made in makers.items():
            pool = list(self._alone)
            self._random.shuffle(pool)
            texts = ((pk, made(self._records[pk])) for pk in pool)
            found += itertools.islice((Question(text, frozenset({pk}), kind) for pk, text in texts if text), each)
        return found

    def topical(self, count: int) -> list[Question]:
        cells: dict[tuple[str, str], set[int]] = defaultdict(set)
        for pk, record in self._records.items():
            codes = {theme.code for theme in record.themes if theme.vocabulary == "1" and len(theme.code) == 5}
            for code in codes:
                for country in {place.country for place in record.places if place.country}:
                    cells[code, country].add(pk)
        some = sorted(
            key
            for key, pks in cells.items()
            if 3 <= len(pks) <= 100 and sector_name(key[0]) and key[1] in country_labels()
        )
        self._random.shuffle(some)
        found = []
        for number, (code, country) in enumerate(some[:count]):
            language = ("en", "en", "fr", "es")[number % 4]
            text = f"{sector_name(code, language)} {country_labels()[country][language]}"
            found.append(Question(text, frozenset(cells[code, country]), f"topical {language}"))
        return found

    def pool(self, size: int, questions: Sequence[Question]) -> list[int]:
        wanted = set().union(*(question.right for question in questions))
        rest = sorted(set(self._records) - wanted)
        self._random.shuffle(rest)
        return sorted(wanted.union(rest[: max(0, size - len(wanted))]))

    def text_of(self, pk: int) -> str:
        record = self._records[pk]
        return "\n\n".join([record.title, *(text.text for text in record.texts)])

    def _sentences(self, record: Record) -> Iterator[list[str]]:
        for text in record.texts:
            if text.purpose != "title":
                for sentence in re.split(r"(?<=[.!?؟])\s+", text.text):
                    words = _WORD.findall(sentence)
                    if 12 <= len(words) <= 40:
                        yield words

    def _thinned(self, words: Sequence[str], share: float) -> str:
        kept = sorted(self._random.sample(range(len(words)), round(len(words) * share)))
        return " ".join(words[i] for i in kept)

    def _excerpt(self, record: Record) -> str:
        sentences = list(self._sentences(record))
        if record.kind is RecordKind.DOCUMENT or not sentences:
            return ""
        words = list(dict.fromkeys(word.lower() for word in self._random.choice(sentences)))
        rare = sorted(words, key=lambda word: self._seen[fold_word(word)])[:5]
        return " ".join(word for word in words if word in rare)

    def _title(self, record: Record) -> str:
        words = _WORD.findall(record.title)
        if record.kind is RecordKind.MANDATE or len(words) < 6:
            return ""
        kept = self._thinned(words, 0.67).split()
        self._random.shuffle(kept)
        longest = max(range(len(kept)), key=lambda i: len(kept[i]))
        return " ".join(self._slip(word) if i == longest else word for i, word in enumerate(kept)).lower()

    def _slip(self, word: str) -> str:
        at = self._random.randrange(1, max(2, len(word) - 1))
        match self._random.randrange(3):
            case 0:
                return word[:at] + word[at + 1 :]
            case 1:
                return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
            case _:
                near = _NEAR_KEYS.get(word[at].lower(), word[at])
                return word[:at] + self._random.choice(near) + word[at + 1 :]

    def _sentence(self, record: Record) -> str:
        sentences = list(self._sentences(record))
        if record.kind in (RecordKind.DOCUMENT, RecordKind.MANDATE) or not sentences:
            return ""
        return self._thinned(self._random.choice(sentences), 0.6)

    def _other_language(self, record: Record) -> str:
        for text in record.texts:
            words = _WORD.findall(text.text)
            if text.purpose == "title" and text.language in LANGUAGES and len(words) > 4:
                return self._thinned(words, 0.67)
        return ""

    def _of_document(self, record: Record) -> str:
        sentences = list(self._sentences(record))
        if record.kind not in (RecordKind.DOCUMENT, RecordKind.MANDATE) or not sentences:
            return ""
        return self._thinned(self._random.choice(sentences), 0.6)
