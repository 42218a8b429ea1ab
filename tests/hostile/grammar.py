"""Hostile texts made from a grammar with a fixed seed: what a record may hold that would like to be more than text."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from pathlib import Path

import yaml

COUNT = 1000
_LONGEST = 2000
_NAME = re.compile(r"<([a-z_]+)>")


@lru_cache(maxsize=1)
def hostile_texts() -> tuple[str, ...]:
    """COUNT different texts, the same in every run."""
    rules: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("grammar.yml").read_text(encoding="utf-8"))
    chance = random.Random(20261123)

    def made(name: str) -> str:
        return _NAME.sub(lambda rule: made(rule[1]), chance.choice(rules[name])).replace("«", "<").replace("»", ">")

    found: dict[str, None] = {}
    while len(found) < COUNT:
        found[made("text")[:_LONGEST]] = None
    return tuple(found)
