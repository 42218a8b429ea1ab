"""Full text: words of a question to postings of the SQLite text index, weighed by BM25 over what an audience may see.

FTS5 has a BM25 of its own, which weighs a word by how many records of the whole index hold it. Here a word is weighed
by the records that the audience sees, so that no score can tell of others; and postings that were read once serve all
later questions, narrowed by a mask.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy.orm import Session

from knowledge.retrieval.columns import Columns, Mask, Numbers
from knowledge.text import arabic_forms, fold_word, stem
from knowledge.vocabulary import function_words

Floats = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u0655\u0670]")
_ARABIC = re.compile(r"[\u0621-\u064a]")
_MOST_WORDS = 48
"""Words read of a question; a pasted proposal says what it is about in less."""
_KEPT = 8_000_000
"""Postings kept in memory, of 8 bytes each."""
_TITLE_WEIGHT = 2.0
_SATURATION, _LENGTH_SHARE = 0.5, 0.5
_MISSPELT_FROM, _TWO_SLIPS_FROM = 5, 9
"""Letters of a word that no visible record holds from which it is taken for one slip, or two, away from another."""
_ALIKE = 12
_ATTACHED = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ك", "كال", "ف", "فال")
"""What Arabic writes before a word without a space: article, conjunctions and prepositions."""
_VOCABULARY_TABLE = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.record_vocabulary USING fts5vocab(main, record_text, row)"
_WORDS_TABLE = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.record_words USING fts5vocab(main, record_text, instance)"


@dataclass(frozen=True, slots=True)
class Concept:
    """One word of a question with the forms in which the text index may hold it."""

    word: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postings:
    """`records`: positions in the columns, ascending; `counts`: how often the word stands there, titles weighted."""

    records: Numbers
    counts: Floats


_NONE = Postings(np.zeros(0, np.int32), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class TextScores:
    """For each record: BM25, and the share of the question's words, by weight, that it holds. `most`: what BM25 could
    reach at best. `weights`: of each concept."""

    values: Floats
    shares: Floats
    most: float
    weights: tuple[tuple[Concept, float], ...]


@lru_cache(maxsize=1)
def _grammar() -> frozenset[str]:
    return frozenset(chain.from_iterable(function_words().values()))


def concepts(words: str) -> list[Concept]:
    """The words of a question, each once, without those of grammar; with them where it has no others."""
    found: dict[str, Concept] = {}
    for word in _WORD.findall(unicodedata.normalize("NFC", words).lower()):
        key = stem(fold_word(word))
        if key not in found:
            found[key] = Concept(word, forms(word))
    topical = [concept for key, concept in found.items() if fold_word(concept.word) not in _grammar()]
    return (topical or list(found.values()))[:_MOST_WORDS]


@lru_cache(maxsize=20_000)
def forms(word: str) -> tuple[str, ...]:
    """The forms of a lower-case word as the index may hold them: without accents, singular and plural, and for Arabic
    with other spellings of its letters and with what is written attached to it."""
    plain = bare(word)
    found = {word, plain}
    if _ARABIC.search(word):
        spellings = {spelling for form in (word, *arabic_forms(word)) for spelling in _spellings(form)}
        return tuple(sorted(found | {attached + spelling for attached in _ATTACHED for spelling in spellings}))
    if plain.isascii():
        root = stem(plain)
        endings = {root, root + "s", root + "es"}
        if root.endswith("y"):
            endings.add(root[:-1] + "ies")
        if root.endswith("ao"):
            endings.add(root[:-2] + "oes")
        found |= {ending for ending in endings if stem(ending) == root}
    return tuple(sorted(found))


def bare(text: str) -> str:
    """Without the marks on its letters."""
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFD", text))


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in lower case and without the marks on their letters."""
    return frozenset(_WORD.findall(bare(text.lower())))


def _spellings(form: str) -> set[str]:
    found = {form}
    if form[:1] in "اأإآ":
        found |= {letter + form[1:] for letter in "اأإآ"}
    for last, other in (("ه", "ة"), ("ة", "ه"), ("ي", "ى"), ("ى", "ي")):
        if form.endswith(last):
            found |= {spelling[:-1] + other for spelling in found}
    return found


class TextIndex:
    """BM25 over one state of the columns. Thread-safe; postings are read when a word is first asked for."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._lock = Lock()
        self._postings: OrderedDict[tuple[str, ...], Postings] = OrderedDict()
        self._held = 0
        self._words: list[str] | None = None

    def scores(self, session: Session, asked: Sequence[Concept], mask: Mask, visible: Mask) -> TextScores:
        """Of the records in `mask`; words are weighed by how many of `visible` hold them."""
        lengths = self._columns.lengths
        number = int(visible.sum())
        mean = float(lengths[visible].mean()) if number else 1.0
        values = np.zeros(len(lengths), np.float32)
        shares = np.zeros(len(lengths), np.float32)
        weights: list[tuple[Concept, float]] = []
        for concept in asked:
            found = self.postings(session, concept)
            holding = int(visible[found.records].sum())
            if not holding and len(concept.word) >= _MISSPELT_FROM:
                found = self._spelt_nearly(session, concept.word, visible)
                holding = int(visible[found.records].sum())
            weight = math.log(1.0 + (number - holding + 0.5) / (holding + 0.5))
            weights.append((concept, weight))
            within = mask[found.records]
            records, counts = found.records[within], found.counts[within]
            rare = 1.0 - _LENGTH_SHARE + _LENGTH_SHARE * lengths[records] / max(mean, 1.0)
            values[records] += weight * counts * (_SATURATION + 1.0) / (counts + _SATURATION * rare)
            shares[records] += weight
        total = sum(weight for _, weight in weights)
        if total:
            shares /= total
        return TextScores(values, shares, total * (_SATURATION + 1.0), tuple(weights))

    def postings(self, session: Session, concept: Concept) -> Postings:
        with self._lock:
            if (known := self._postings.get(concept.forms)) is not None:
                self._postings.move_to_end(concept.forms)
                return known
        found = self._read(session, concept.forms)
        with self._lock:
            if concept.forms not in self._postings:
                self._postings[concept.forms] = found
                self._held += len(found.records)
            while self._held > _KEPT and len(self._postings) > 1:
                self._held -= len(self._postings.popitem(last=False)[1].records)
        return found

    def _spelt_nearly(self, session: Session, word: str, visible: Mask) -> Postings:
        """Of the words most like `word` that stand in a visible record: those one slip away, else two."""
        for slips in range(1, 3 if len(word) >= _TWO_SLIPS_FROM else 2):
            alike = process.extract(
                bare(word), self._vocabulary(session), scorer=OSA.distance, score_cutoff=slips, limit=_ALIKE
            )
            some = [self.postings(session, Concept(other, (other,))) for other, _, _ in alike]
            if some := [postings for postings in some if visible[postings.records].any()]:
                records, at = np.unique(np.concatenate([one.records for one in some]), return_inverse=True)
                counts = np.zeros(len(records), np.float32)
                np.add.at(counts, at, np.concatenate([one.counts for one in some]))
                return Postings(records, counts)
        return _NONE

    def _vocabulary(self, session: Session) -> list[str]:
        with self._lock:
            if self._words is None:
                connection = session.connection()
                connection.exec_driver_sql(_VOCABULARY_TABLE)
                rows = connection.connection.cursor().execute("SELECT term FROM temp.record_vocabulary").fetchall()
                self._words = [term for (term,) in rows if len(term) >= _MISSPELT_FROM - 1]
            return self._words

    def _read(self, session: Session, wanted: tuple[str, ...]) -> Postings:
        connection = session.connection()
        connection.exec_driver_sql(_WORDS_TABLE)
        query = f"SELECT doc, col = 'title' FROM temp.record_words WHERE term IN ({', '.join('?' * len(wanted))})"
        # Past SQLAlchemy's rows: a common word stands in tens of thousands of places.
        rows = connection.connection.cursor().execute(query, wanted).fetchall()
        found = np.fromiter(chain.from_iterable(rows), np.int64, 2 * len(rows)).reshape(-1, 2)
        order = np.argsort(found[:, 0], kind="stable")
        docs, starts = np.unique(found[order, 0], return_index=True)
        if not len(docs):
            return _NONE
        counted = np.where(found[order, 1] == 1, np.float32(_TITLE_WEIGHT), np.float32(1.0))
        counts = np.add.reduceat(counted, starts)
        at = np.minimum(np.searchsorted(self._columns.pks, docs), max(len(self._columns) - 1, 0))
        here = self._columns.pks[at] == docs if len(self._columns) else np.zeros(len(docs), np.bool_)
        return Postings(at[here].astype(np.int32), counts[here].astype(np.float32))
