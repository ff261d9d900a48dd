"""Starting and stopping instances, as their owners do."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

from lab.cloudstack import emptying, migration, xenserver
from lab.cloudstack.commands.instances import instance_record
from lab.cloudstack.envelope import Record
from lab.cloudstack.errors import INSUFFICIENT_CAPACITY, ApiError, refused
from lab.cloudstack.model import VmRow
from lab.cloudstack.registry import Call, command, no_such_entity
from lab.world import Refusal, moving

JAVA = "org.apache.cloudstack.api.command.user.vm"


def _vm(call: Call) -> VmRow:
    vm = cast("VmRow", call.named("id"))
    if vm.kind != "user":
        raise no_such_entity(call.command.name, "id", vm.id)
    return vm


@command(
    "startVirtualMachine",
    required=("id",),
    optional=("hostid",),
    subject="vm",
    is_async=True,
    for_users=True,
    changing=True,
    event="VM.START",
    doing="starting Vm",
    java_class=f"{JAVA}.StartVMCmd",
)
def start_virtual_machine(call: Call) -> Generator[Any, None, Record]:
    """Starts a virtual machine."""
    vm, cloud = _vm(call), call.cloud
    if vm.state == "Stopped":
        homes = [row for row in migration.open_hosts(cloud) if row.machine.pool is vm.vm.pool]
        home = next((row for row in homes if row.machine.memory_free >= vm.vm.memory), None)
        pool = xenserver.pool_of(cloud, home) if home is not None else None
        target = xenserver.member(pool, home) if home is not None and pool is not None else None
        if home is None or target is None:
            text = f"Unable to create a deployment for VM[User|{vm.vm.name}]"
            raise ApiError(INSUFFICIENT_CAPACITY, text)
        vm.state = "Starting"
        try:
            yield from moving.start(cloud.world, vm.vm, target)
        except Refusal as refusal:
            vm.state = "Stopped"
            raise refused("Unable to start VM: " + " ".join(refusal.description)) from None
        cloud.place(vm, home)
        vm.state = "Running"
    return {"virtualmachine": instance_record(call, vm)}


@command(
    "stopVirtualMachine",
    required=("id",),
    optional=("forced",),
    subject="vm",
    is_async=True,
    for_users=True,
    changing=True,
    event="VM.STOP",
    doing="stopping Vm",
    java_class=f"{JAVA}.StopVMCmd",
)
def stop_virtual_machine(call: Call) -> Generator[Any, None, Record]:
    """Stops a virtual machine."""
    vm = _vm(call)
    if vm.host is not None and not vm.host.connected:
        raise migration.unreachable(vm.host)
    if vm.host is not None:
        vm.state = "Stopping"
        yield 0.0 if call.flag("forced") else moving.SHUTDOWN_SECONDS
        emptying.stop(call.cloud, vm)
    return {"virtualmachine": instance_record(call, vm)}


@command(
    "rebootVirtualMachine",
    required=("id",),
    subject="vm",
    is_async=True,
    for_users=True,
    changing=True,
    event="VM.REBOOT",
    doing="rebooting Vm",
    java_class=f"{JAVA}.RebootVMCmd",
)
def reboot_virtual_machine(call: Call) -> Generator[Any, None, Record]:
    """Reboots a virtual machine."""
    vm = _vm(call)
    if vm.state != "Running" or vm.host is None:
        raise refused("Failed to reboot vm instance")
    yield moving.SHUTDOWN_SECONDS + moving.START_SECONDS
    return {"virtualmachine": instance_record(call, vm)}
