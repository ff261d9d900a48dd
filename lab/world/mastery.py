"""Who is master: what a toolstack does with its role when it starts, how a pool gets another master.

Sources: xapi.ml (start as master, demotion), xapi_pool.ml (hello), xapi_host_helpers.ml (consider_enabling_host),
xapi_pool_transition.ml (roles).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import storage
from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

HELLO_SECONDS = 5.0
ENABLE_SECONDS = 8.0
EMERGENCY_RETRY_SECONDS = 60.0
FUSE_SECONDS = 10.0  # xapi answers, then restarts itself


def forget_memory(pool: Pool) -> None:
    """A master's toolstack stopped: sessions and tasks are never persisted, operations end unfinished."""
    pool.sessions.clear()
    pool.tasks.clear()
    pool.current_operations.clear()
    for host in pool.hosts:
        host.current_operations.clear()
    for vm in pool.vms:
        vm.current_operations.clear()


def take_role(world: World, host: Host, *, booted: bool) -> None:
    """The start of a toolstack, after its storage is plugged: as master, as member, or into emergency mode."""
    other = _other_master(world, host) if host.is_master else None
    if other is not None:
        host.master_address = other.address
    host.emergency = emergency_reason(world, host, booted=booted)
    if host.emergency is not None:
        world.after(EMERGENCY_RETRY_SECONDS, lambda: _retry(world, host, booted=booted))
    elif host.is_master:
        start_as_master(world, host, booted=booted)
    else:
        hello(world, host, booted=booted)


def _retry(world: World, host: Host, *, booted: bool) -> None:
    """xapi in emergency mode tries again every minute or so."""
    if host.toolstack == "running" and host.emergency is not None:
        take_role(world, host, booted=booted)


def _other_master(world: World, host: Host) -> Host | None:
    """A host that answers ``pool.is_slave`` with false: xapi then demotes itself (xapi.ml)."""
    peers = [peer for peer in host.pool.hosts if peer is not host and peer.is_master]
    return next((peer for peer in peers if world.reachable(peer) and peer.emergency is None), None)


def start_as_master(world: World, host: Host, *, booted: bool) -> None:
    """All hosts count as dead and disabled until they say hello (xapi_ha.ml)."""
    pool = host.pool
    moved = pool.master is not host
    pool.master = host
    forget_memory(pool)
    for peer in pool.hosts:
        peer.enabled = False
        peer.live = peer is host
    if pool.ha_enabled and not host.ha_armed:
        pool.ha_enabled = False  # somebody disarmed this host in an emergency
    if booted:
        lose_guests(host)
    if moved:
        world.alert(pool, "POOL_MASTER_TRANSITION", 4, "Host", host.uuid)
    world.announce("master", pool)
    world.after(ENABLE_SECONDS, lambda: consider_enabling(world, host))
    for peer in pool.hosts:
        if peer is not host:
            world.after(HELLO_SECONDS, lambda peer=peer: _hello_if_there(world, peer))  # type: ignore[misc]


def _hello_if_there(world: World, host: Host) -> None:
    master = host.pool.master
    follows = master is not None and host.master_address == master.address
    if follows and world.reachable(host) and host.emergency is None:
        hello(world, host, booted=False)


def emergency_reason(world: World, host: Host, *, booted: bool) -> list[str] | None:
    """Why a host that starts cannot join its pool's life now, as an error description; None if it can."""
    if host.ha_armed and host.pool.ha_enabled:
        if not storage.sees_statefile(host):
            return ["HA_HOST_CANNOT_ACCESS_STATEFILE"]
        if booted and _waits_for_peer(host):
            return ["HOST_STILL_BOOTING"]
    return None if host.is_master else _member_trouble(world, host)


def _waits_for_peer(host: Host) -> bool:
    """Half a pool of two cannot form a liveset after a boot."""
    peers = [peer for peer in host.pool.hosts if peer is not host]
    return len(peers) == 1 and (peers[0].power != "on" or peers[0].network_cut)


def _member_trouble(world: World, host: Host) -> list[str] | None:
    master = world.host_at(host.master_address)
    if master is None or not world.reachable(master) or not master.is_master or master.emergency is not None:
        return ["INTERNAL_ERROR", f"Connection to the master {host.master_address} failed"]
    if host not in master.pool.hosts:
        return ["HOST_UNKNOWN_TO_MASTER", host.uuid]
    if master.pool.ha_enabled and not host.ha_armed:
        return ["HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED"]
    return None


def hello(world: World, host: Host, *, booted: bool) -> None:
    """A member reports to its master: disabled first, live again, then it enables itself if it may."""
    host.enabled = False
    host.live = True
    host.last_heard = world.now()
    if booted:
        lose_guests(host)
        if any(not pbd.attached for pbd in host.pbds):
            world.alert(host.pool, "PBD_PLUG_FAILED_ON_SERVER_START", 3, "Host", host.uuid)
    world.after(ENABLE_SECONDS, lambda: consider_enabling(world, host))


def lose_guests(host: Host) -> None:
    """After a boot none of its VMs runs any more; the database learns it now."""
    for vm in host.resident:
        vm.power_state, vm.resident_on = "Halted", None


def why_not_enabled(host: Host) -> list[str]:
    """What keeps a host from enabling itself (xapi_host_helpers.ml:387); empty if nothing does."""
    reasons = []
    if host.keep_disabled or not host.auto_enable:
        reasons.append("disabled by a user")
    if host.ha_armed and any(not pbd.attached for pbd in host.pbds):
        reasons.append("HA is armed and a PBD is unplugged")
    if host.disabled_until_reboot:
        reasons.append("waits for a reboot")
    if host.pending_guidances:
        reasons.append("mandatory guidance pending")
    return reasons


def consider_enabling(world: World, host: Host) -> None:
    """A running, living host enables itself unless something speaks against it."""
    if world.reachable(host) and host.live and host.emergency is None and not why_not_enabled(host):
        host.enabled = True
        world.announce("enabled", host)


def believe_in(hosts: list[Host], master: Host) -> None:
    """Write the new master into every pool.conf."""
    for host in hosts:
        host.master_address = "" if host is master else master.address
