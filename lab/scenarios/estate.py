"""Three pools: amber is well, nobody would recover basalt's master, cobalt-2 crashed and came back disabled."""

from lab.scenarios.build import add_local_disk, add_pool, fill, sr_named, switch_ha_on
from lab.world import World


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    fill(world, amber, 20)
    switch_ha_on(world, amber)
    amber.ha_host_failures_to_tolerate = amber.ha_plan_exists_for = 1

    basalt = add_pool(world, "basalt", 5)
    fill(world, basalt, 24)

    cobalt = add_pool(world, "cobalt", 3)
    crash_that_left_it_disabled(world, "cobalt-2")
    fill(world, cobalt, 16)
    switch_ha_on(world, cobalt)
    cobalt.ha_host_failures_to_tolerate = 1

    for name in ("amber-3", "basalt-2", "cobalt-3"):
        add_local_disk(world, world.host(name), "scratch")
        add_local_disk(world, world.host(name), "old-backup")


def crash_that_left_it_disabled(world: World, name: str) -> None:
    """It rebooted two hours ago; iscsi-1 did not plug at start, and with HA on that keeps a host disabled."""
    host = world.host(name)
    host.enabled = False
    host.boot_time = float(int(world.now() - 7200))
    host.agent_start_time = host.boot_time + 70
    iscsi = sr_named(host.pool, "iscsi-1")
    next(pbd for pbd in host.pbds if pbd.sr is iscsi).attached = False
    world.alert(host.pool, "HA_HOST_FAILED", 3, "Host", host.uuid, f"Server '{host.name}' has failed")
    world.alert(host.pool, "HA_HOST_WAS_FENCED", 4, "Host", host.uuid)
    world.alert(host.pool, "PBD_PLUG_FAILED_ON_SERVER_START", 3, "Host", host.uuid)
    world.cloudstack_plan.setdefault("alert", []).append(name)
