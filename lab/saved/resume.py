"""What was under way when a world was saved.

Timers go on, with the time they had left, and so do machines and toolstacks that were starting. What a toolstack was
doing for a client is lost, as it is when that toolstack restarts; jobs and connections of the management server end as
they do when that one restarts.
"""

from __future__ import annotations

from typing import Any

from lab.cloudstack import restarting
from lab.world import Process, Steps, Timer, World, mastery, power
from lab.world.things import Host


def under_way(world: World) -> tuple[list[Timer], list[dict[str, Any]]]:
    """All timers, and the machines and toolstacks that are starting.

    Of the latter each says which host, in which part of its start, for how many seconds yet, and ``after`` how many of
    the timers its turn comes: two things due at the same moment keep their order.
    """
    starts = {host.starting.timer: host for host in world.machines if host.starting and host.starting.timer}
    timers: list[Timer] = []
    found: list[dict[str, Any]] = []
    for timer in world.clock.pending():
        if timer in starts:
            found.append(
                {**_start(world, starts[timer]), "seconds": timer.due - world.now(), "after": len(timers)}
            )
        elif not _wakes_a_call(timer):
            timers.append(timer)
    return timers, found


def _wakes_a_call(timer: Timer) -> bool:
    return isinstance(getattr(timer.action, "__self__", None), Process)


def _start(world: World, host: Host) -> dict[str, Any]:
    booting = host.power == "booting"
    booted = not booting and world.now() - host.boot_time <= power.TOOLSTACK_SECONDS + 1
    return {"host": host.uuid, "booting": booting, "booted": booted}


def lost_calls(world: World) -> list[str]:
    """The uuids of the pools whose toolstacks were carrying something out."""
    return [pool.uuid for pool in world.pools if any(host.processes for host in pool.hosts)]


def go_on(world: World, timers: list[Timer], starts: list[dict[str, Any]], lost: list[str]) -> None:
    """Set a loaded world going."""
    done = 0
    for start in starts:
        world.clock.plan(timers[done : start["after"]])
        done = start["after"]
        _start_again(world, start)
    world.clock.plan(timers[done:])
    for pool in world.pools:
        if pool.uuid in lost:
            mastery.forget_memory(pool)
    restarting.settle(world.cloudstack)


def _start_again(world: World, start: dict[str, Any]) -> None:
    host = {host.uuid: host for host in world.machines}[start["host"]]
    boot, toolstack = power.boot(world, host), power.start_toolstack(world, host, booted=start["booted"])
    steps = boot if start["booting"] else toolstack
    host.starting = world.run(shortened(steps, float(start["seconds"])))


def shortened(steps: Steps, seconds: float) -> Steps:
    """The same steps, the first wait of which lasts that long."""
    next(steps)
    yield seconds
    return (yield from steps)
