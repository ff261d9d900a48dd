"""The captains with a stopwatch: how long they took to carry out what was sent to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pools.facts import Facts
from pools.models import Pool
from workflows.running.captains import Hands, TheCaptains

SENDING = ("start", "call", "do")
"""Names under which the hands of a step send something; logging in is not of it."""


class Timed(TheCaptains):
    """The real ones. `sent_s`: seconds so far between what was sent and its answer."""

    def __init__(self) -> None:
        self.sent_s = 0.0

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[Hands]:
        with super().acting(pool, facts) as hands:
            yield _Watched(hands, self)

    def stopped(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*args: Any, **params: Any) -> Any:
            began = time.perf_counter()
            try:
                return send(*args, **params)
            finally:
                self.sent_s += time.perf_counter() - began

        return sent


class _Watched:
    """Hands, or one of them."""

    def __init__(self, inner: Any, watch: Timed) -> None:
        self._inner, self._watch = inner, watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name in SENDING:
            return self._watch.stopped(found)
        return _Watched(found, self._watch) if name in ("xapi", "cloudstack") else found
