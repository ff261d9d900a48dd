"""addHost on XenServer (XcpServerDiscoverer.find): one address is given, the whole pool is discovered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.cloudstack import old_ways
from lab.cloudstack.errors import INTERNAL_ERROR, NO_CAUSE, ApiError
from lab.cloudstack.model import Cluster, HostRow

if TYPE_CHECKING:
    from collections.abc import Generator

    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Pool

SETUP_SECONDS = 15.0
"""SSH, copying the scripts, configuring: for each host."""


def discover(
    cloud: CloudStack, cluster: Cluster, params: Mapping[str, str]
) -> Generator[Any, None, list[HostRow]]:
    """Add every host of the pool that is not known yet.

    Whatever is wrong (not reachable, wrong password, a stranger to the pool) is swallowed and comes out as
    one bare 530.
    """
    yield 1.0
    pool = _pool_at(cloud, params)
    if pool is not None and not _belongs(cloud, cluster, pool):
        pool = yield from _joined(cloud, cluster, pool)
    if pool is None:
        raise _unable(cloud, params["url"])
    cluster.guid = pool.uuid
    added: list[HostRow] = []
    for host in list(pool.hosts):
        if not _is_known(cloud, host):
            yield SETUP_SECONDS
            added.append(_add(cloud, cluster, host))
    if not added:
        raise ApiError(INTERNAL_ERROR, "Failed to add host", NO_CAUSE)
    return added


def _pool_at(cloud: CloudStack, params: Mapping[str, str]) -> Pool | None:
    url = urlsplit(params["url"])
    host = cloud.world.host_at(url.hostname or "") if url.scheme == "http" else None
    if host is None or params.get("username") != "root" or params.get("password") != host.root_password:
        return None
    pool = cloud.world.pool_answering_for(host)
    if pool is None or pool.master is None:
        return None
    return pool if pool.master.enabled and pool.master.root_password == params.get("password") else None


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


def _add(cloud: CloudStack, cluster: Cluster, host: Host) -> HostRow:
    now = cloud.now()
    row = HostRow(cloud.world.new_uuid(), cloud.next_number(), host.name, host, host.uuid, cluster, now, now)
    cloud.hosts[row.id] = row
    return row
