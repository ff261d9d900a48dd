"""Time in tests: none may fail because the machine is busy. How fast something is, bench/ measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 60.0
"""For what must come: as good as never, where nothing else would bring it."""
SOON_S = 8.0
"""For what must end by itself after a second or less: before any limit the product has by itself (10 s) ends it."""


def eventually(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Ask until it is true; AssertionError when it is not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


@contextmanager
def soon() -> Iterator[None]:
    """What is done inside is held to a limit of its own, however long the other side would hold it."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON_S, "it did not end by itself"
