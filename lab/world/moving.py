"""VMs on the move: start, stop, migrate, evacuate. Durations in lab seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world.refusal import Refusal
from lab.world.releases import release_of
from lab.world.things import SR, VM, Host

if TYPE_CHECKING:
    from lab.world.process import Steps
    from lab.world.world import World

START_SECONDS = 8.0
SHUTDOWN_SECONDS = 12.0
MIGRATION_OVERHEAD = 3.0


def local_disk_sr(vm: VM) -> str | None:
    """Reference of an SR that holds a disk of the VM and is not shared; None when the VM is agile."""
    return next((disk.sr.ref for disk in vm.disks if not disk.sr.shared), None)


def migration_refusal(vm: VM, to_host: Host) -> Refusal | None:
    """Why the VM may not move there now; None if it may. Checks as VM.pool_migrate makes them."""
    if vm.power_state != "Running":
        return Refusal("VM_BAD_POWER_STATE", vm.ref, "running", vm.power_state.lower())
    if not to_host.live:
        return Refusal("HOST_OFFLINE", to_host.ref)
    if not to_host.enabled:
        return Refusal("HOST_DISABLED", to_host.ref)
    if vm.cannot_migrate:
        return Refusal(*vm.cannot_migrate)
    local_sr = local_disk_sr(vm)
    if local_sr is not None:
        return Refusal("VM_REQUIRES_SR", vm.ref, local_sr)
    unseen = unseen_storage(vm, to_host)
    if unseen is not None:
        return Refusal("VM_REQUIRES_SR", vm.ref, unseen.ref)
    if vm.resident_on is not to_host and to_host.memory_free < vm.memory:
        return Refusal("HOST_NOT_ENOUGH_FREE_MEMORY", vm.memory, to_host.memory_free)
    return None


def _assert_idle(vm: VM) -> None:
    for ticket, operation in vm.current_operations.items():
        raise Refusal("OTHER_OPERATION_IN_PROGRESS", "VM", vm.ref, operation, ticket)


def migrate(world: World, vm: VM, to_host: Host) -> Steps:
    """Move a running VM, at the pool's bandwidth."""
    refusal = migration_refusal(vm, to_host)
    if refusal is not None:
        raise refusal
    _assert_idle(vm)
    if vm.resident_on is to_host:
        return
    if vm.resident_on is not None and release_of(vm.resident_on) > release_of(to_host):
        raise Refusal("VM_HOST_INCOMPATIBLE_VERSION_MIGRATE", to_host.ref, vm.ref)
    source, ticket = vm.resident_on, world.new_ref()
    vm.current_operations[ticket] = "pool_migrate"
    try:
        yield MIGRATION_OVERHEAD + vm.memory / vm.pool.bandwidth
        if source is not None and not world.hears(source.machine, to_host.machine):
            raise Refusal("VM_MIGRATE_FAILED", vm.ref, source.ref, to_host.ref, "the connection was lost")
        refusal = migration_refusal(vm, to_host)
        if refusal is not None:
            raise refusal
        vm.resident_on = to_host
    finally:
        vm.current_operations.pop(ticket, None)
    world.announce("vm", vm)


def start_refusal(vm: VM, host: Host) -> Refusal | None:
    """Why the VM may not start there now; None if it may."""
    if vm.power_state != "Halted":
        return Refusal("VM_BAD_POWER_STATE", vm.ref, "halted", vm.power_state.lower())
    if not host.live:
        return Refusal("HOST_OFFLINE", host.ref)
    if not host.enabled:
        return Refusal("HOST_DISABLED", host.ref)
    unseen = unseen_storage(vm, host)
    if unseen is not None:
        return Refusal("VM_REQUIRES_SR", vm.ref, unseen.ref)
    if host.memory_free < vm.memory:
        return Refusal("HOST_NOT_ENOUGH_FREE_MEMORY", vm.memory, host.memory_free)
    return None


def unseen_storage(vm: VM, host: Host) -> SR | None:
    """An SR with a disk of the VM that is not plugged into the host; None if all are."""
    for disk in vm.disks:
        if not any(pbd.host is host and pbd.attached for pbd in disk.sr.pbds):
            return disk.sr
    return None


def start(world: World, vm: VM, host: Host) -> Steps:
    """Boot a halted VM on a host."""
    refusal = start_refusal(vm, host)
    if refusal is not None:
        raise refusal
    _assert_idle(vm)
    ticket = world.new_ref()
    vm.current_operations[ticket] = "start"
    try:
        yield START_SECONDS
    finally:
        vm.current_operations.pop(ticket, None)
    if vm in vm.pool.unsynced:
        world.started_twice.append(vm)  # an old database did not know that it runs
    vm.power_state, vm.resident_on = "Running", host
    if vm.ha_restart_priority:
        vm.ha_always_run = True
    world.announce("vm", vm)


def shut_down(world: World, vm: VM, *, hard: bool = False) -> Steps:
    """Stop a running VM; a clean shutdown gives the guest its time."""
    if vm.power_state != "Running":
        raise Refusal("VM_BAD_POWER_STATE", vm.ref, "running", vm.power_state.lower())
    _assert_idle(vm)
    ticket = world.new_ref()
    vm.current_operations[ticket] = "hard_shutdown" if hard else "clean_shutdown"
    try:
        if not hard:
            yield SHUTDOWN_SECONDS
    finally:
        vm.current_operations.pop(ticket, None)
    vm.power_state, vm.resident_on = "Halted", None
    vm.ha_always_run = False
    world.announce("vm", vm)


def reboot(world: World, vm: VM, *, hard: bool = False) -> Steps:
    """Restart a running VM where it is."""
    if vm.power_state != "Running":
        raise Refusal("VM_BAD_POWER_STATE", vm.ref, "running", vm.power_state.lower())
    _assert_idle(vm)
    ticket = world.new_ref()
    vm.current_operations[ticket] = "hard_reboot" if hard else "clean_reboot"
    try:
        yield START_SECONDS if hard else SHUTDOWN_SECONDS + START_SECONDS
    finally:
        vm.current_operations.pop(ticket, None)
    world.announce("vm", vm)


def halt(vm: VM) -> None:
    """It runs no more; HA's wish to see it run stays."""
    vm.power_state, vm.resident_on = "Halted", None


def room_for(vm: VM, hosts: list[Host]) -> Host | None:
    """The roomiest of the hosts that the VM may move to."""
    fitting = [host for host in hosts if host is not vm.resident_on and migration_refusal(vm, host) is None]
    return max(fitting, key=lambda host: host.memory_free, default=None)
