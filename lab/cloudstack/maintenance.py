"""Putting a host into maintenance and taking it out again (ResourceManagerImpl.maintain, doMaintain).

CloudStack moves the VMs and then calls the host Maintenance. It neither disables the host in XAPI nor gives the pool
another master. The job is over as soon as the migrations are planned; Maintenance comes with a later tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import emptying, xenserver
from lab.cloudstack.errors import ApiError, invalid, refused
from lab.cloudstack.migration import uses_local_storage

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack

MAINTENANCE_STATES = (*emptying.PREPARING, "ErrorInMaintenance", "Maintenance")
LOCAL_STORAGE_IN_USE = (
    "There are active VMs using the host's local storage pool. "
    "Please stop all VMs on this host that use local storage."
)
PLEASE_WAIT = "Please wait for them to complete before putting to maintenance."
BUSY = f"Host contains VMs in starting/stopping state. {PLEASE_WAIT}"
BROKEN = "Host contains VMs in error/unknown/shutdown state. Please fix errors to proceed."
UNSETTLED = {
    "Migrating": f"Host contains incoming VMs migrating. {PLEASE_WAIT}",
    "Starting": BUSY,
    "Stopping": BUSY,
    "Error": BROKEN,
    "Unknown": BROKEN,
}


def prepare(cloud: CloudStack, row: HostRow) -> None:
    """Plan the move of everything away from the host; ApiError with the reason why it may not."""
    if cloud.version.old_resource_states:
        _refuse_as_of_old(cloud, row)
    else:
        _refuse_by_states(cloud, row)
        if _is_down_and_may(cloud, row):
            cloud.resource_event(row, "AdminAskMaintenance")
            cloud.resource_event(row, "InternalEnterMaintenance")
            return
        _refuse_by_vms(cloud, row)
    if not row.connected or not xenserver.answers_ping(cloud, row):
        raise _unable(row)
    if not cloud.resource_event(row, "AdminAskMaintenance"):
        raise _failed(
            f"Cannot transit resource state of {row.log_text} to Maintenance"
            f"No next resource state found for current state = {row.resource_state} event = AdminAskMaintenance"
        )
    _empty(cloud, row)


def _empty(cloud: CloudStack, row: HostRow) -> None:
    """The last Up and Enabled host of a cluster: 4.3 to 4.5 stop every VM by force; newer ones fail after the state
    has changed, and the next tick makes it ErrorInMaintenance."""
    vms = cloud.vms_on(row)
    if not vms:
        return
    if emptying.homes(cloud, row):
        emptying.begin(cloud, row)
    elif cloud.version.old_states:
        for vm in vms:
            emptying.stop(cloud, vm)
    else:
        raise _unable(row)


def _failed(reason: str) -> ApiError:
    return refused(f"Failed to prepare host for maintenance due to: {reason}")


def _unable(row: HostRow) -> ApiError:
    return refused(f"Unable to prepare for maintenance host {row.log_text}")


def _refuse_as_of_old(cloud: CloudStack, row: HostRow) -> None:
    """Until 4.13 two checks, both an InvalidParameterValueException; the first counts the host itself as well."""
    states = ("PrepareForMaintenance", "ErrorInMaintenance")
    if any(peer.resource_state in states for peer in cloud.cluster_hosts(row.cluster)):
        where = f"STATUS in cluster {row.cluster.number}"
        raise invalid(f"There are other servers in PrepareForMaintenance OR ErrorInMaintenance {where}")
    if any(uses_local_storage(vm) for vm in cloud.vms_on(row)):
        raise invalid(LOCAL_STORAGE_IN_USE)


def _refuse_by_states(cloud: CloudStack, row: HostRow) -> None:
    if row.resource_state in ("Maintenance", *emptying.PREPARING):
        raise _failed(
            f"Host is already in state {row.resource_state}. Cannot recall for maintenance until resolved."
        )
    if any(
        peer.resource_state in emptying.PREPARING
        for peer in cloud.cluster_hosts(row.cluster)
        if peer is not row
    ):
        raise _failed(
            "There are other servers attempting migrations for maintenance. Found hosts in PrepareForMaintenance OR "
            f"ErrorInPrepareForMaintenance STATUS in cluster {row.cluster.log_text}"
        )


def _is_down_and_may(cloud: CloudStack, row: HostRow) -> bool:
    """A host that is Down has nothing to move; a setting of 4.15 lets it go into Maintenance at once."""
    may = cloud.version.since(4, 15) and cloud.settings.flag("set.host.down.to.maintenance")
    return may and row.status == "Down" and row.resource_state == "Enabled"


def _refuse_by_vms(cloud: CloudStack, row: HostRow) -> None:
    vms = cloud.vms_on(row)
    stops = cloud.settings.text("host.maintenance.local.storage.strategy").lower() == "forcestop"
    if not stops and any(uses_local_storage(vm) for vm in vms):
        raise _failed(LOCAL_STORAGE_IN_USE)
    states = {vm.state for vm in vms}
    for state, reason in UNSETTLED.items():
        if state in states:
            raise _failed(reason)
    if vms and not cloud.settings.flag("vm.ha.enabled"):
        raise _failed(
            f"Cannot perform maintain for the host {row.name} ({row.number}) as there are running VMs on it and VM "
            "high availability manager is disabled"
        )


def cancel(cloud: CloudStack, row: HostRow) -> None:
    """Leave maintenance. The VMs do not move back; the host need not be Up."""
    if row.resource_state not in MAINTENANCE_STATES:
        state = row.resource_state
        raise refused(
            f"Cannot perform cancelMaintenance when resource state is {state}, host: {row.log_text}"
        )
    cloud.resource_event(row, "AdminCancelMaintenance")
    row.leaving.clear()
