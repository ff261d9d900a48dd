"""Moving VMs between hosts, and where they may go."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

from lab.cloudstack import host_record, migration
from lab.cloudstack.commands.instances import instance_record, router_record, system_vm_record
from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import invalid
from lab.cloudstack.model import HostRow, VmRow
from lab.cloudstack.paging import listing
from lab.cloudstack.registry import Call, command, no_such_entity

ADMIN_VM = "org.apache.cloudstack.api.command.admin.vm"
NOWHERE = (
    "Please specify a host or storage as destination, or pass 'autoselect=true' to automatically select a destination "
    "host which do not require storage migration"
)


def _vm(call: Call, *kinds: str) -> VmRow:
    """The VM named, which must be of one of the kinds: the API keeps instances and system VMs apart."""
    vm = cast("VmRow", call.named("virtualmachineid"))
    if vm.kind not in kinds:
        raise no_such_entity(call.command.name, "virtualmachineid", vm.id)
    return vm


def _home(call: Call) -> HostRow | None:
    """The host named, None when CloudStack is to choose: by itself since 4.16 only."""
    if call.text("hostid") is not None:
        return call.host
    chooses = call.params.get("autoselect", "true").lower() == "true"
    if not call.cloud.version.since(4, 16):
        raise invalid("Either hostId or storageId must be specified")
    if not chooses:
        raise invalid(NOWHERE)
    return None


def _move(call: Call, vm: VmRow) -> Generator[Any, None, None]:
    yield from migration.migrate(call.cloud, vm, _home(call))


@command(
    "migrateVirtualMachine",
    required=("virtualmachineid",),
    optional=("hostid", "storageid"),
    newer={"autoselect": (4, 16)},
    is_async=True,
    changing=True,
    event="VM.MIGRATE",
    doing="migrating VM",
    java_class=f"{ADMIN_VM}.MigrateVMCmd",
)
def migrate_virtual_machine(call: Call) -> Generator[Any, None, Record]:
    """Attempts Migration of a VM to a different host or Root volume of the vm to a different storage pool"""
    vm = _vm(call, "user")
    if call.text("hostid") and call.text("storageid"):
        raise invalid("Only one of hostId and storageId can be specified")
    if call.text("storageid"):
        raise invalid("VM is not Stopped, unable to migrate the vm having the specified id")
    yield from _move(call, vm)
    return {"virtualmachine": instance_record(call, vm)}


@command(
    "migrateVirtualMachineWithVolume",
    required=("virtualmachineid",),
    optional=("hostid",),
    newer={"autoselect": (4, 19)},
    is_async=True,
    changing=True,
    event="VM.MIGRATE",
    doing="migrating VM",
    java_class=f"{ADMIN_VM}.MigrateVirtualMachineWithVolumeCmd",
)
def migrate_virtual_machine_with_volume(call: Call) -> Generator[Any, None, Record]:
    """Attempts Migration of a VM with its volumes to a different host"""
    vm = _vm(call, "user")
    yield from _move(call, vm)
    return {"virtualmachine": instance_record(call, vm)}


@command(
    "migrateSystemVm",
    required=("virtualmachineid",),
    optional=("hostid",),
    newer={"storageid": (4, 16), "autoselect": (4, 16)},
    is_async=True,
    changing=True,
    event="VM.MIGRATE",
    doing="migrating VM",
    java_class="org.apache.cloudstack.api.command.admin.systemvm.MigrateSystemVMCmd",
)
def migrate_system_vm(call: Call) -> Generator[Any, None, Record]:
    """Attempts Migration of a system virtual machine to the host specified."""
    vm = _vm(call, "router", "consoleproxy", "secondarystoragevm")
    yield from _move(call, vm)
    record = router_record(call, vm) if vm.kind == "router" else system_vm_record(call, vm)
    return {"systemvm": record}


@command("findHostsForMigration", required=("virtualmachineid",))
def find_hosts_for_migration(call: Call) -> Listing:
    """Find hosts suitable for migrating a virtual machine."""
    vm = cast("VmRow", call.named("virtualmachineid"))
    if vm.state != "Running" or vm.host is None:
        raise invalid("VM is not running, cannot migrate the vm with specified id")
    moves_storage = migration.uses_local_storage(vm)
    found = [
        host_record.record(call.cloud, row)
        | {"suitableformigration": fits, "hasenoughcapacity": fits, "requiresStorageMotion": moves_storage}
        for row, fits in migration.homes(call.cloud, vm)
    ]
    return listing(call, "host", found)
