"""Hybrid search against its parts and against a plain LangChain retriever: `python -m benchmarks.retrieval DATA_HOME`.

DATA_HOME is a home with records in it that no other process has open. The questions are made from its records, always
the same ones (a fixed seed):

known item   one record is wanted. Five kinds: the rarest words of a stretch of its description ("excerpt"); its title
             with a third of the words left out, the rest in another order, and a slip of the finger in one ("title");
             a sentence of its description with two words in five left out ("sentence"); its title as it stands in
             another language than that of the record ("other language", shortened); a sentence of a long document or
             a mandate, with words left out ("document"). Records are taken whose texts no other record holds, and a
             title must be the only one of its kind.
topical      many records are wanted: all those coded with a purpose code (five digits) and a country. The question is
             the name of the code and of the country, in English, French or Spanish. Whether a record is right is
             judged by its codes alone; a record whose text says neither counts all the same.

All systems rank the same records (--slice of them, with all that are wanted among them):

hybrid       knowledge.search, as the product uses it
BM25         its text half alone
MiniLM       its vector half alone
LangChain    langchain_chroma.Chroma over the same records (title and texts), RecursiveCharacterTextSplitter with its
             own defaults (4000 characters, 200 of overlap), the same embedding model; chunks count as their records

Printed: nDCG@10, recall@50 (for the topical set: of at most 50), milliseconds p50 and p95 including the embedding of
the question, and the difference of hybrid to each other system with its 95 % interval (paired bootstrap over
questions). Fusion was tuned on a random half of the questions (--tune prints that); what is printed is the other half.
At last, hybrid over all records of the home, narrowed by a country, as conversations use it.

langchain-chroma is no dependency of the product: `pip install --no-deps langchain-chroma` beside it for this run;
without it the line of LangChain is left out.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.wanted import SEED, Question, Questions
from knowledge.access import Audience, operator
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import RecordKind
from knowledge.retrieval import ranking
from knowledge.search import search
from knowledge.settings import Settings
from knowledge.store import models as m

DEPTH = 50
KINDS = tuple(RecordKind)


@dataclass
class Outcome:
    """Of one system: per question nDCG@10, recall@50 and milliseconds."""

    gain: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def add(self, ranking_: Sequence[int], right: frozenset[int], milliseconds: float) -> None:
        gains = [1.0 / np.log2(rank + 2) for rank, pk in enumerate(ranking_[:10]) if pk in right]
        ideal = sum(1.0 / np.log2(rank + 2) for rank in range(min(len(right), 10)))
        self.gain.append(sum(gains) / ideal)
        self.recall.append(len(right.intersection(ranking_[:DEPTH])) / min(len(right), DEPTH))
        self.spent.append(milliseconds)


class Systems:
    """The four ways to rank a pool of records."""

    def __init__(self, home: Home, session: Session, pool: Sequence[int]) -> None:
        self._home, self._session = home, session
        self._audience: Audience = operator()
        self.facets = Facets(kinds=KINDS, pks=tuple(pool))

    def evidence(self, text: str) -> ranking.Evidence:
        found = ranking.evidence(self._home, self._session, text, self.facets, self._audience, DEPTH)
        assert found is not None
        return found

    def hybrid(self, text: str) -> list[int]:
        found = search(self._home, self._session, text, self.facets, self._audience, DEPTH)
        return [item.hit.pk for item in found]

    def bm25(self, text: str) -> list[int]:
        from knowledge.retrieval.lexical import concepts

        held = self._home.retrieval.level(self._session)
        visible = held.visible(self._audience)
        mask = held.mask(self._session, self.facets, visible)
        scores = held.texts.scores(self._session, concepts(text), mask, visible)
        return [int(held.columns.pks[i]) for i, _ in ranking.best(scores.values, DEPTH)]

    def minilm(self, text: str) -> list[int]:
        held = self._home.retrieval.level(self._session)
        mask = held.mask(self._session, self.facets, held.visible(self._audience))
        vector = self._home.embedder.embed([text])[0]
        near = held.passages.nearest(vector, mask, self._home.vectors.nearest, DEPTH, -1.0)
        return [int(held.columns.pks[i]) for i, _ in ranking.best(near.values + 1.0, DEPTH)]


class Plain:
    """A LangChain retriever as its documentation builds one."""

    def __init__(self, home: Home, folder: Path, texts: dict[int, str]) -> None:
        from langchain_chroma import Chroma
        from langchain_core.documents import Document
        from langchain_core.embeddings import Embeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        class Ours(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return [vector.tolist() for vector in home.embedder.embed(texts)]

            def embed_query(self, text: str) -> list[float]:
                return list(map(float, home.embedder.embed([text])[0]))

        chunks = RecursiveCharacterTextSplitter().split_documents(
            [Document(text, metadata={"pk": pk}) for pk, text in texts.items()]
        )
        name = f"plain-{len(texts)}-{len(chunks)}"
        self._store = Chroma(name, Ours(), persist_directory=str(folder))
        if len(self._store.get(include=[])["ids"]) != len(chunks):
            print(f"embedding {len(chunks)} chunks for LangChain", flush=True)
            for start in range(0, len(chunks), 2_000):
                part = chunks[start : start + 2_000]
                self._store.add_documents(part, ids=[f"{start + i}" for i in range(len(part))])

    def __call__(self, text: str) -> list[int]:
        retriever = self._store.as_retriever(search_kwargs={"k": 4 * DEPTH})
        return list(dict.fromkeys(document.metadata["pk"] for document in retriever.invoke(text)))[:DEPTH]


def run(system: Callable[[str], list[int]], questions: Sequence[Question]) -> Outcome:
    outcome = Outcome()
    for question in questions:
        started = time.perf_counter()
        found = system(question.text)
        outcome.add(found, question.right, (time.perf_counter() - started) * 1000)
    return outcome


def interval(one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    """Mean difference and its 95 % interval, by resampling questions."""
    difference = np.array(one) - np.array(other)
    sampled = np.random.default_rng(SEED).choice(difference, (4_000, len(difference))).mean(axis=1)
    return float(difference.mean()), *(float(x) for x in np.percentile(sampled, (2.5, 97.5)))


def show(name: str, outcomes: dict[str, Outcome]) -> bool:
    """Prints one set; whether hybrid loses to none."""
    number = len(next(iter(outcomes.values())).gain)
    print(f"\n{name} ({number} questions)")
    print(f"  {'':10s}{'nDCG@10':>9s}{'recall@50':>11s}{'p50 ms':>9s}{'p95 ms':>9s}   hybrid minus it: nDCG, recall")
    good = True
    for system, found in outcomes.items():
        p50, p95 = np.percentile(found.spent, (50, 95))
        line = f"  {system:10s}{np.mean(found.gain):9.3f}{np.mean(found.recall):11.3f}{p50:9.1f}{p95:9.1f}"
        if system != "hybrid":
            for ours, its in ((outcomes["hybrid"].gain, found.gain), (outcomes["hybrid"].recall, found.recall)):
                mean, low, high = interval(ours, its)
                good &= high >= 0.0
                line += f"  {mean:+.3f} [{low:+.3f}, {high:+.3f}]"
        print(line)
    return good


def tune(systems: Systems, questions: Sequence[Question]) -> None:
    """Fusion on the tuning half: reciprocal ranks and convex combinations, nDCG@10 and recall@50 of each set."""
    found = [(systems.evidence(question.text), question) for question in questions]
    ways: dict[str, Callable[[ranking.Evidence], Any]] = {}
    for constant in (5, 20, 60):
        ways[f"reciprocal ranks, {constant}"] = lambda e, k=constant: _reciprocal(e, k)
    for weight in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0):
        ways[f"convex, bound, {weight}"] = lambda e, w=weight: w * ranking.by_meaning(e) + (1 - w) * ranking.by_text(e)
        ways[f"convex, best, {weight}"] = lambda e, w=weight: (
            w * _stretched(ranking.by_meaning(e)) + (1 - w) * _stretched(ranking.by_text(e))
        )
    sets = sorted({question.kind for question in questions})
    print(f"{'':28s}" + "".join(f"{name[:17]:>18s}" for name in sets) + f"{'mean':>18s}")
    for name, way in ways.items():
        outcomes = {kind: Outcome() for kind in sets}
        for evidence, question in found:
            order = ranking.best(np.where(evidence.mask, way(evidence), 0.0), DEPTH)
            outcomes[question.kind].add([int(evidence.held.columns.pks[i]) for i, _ in order], question.right, 0.0)
        cells = [(float(np.mean(o.gain)), float(np.mean(o.recall))) for o in outcomes.values()]
        cells.append((float(np.mean([c[0] for c in cells])), float(np.mean([c[1] for c in cells]))))
        print(f"{name:28s}" + "".join(f"{gain:11.3f} {recall:6.3f}" for gain, recall in cells))


def _stretched(scores: Any) -> Any:
    return scores / max(float(scores.max()), 1e-9)


def _reciprocal(evidence: ranking.Evidence, constant: int) -> Any:
    fused = np.zeros(len(evidence.mask))
    for scores in (ranking.by_text(evidence), ranking.by_meaning(evidence)):
        for rank, (i, _) in enumerate(ranking.best(scores, 400)):
            fused[i] += 1.0 / (constant + rank)
    return fused


def narrowed(home: Home, session: Session, questions: Sequence[Question]) -> None:
    """Hybrid over all records, within a country and with its cells drawn from the records."""
    countries = session.scalars(select(m.PlaceRow.id).where(m.PlaceRow.level == 0).order_by(m.PlaceRow.id)).all()
    chosen = random.Random(SEED).choices(countries, k=len(questions))
    for name, facets in (
        ("within a country", lambda place: Facets(places=(place,), kinds=KINDS)),
        ("all records", lambda place: Facets(kinds=KINDS)),
    ):
        spent = []
        for question, place in zip(questions, chosen, strict=True):
            started = time.perf_counter()
            # One letter more: a question that was not asked before, so that its vector is computed.
            search(home, session, f"{question.text} {name[0]}", facets(place), operator())
            spent.append((time.perf_counter() - started) * 1000)
        p50, p95 = np.percentile(spent, (50, 95))
        print(f"hybrid, {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms over {len(questions)} questions")


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--slice", type=int, default=6_000)
    arguments.add_argument("--each", type=int, default=80, help="questions of each kind of the known-item set")
    arguments.add_argument("--topical", type=int, default=200)
    arguments.add_argument("--tune", action="store_true", help="compare ways of fusion on the tuning half, and end")
    arguments.add_argument("--cache", type=Path, help="a folder for LangChain's Chroma, which takes long to fill")
    given = arguments.parse_args()
    with Home(Settings(home=given.home)) as home, home.database.read() as session:
        made = Questions(session)
        questions = made.known_item(given.each) + made.topical(given.topical)
        half = random.Random(SEED)
        for question in questions:
            question.tuning = half.random() < 0.5
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        pool = made.pool(given.slice, questions)
        systems = Systems(home, session, pool)
        started = time.perf_counter()
        home.retrieval.level(session)
        print(f"{len(pool)} records of {len(home.retrieval.level(session).columns)}; columns and vectors read in "
              f"{time.perf_counter() - started:.1f} s")  # fmt: skip
        if given.tune:
            tune(systems, [question for question in questions if question.tuning])
            return
        ways: dict[str, Callable[[str], list[int]]] = {
            "hybrid": systems.hybrid, "BM25": systems.bm25, "MiniLM": systems.minilm
        }  # fmt: skip
        try:
            import langchain_chroma  # noqa: F401

            ways["LangChain"] = Plain(home, given.cache or given.home / "plain", {pk: made.text_of(pk) for pk in pool})
        except ImportError:
            print("langchain-chroma is not installed: no line of it")
        reported = [question for question in questions if not question.tuning]
        good = True
        outcomes = {name: run(way, reported) for name, way in ways.items()}
        for kind in dict.fromkeys(question.kind for question in reported):
            of_kind = [i for i, question in enumerate(reported) if question.kind == kind]
            good &= show(kind, {name: _only(found, of_kind) for name, found in outcomes.items()})
        for name, topical in (("known item, all", False), ("topical, all", True)):
            some = [i for i, question in enumerate(reported) if question.kind.startswith("topical") is topical]
            good &= show(name, {system: _only(found, some) for system, found in outcomes.items()})
        narrowed(home, session, reported)
        sys.exit(0 if good else 1)


def _only(outcome: Outcome, some: Sequence[int]) -> Outcome:
    return Outcome(*([values[i] for i in some] for values in (outcome.gain, outcome.recall, outcome.spent)))


if __name__ == "__main__":
    main()
