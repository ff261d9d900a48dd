"""XenServer 6.2 under CloudStack 4.3.1, which promotes a master itself and joins hosts to pools."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World
from lab.xapi import dialects


def build(world: World) -> None:
    amber = add_pool(world, "amber", 3)
    dialects.speak(amber, "6.2")
    fill(world, amber, 12)
    switch_ha_on(world, amber)
    world.cloudstack_plan["version"] = "4.3.1"
