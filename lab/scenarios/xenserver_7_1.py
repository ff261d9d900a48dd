"""XenServer 7.1 under CloudStack 4.9: JSON-RPC, pool_update, the soft emergency_ha_disable."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World
from lab.xapi import dialects


def build(world: World) -> None:
    amber = add_pool(world, "amber", 3)
    dialects.speak(amber, "7.1")
    fill(world, amber, 12)
    switch_ha_on(world, amber)
    world.cloudstack_plan["version"] = "4.9.3"
