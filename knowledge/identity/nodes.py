"""Mentions gathered by the key of their name: what is written the same is looked at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knowledge.identity.known import LOCAL_KINDS, Curated, scoped
from knowledge.identity.names import (
    fold,
    is_category_name,
    is_generic,
    names_country,
    normal_ref,
    ref_country,
    split_acronym,
)
from knowledge.identity.shapes import Mention
from knowledge.vocabulary import kind_of


@dataclass(slots=True)
class Node:
    """All mentions of one key. `base` is the folded name without its country; `name` one way of writing it, or "".

    `by_ref` maps each identifier to the acronyms written with it; `first` is the mention that stands for the node.
    `anywhere`: also written where no country stands beside it; `declared`: written as an acronym, with no name.
    """

    key: str
    base: str
    name: str
    first: int
    country: str = ""
    acronyms: set[str] = field(default_factory=set)
    by_ref: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    table_acronyms: set[tuple[str, str]] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    spellings: set[tuple[str, str]] = field(default_factory=set)
    owned: set[str] = field(default_factory=set)
    weight: int = 0
    anywhere: bool = False
    declared: bool = False

    @property
    def nameless(self) -> bool:
        return not self.base

    @property
    def scoped(self) -> bool:
        return bool(self.country)


def key_of(mention: Mention, curated: Curated) -> tuple[str, str, str]:
    """(key, folded name, country that the key is bound to); key "" where the mention names no organisation."""
    name, _ = split_acronym(mention.name)
    base = fold(name) or ("" if name else fold(mention.acronym))
    if not base:
        ref = normal_ref(mention.ref)
        return (f"ref {ref}", "", "") if ref else ("", "", "")
    listed = False
    for spelling in spellings(mention):
        target, local = curated.target(spelling, mention.country, mention.privacy)
        if local:
            return scoped(base, mention.country), base, mention.country
        listed = listed or bool(target)
    if is_category_name(name) and not listed:
        return "", "", ""
    generic = is_generic(name)
    at_home = generic or (not listed and kind_of(mention.kind) in LOCAL_KINDS)
    # Of a donor's ministry the records state the country that receives; its identifier says where it is at home.
    country = (ref_country(mention.ref) if generic else "") or mention.country
    if country and at_home and not (generic and names_country(name)):
        return scoped(base, country), base, country
    return base, base, ""


def spellings(mention: Mention) -> Iterable[str]:
    """The folded ways the mention is written: whole, and without its acronym. A bare acronym is a spelling too."""
    name, _ = split_acronym(mention.name)
    # An acronym says who it is only where no name stands beside it.
    return dict.fromkeys(filter(None, map(fold, (mention.name, name) if name else (mention.acronym,))))


def gather(mentions: Sequence[Mention], keys: dict[int, tuple[str, str, str]]) -> dict[str, Node]:
    """Key -> node, in the order of `mentions`, of those that have a key."""
    nodes: dict[str, Node] = {}
    for mention in mentions:
        key, base, country = keys[mention.id]
        if not key:
            continue
        name, found = split_acronym(mention.name)
        node = nodes.get(key)
        if node is None:
            node = nodes[key] = Node(key, base, name or mention.acronym, mention.id, country)
        acronyms = {fold(mention.acronym or found)} - {"", base}
        node.acronyms |= acronyms
        node.weight += mention.weight
        for spelling in spellings(mention):
            node.spellings.add((spelling, mention.country))
        if ref := normal_ref(mention.ref):
            node.by_ref[ref] |= acronyms
            if mention.own_ref:
                node.owned.add(ref)
        node.anywhere = node.anywhere or not mention.country
        node.declared = node.declared or not mention.name
        if mention.country:
            node.countries.add(mention.country)
            if mention.acronym:
                node.table_acronyms.update((acronym, mention.country) for acronym in acronyms)
        if kind := kind_of(mention.kind) if mention.kind else "":
            node.kinds.add(kind)
    return nodes
