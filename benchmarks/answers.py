"""Every sentence of an answer held against its sources, and questions that no record answers.

    python -m benchmarks.answers HOME [--questions 500] [--unanswerable 100] [--seed 7] [--wrong 20] [--fit]

HOME is a home with records in it; no server may have it open. Questions are made from the index: themes, places and
organisations that stand together in a record, records, and words of their sentences, each in one of five languages and
of one kind (who does what, what an organisation does, mandates, results, contacts, a record, open questions). The
unanswerable ones name organisations that do not exist, places without records, topics that no record has, and
attributes that records do not hold. Linking and answering are those that serve people; the intent is given, so that
nothing of the dialogue is measured.

Printed: sentences by what they rest on (`knowledge/extracts/checking.py` says what each means), how many cite nothing
or cite what does not hold them, with the first of each; how many of the unanswerable abstain, with every one that does
not. `--fit` prints for open questions how the threshold parts those that a sentence answers from those that none does.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import yaml
from babel import Locale
from sqlalchemy.orm import Session

from benchmarks.asked import Asked, impossible, made, mixed
from bot.actions import understanding
from bot.answers import contact, mandate, passages, record, results, texts, who
from bot.words import LANGUAGES, Words
from knowledge.access import PUBLIC
from knowledge.extracts import checking, choosing
from knowledge.extracts.checking import Kind, Verdict
from knowledge.extracts.voice import Voice, voice
from knowledge.home import Home
from knowledge.index import Index
from knowledge.reply import Answer
from knowledge.settings import Settings
from knowledge.vocabulary import kinds


def answered(home: Home, index: Index, session: Session, asked: Asked) -> Answer:
    """The answer to a question whose kind is known, as it is given to people."""
    linked = index.link(asked.text, PUBLIC)
    message = understanding.read([entity.as_json() for entity in linked.entities])
    for ambiguity in message.ambiguities:
        # A person would be asked which is meant, and take the first.
        first = ambiguity.options[0]
        if ambiguity.type == "place":
            message.places.append(understanding.place(first))
        else:
            message.organisations.append(understanding.organisation(first))
    query = understanding.fresh(INTENTS.get(asked.kind, "who_does_what"), message, linked.words)
    words, today = Words(asked.language), index.today()
    match asked.kind:
        case "mandate" | "mandate_of":
            return mandate.answer(session, query, PUBLIC, words, today)
        case "results":
            return results.answer(session, query, PUBLIC, words, today)
        case "contact":
            return contact.answer(session, query, PUBLIC, words, today)
        case "open":
            return passages.answer(home, session, query, asked.text, PUBLIC, words, today)
        case "describe":
            return record.describe(session, query, PUBLIC, words, today)
        case _:
            said = texts.found(home, session, query, PUBLIC)
            return who.answer(session, query, PUBLIC, words, today, texts=said)[0]


INTENTS = {
    "mandate": "find_mandate",
    "mandate_of": "find_mandate",
    "results": "find_results",
    "contact": "find_contact",
    "describe": "describe_record",
}


@lru_cache(maxsize=len(LANGUAGES))
def own(language: str) -> Voice:
    """Whatever the assistant itself says: its texts, names of kinds of organisation, of months."""
    folder = resources.files("bot.words").joinpath(language)
    texts_: dict[str, str] = {}
    for file in folder.iterdir():
        if file.name.endswith(".yml"):
            texts_ |= {key: str(text) for key, text in yaml.safe_load(file.read_text(encoding="utf-8")).items()}
    said = [label for kind in kinds().values() for label in kind.labels.values()]
    locale = Locale.parse("en_GB" if language == "en" else language)
    said += [name for form in ("format", "stand-alone") for width in ("wide", "abbreviated")
             for name in locale.months[form][width].values()]  # fmt: skip
    said += [str(pattern) for pattern in locale.list_patterns["standard"].values()]
    return voice(texts_, said)


def abstains(answer: Answer) -> bool:
    """Whether nothing is given as an answer: what stands there is the reason, the coverage, or the nearest known."""
    return answer.coverage.state != "reported" or not (answer.records or answer.organisations)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--questions", type=int, default=500)
    arguments.add_argument("--unanswerable", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--wrong", type=int, default=20, help="how many sentences that do not hold are printed")
    arguments.add_argument("--fit", action="store_true")
    given = arguments.parse_args()
    os.environ["COMMONGROUND_HOME"] = str(given.home)
    rng = random.Random(given.seed)
    with Home(Settings.load()) as home:
        index = Index(home)
        with home.database.read() as session:
            asked, never = made(session, rng, given.questions), impossible(session, rng, given.unanswerable)
        if given.fit:
            with home.database.read() as session:
                mixed_up = mixed(session, rng, given.unanswerable)
            fit(home, index, [a for a in asked if a.kind == "open"], [a for a in never if a.kind == "open"] + mixed_up)
            return
        uncited = check(home, index, asked, given.wrong)
        share = abstained(home, index, never)
    sys.exit(bool(uncited or share < 0.95))


def check(home: Home, index: Index, asked: Sequence[Asked], shown: int) -> int:
    """Prints what the sentences of the answers rest on; returns how many rest on nothing that holds them."""
    counted: Counter[Kind] = Counter()
    by_kind: Counter[str] = Counter()
    failed: list[tuple[Asked, Verdict]] = []
    seconds: dict[str, list[float]] = {}
    for question in asked:
        with home.database.read() as session:
            started = perf_counter()
            answer = answered(home, index, session, question)
            seconds.setdefault(question.kind, []).append(perf_counter() - started)
            verdicts = checking.check(session, answer, PUBLIC, own(question.language), index.today())
        by_kind[question.kind] += abstains(answer)
        counted.update(verdict.kind for verdict in verdicts)
        failed += [(question, verdict) for verdict in verdicts if not verdict.holds]
    print(f"{len(asked)} questions, {counted.total()} sentences and rows")
    for kind in Kind:
        print(f"  {kind.value:10s}{counted[kind]:7d}")
    statements = counted.total() - counted[Kind.FRAME] - counted[Kind.SEARCHED] - counted[Kind.DENIED]
    cited = statements - counted[Kind.UNCITED]
    print(f"  statements about records {statements}, cited {cited}, checked {cited - counted[Kind.WRONG]}, "
          f"uncited {counted[Kind.UNCITED]}")  # fmt: skip
    for kind, times in seconds.items():
        last = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        print(f"  {kind:11s}{len(times):4d} asked, {by_kind[kind]:3d} without an answer, "
              f"p50 {1000 * median(times):.0f} ms, p95 {1000 * last:.0f} ms")  # fmt: skip
    for question, verdict in failed[:shown]:
        print(f"  {verdict.kind.value}: {question.text}\n      {verdict.text[:300]}\n      {verdict.reason}")
    return len(failed)


def abstained(home: Home, index: Index, asked: Sequence[Asked]) -> float:
    """Prints the unanswerable questions that were answered; returns the share that were not."""
    kept = 0
    for question in asked:
        with home.database.read() as session:
            answer = answered(home, index, session, question)
        kept += abstains(answer)
        if not abstains(answer):
            said = next((p for p in answer.reply.parts if p.type in ("quote", "paragraph")), None)
            told = said.text if said and said.type == "quote" else "".join(s.text for s in said.spans) if said else ""
            print(f"  answered: {question.kind} {question.text}\n      {told[:200]}")
    share = kept / max(1, len(asked))
    print(f"{len(asked)} unanswerable questions: {kept} abstain ({100 * share:.1f} %)")
    return share


def fit(home: Home, index: Index, asked: Sequence[Asked], never: Sequence[Asked], shown: bool = False) -> None:
    """For each threshold, the share of open questions that are answered and of impossible ones that are not."""

    def best(question: Asked) -> float:
        """The score of the sentence that would be given."""
        linked = index.link(question.text, PUBLIC)
        message = understanding.read([entity.as_json() for entity in linked.entities])
        query = understanding.fresh("who_does_what", message, linked.words)
        read = passages.asked(query, question.text)
        with home.database.read() as session:
            found = passages.candidates(home, session, query, read, PUBLIC)
            chosen = choosing.choose(read, found, home.embedder.embed)
        extract = chosen.extracts[0] if chosen.extracts else chosen.nearest
        fits = extract is not None and extract.tells and extract.support >= choosing.LEAST_SUPPORT
        if extract is not None and not chosen.extracts and shown:
            print(f"  {question.text}\n      {extract.score:.2f} said {extract.said:.2f} support {extract.support:.2f} "
                  f"near {extract.near:.2f} tells {extract.tells}: {extract.evidence.quote[:120]}")  # fmt: skip
        return extract.score if extract is not None and fits else 0.0

    good, bad = sorted(map(best, asked)), sorted(map(best, never))
    print(f"{len(good)} that a sentence answers, {len(bad)} that none does")
    for step in range(30, 85, 5):
        threshold = step / 100
        answered_ = sum(score >= threshold for score in good) / max(1, len(good))
        silent = sum(score < threshold for score in bad) / max(1, len(bad))
        print(f"  threshold {threshold:.2f}: answered {answered_:.2f}, abstained {silent:.2f}")


if __name__ == "__main__":
    main()
