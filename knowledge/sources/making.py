"""Frozen records made quickly, for readers that make a hundred for each activity.

The `__init__` of a frozen dataclass stores each field through `object.__setattr__`, which is slower than parsing what
it stores. A twin of the class that is not frozen takes the values, and becomes the frozen class once it has them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def maker(frozen: Callable[P, T]) -> Callable[P, T]:
    """What makes instances of a dataclass with `frozen=True, slots=True`, called as the class itself is."""
    shape = [
        (one.name, Any, field(default=one.default))
        if one.default is not MISSING
        else (one.name, Any, field(default_factory=one.default_factory))
        if one.default_factory is not MISSING
        else (one.name, Any, field())
        for one in fields(cast(Any, frozen))
    ]
    twin = make_dataclass(f"Open{cast(type, frozen).__name__}", shape, slots=True)

    def make(*args: P.args, **kwargs: P.kwargs) -> T:
        made = twin(*args, **kwargs)
        made.__class__ = frozen
        return cast(T, made)

    return make
