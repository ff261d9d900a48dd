"""XenServer 6.5 under CloudStack 4.5: still no JSON-RPC, no current_operations, pool_patch for updates."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World
from lab.xapi import dialects


def build(world: World) -> None:
    amber = add_pool(world, "amber", 3)
    dialects.speak(amber, "6.5")
    fill(world, amber, 12)
    switch_ha_on(world, amber)
    world.cloudstack_plan["version"] = "4.5.2"
