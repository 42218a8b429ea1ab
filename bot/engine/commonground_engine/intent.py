"""Intent classifier over the placeholder tokens: TF-IDF of words and character n-grams, then logistic regression.

Chosen by measurement over Rasa's own classifiers on the same tokens; see docs/decisions.
"""

from __future__ import annotations

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
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from commonground_engine.link import LinkTokenizer, tokens

_FILE = "intents.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TokenIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking`. Without training examples it sets nothing."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [LinkTokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"inverse_regularisation": 10.0, "ranking_length": 5, "random_state": 42}

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
        texts: list[str] = []
        intents: list[str] = []
        for example in training_data.intent_examples:
            seen = _joined(example.get(TOKENS_NAMES[TEXT]))
            texts.append(seen)
            intents.append(example.get(INTENT))
            if example.get(ENTITIES):
                # The same sentence with its names as plain words: a name the index does not know, or an application
                # that does not answer, must not change what the person wants.
                texts.append(_joined(tokens(example.get(TEXT), [])))
                intents.append(example.get(INTENT))
        if len(set(intents)) > 1:
            self._model = make_pipeline(
                make_union(
                    TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32),
                    TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32),
                ),
                LogisticRegression(
                    C=self._config["inverse_regularisation"],
                    solver="liblinear",
                    class_weight="balanced",
                    random_state=self._config["random_state"],
                ),
            ).fit(texts, intents)
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
        probabilities = self._model.predict_proba([_joined(message.get(TOKENS_NAMES[TEXT])) for message in known])
        for message, row in zip(known, probabilities, strict=True):
            order = np.argsort(-row)[: self._config["ranking_length"]]
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(row[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _joined(words: list[Token]) -> str:
    return " ".join(word.lemma for word in words)
