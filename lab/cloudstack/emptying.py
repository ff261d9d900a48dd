"""Emptying a host that is to go into maintenance: the HA workers move its VMs, and a tick of the agent monitor sees how
far they came (HighAvailabilityManagerImpl.migrate, ResourceManagerImpl.attemptMaintain)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import xenserver
from lab.cloudstack.migration import ALERT_TYPES, uses_local_storage

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow, VmRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Process, Steps

WORKERS = 5
PREPARING = ("PrepareForMaintenance", "ErrorInPrepareForMaintenance")


def begin(cloud: CloudStack, row: HostRow) -> None:
    """Plan the move of every VM away from the host. VMs on local disks are stopped, where the setting says so."""
    for vm in cloud.vms_on(row):
        if uses_local_storage(vm):
            stop(cloud, vm)
        else:
            row.leaving[vm.id] = True
    row.emptying = cloud.world.run(_empty(cloud, row))


def stop(cloud: CloudStack, vm: VmRow) -> None:
    """Force the VM off and note it as Stopped."""
    vm.vm.power_state, vm.vm.resident_on = "Halted", None
    cloud.place(vm, None)


def _empty(cloud: CloudStack, row: HostRow) -> Steps:
    """Some migrations at a time until the host is empty, cancelled, or no VM that is left will go."""
    queue = list(enumerate(cloud.vms_on(row)))
    while queue and _goes_on(row):
        batch, queue = queue[:WORKERS], queue[WORKERS:]
        yield from [cloud.world.run(_move(cloud, row, vm, turn)) for turn, vm in batch]
    row.leaving.clear()


def _goes_on(row: HostRow) -> bool:
    """Before 4.14 the first VM that does not go makes it ErrorInMaintenance; the others are moved nonetheless."""
    return row.resource_state in (*PREPARING, "ErrorInMaintenance")


def _move(cloud: CloudStack, row: HostRow, vm: VmRow, turn: int) -> Steps:
    """Migrate one VM, with retries, each to the next host in ``turn``."""
    for attempt in range(int(cloud.settings.number("vm.ha.migration.max.retries"))):
        if not _goes_on(row):
            return
        migration = _start_migration(cloud, row, vm, turn + attempt)
        if migration is not None:
            vm.state = "Migrating"
            yield migration
        vm.state = "Running"
        if _has_left(cloud, row, vm):
            row.leaving.pop(vm.id, None)
            return
        row.leaving[vm.id] = False
        _failed(cloud, row, vm)
        yield cloud.settings.number("migrate.retry.interval")
    row.leaving.pop(vm.id, None)


def _failed(cloud: CloudStack, row: HostRow, vm: VmRow) -> None:
    pod = row.cluster.pod
    where = f"from host {row.name} in zone {pod.zone.name} and pod {pod.name}"
    cloud.alert(f"Unable to migrate vm {vm.vm.name} {where}", ALERT_TYPES[vm.kind])
    cloud.resource_event(row, "UnableToMigrate")


def _start_migration(cloud: CloudStack, row: HostRow, vm: VmRow, turn: int) -> Process | None:
    pool = xenserver.pool_of(cloud, row)
    found = [host for peer in homes(cloud, row) if pool and (host := xenserver.member(pool, peer))]
    return cloud.world.migrate_vm(vm.vm, found[turn % len(found)]) if found else None


def homes(cloud: CloudStack, row: HostRow) -> list[HostRow]:
    """The other hosts of the cluster that take VMs."""
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


def check_and_maintain(cloud: CloudStack) -> None:
    """What the agent monitor does each interval with the hosts that prepare for maintenance."""
    for row in list(cloud.hosts.values()):
        if row.resource_state in PREPARING or (
            row.resource_state == "ErrorInMaintenance" and cloud.version.old_resource_states
        ):
            _attempt(cloud, row)


def _attempt(cloud: CloudStack, row: HostRow) -> None:
    if not cloud.vms_on(row):
        row.leaving.clear()
        cloud.resource_event(row, "InternalEnterMaintenance")
        cloud.alert(f"Migration Complete for host {row.description}")
    elif row.leaving and row.emptying is None:
        begin(cloud, row)  # the work is in the database, and outlives who did it
    elif cloud.version.old_resource_states:
        return
    elif not row.leaving:
        cloud.resource_event(row, "UnableToMaintain")
    elif not all(row.leaving.values()):
        cloud.resource_event(row, "UnableToMigrate")
    else:
        cloud.resource_event(row, "ErrorsCorrected")
