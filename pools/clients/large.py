"""Large replies, of which this process holds a few at a time, however many hosts send one at once.

Each reply has a limit of its own, but thirty of 30 MB together, and what becomes of them when they are parsed, would be
more than the worker may use. Replies below LARGE are nobody's business; above it they wait for each other. Who does
not send on loses his place when his reply's time is over, as anywhere else.
"""

from __future__ import annotations

import asyncio
import threading

LARGE = 8 * 1024 * 1024
"""Bytes. 10,000 messages, which is all that XAPI keeps, are some 7 MB; the records of 2,000 guests as much."""
AT_ONCE = 3
POLL_S = 0.05
"""How often a loop asks for a place: it cannot wait for a lock."""

_places = threading.BoundedSemaphore(AT_ONCE)


class Share:
    """Of one reply at a time: takes a place once it is large, and gives it back when it has been understood."""

    def __init__(self) -> None:
        self._taken = False

    def grown(self, size: int, seconds: float) -> None:
        """It has so many bytes by now. May wait; raises TimeoutError after `seconds`."""
        if size > LARGE and not self._taken:
            if not _places.acquire(timeout=seconds):
                raise TimeoutError("other large replies took all the time")
            self._taken = True

    async def grown_in_loop(self, size: int) -> None:
        """The same in an event loop, where whoever calls has set a time."""
        while size > LARGE and not self._taken:
            self._taken = _places.acquire(blocking=False)
            if not self._taken:
                await asyncio.sleep(POLL_S)

    def settled(self) -> None:
        """It has been understood, or never will be."""
        if self._taken:
            self._taken = False
            _places.release()
