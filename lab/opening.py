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


def begin_past(world: World) -> bool:
    """Let what the scenario is about happen, and its past go by at once. False if there is nothing left to begin."""
    if world.past is None:
        return False
    seconds, timers = world.past
    world.past = None
    for timer in timers:
        timer.due += world.now()
    world.clock.plan(timers)
    world.clock.live_through(seconds)
    return True


def _scenario(settings: Settings) -> World:
    past = scenarios.past(settings.scenario)
    opened = World(_clock(settings, time.time() - past), settings.seed)
    scenarios.load(settings.scenario, opened, settings.size)
    if past:
        opened.past = past, opened.clock.taken_out()
    cloudstack_start.start(opened)
    opened.begin()
    if not settings.held:
        begin_past(opened)
    return opened


def _clock(settings: Settings, now: float) -> Clock:
    """A stepped clock begins at a day of its own, so that tests see the same dates; unless the world has its time."""
    if settings.speed is not None:
        return ScaledClock(settings.speed, now)
    return SteppedClock(now) if settings.world is not None else SteppedClock()
