"""Amber's HA has a timeout of 30 s: a storage hiccup of half a minute resets hosts."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    fill(world, amber, 16)
    switch_ha_on(world, amber, timeout=30)
