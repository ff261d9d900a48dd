"""How a master without HA learns that a member is gone: no heartbeat for ten minutes (xapi_globs.ml:720, db_gc.ml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world.things import Pool

if TYPE_CHECKING:
    from lab.world.world import World

HEARTBEAT_SECONDS = 30.0
ASSUMED_DEAD_SECONDS = 600.0


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
    if master is None or pool.ha_enabled or world.pool_answering_for(master) is not pool:
        return
    for host in pool.hosts:
        if world.pool_answering_for(host) is pool:
            host.last_heard = world.now()
        elif world.now() - host.last_heard >= ASSUMED_DEAD_SECONDS:
            host.live = False
