"""The order in which tests are dealt to workers: who starts a whole console first, so that no worker ends late.

pytest-xdist's worksteal deals the list in equal shares, one after the other, and evens out from the ends. So the
long tests stand at the head of each share: those that share one expensive thing (a console, a browser) in the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

TESTS = Path(__file__).resolve().parents[1]
T = TypeVar("T")


def long_first(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests, with the long ones at the heads of the workers' shares."""
    return dealt(items, workers, _kind)


def dealt(items: Sequence[T], workers: int, kind: Callable[[T], int | None]) -> list[T]:
    """``kind`` gives the number of a long item's group; the groups are dealt in turn, the rest fills up."""
    heads: list[list[T]] = [[] for _ in range(workers)]
    rest: list[T] = []
    for item in items:
        number = kind(item)
        (rest if number is None else heads[number % workers]).append(item)
    share, order = -(-len(items) // workers), []
    for head in heads:
        take = max(0, share - len(head))
        order += head + rest[:take]
        rest = rest[take:]
    return order + rest


def _kind(item: pytest.Item) -> int | None:
    if "house" in getattr(item, "fixturenames", ()):
        return 0
    room = item.path.relative_to(TESTS).parts[0]
    if item.path.name == "test_demo.py":
        return 3
    return {"faults": 1, "browser": 2}.get(room)
