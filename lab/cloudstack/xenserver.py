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
    """The pool that the connection for this host leads to, or None (XenServerConnectionPool.connect).

    Since 4.4 there is none for a host that XAPI has disabled; and when that host is the master, the connection in the
    cache goes as well, so that no host of the pool gets one until the master is enabled.
    """
    cluster, asks = row.cluster, cloud.version.ping_needs_enabled
    pool = _cached(cloud, cluster)
    if pool is not None:
        host = member(pool, row)
        if host is None or host.enabled or not asks:
            return pool
        if host is cluster.known_master:
            cluster.known_master = None
        return None
    pool = _from_own_address(cloud, row)
    master = pool.master if pool is not None else None
    cluster.known_master = master if master is not None and (master.enabled or not asks) else None
    return pool if cluster.known_master is not None else None


def _cached(cloud: CloudStack, cluster: Cluster) -> Pool | None:
    """The pool behind the connection in the cache, while that still leads to a master of the same pool."""
    master = cluster.known_master
    if master is None or not master.is_master:
        return None
    return _same_pool(cloud.world.pool_answering_for(master), cluster)


def reaches_pool(cloud: CloudStack, row: HostRow) -> bool:
    """Whether a login at the host's own address gets as far as its pool's master."""
    return _from_own_address(cloud, row) is not None


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


def is_pingable(row: HostRow) -> bool:
    """Whether the host's management address answers an ICMP ping, toolstack or not."""
    return row.machine.power == "on" and not row.machine.network_cut
