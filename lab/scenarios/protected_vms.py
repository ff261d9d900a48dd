"""Amber's HA restarts VMs that CloudStack also restarts: two captains, and a disk may be written twice."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    for index, vm in enumerate(fill(world, amber, 16)):
        vm.ha_restart_priority = ("restart", "best-effort", "", "")[index % 4]
        vm.ha_always_run = vm.ha_restart_priority != ""
    switch_ha_on(world, amber)
    amber.ha_host_failures_to_tolerate = amber.ha_plan_exists_for = 1
