"""A pool of two hosts with HA on: when one dies the other goes down as well."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World


def build(world: World) -> None:
    amber = add_pool(world, "amber", 2)
    fill(world, amber, 8)
    switch_ha_on(world, amber)
