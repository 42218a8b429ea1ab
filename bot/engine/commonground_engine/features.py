"""What the intent classifier sees of a message: words, letters, and what the words tell.

Each message is read three times: with a placeholder for each name, as typed, and as the concepts of its words
(cues.py). The concepts are the same in every language, so that one model serves all five.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from rasa.nlu.tokenizers.tokenizer import Token
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from commonground_engine.cues import cues
from commonground_engine.folding import folded, pieces
from commonground_engine.link import KINDS, placeholder, tokens

_PLACEHOLDERS = frozenset(map(placeholder, KINDS))
_WITH_WORDS = frozenset(map(placeholder, ("theme", "organisation_kind", "period", "ordinal")))
"""Kinds whose own words tell something too: "donors", "since January", "the first one". Names tell nothing."""
_SEVERAL = tuple(map(placeholder, ("record", "organisation", "place", "ordinal")))
_LENGTHS = (1, 2, 3, 4, 7, 13)
_WEIGHTS = {"words": 1.0, "letters": 1.0, "letters as typed": 0.7, "concepts": 0.5}


class Views(NamedTuple):
    """One message three times: words with a placeholder for each name, words as typed, and concepts."""

    linked: str
    plain: str
    concepts: tuple[str, ...]


def views(text: str, linked: Sequence[Token]) -> Views:
    """`linked`: the tokens of `text`, with a placeholder for each name."""
    return Views(_joined(linked), _joined(tokens(text, [])), tuple(_concepts(_with_words(text, linked))))


def without_names(text: str) -> Views:
    """The message as it is where nothing in it is known by name."""
    return views(text, tokens(text, []))


def vectoriser() -> FeatureUnion:
    """From views to one sparse row each."""
    return FeatureUnion(
        [
            ("words", _vectoriser(0, token_pattern=r"\S+", ngram_range=(1, 2))),
            ("letters", _vectoriser(0, analyzer="char_wb", ngram_range=(2, 5), min_df=2)),
            ("letters as typed", _vectoriser(1, analyzer="char_wb", ngram_range=(2, 5), min_df=2)),
            ("concepts", TfidfVectorizer(analyzer=itemgetter(2), min_df=2, sublinear_tf=True, dtype=np.float32)),
        ],
        transformer_weights=_WEIGHTS,
    )


def _vectoriser(view: int, **how: object) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=itemgetter(view), sublinear_tf=True, dtype=np.float32, **how)


def _joined(words: Sequence[Token]) -> str:
    return " ".join(word.lemma for word in words)


def _with_words(text: str, linked: Sequence[Token]) -> list[str]:
    found: list[str] = []
    for token in linked:
        found.append(token.lemma)
        if token.lemma in _WITH_WORDS:
            found += [folded(word) for word, _, _ in pieces(text, token.start, token.end)]
    return found


def _concepts(words: list[str]) -> list[str]:
    """Concepts and kinds of names, each pair of neighbours among them, the first, and the shape of the message."""
    hits = cues().find(words)
    at: dict[int, list[str]] = {}
    for position, concept in hits:
        at.setdefault(position, []).append(concept)
    for position, word in enumerate(words):
        if word in _PLACEHOLDERS or word == "questionmark":
            at.setdefault(position, []).append(word)
    steps = [at[position] for position in sorted(at)]
    found = [concept for step in steps for concept in step]
    found += [f"{one} {next_}" for step, after in itertools.pairwise(steps) for one in step for next_ in after]
    found += [f"^ {concept}" for concept in (steps[0] if steps else ())]
    found.append(f"length {max((length for length in _LENGTHS if length <= len(words)), default=0)}")
    found += [f"several {kind}" for kind in _SEVERAL if words.count(kind) > 1]
    if not _PLACEHOLDERS.intersection(words):
        found.append("no names")
    if not hits:
        found.append("no concepts")
    return found
