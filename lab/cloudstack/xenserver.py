"""How the management server reaches a XenServer pool (XenServerConnectionPool, since 4.3.2).

One cached connection per pool. When it fails, CloudStack logs in to the address of the host it has a
question about, and where that is a member (HOST_IS_SLAVE) goes on to the master it names. There is no
election here, and no HA detection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.cloudstack.model import Cluster, HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Pool


def pool_of(cloud: CloudStack, row: HostRow) -> Pool | None:
    """The pool whose master answers for the host's cluster, or None. Remembers which master that was."""
    pool = _cached(cloud, row.cluster) or _from_own_address(cloud, row)
    row.cluster.known_master = pool.master if pool is not None else None
    return pool


def _cached(cloud: CloudStack, cluster: Cluster) -> Pool | None:
    """The pool behind the connection in the cache, while that still leads to a master of the same pool."""
    master = cluster.known_master
    if master is None or not master.is_master:
        return None
    return _same_pool(cloud.world.pool_answering_for(master), cluster)


def _from_own_address(cloud: CloudStack, row: HostRow) -> Pool | None:
    return _same_pool(cloud.world.pool_answering_for(row.machine), row.cluster)


def _same_pool(pool: Pool | None, cluster: Cluster) -> Pool | None:
    """A pool of another uuid is not this cluster's: "pool uuid for cluster N changed from A to B"."""
    return pool if pool is not None and pool.uuid == cluster.guid else None


def member(pool: Pool, row: HostRow) -> Host | None:
    """The row's host in the pool's database; None when it was ejected or reinstalled."""
    return next((host for host in pool.hosts if host.uuid == row.guid), None)


def answers_ping(cloud: CloudStack, row: HostRow) -> bool:
    """Whether ``pingXAPI`` succeeds: the master says the host is enabled, and the host's plugin answers.

    4.3 asks the plugin alone (a596edbdf6 added the question whether it is enabled).
    """
    pool = pool_of(cloud, row)
    host = member(pool, row) if pool is not None else None
    if host is None or not cloud.world.reachable(host):
        return False
    return host.enabled or not cloud.version.ping_needs_enabled


def can_connect(cloud: CloudStack, row: HostRow) -> bool:
    """Whether the direct agent scan can load the host. A disabled master blocks every host of its pool."""
    pool = pool_of(cloud, row)
    if pool is None or not answers_ping(cloud, row):
        return False
    return pool.master is None or pool.master.enabled or not cloud.version.ping_needs_enabled


def is_beating(row: HostRow) -> bool:
    """Whether the host still writes CloudStack's heartbeat file (xenheartbeat.sh): dom0 and its storage live."""
    host = row.machine
    shared = [pbd for pbd in host.pbds if pbd.sr.shared and pbd.sr.content_type == "user"]
    seen = any(pbd.attached and pbd.sr.uuid not in host.cut_srs for pbd in shared)
    return host.power == "on" and seen


def is_pingable(row: HostRow) -> bool:
    """Whether the host's management address answers an ICMP ping, toolstack or not."""
    return row.machine.power == "on" and not row.machine.network_cut
