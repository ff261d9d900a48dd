"""The world a lab opens with: a scenario that has lived through its past, or one that was saved."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from lab import saved, scenarios
from lab.cloudstack import start as cloudstack_start
from lab.world import Clock, ScaledClock, SteppedClock, World

if TYPE_CHECKING:
    from lab.server.settings import Settings


def world(settings: Settings) -> World:
    """A world in which time may run. ValueError, with a sentence, when there is no such scenario or file."""
    if settings.world is not None:
        return saved.load(settings.world, lambda now: _clock(settings, now))
    gc.disable()  # a large world is millions of objects, none of them garbage
    try:
        return _scenario(settings)
    finally:
        gc.enable()


def _scenario(settings: Settings) -> World:
    past = scenarios.past(settings.scenario)
    opened = World(_clock(settings, time.time() - past), settings.seed)
    scenarios.load(settings.scenario, opened, settings.size)
    cloudstack_start.start(opened)
    opened.begin()
    opened.clock.live_through(past)
    return opened


def _clock(settings: Settings, now: float) -> Clock:
    """A stepped clock begins at a day of its own, so that tests see the same dates; unless the world has its time."""
    if settings.speed is not None:
        return ScaledClock(settings.speed, now)
    return SteppedClock(now) if settings.world is not None else SteppedClock()
