"""The lab's time: seconds since 1970, with things that are due later.

A clock never sleeps by itself. ``SteppedClock`` moves when a test says so; ``ScaledClock`` follows the machine's clock,
``speed`` times as fast, and whoever owns the event loop calls ``run_due`` when ``seconds_to_next`` have gone by.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable

Action = Callable[[], object]


class Timer:
    """One thing that is due at ``due`` (lab seconds); ``cancel`` makes it never happen."""

    __slots__ = ("action", "due")

    def __init__(self, due: float, action: Action) -> None:
        self.due = due
        self.action: Action | None = action

    def cancel(self) -> None:
        self.action = None


class Clock:
    """What both clocks share: a heap of timers in the order they are due."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self.on_new_timer: Action = lambda: None

    def now(self) -> float:
        """Lab seconds since 1970."""
        raise NotImplementedError

    def live_through(self, seconds: float) -> None:
        """Let ``seconds`` go by at once, running each timer at its own moment."""
        raise NotImplementedError

    def after(self, seconds: float, action: Action) -> Timer:
        """Run ``action`` when ``seconds`` of lab time have gone by."""
        timer = Timer(self.now() + max(0.0, seconds), action)
        heapq.heappush(self._heap, (timer.due, next(self._order), timer))
        self.on_new_timer()
        return timer

    def pending(self) -> list[Timer]:
        """The timers that were not cancelled, in the order they are due."""
        in_order = sorted(self._heap, key=lambda entry: entry[:2])
        return [timer for _due, _order, timer in in_order if timer.action is not None]

    def taken_out(self) -> list[Timer]:
        """All timers, no longer planned, each with how long it had still to wait for its ``due``."""
        timers = self.pending()
        self._heap.clear()
        for timer in timers:
            timer.due -= self.now()
        return timers

    def plan(self, timers: list[Timer]) -> None:
        """Take over timers, as of a world that was saved."""
        for timer in timers:
            heapq.heappush(self._heap, (timer.due, next(self._order), timer))
        self.on_new_timer()

    def next_due(self) -> float | None:
        """Lab time of the earliest timer that was not cancelled, or None."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_due(self) -> None:
        """Run all that is due by now, in order."""
        due = self.next_due()
        while due is not None and due <= self.now():
            self._run_first()
            due = self.next_due()

    def _run_first(self) -> None:
        timer = heapq.heappop(self._heap)[2]
        action, timer.action = timer.action, None
        if action is not None:
            action()


class ScaledClock(Clock):
    """The machine's clock, ``speed`` lab seconds to a real one, from ``start`` (None: the machine's time) on."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        super().__init__()
        self.speed = speed
        self._start = time.time() if start is None else start
        self._mark = time.monotonic()
        self._held: float | None = None  # the moment it stands at while it is moved by hand

    def now(self) -> float:
        if self._held is not None:
            return self._held
        return self._start + (time.monotonic() - self._mark) * self.speed

    def live_through(self, seconds: float) -> None:
        """Let ``seconds`` go by at once, as before a lab opens whose world has a past."""
        self._held = self.now()
        end = self._held + seconds
        due = self.next_due()
        while due is not None and due <= end:
            self._held = max(self._held, due)
            self._run_first()
            due = self.next_due()
        self._start, self._mark, self._held = end, time.monotonic(), None

    def seconds_to_next(self) -> float | None:
        """Real seconds until the next timer is due, or None when nothing is planned."""
        due = self.next_due()
        return None if due is None else max(0.0, (due - self.now()) / self.speed)


class SteppedClock(Clock):
    """A clock for tests: time stands still until ``step``."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        super().__init__()
        self._now = start

    def now(self) -> float:
        return self._now

    def live_through(self, seconds: float) -> None:
        self.step(seconds)

    def step(self, seconds: float) -> None:
        """Let ``seconds`` go by, running each timer at its own moment."""
        end = self._now + seconds
        due = self.next_due()
        while due is not None and due <= end:
            self._now = max(self._now, due)
            self._run_first()
            due = self.next_due()
        self._now = end
