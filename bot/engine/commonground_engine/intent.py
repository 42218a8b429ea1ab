"""Intent classifier: TF-IDF over the sentence with placeholders and over the sentence as typed, then a linear SVM.

Chosen by measurement over Rasa's own classifiers on the same tokens; see docs/decisions.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from commonground_engine.link import LinkTokenizer, tokens

_FILE = "intents.joblib"

Views = tuple[str, str]
"""One sentence twice: its tokens with a placeholder for each name, and its tokens as typed."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TokenIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking`. Without training examples it sets nothing."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [LinkTokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"inverse_regularisation": 0.3, "sharpness": 5.0, "ranking_length": 5, "random_state": 42}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: Pipeline | None = None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TokenIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TokenIntentClassifier:
        with model_storage.read_from(resource) as folder:
            path = folder / _FILE
            return cls(config, model_storage, resource, joblib.load(path) if path.exists() else None)

    def train(self, training_data: TrainingData) -> Resource:
        views: list[Views] = []
        intents: list[str] = []
        for example in training_data.intent_examples:
            linked, plain = _views(example)
            views.append((linked, plain))
            intents.append(example.get(INTENT))
            if linked != plain:
                # A name the index does not know, or an application that does not answer, must not change what the
                # person wants.
                views.append((plain, plain))
                intents.append(example.get(INTENT))
        if len(set(intents)) > 1:
            self._model = make_pipeline(
                make_union(_words(0), _words(1), _characters(1)),
                LinearSVC(
                    C=self._config["inverse_regularisation"],
                    class_weight="balanced",
                    random_state=self._config["random_state"],
                ),
            ).fit(views, intents)
        with self._model_storage.write_to(self._resource) as folder:
            if self._model is not None:
                joblib.dump(self._model, folder / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        if self._model is None:
            return messages
        known = [message for message in messages if message.get(TOKENS_NAMES[TEXT])]
        if not known:
            return messages
        scores = self._model.decision_function([_views(message) for message in known])
        for message, row in zip(known, _softmax(self._config["sharpness"] * scores), strict=True):
            order = np.argsort(-row)[: self._config["ranking_length"]]
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(row[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _views(message: Message) -> Views:
    return _joined(message.get(TOKENS_NAMES[TEXT])), _joined(tokens(message.get(TEXT), []))


def _joined(words: list[Token]) -> str:
    return " ".join(word.lemma for word in words)


def _words(view: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        preprocessor=itemgetter(view), token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32
    )


def _characters(view: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        preprocessor=itemgetter(view), analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32
    )


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
