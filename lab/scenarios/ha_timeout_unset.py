"""Amber's HA was switched on without a timeout: xapi took its default of 60 s, and nothing says so."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    fill(world, amber, 16)
    switch_ha_on(world, amber, timeout=None)
