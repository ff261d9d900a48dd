"""Amber's 16 hosts wait for a reboot since an update; two of them have already been. HA is on, and a host fits in."""

from lab.scenarios.build import add_local_disk, add_pool, fill, switch_ha_on
from lab.world import World
from lab.world.things import Update

HAD_THEIR_TURN = ("amber-15", "amber-16")


def build(world: World) -> None:
    amber = add_pool(world, "amber", 16)
    fill(world, amber, 96)
    switch_ha_on(world, amber)
    amber.ha_host_failures_to_tolerate = amber.ha_plan_exists_for = 1
    update = Update(world.new_ref(), world.new_uuid(), "XS82ECU1064", "1.0", ["restartHost"])
    amber.updates.append(update)
    update.hosts = list(amber.hosts)
    for host in amber.hosts:
        if host.name in HAD_THEIR_TURN:
            host.boot_time = float(int(world.now() - 7200))
            host.agent_start_time = host.boot_time + 70
        else:
            host.updates_requiring_reboot = [update]
    add_local_disk(world, world.host("amber-5"), "scratch")
