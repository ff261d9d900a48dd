"""Basalt's master lost its power two minutes ago; HA is off, so that nobody takes over. Amber is well."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World, power

PAST = 120


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    fill(world, amber, 16)
    switch_ha_on(world, amber)
    basalt = add_pool(world, "basalt", 5)
    fill(world, basalt, 20)
    world.cloudstack_plan["out_of_band"] = [host.name for host in basalt.hosts]
    world.after(1, lambda: power.kill(world, world.host("basalt-1")))
