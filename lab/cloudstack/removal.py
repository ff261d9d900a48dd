"""Taking a host out of CloudStack (ResourceManagerImpl.doDeleteHost). Since 4.4 it leaves the XenServer pool
alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import old_ways
from lab.cloudstack.errors import refused

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Steps


def delete(cloud: CloudStack, row: HostRow, *, forced: bool) -> Steps:
    """Forget the host. Unless ``forced`` it must be in Maintenance (Disabled is not enough) and hold no
    VM."""
    if row.resource_state not in ("Maintenance", "Degraded") and not forced:
        raise refused(_not_in_maintenance(cloud, row))
    vms = cloud.vms_on(row)
    if vms and not forced:
        raise refused("Failed to delete host")
    if cloud.version.joins_and_ejects:
        yield from old_ways.eject(cloud, row)
    for vm in vms:
        cloud.place(vm, None)
    for pool in [pool for pool in cloud.storage_pools.values() if pool.host is row]:
        del cloud.storage_pools[pool.id]
    row.status, row.connected = "Removed", False
    cloud.hosts.pop(row.id, None)
    if not cloud.cluster_hosts(row.cluster):
        row.cluster.guid = row.cluster.known_master = None


def _not_in_maintenance(cloud: CloudStack, row: HostRow) -> str:
    if cloud.version.old_states:
        return (
            f"Host {row.id} cannot be deleted as it is not in maintenance mode. "
            "Either put the host into maintenance or perform a forced deletion."
        )
    return f"Host with UUID [{row.id}] is not in maintenance mode and no forced deletion was requested."
