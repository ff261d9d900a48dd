"""XenServer 8 as of 2026 under CloudStack 4.22, and basalt on XCP-ng 8.3."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World
from lab.xapi import dialects


def build(world: World) -> None:
    for name, release in (("amber", "current"), ("basalt", "8.3")):
        pool = add_pool(world, name, 3)
        dialects.speak(pool, release)
        fill(world, pool, 12)
        switch_ha_on(world, pool)
    world.cloudstack_plan["version"] = "4.22.0"
