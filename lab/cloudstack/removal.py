"""Taking a host out of CloudStack (ResourceManagerImpl.doDeleteHost). Since 4.4 it leaves the XenServer pool
alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import old_ways, recovery
from lab.cloudstack.errors import refused

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Steps


def delete(cloud: CloudStack, row: HostRow, *, forced: bool, destroys_storage: bool = False) -> Steps:
    """Forget the host. Unless ``forced`` it must be in Maintenance (Disabled is not enough) and hold no VM.

    By force its VMs are written down as Stopped, and those with HA are to be started elsewhere.
    """
    if row.resource_state not in ("Maintenance", "Degraded") and not forced:
        raise refused(_not_in_maintenance(cloud, row))
    if cloud.vms_on(row) and not forced:
        raise refused("Failed to delete host")
    if cloud.version.joins_and_ejects:
        yield from old_ways.eject(cloud, row)
    recovery.restart_vms(cloud, row)
    for vm in cloud.vms_on(row):
        cloud.place(vm, None)
    _part_from_storage(cloud, row, destroyed=destroys_storage)
    row.status, row.connected = "Removed", False
    cloud.hosts.pop(row.id, None)
    if not cloud.cluster_hosts(row.cluster):
        row.cluster.guid = row.cluster.known_master = None


def _part_from_storage(cloud: CloudStack, row: HostRow, *, destroyed: bool) -> None:
    """The record of its local storage stays with the cluster, unless it was asked to be destroyed."""
    for pool in [pool for pool in cloud.storage_pools.values() if pool.host is row]:
        pool.host = None
        if destroyed:
            del cloud.storage_pools[pool.id]


def _not_in_maintenance(cloud: CloudStack, row: HostRow) -> str:
    if not cloud.version.deletes_by_uuid:
        return (
            f"Host {row.id} cannot be deleted as it is not in maintenance mode. "
            "Either put the host into maintenance or perform a forced deletion."
        )
    return f"Host with UUID [{row.id}] is not in maintenance mode and no forced deletion was requested."
