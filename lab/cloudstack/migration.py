"""Moving a running VM to another host of its cluster (UserVmManagerImpl.migrateVirtualMachine,
VirtualMachineManagerImpl.migrate)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import xenserver
from lab.cloudstack.errors import RESOURCE_UNAVAILABLE, ApiError, invalid, refused
from lab.world import moving

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow, VmRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Steps

ALERT_TYPES = {"user": 17, "router": 15, "consoleproxy": 16, "secondarystoragevm": 19}


def migrate(cloud: CloudStack, vm: VmRow, home: HostRow | None) -> Steps:
    """Move the VM, to the roomiest host that takes it when ``home`` is None. ApiError when it does not go."""
    _refuse_by_vm(cloud, vm)
    home = home or _chosen(cloud, vm)
    _refuse_by_home(vm, home)
    source = vm.host
    for row in (source, home):
        if row is not None and not row.connected:
            raise unreachable(row)
    target = _machine(cloud, home)
    if target is None or source is None:
        raise unreachable(home)
    vm.state = "Migrating"
    move = cloud.world.migrate_vm(vm.vm, target)
    yield move
    vm.state = "Running"
    if move.error is not None:
        pod = source.cluster.pod
        where = f"from host {source.name} in zone {pod.zone.name} and pod {pod.name}"
        cloud.alert(f"Unable to migrate vm {vm.vm.name} {where}", ALERT_TYPES[vm.kind])
        raise refused("Catch Exception: Migrate failed due to " + " ".join(move.error.description))
    if vm.vm.resident_on is target:
        cloud.place(vm, home)


def _refuse_by_vm(cloud: CloudStack, vm: VmRow) -> None:
    if vm.state != "Running" or vm.host is None:
        raise invalid("VM is not Running, unable to migrate the vm with specified id")
    if uses_local_storage(vm):
        raise invalid("Unsupported operation, VM uses Local storage, cannot migrate")


def uses_local_storage(vm: VmRow) -> bool:
    return moving.local_disk_sr(vm.vm) is not None


def _refuse_by_home(vm: VmRow, home: HostRow) -> None:
    if home is vm.host:
        raise invalid(
            "Cannot migrate VM, VM is already present on this host, please specify valid destination host to migrate "
            "the VM"
        )
    if home.status != "Up" or home.resource_state != "Enabled":
        raise refused(
            "Cannot migrate VM, destination host is not in correct state, "
            f"has status: {home.status}, state: {home.resource_state}"
        )
    if vm.host is not None and home.cluster is not vm.host.cluster:
        raise refused(
            f"Source and destination host are not in same cluster, unable to migrate to host: {home.number}"
        )


def unreachable(row: HostRow) -> ApiError:
    """What sending a command to a host without an agent comes to; so it is in an unmanaged cluster."""
    return ApiError(
        RESOURCE_UNAVAILABLE,
        f"Resource [Host:{row.number}] is unreachable: Host {row.number}: "
        f"Host with specified id is not in the right state: {row.status}",
    )


def _machine(cloud: CloudStack, row: HostRow) -> Host | None:
    pool = xenserver.pool_of(cloud, row)
    return xenserver.member(pool, row) if pool is not None else None


def open_hosts(cloud: CloudStack) -> list[HostRow]:
    """Every host that takes VMs, the roomiest first."""
    rows = [row for row in cloud.hosts.values() if row.status == "Up" and row.resource_state == "Enabled"]
    return sorted(rows, key=lambda row: -row.machine.memory_free)


def homes(cloud: CloudStack, vm: VmRow) -> list[tuple[HostRow, bool]]:
    """The Up and Enabled hosts of the VM's cluster but its own, the roomiest first, each with whether it has room."""
    if vm.host is None:
        return []
    cluster = vm.host.cluster
    peers = [row for row in open_hosts(cloud) if row is not vm.host and row.cluster is cluster]
    return [(row, row.machine.memory_free >= vm.vm.memory) for row in peers]


def _chosen(cloud: CloudStack, vm: VmRow) -> HostRow:
    fitting = next((row for row, fits in homes(cloud, vm) if fits), None)
    if fitting is None:
        raise refused("Unable to find suitable destination to migrate VM " + vm.vm.name)
    return fitting
