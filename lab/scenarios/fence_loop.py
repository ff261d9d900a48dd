"""Amber has two hosts and HA at 60 s: amber-2 lost its power an hour ago, and since then amber-1 resets itself."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World, power

PAST = 3600


def build(world: World) -> None:
    amber = add_pool(world, "amber", 2)
    fill(world, amber, 8)
    switch_ha_on(world, amber, timeout=60)
    world.after(1, lambda: power.kill(world, world.host("amber-2")))
