"""Amber's master lost its power two minutes ago; HA is on at 180 s, so that a new one is due within a minute."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World, power

PAST = 120


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    fill(world, amber, 16)
    switch_ha_on(world, amber)
    amber.ha_host_failures_to_tolerate = amber.ha_plan_exists_for = 1
    world.after(1, lambda: power.kill(world, world.host("amber-1")))
