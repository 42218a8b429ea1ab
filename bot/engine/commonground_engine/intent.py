"""Intent classifier: a linear SVM over words, letters and concepts (features.py).

Chosen by measurement over Rasa's own classifiers on the same tokens; see docs/decisions.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from commonground_engine.features import Views, vectoriser, views, without_names
from commonground_engine.link import LinkTokenizer, asked_in

_FILE = "intents.joblib"
_OUT_OF_SCOPE = "out_of_scope"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TokenIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking`. Without training examples it sets nothing."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [LinkTokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "inverse_regularisation": 0.5,
            # Both chosen on held-out folds: what makes confidence the share that is right, and what is out of scope is
            # missed more often than it is seen where it is not.
            "sharpness": 4.0,
            "out_of_scope_lean": 0.2,
            "ranking_length": 5,
            "weight_without_names": 0.3,
            "random_state": 42,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Rasa keeps what it trained before; it cannot know that the features or the tables of cues changed."""
        folder = Path(__file__).parent
        digest = hashlib.sha256()
        for path in sorted([*folder.glob("*.py"), *folder.glob("cues/*.yml")]):
            digest.update(path.read_bytes())
        return digest.hexdigest()

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
        seen: list[Views] = []
        intents: list[str] = []
        weights: list[float] = []
        for example in training_data.intent_examples:
            text, intent = example.get(TEXT), example.get(INTENT)
            linked = views(text, example.get(TOKENS_NAMES[TEXT]))
            seen.append(linked)
            intents.append(intent)
            weights.append(1.0)
            bare = without_names(text)
            if bare != linked:
                # A name the index does not know, or an application that does not answer, must not change what the
                # person wants.
                seen.append(bare)
                intents.append(intent)
                weights.append(self._config["weight_without_names"])
        if len(set(intents)) > 1:
            classifier = LinearSVC(
                C=self._config["inverse_regularisation"],
                tol=1e-3,
                class_weight="balanced",
                random_state=self._config["random_state"],
            )
            self._model = make_pipeline(vectoriser(), classifier).fit(seen, intents, linearsvc__sample_weight=weights)
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
        scores = self._model.decision_function(
            [views(asked_in(message), message.get(TOKENS_NAMES[TEXT])) for message in known]
        )
        scores += self._config["out_of_scope_lean"] * (self._model.classes_ == _OUT_OF_SCOPE)
        for message, row in zip(known, _softmax(self._config["sharpness"] * scores), strict=True):
            order = np.argsort(-row)[: self._config["ranking_length"]]
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(row[i])} for i in order]
            if not asked_in(message).strip():
                ranking = [{"name": _OUT_OF_SCOPE, "confidence": 1.0}]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
