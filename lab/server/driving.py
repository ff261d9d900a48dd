"""Runs the world's clock in the event loop: one timer for the next thing that is due, nothing while nothing is."""

from __future__ import annotations

import asyncio

from lab.world import ScaledClock


class Driver:
    """Wakes the clock when something is due."""

    def __init__(self, clock: ScaledClock, loop: asyncio.AbstractEventLoop) -> None:
        self._clock = clock
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        self._running = False
        clock.on_new_timer = self._plan

    def start(self) -> None:
        self._plan()

    def stop(self) -> None:
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self) -> None:
        """Sleep until the next timer; while timers run they plan the next one all together afterwards."""
        if self._stopped or self._running:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        seconds = self._clock.seconds_to_next()
        if seconds is not None:
            self._timer = self._loop.call_later(seconds, self._run)

    def _run(self) -> None:
        self._timer = None
        self._running = True
        try:
            self._clock.run_due()
        finally:
            self._running = False
        self._plan()
