"""HA on and off: what changes in the pool and on its hosts. The checks are made by the calls (lab/xapi/calls/ha.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world.releases import at_least
from lab.world.things import MIB, SR, VDI, Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

STATEFILE_SIZE = 4 * MIB
REDO_LOG_SIZE = 256 * MIB
REDO_LOG_SIZE_SINCE_24 = 3_988_783_104


def redo_log_size(pool: Pool) -> int:
    """Bytes of the redo log: 256 MiB up to 8.3, since 24.x 3.72 GiB (redo_log.ml)."""
    newer = pool.master is not None and at_least(pool.master, (8, 4))
    return REDO_LOG_SIZE_SINCE_24 if newer else REDO_LOG_SIZE


def make_vdis(world: World, pool: Pool, sr: SR) -> None:
    """Statefile and redo log on the heartbeat SR; those of an earlier HA are used again."""
    statefile = _vdi(world, sr, "Statefile for HA", STATEFILE_SIZE, "ha_statefile")
    pool.redo_log_vdi = _vdi(world, sr, "Metadata for HA", redo_log_size(pool), "redo_log")
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
    pool.ha_enabled = pool.redo_log_enabled = True
    for host in pool.hosts:
        host.ha_armed, host.ha_excluded, host.silent_since, host.written_off = True, False, None, False
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


def switch_off(pool: Pool) -> None:
    """ha_enabled is false at once; statefile and configuration stay on record for the next time."""
    pool.ha_enabled = pool.redo_log_enabled = False
    pool.redo_log_vdi = None
    pool.ha_plan_exists_for, pool.ha_overcommitted = 0, False
    for host in pool.hosts:
        disarm(host)
