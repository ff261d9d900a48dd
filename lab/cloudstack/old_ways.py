"""What CloudStack did to XenServer pools itself before 4.4: elect masters, join hosts, eject them.

Sources: XenServerConnectionPool, XcpServerDiscoverer and CitrixResourceBase of 4.3.0 (CLOUDSTACK-5923 took the election
out of 4.3.2 and 4.4.0, ff1c0647fc and 6de28bb1a4 took joining and ejecting out of 4.4.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack.errors import refused
from lab.world import pooling

if TYPE_CHECKING:
    from lab.cloudstack.model import Cluster, HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Pool, Steps

JOIN_SECONDS = 90.0
EJECT_SECONDS = 30.0
RECOVER_SECONDS = 45.0
"""Until the promoted member's toolstack has restarted and can be told about its members."""


def elect(cloud: CloudStack, row: HostRow) -> None:
    """Promote the member that the ping reached but whose master is gone, and tell the others. Not with HA on: the
    host refuses."""
    host = row.machine
    if not cloud.world.reachable(host) or host.is_master or host.ha_armed or _has_living_master(cloud, host):
        return
    pooling.become_master(cloud.world, host)
    cloud.world.after(RECOVER_SECONDS, lambda: _recover(cloud, host))


def _has_living_master(cloud: CloudStack, host: Host) -> bool:
    """Some host of the pool is master and runs, or is about to after an election."""
    return any(peer.is_master and peer.power == "on" and not peer.network_cut for peer in host.pool.hosts)


def _recover(cloud: CloudStack, master: Host) -> None:
    for peer in master.pool.hosts:
        if peer is not master and cloud.world.reachable(peer):
            pooling.follow(cloud.world, peer, master.address)


def join(cloud: CloudStack, cluster: Cluster, stranger: Pool) -> Steps:
    """Make the stranger a member of the cluster's pool; whether that went well."""
    pool = next((pool for pool in cloud.world.pools if pool.uuid == cluster.guid), None)
    if pool is None or pool.ha_enabled or len(stranger.hosts) != 1:
        return False
    pooling.take_in(cloud.world, stranger.hosts[0], pool)
    yield JOIN_SECONDS
    return stranger.hosts[0] in pool.hosts


def eject(cloud: CloudStack, row: HostRow) -> Steps:
    """Take the host out of its pool. Until 4.3.1 a master hands over first; 4.3.2 refuses to delete one."""
    host, pool = row.machine, row.machine.pool
    if pool.uuid != row.cluster.guid or not cloud.world.reachable(host) or len(pool.hosts) == 1:
        return
    if pool.ha_enabled:
        raise refused("Failed to delete host")
    if pool.master is host:
        yield from _hand_over(cloud, row, pool)
    yield EJECT_SECONDS
    pooling.leave(cloud.world, host)


def _hand_over(cloud: CloudStack, row: HostRow, pool: Pool) -> Steps:
    heir = next(
        (peer for peer in pool.hosts if peer is not row.machine and cloud.world.reachable(peer)), None
    )
    if heir is None or not cloud.version.elects_master:
        raise refused("this host is master, and cannot designate a new master")
    pooling.change_master(cloud.world, pool, heir)
    yield RECOVER_SECONDS
