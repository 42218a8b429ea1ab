"""A second embedding model for tests: the packaged one with a projection behind it, so that its vectors are shorter."""

from __future__ import annotations

from pathlib import Path

DIMENSION = 96


def shortened(folder: Path, dimension: int = DIMENSION, seed: int = 7) -> Path:
    """Saves such a model in `folder` and returns it. The projection is random: near texts stay near."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    from knowledge.embeddings import packaged_folder

    model = SentenceTransformer(str(packaged_folder()), device="cpu")
    width = int(model.get_embedding_dimension() or 0)
    projection = Dense(in_features=width, out_features=dimension, bias=False, activation_function=torch.nn.Identity())
    with torch.no_grad():
        torch.manual_seed(seed)
        projection.linear.weight.copy_(torch.randn(dimension, width) / dimension**0.5)
    SentenceTransformer(modules=[*model, projection], device="cpu").save(str(folder))
    return folder
