"""Results: targets met, missed or half-way."""

from __future__ import annotations

from random import Random

from knowledge.corpus.inputs import load
from knowledge.corpus.model import REFERENCE_DATE, Activity, Outcome


def fill_results(activity: Activity, size: tuple[int, int], flags: frozenset[str]) -> None:
    """Two indicators for a record flagged r+ (both met) or r- (both badly missed), and for a third of the others."""
    rng = Random(f"results/{activity.key}")
    planned = "good" if "r+" in flags else "bad" if "r-" in flags else ""
    if activity.start > REFERENCE_DATE or not (planned or rng.random() < 0.3):
        return
    first, second = load(f"prose/{activity.language}.yml")[activity.service]["i"]
    elapsed = min(1.0, (REFERENCE_DATE - activity.start).days / max(1, (activity.end - activity.start).days))
    target = max(50, round(size[0] * elapsed / 50) * 50)
    share = rng.choice((75, 80, 85, 90))
    ratios = {"good": (1.02, 1.24), "bad": (0.28, 0.58), "": (0.82, 1.06)}[planned]
    actual = round(target * rng.uniform(*ratios))
    percent = {
        "good": min(99, share + rng.randrange(1, 8)),
        "bad": share - rng.randrange(25, 41),
        "": share - rng.randrange(-2, 7),
    }
    comment = rng.choice(load("general.yml")[activity.language][planned]) if planned else ""
    activity.results = [
        Outcome(first, False, 0, target, actual, comment),
        Outcome(second, True, rng.randrange(20, 45), share, percent[planned]),
    ]
