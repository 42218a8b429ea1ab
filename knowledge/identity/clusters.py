"""Names taken as one, with what joined them; what a person parted or what is settled never meets."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.identity.shapes import Reason


@dataclass(frozen=True, slots=True)
class Edge:
    """`one` and `other` are names' keys that the evidence joins."""

    one: str
    other: str
    reason: Reason
    detail: str = ""


class Clusters:
    """Keys taken as one. Clusters that are settled take in others but never join each other."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._settled: set[str] = set()
        self._parted: dict[str, set[str]] = defaultdict(set)
        self._edges: dict[str, list[Edge]] = defaultdict(list)

    def add(self, key: str) -> None:
        self._parent.setdefault(key, key)

    def __contains__(self, key: str) -> bool:
        return key in self._parent

    def __iter__(self) -> Iterator[str]:
        return iter(self._parent)

    def find(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def join(self, one: str, other: str, reason: Reason, detail: str = "") -> bool:
        """Whether the two are one afterwards. Keys that are new are added."""
        self.add(one)
        self.add(other)
        first, second = sorted((self.find(one), self.find(other)))
        if first == second:
            return True
        if {first, second} <= self._settled or second in self._parted.get(first, ()):
            return False
        self._parent[second] = first
        if second in self._settled:
            self._settled.add(first)
        for apart in self._parted.pop(second, set()):
            self._parted[apart].discard(second)
            self._parted[apart].add(first)
            self._parted[first].add(apart)
        edge = Edge(one, other, reason, detail)
        self._edges[one].append(edge)
        self._edges[other].append(edge)
        return True

    def part(self, one: str, other: str) -> bool:
        """Keeps the two apart from now on. False where they are one already."""
        self.add(one)
        self.add(other)
        first, second = self.find(one), self.find(other)
        if first == second:
            return False
        self._parted[first].add(second)
        self._parted[second].add(first)
        return True

    def settle(self, keys: Iterable[str]) -> None:
        self._settled = {self.find(key) for key in keys}

    def reasons(self, root: str) -> dict[str, tuple[str, Edge]]:
        """Key -> (the key next to it on the way to `root`, what joined the two), for all of the root's cluster."""
        found: dict[str, tuple[str, Edge]] = {}
        queue = deque([root])
        while queue:
            key = queue.popleft()
            for edge in self._edges.get(key, ()):
                other = edge.other if edge.one == key else edge.one
                if other != root and other not in found:
                    found[other] = (key, edge)
                    queue.append(other)
        return found
