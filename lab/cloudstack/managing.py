"""Letting go of a cluster and taking it back (ResourceManagerImpl.updateCluster)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack.errors import refused

if TYPE_CHECKING:
    from lab.cloudstack.model import Cluster, HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Steps

SETTLED = ("Up", "Down", "Disconnected", "Alert")
POLL_SECONDS = 5.0
POLLS = 40


def unmanage(cloud: CloudStack, cluster: Cluster) -> Steps:
    """Drop every host that is Up, and wait for them as long as 200 s; then no ping, scan, HA or alert any
    more."""
    if cluster.managed_state == "Unmanaged":
        return
    cluster.managed_state = "PrepareUnmanaged"
    rows = cloud.cluster_hosts(cluster)
    for row in rows:
        if row.status not in SETTLED:
            cluster.managed_state = "PrepareUnmanagedError"
            raise refused(
                f"PrepareUnmanaged Failed due to host {row.address} should not be in {row.status} status"
            )
    for row in rows:
        if row.status == "Up" and not _stays_up(cloud, row):
            cloud.host_event(row, "ShutdownRequested")
    yield from _wait(cloud, cluster, rows)
    cluster.managed_state = "Unmanaged"


def _stays_up(cloud: CloudStack, row: HostRow) -> bool:
    """A Disabled host stays Up when its cluster is let go, in 4.5 to 4.9 (CLOUDSTACK-9610)."""
    affected = cloud.version.since(4, 5) and not cloud.version.since(4, 10)
    return affected and row.resource_state == "Disabled"


def _wait(cloud: CloudStack, cluster: Cluster, rows: list[HostRow]) -> Steps:
    for _poll in range(POLLS):
        yield POLL_SECONDS
        if not any(row.status in ("Up", "Connecting") and not _stays_up(cloud, row) for row in rows):
            return
    cluster.managed_state = "PrepareUnmanagedError"
    raise refused(
        "PrepareUnmanaged Failed due to some hosts are still in UP status after 5 Minutes, please try later "
    )


def manage(cluster: Cluster) -> None:
    """Take it back at once; its hosts come back with the scan, in 90 to 240 s."""
    cluster.managed_state = "Managed"
