"""Putting a host into maintenance (ResourceManagerImpl.maintain, doMaintain; HA work "Migration").

CloudStack moves the VMs and then calls the host Maintenance. It neither disables the host in XAPI nor gives
the pool another master. The job is over as soon as the migrations are planned; Maintenance comes with a
later tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import xenserver
from lab.cloudstack.errors import ApiError, invalid, refused

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow, VmRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Process, Steps

WORKERS = 5
RETRY_SECONDS = 10.0
MAINTENANCE_STATES = (
    "PrepareForMaintenance",
    "ErrorInPrepareForMaintenance",
    "ErrorInMaintenance",
    "Maintenance",
)
LOCAL_STORAGE_IN_USE = (
    "There are active VMs using the host's local storage pool. "
    "Please stop all VMs on this host that use local storage."
)
UNSETTLED = ("Migrating", "Starting", "Stopping", "Error", "Unknown")


def prepare(cloud: CloudStack, row: HostRow) -> None:
    """Plan the move of everything away from the host; ApiError with the reason why it may not."""
    _refuse_by_state(cloud, row)
    _refuse_by_neighbours(cloud, row)
    _refuse_by_vms(cloud, row)
    if not row.connected or not xenserver.answers_ping(cloud, row):
        raise refused(f"Unable to prepare for maintenance host {row.log_text}")
    if not cloud.resource_event(row, "AdminAskMaintenance"):
        raise _failed(f"Cannot transit resource state of {row.log_text} to Maintenance")
    vms = cloud.vms_on(row)
    if vms and not _homes(cloud, row):
        _nowhere_to_go(cloud, row, vms)
    elif vms:
        cloud.world.run(_empty(cloud, row))


def _failed(reason: str) -> ApiError:
    return refused(f"Failed to prepare host for maintenance due to: {reason}")


def _refusal(cloud: CloudStack, reason: str) -> ApiError:
    """Two of the refusals were an InvalidParameterValueException until 4.5."""
    return invalid(reason) if cloud.version.old_states else _failed(reason)


def _refuse_by_state(cloud: CloudStack, row: HostRow) -> None:
    already = ["Maintenance", "PrepareForMaintenance", "ErrorInPrepareForMaintenance"]
    if row.resource_state in already:
        reason = (
            f"Host is already in state {row.resource_state}. Cannot recall for maintenance until resolved."
        )
        raise _refusal(cloud, reason)


def _refuse_by_neighbours(cloud: CloudStack, row: HostRow) -> None:
    error = "ErrorInMaintenance" if cloud.version.old_states else "ErrorInPrepareForMaintenance"
    states = ("PrepareForMaintenance", error)
    if any(peer.resource_state in states for peer in cloud.cluster_hosts(row.cluster) if peer is not row):
        reason = "There are other servers attempting migrations for maintenance. Found hosts in "
        reason += f"PrepareForMaintenance OR {error} STATUS in cluster {row.cluster.name}"
        raise _refusal(cloud, reason)


def _refuse_by_vms(cloud: CloudStack, row: HostRow) -> None:
    vms = cloud.vms_on(row)
    if any(not disk.sr.shared for vm in vms for disk in vm.vm.disks):
        raise _refusal(cloud, LOCAL_STORAGE_IN_USE)
    unsettled = next((vm for vm in vms if vm.state in UNSETTLED), None)
    if unsettled is not None and cloud.version.since(4, 14):
        raise _failed(f"Host contains VMs in {unsettled.state} state: {unsettled.vm.name}")
    if vms and not cloud.settings.flag("vm.ha.enabled"):
        raise _failed("VM HA is disabled (vm.ha.enabled) and the host has running VMs.")


def _nowhere_to_go(cloud: CloudStack, row: HostRow, vms: list[VmRow]) -> None:
    """The last Up and Enabled host: 4.3 to 4.5 stop every VM by force, newer ones fail after the state has
    changed."""
    if cloud.version.old_states:
        for vm in vms:
            vm.vm.power_state, vm.vm.resident_on = "Halted", None
            cloud.place(vm, None)
        return
    cloud.resource_event(row, "UnableToMaintain")
    raise refused(f"Unable to prepare for maintenance host {row.log_text}")


# Moving the VMs


def _empty(cloud: CloudStack, row: HostRow) -> Steps:
    """The HA workers: some migrations at a time until the host is empty, cancelled, or a VM will not go."""
    queue = list(enumerate(cloud.vms_on(row)))
    while queue and row.resource_state == "PrepareForMaintenance":
        batch, queue = queue[:WORKERS], queue[WORKERS:]
        for work in [cloud.world.run(_move(cloud, row, vm, turn)) for turn, vm in batch]:
            yield work
            if work.result is False and row.resource_state == "PrepareForMaintenance":
                cloud.resource_event(row, "UnableToMigrate")
                cloud.alert(f"Unable to migrate vm from host {row.name} (id:{row.id})")


def _move(cloud: CloudStack, row: HostRow, vm: VmRow, turn: int) -> Steps:
    """Migrate one VM, with retries, each to the next host in ``turn``; whether it has gone."""
    for attempt in range(int(cloud.settings.number("vm.ha.migration.max.retries"))):
        if row.resource_state != "PrepareForMaintenance":
            return True
        migration = _start_migration(cloud, row, vm, turn + attempt)
        if migration is not None:
            vm.state = "Migrating"
            yield migration
        vm.state = "Running"
        if _has_left(cloud, row, vm):
            return True
        yield RETRY_SECONDS
    return False


def _start_migration(cloud: CloudStack, row: HostRow, vm: VmRow, turn: int) -> Process | None:
    pool = xenserver.pool_of(cloud, row)
    homes = [host for peer in _homes(cloud, row) if pool and (host := xenserver.member(pool, peer))]
    return cloud.world.migrate_vm(vm.vm, homes[turn % len(homes)]) if homes else None


def _homes(cloud: CloudStack, row: HostRow) -> list[HostRow]:
    return [
        peer
        for peer in cloud.cluster_hosts(row.cluster)
        if peer is not row and peer.status == "Up" and peer.resource_state == "Enabled"
    ]


def _has_left(cloud: CloudStack, row: HostRow, vm: VmRow) -> bool:
    home: Host | None = vm.vm.resident_on
    if home is None:
        cloud.place(vm, None)
        return True
    if home.uuid == row.guid:
        return False
    cloud.place(vm, next((peer for peer in cloud.cluster_hosts(row.cluster) if peer.guid == home.uuid), None))
    return True


# The tick


def check_and_maintain(cloud: CloudStack) -> None:
    """AgentMonitor's second half: a host that prepares and holds no VM any more is in Maintenance now."""
    for row in list(cloud.hosts.values()):
        if row.resource_state == "PrepareForMaintenance" and not cloud.vms_on(row):
            cloud.resource_event(row, "InternalEnterMaintenance")
            cloud.alert(f"Migration Complete for host {row.description}")


def cancel(cloud: CloudStack, row: HostRow) -> None:
    """Leave maintenance. The VMs do not move back; the host need not be Up."""
    if row.resource_state not in MAINTENANCE_STATES:
        state = row.resource_state
        raise refused(
            f"Cannot perform cancelMaintenance when resource state is {state}, host: {row.log_text}"
        )
    cloud.resource_event(row, "AdminCancelMaintenance")
