"""Hosts that CloudStack shows in Alert, each for a reason of its own; all have power and answer a ping.

amber-2 crashed and stays disabled as a PBD did not plug; amber-3 was disabled by hand; basalt-2 is in XenCenter's
maintenance mode; basalt-3's toolstack stopped an hour ago; cobalt-2 has an update's mandatory guidance pending.
"""

from lab.scenarios.build import add_pool, fill, sr_named, switch_ha_on
from lab.world import World, power
from lab.xapi import dialects

PAST = 4200


def build(world: World) -> None:
    for name, hosts in (("amber", 4), ("basalt", 4), ("cobalt", 3)):
        fill(world, add_pool(world, name, hosts), 4 * hosts)
    dialects.speak(world.pool("cobalt"), "current")
    switch_ha_on(world, world.pool("amber"))
    world.after(10, lambda: crash_without_storage(world, "amber-2"))
    world.after(20, lambda: disable(world, "amber-3"))
    world.after(20, lambda: enter_maintenance_mode(world, "basalt-2"))
    world.after(20, lambda: stop_toolstack(world, "basalt-3"))
    world.after(20, lambda: wait_for_guidance(world, "cobalt-2"))


def crash_without_storage(world: World, name: str) -> None:
    """It reboots while iscsi-1 is out of reach; with HA armed that keeps it disabled. The storage is back by now."""
    host = world.host(name)
    storage = sr_named(host.pool, "iscsi-1")
    power.cut_storage(world, host, storage)
    power.reboot(world, host)
    world.after(1200, lambda: power.mend_storage(world, host, storage))


def disable(world: World, name: str) -> None:
    host = world.host(name)
    host.enabled, host.keep_disabled = False, True
    world.announce("enabled", host)


def enter_maintenance_mode(world: World, name: str) -> None:
    """As XenCenter marks it, beside disabling the host."""
    world.host(name).other_config["MAINTENANCE_MODE"] = "true"
    disable(world, name)


def stop_toolstack(world: World, name: str) -> None:
    """As when xapi dies and does not come up again; the VMs go on."""
    power.stop_toolstack(world, world.host(name))
    world.announce("power", world.host(name))


def wait_for_guidance(world: World, name: str) -> None:
    """Its toolstack restarted after an update that asks for a reboot: it does not enable itself any more."""
    host = world.host(name)
    host.pending_guidances = ["reboot_host"]
    power.restart_toolstack(world, host)
