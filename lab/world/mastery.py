"""Who is master: what a toolstack does with its role when it starts, how a pool gets another master.

Sources: xapi.ml (start as master, demotion), xapi_pool.ml (hello), xapi_host_helpers.ml (consider_enabling_host),
xapi_pool_transition.ml (roles).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.world import books, liveset, plan, storage
from lab.world.refusal import Refusal
from lab.world.releases import at_least, release_of
from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

HELLO_SECONDS = 5.0
ENABLE_SECONDS = 8.0
EMERGENCY_RETRY_SECONDS = 60.0
PROPOSAL_SECONDS = 600.0
FUSE_SECONDS = 10.0  # xapi answers, then restarts itself


def forget_memory(pool: Pool) -> None:
    """A master's toolstack stopped: sessions and tasks are never persisted, operations end unfinished."""
    pool.sessions.clear()
    pool.tasks.clear()
    pool.current_operations.clear()
    pool.ha_prevent_restarts_until = 0.0
    for host in pool.hosts:
        host.current_operations.clear()
    for vm in pool.vms:
        vm.current_operations.clear()


def take_role(world: World, host: Host, *, booted: bool) -> None:
    """The start of a toolstack, after its storage is plugged: as master, as member, or into emergency mode."""
    other = _other_master(world, host) if host.is_master and not host.broken else None
    if other is not None:
        host.master_address = other.address
    if not host.is_master:
        _change_books(world, host)
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
    peers = [peer.machine for peer in host.pool.hosts if peer.machine is not host]
    return next((peer for peer in peers if world.connects(host, peer) and rules(peer)), None)


def rules(host: Host) -> bool:
    """It runs as a master, of whatever it takes for its pool."""
    awake = host.power == "on" and host.toolstack == "running"
    return awake and host.is_master and host.emergency is None


def _change_books(world: World, host: Host) -> None:
    """A host that starts as member of another master than before is from now on in that one's database."""
    master = world.host_at(host.master_address)
    if master is not None and rules(master) and world.connects(host, master):
        books.follow_over(world, host, master)


def start_as_master(world: World, host: Host, *, booted: bool) -> None:
    """All hosts count as dead and disabled until they say hello (xapi_ha.ml)."""
    moved = host.pool.master is not host
    pool = _own_books(world, host) if moved else host.pool
    host.copy = None
    pool.master = host
    forget_memory(pool)
    books.learn_truth(host)
    for peer in pool.hosts:
        peer.enabled = False
        peer.live = peer is host
    if pool.ha_enabled and not host.ha_armed:
        pool.ha_enabled = False  # somebody disarmed this host in an emergency
    if booted:
        lose_guests(host)
        tell_of_boot(world, host)
    if moved:
        world.alert(pool, "POOL_MASTER_TRANSITION", 4, "Host", host.uuid)
    world.announce("master", pool)
    world.after(ENABLE_SECONDS, lambda: consider_enabling(world, host))
    for peer in pool.hosts:
        if peer is not host:
            world.after(HELLO_SECONDS, lambda peer=peer: _hello_if_there(world, peer))  # type: ignore[misc]


def _own_books(world: World, host: Host) -> Pool:
    """The database a new master begins with: its own copy. Beside a master that still rules it is a second one."""
    pool, rival = host.pool, host.pool.master
    if rival is not None and rules(rival):
        return books.split(world, host)
    if host.copy is not None:
        books.go_back(world, pool, host.copy)
    return pool


def _hello_if_there(world: World, host: Host) -> None:
    running = host.power == "on" and host.toolstack == "running" and host.emergency is None
    if running and not host.is_master and world.has_database(host):
        hello(world, host, booted=False)


def emergency_reason(world: World, host: Host, *, booted: bool) -> list[str] | None:
    """Why a host that starts cannot join its pool's life now, as an error description; None if it can."""
    if host.broken:
        return ["HOST_BROKEN"]
    if host.master_address == host.address:
        return ["HOST_ITS_OWN_SLAVE"]
    if not any(pif.management and pif.ip for pif in host.pifs):
        return ["HOST_HAS_NO_MANAGEMENT_IP"]
    if host.ha_armed and host.pool.ha_enabled:
        if not storage.sees_statefile(host):
            return ["HA_HOST_CANNOT_ACCESS_STATEFILE"]
        if booted and _waits_for_peer(host):
            return ["HOST_STILL_BOOTING"]
        if booted and host not in liveset.best_partition(world, host.pool):
            return ["HA_HEARTBEAT_DAEMON_STARTUP_FAILED"]
    return None if host.is_master else _member_trouble(world, host)


def _waits_for_peer(host: Host) -> bool:
    """Half a pool of two cannot form a liveset after a boot."""
    peers = [peer for peer in host.pool.hosts if peer is not host]
    return len(peers) == 1 and (peers[0].power != "on" or peers[0].network_cut)


def _member_trouble(world: World, host: Host) -> list[str] | None:
    master = world.host_at(host.master_address)
    if master is None or not world.has_database(host):
        return ["INTERNAL_ERROR", f"Connection to the master {host.master_address} failed"]
    if host not in master.pool.hosts:
        return ["HOST_UNKNOWN_TO_MASTER", host.uuid]
    if master.pool.ha_enabled and not host.ha_armed:
        return ["HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED"]
    if at_least(host, (8, 4)) and release_of(host) > release_of(master):
        return ["HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", host.software_version.get("xapi_build", "")]
    return None


def hello(world: World, host: Host, *, booted: bool) -> None:
    """A member reports to its master: disabled first, live again, then it enables itself if it may."""
    host.enabled = False
    host.live = True
    host.last_heard = world.now()
    books.learn_truth(host)
    if booted:
        lose_guests(host)
        tell_of_boot(world, host)
    world.after(ENABLE_SECONDS, lambda: consider_enabling(world, host))


def tell_of_boot(world: World, host: Host) -> None:
    """The alerts a host raises after a boot: it was fenced, or its storage did not plug."""
    if host.pool.ha_enabled and not host.clean:
        world.alert(host.pool, "HA_HOST_WAS_FENCED", 4, "Host", host.uuid)
    if any(not pbd.attached for pbd in host.pbds):
        world.alert(host.pool, "PBD_PLUG_FAILED_ON_SERVER_START", 3, "Host", host.uuid)
    host.clean = False


def drop_guidances(host: Host, done: str) -> None:
    """A boot clears the guidances that ask for a reboot, any start of xapi that for its restart (dbsync_slave.ml)."""
    lists = host.pending_guidances, host.pending_guidances_recommended, host.pending_guidances_full
    for guidances in lists:
        guidances[:] = [each for each in guidances if not each.startswith(done)]
    if done == "reboot":
        host.updates_requiring_reboot.clear()


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
    """The end of a start: the host enables itself in the database unless something speaks against it."""
    if host.power != "on" or host.toolstack != "running" or host.emergency is not None:
        return
    host.startup_complete = True
    if host.live and world.has_database(host) and not why_not_enabled(host):
        host.enabled = True
        plan.schedule(world, host.pool)
        world.announce("enabled", host)


def agree_to(world: World, host: Host, address: str) -> None:
    """Accept a proposed master, or refuse because of an agreement with another one less than ten minutes ago."""
    if host.proposal is not None and host.proposal[0] != address:
        agreed, since = host.proposal
        ago = world.now() - since
        if ago <= PROPOSAL_SECONDS:
            at = datetime.fromtimestamp(since, UTC).strftime("%Y%m%dT%H:%M:%SZ")
            text = f"Already agreed to commit host address '{agreed}' at {at} ('{ago:f}' secs ago)"
            raise Refusal("HA_ABORT_NEW_MASTER", text)
    host.proposal = address, world.now()


def believe_in(hosts: list[Host], master: Host) -> None:
    """Write the new master into every pool.conf."""
    for host in hosts:
        host.master_address = "" if host is master else master.address
