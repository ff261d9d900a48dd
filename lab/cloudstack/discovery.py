"""addHost on XenServer: one address is given, the whole pool is discovered.

Sources: XcpServerDiscoverer.find, ResourceManagerImpl.discoverHostsFull and createHostAndAgent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.cloudstack import heartbeat, old_ways, xenserver
from lab.cloudstack.errors import INTERNAL_ERROR, NO_CAUSE, ApiError
from lab.cloudstack.model import Cluster, HostRow

if TYPE_CHECKING:
    from collections.abc import Generator

    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Pool

ASKING_SECONDS = 1.0


def discover(
    cloud: CloudStack, cluster: Cluster, params: Mapping[str, str]
) -> Generator[Any, None, list[HostRow]]:
    """Add every host of the pool that is not known yet.

    Whatever is wrong with the pool is swallowed and comes out as one bare 530: not reachable, wrong password, a
    stranger to the cluster's pool, a member that CloudStack does not know yet and cannot log in to.
    """
    yield ASKING_SECONDS
    pool = _pool_at(cloud, params)
    if pool is not None and not _belongs(cloud, cluster, pool):
        pool = yield from _joined(cloud, cluster, pool)
    if pool is None:
        raise _unable(cloud, params["url"])
    cluster.guid = pool.uuid
    unknown = [host for host in pool.hosts if not _is_known(cloud, host)]
    if not all(cloud.world.pool_answering_for(host) is pool for host in unknown):
        raise _unable(cloud, params["url"])
    added: list[HostRow] = []
    for host in unknown:
        added += yield from _set_up(cloud, cluster, host)
    if not added:
        raise ApiError(INTERNAL_ERROR, "Failed to add host", NO_CAUSE)
    return added


def _pool_at(cloud: CloudStack, params: Mapping[str, str]) -> Pool | None:
    """The pool that the address leads to, when both it and the master take the password."""
    url = urlsplit(params["url"])
    host = cloud.world.host_at(url.hostname or "") if url.scheme == "http" else None
    if host is None or not _lets_in(host, params):
        return None
    pool = cloud.world.pool_answering_for(host)
    return pool if pool is not None and pool.master is not None and _lets_in(pool.master, params) else None


def _lets_in(host: Host, params: Mapping[str, str]) -> bool:
    return params.get("username") == "root" and params.get("password") == host.root_password


def _belongs(cloud: CloudStack, cluster: Cluster, pool: Pool) -> bool:
    """ "Please join the host to XS pool … before adding it": that text goes to the server's log only."""
    return cluster.guid is None or not cloud.cluster_hosts(cluster) or cluster.guid == pool.uuid


def _joined(cloud: CloudStack, cluster: Cluster, stranger: Pool) -> Generator[Any, None, Pool | None]:
    """The cluster's pool with the stranger in it, where the version still joins hosts itself; else None."""
    host = stranger.hosts[0]
    may_join = cloud.version.joins_and_ejects
    return host.pool if may_join and (yield from old_ways.join(cloud, cluster, stranger)) else None


def _is_known(cloud: CloudStack, host: Host) -> bool:
    return any(row.guid == host.uuid for row in cloud.hosts.values())


def _unable(cloud: CloudStack, url: str) -> ApiError:
    where = f": Cannot find the server resources at {url}" if cloud.version.add_host_names_url else ""
    return ApiError(INTERNAL_ERROR, f"Unable to add the host{where}", NO_CAUSE)


def _set_up(cloud: CloudStack, cluster: Cluster, host: Host) -> Generator[Any, None, list[HostRow]]:
    """The row of the host once it is Up (or was lost on the way). None for one that cannot be initialized, which is
    left out without a word, nor for one that another addHost took in meanwhile."""
    if _is_known(cloud, host) or not _can_be_initialized(cloud, host):
        return []
    row = cloud.add_host(cluster, host, cloud.now(), status="Connecting")
    _add_local_storage(cloud, row)
    yield cloud.setup_seconds
    came = xenserver.answers_ping(cloud, row)
    cloud.host_event(row, "Ready" if came else "AgentDisconnected")
    if came:
        row.last_pinged = cloud.now()
        heartbeat.launch(cloud, row)
    return [row]


def _can_be_initialized(cloud: CloudStack, host: Host) -> bool:
    """It and its master are enabled, where the version asks (XenServerConnectionPool.connect)."""
    master = host.pool.master
    return not cloud.version.ping_needs_enabled or (host.enabled and master is not None and master.enabled)


def _add_local_storage(cloud: CloudStack, row: HostRow) -> None:
    for pbd in row.machine.pbds:
        if not pbd.sr.shared and pbd.sr.content_type == "user":
            cloud.add_storage(pbd.sr, row.cluster, row, cloud.now())
