"""How a host goes down in good order: what becomes of its VMs, of HA, of its storage (host.prepare_for_poweroff)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import ha, moving
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.releases import at_least
from lab.world.things import Host

if TYPE_CHECKING:
    from lab.world.world import World


def let_go_of_guests(world: World, host: Host) -> Steps:
    """VMs that are still there: from 8.0 on those that can move are moved, the others stopped. Before, the power just
    goes away under them."""
    if not at_least(host, (8, 0)):
        return
    for vm in host.resident:
        room = moving.room_for(vm, host.pool.hosts)
        try:
            if room is not None and not host.pool.ha_enabled:
                yield from moving.migrate(world, vm, room)
            else:
                yield moving.SHUTDOWN_SECONDS
        except Refusal:
            yield moving.SHUTDOWN_SECONDS
        if vm.resident_on is host:
            moving.halt(vm)


def say_goodbye(world: World, host: Host) -> None:
    """The last words: it is out of HA, its storage is unplugged, it counts as dead at once, and it may not be enabled
    until it has booted."""
    host.ha_excluded = host.clean = host.disabled_until_reboot = True
    host.live, host.written_off = False, True
    guests = host.resident
    if at_least(host, (8, 0)):
        for pbd in host.pbds:
            pbd.attached = False
    for vm in guests if host.ha_armed else []:
        moving.halt(vm)
    if host.pool.ha_enabled:
        protected = [vm for vm in host.pool.vms if vm.protected and vm.power_state == "Halted"]
        ha.restart_guests(world, host.pool, protected)
