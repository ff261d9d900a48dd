"""How a master without HA learns that a member is gone: no heartbeat for ten minutes (xapi_globs.ml:720, db_gc.ml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

HEARTBEAT_SECONDS = 30.0
ASSUMED_DEAD_SECONDS = 600.0
SKEW_SECONDS = 300.0


def watch(world: World) -> None:
    """Members report every 30 s, for as long as the world lasts."""
    for host in world.hosts:
        host.last_heard = world.now()

    def look() -> None:
        for pool in list(world.pools):
            _look(world, pool)

    world.on_tick(HEARTBEAT_SECONDS, look)


def _look(world: World, pool: Pool) -> None:
    master = pool.master
    if master is None or pool.ha_enabled or not _reports(world, master):
        return
    for host in pool.hosts:
        if host.pool is pool and _reports(world, host):
            host.last_heard, host.live = world.now(), True
            _compare_clocks(world, host, master)
        elif world.now() - host.last_heard >= ASSUMED_DEAD_SECONDS:
            host.live = False


def _reports(world: World, host: Host) -> bool:
    running = host.power == "on" and host.toolstack == "running" and host.emergency is None
    return running and world.has_database(host)


def _compare_clocks(world: World, host: Host, master: Host) -> None:
    """A clock more than five minutes off is told once, until it is right again (db_gc.ml)."""
    skewed = abs(host.clock_skew - master.clock_skew) > SKEW_SECONDS
    if skewed and not host.skew_reported:
        text = f"The clock of server '{host.name}' differs from its coordinator's."
        world.alert(host.pool, "HOST_CLOCK_SKEW_DETECTED", 3, "Host", host.uuid, text)
    host.skew_reported = skewed
