"""HA on and off: what changes in the pool and on its hosts. The checks are made by the calls (lab/xapi/calls/ha.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world.things import MIB, SR, VDI, Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

DEFAULT_TIMEOUT = 60.0
STATEFILE_SIZE = 4 * MIB
REDO_LOG_SIZE = 256 * MIB  # up to 8.2


def make_vdis(world: World, pool: Pool, sr: SR) -> None:
    """Statefile and redo log on the heartbeat SR; those of an earlier HA are used again."""
    statefile = _vdi(world, sr, "Statefile for HA", STATEFILE_SIZE, "ha_statefile")
    _vdi(world, sr, "Metadata for HA", REDO_LOG_SIZE, "redo_log")
    pool.ha_statefiles = [statefile.ref]


def _vdi(world: World, sr: SR, name: str, size: int, kind: str) -> VDI:
    for vdi in sr.vdis:
        if vdi.type == kind:
            return vdi
    vdi = VDI(world.new_ref(), world.new_uuid(), name, sr, size, kind)
    sr.vdis.append(vdi)
    return vdi


def arm(pool: Pool) -> None:
    """All hosts hold the statefile and may fence themselves from now on."""
    pool.ha_enabled = True
    for host in pool.hosts:
        host.ha_armed, host.silent_since, host.written_off = True, None, False
        host.ha_statefiles = list(pool.ha_statefiles)
        host.ha_network_peers = [peer.uuid for peer in pool.hosts]


def stop_daemon(host: Host) -> None:
    """The host's heartbeat daemon stops: it will not fence itself, and the others leave it out."""
    host.ha_excluded, host.silent_since = True, None
    host.ha_statefiles, host.ha_network_peers = [], []


def disarm(host: Host) -> None:
    """The host is out of HA for good, also after a restart."""
    stop_daemon(host)
    host.ha_armed = host.ha_excluded = False


def max_failures(pool: Pool) -> int:
    """How many hosts may fail so that all protected VMs still fit: the largest hosts fail first."""
    hosts = sorted((h for h in pool.hosts if h.live and h.enabled), key=_capacity)
    protected = sum(vm.memory for vm in pool.vms if vm.protected)
    for failures in range(len(hosts) - 1, 0, -1):
        if sum(_capacity(host) for host in hosts[: len(hosts) - failures]) >= protected:
            return failures
    return 0


def _capacity(host: Host) -> int:
    return host.memory_total - host.memory_overhead


def refresh_plan(pool: Pool) -> None:
    """Recompute plan_exists_for and overcommitted, as the master does after each change."""
    if pool.ha_enabled:
        possible = max_failures(pool)
        pool.ha_plan_exists_for = min(pool.ha_host_failures_to_tolerate, possible)
        pool.ha_overcommitted = pool.ha_host_failures_to_tolerate > possible
