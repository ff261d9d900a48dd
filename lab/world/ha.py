"""High availability: heartbeats, fencing, elections, and the VMs that are started again.

Whoever is silent for longer than the timeout is taken for dead by the others, and kills itself if it still runs
(xhad's watchdog). See xapi_ha.ml, xapi_ha_vm_failover.ml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import liveset, mastery, moving, plan, power, storage
from lab.world.things import VM, Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

MONITOR_SECONDS = 5.0
ELECTION_SECONDS = 10.0
JOIN_EXTRA_SECONDS = 60.0
NOT_JOINED = (
    "HOST_STILL_BOOTING",
    "HA_HEARTBEAT_DAEMON_STARTUP_FAILED",
    "HA_HOST_CANNOT_ACCESS_STATEFILE",
    "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED",
)


def watch(world: World) -> None:
    """Look at the heartbeats of every pool, for as long as the world lasts."""

    def look() -> None:
        for pool in list(world.pools):
            if pool.ha_enabled:
                monitor(world, pool)

    world.on_tick(MONITOR_SECONDS, look)


def monitor(world: World, pool: Pool) -> None:
    """One look at one pool's heartbeats."""
    best = liveset.best_partition(world, pool)
    for host in pool.hosts:
        if host in best or not host.ha_armed or (host.ha_excluded and host.power == "on"):
            host.silent_since, host.written_off = None, False
        elif host.silent_since is None:
            host.silent_since = world.now()
    _tell_of_statefile(world, pool, best)
    lost = [host for host in pool.hosts if _lost(world, host)]
    for host in pool.hosts:
        if (host in lost and _in_liveset(host)) or _waits_too_long(world, host):
            power.reboot(world, host)  # the watchdog
    survivors = [host for host in best if host not in lost and host.ha_armed and _has_joined(host)]
    if len(pool.hosts) == 2 and len(survivors) == 1 and _peer_crashed(lost):
        lost[0].written_off = True
        power.reboot(world, survivors[0])  # half a pool of two has no majority: it goes down as well
        return
    if survivors:
        _go_on(world, pool, lost, survivors)


def _tell_of_statefile(world: World, pool: Pool, best: list[Host]) -> None:
    """The master notes who has the statefile; only when all have lost it there is an alert."""
    for host in pool.hosts:
        sees = host in best and host.ha_armed and storage.sees_statefile(host)
        if bool(host.ha_statefiles) != sees:
            host.ha_statefiles = list(pool.ha_statefiles) if sees else []
    gone = bool(best) and not any(host.ha_statefiles for host in best)
    if gone and not pool.statefile_lost and pool.master is not None:
        text = "All live servers have lost access to the HA statefile"
        world.alert(pool, "HA_STATEFILE_LOST", 2, "Host", pool.master.uuid, text)
    pool.statefile_lost = gone


def _lost(world: World, host: Host) -> bool:
    return host.silent_since is not None and world.now() - host.silent_since >= host.pool.ha_timeout


def _waits_too_long(world: World, host: Host) -> bool:
    """It booted alone and formed no liveset within timeout + 60 s: it resets itself, again and again."""
    waiting = host.ha_armed and not host.ha_excluded and host.emergency == ["HOST_STILL_BOOTING"]
    return waiting and world.now() - host.boot_time >= host.pool.ha_timeout + JOIN_EXTRA_SECONDS


def _peer_crashed(lost: list[Host]) -> bool:
    return any(not host.written_off for host in lost)


def _in_liveset(host: Host) -> bool:
    """It runs and had joined; one that is booting or in emergency mode has no watchdog running."""
    running = host.power == "on" and host.toolstack == "running" and host.emergency is None
    return running and not host.ha_excluded


def _has_joined(host: Host) -> bool:
    """It is part of the liveset, though perhaps without a master; who still waits to join may not take over."""
    return host.toolstack == "running" and (host.emergency is None or host.emergency[0] not in NOT_JOINED)


def _go_on(world: World, pool: Pool, lost: list[Host], survivors: list[Host]) -> None:
    if pool.master in lost and pool.master is not None and not _being_elected(pool):
        elect(world, survivors[0])
    master = pool.master
    if master is None or not mastery.rules(master):
        return
    for host in lost:
        if not host.written_off:
            write_off(world, host)


def _being_elected(pool: Pool) -> bool:
    return any(host.is_master and host is not pool.master for host in pool.hosts)


def elect(world: World, host: Host) -> None:
    """The survivor takes the statefile's lock and restarts as master with the redo log's database; the others follow it
    without being told."""
    mastery.believe_in([peer for peer in host.pool.hosts if peer.power == "on"], host)
    host.copy = None
    world.after(ELECTION_SECONDS, lambda: power.restart_toolstack(world, host))


def write_off(world: World, host: Host) -> None:
    """The master drops a host from the liveset: dead, disabled, its VMs free to start elsewhere."""
    host.live = host.enabled = False
    host.written_off = True
    world.alert(host.pool, "HA_HOST_FAILED", 3, "Host", host.uuid, f"Server '{host.name}' has failed")
    guests = host.resident
    for vm in guests:
        vm.power_state, vm.resident_on = "Halted", None
    plan.schedule(world, host.pool)
    restart_guests(world, host.pool, guests)
    world.announce("host-failed", host)


def restart_guests(world: World, pool: Pool, guests: list[VM]) -> None:
    """Start what HA is to start, in its order; not before the end of pool.ha_prevent_restarts_for."""
    wait = pool.ha_prevent_restarts_until - world.now()
    if wait > 0:
        world.after(wait, lambda: restart_guests(world, pool, guests))
        return
    for vm in sorted(guests, key=lambda guest: guest.order):
        if vm.power_state == "Halted" and vm.ha_always_run and vm.ha_restart_priority:
            restart_guest(world, vm)


def restart_guest(world: World, vm: VM) -> None:
    """Start a protected VM on the roomiest host, or raise the alert that there is none."""
    rooms = sorted((h for h in vm.pool.hosts if h.enabled and h.live), key=lambda h: -h.memory_free)
    fitting = [host for host in rooms if moving.start_refusal(vm, host) is None]
    if fitting:
        world.run(moving.start(world, vm, fitting[0]), host=vm.pool.master)
    elif vm.protected:
        world.alert(vm.pool, "HA_PROTECTED_VM_RESTART_FAILED", 2, "VM", vm.uuid)
