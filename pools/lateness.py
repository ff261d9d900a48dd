"""How late this process is. Who is late himself cannot say that nobody has answered in time: the answer may lie there.

The loop of the watch keeps it (`kept`); any thread may ask. In a process without that loop nobody is ever late.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

PULSE_S = 0.1
"""So often the loop says that it is there."""
TOO_LATE_S = 1.0
"""Later than that, and a silence of some seconds is no evidence."""
BUSY_S = 0.25
"""Later than that, and nothing new is begun that can wait."""
LAST_S = 120.0
"""What is remembered."""


class Lateness:
    """One for the process. Seconds, of the monotonic clock."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque()
        """When the loop came back, and by how much too late; times when it was not late are left out."""
        self._last: float | None = None

    def pulse(self, now: float) -> None:
        """The loop is there at that moment."""
        if self._last is not None and (late := now - self._last - PULSE_S) > BUSY_S / 10:
            self._late.append((now, late))
        self._last = now
        while self._late and self._late[0][0] < now - LAST_S:
            self._late.popleft()

    def over(self) -> None:
        """The loop ends: from now on nobody is late."""
        self._last = None
        self._late.clear()

    def within(self, seconds: float) -> float:
        """The worst of the last so many seconds, that of this moment included."""
        if self._last is None:
            return 0.0
        now = time.monotonic()
        begun = [late for at, late in tuple(self._late) if at >= now - seconds]
        return max(0.0, now - self._last - PULSE_S, *begun)


lateness = Lateness()


async def kept(_room: object = None) -> None:
    """Until cancelled."""
    try:
        while True:
            lateness.pulse(time.monotonic())
            await asyncio.sleep(PULSE_S)
    finally:
        lateness.over()


async def unhurried(at_most_s: float = 10.0) -> None:
    """Come back once this loop keeps up with its work, or after so many seconds: what can wait, waits for it."""
    until = time.monotonic() + at_most_s
    while lateness.within(1.0) > BUSY_S and time.monotonic() < until:
        await asyncio.sleep(PULSE_S)


async def in_time(work: Coroutine[Any, Any, T], seconds: float, at_most_s: float) -> T:
    """What it gives within so many seconds, and within `at_most_s` for as long as this process is late itself: what is
    given up then has to be asked again, over a new connection, and makes it later still. Raises TimeoutError."""
    task = asyncio.ensure_future(work)
    until = time.monotonic() + at_most_s
    try:
        while not (await asyncio.wait({task}, timeout=seconds))[0]:
            if lateness.within(seconds) <= TOO_LATE_S or time.monotonic() >= until:
                raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            # Nobody asks any more how it ended.
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            task.cancel()
            await asyncio.wait({task})
