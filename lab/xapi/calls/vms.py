"""The calls on one VM (xapi_vm.ml, agility.ml)."""

from __future__ import annotations

from lab.world import moving, plan
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import VM, Host
from lab.xapi.calls.planning import PRIORITIES
from lab.xapi.registry import Context, message


@message("VM.pool_migrate", "VM", "host", "map")
def pool_migrate(ctx: Context, vm: VM, host: Host, options: dict[str, str]) -> Steps:
    """At the pool's pace. Never to a host that runs an older release."""
    yield from moving.migrate(ctx.world, vm, host)


@message("VM.start", "VM", "bool", "bool")
def start(ctx: Context, vm: VM, start_paused: bool, force: bool) -> Steps:
    """On the roomiest host that can take it; if none can, for the reason of the roomiest."""
    if vm.power_state != "Halted":
        raise Refusal("VM_BAD_POWER_STATE", vm.ref, "halted", vm.power_state.lower())
    usable = sorted((h for h in ctx.pool.hosts if h.enabled and h.live), key=lambda h: -h.memory_free)
    if not usable:
        raise Refusal("NO_HOSTS_AVAILABLE")
    fitting = [host for host in usable if moving.start_refusal(vm, host) is None]
    yield from _start(ctx, vm, (fitting or usable)[0])


@message("VM.start_on", "VM", "host", "bool", "bool")
def start_on(ctx: Context, vm: VM, host: Host, start_paused: bool, force: bool) -> Steps:
    yield from _start(ctx, vm, host)


def _start(ctx: Context, vm: VM, host: Host) -> Steps:
    """A VM with a restart priority is protected from now on, which the plan must bear."""
    refusal = moving.start_refusal(vm, host)
    if refusal is not None:
        raise refusal
    before = vm.ha_always_run
    with plan.kept(ctx.pool, lambda: setattr(vm, "ha_always_run", before)):
        vm.ha_always_run = before or vm.ha_restart_priority != ""
    try:
        yield from moving.start(ctx.world, vm, host)
    finally:
        if vm.power_state != "Running":
            vm.ha_always_run = before
    plan.refresh(ctx.world, ctx.pool)


@message("VM.clean_shutdown", "VM")
def clean_shutdown(ctx: Context, vm: VM) -> Steps:
    """Takes the guest its time. HA does not start again what was shut down by a call."""
    yield from moving.shut_down(ctx.world, vm)
    plan.refresh(ctx.world, ctx.pool)


@message("VM.hard_shutdown", "VM")
def hard_shutdown(ctx: Context, vm: VM) -> Steps:
    yield from moving.shut_down(ctx.world, vm, hard=True)
    plan.refresh(ctx.world, ctx.pool)


@message("VM.clean_reboot", "VM")
def clean_reboot(ctx: Context, vm: VM) -> Steps:
    yield from moving.reboot(ctx.world, vm)


@message("VM.hard_reboot", "VM")
def hard_reboot(ctx: Context, vm: VM) -> Steps:
    yield from moving.reboot(ctx.world, vm, hard=True)


@message("VM.power_state_reset", "VM")
def power_state_reset(ctx: Context, vm: VM) -> None:
    """Writes Halted into the database and asks nobody."""
    if vm.is_control_domain:
        raise Refusal("CANNOT_RESET_CONTROL_DOMAIN", vm.ref)
    moving.halt(vm)


@message("VM.assert_agile", "VM")
def assert_agile(ctx: Context, vm: VM) -> None:
    local_sr = moving.local_disk_sr(vm)
    if local_sr is not None:
        raise Refusal("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", local_sr)


@message("VM.set_ha_restart_priority", "VM", "string")
def set_ha_restart_priority(ctx: Context, vm: VM, value: str) -> None:
    """Protects a VM or not; the plan must bear a running one."""
    if value not in PRIORITIES:
        raise Refusal("INVALID_VALUE", "ha_restart_priority", value)
    before = vm.ha_restart_priority, vm.ha_always_run

    def undo() -> None:
        vm.ha_restart_priority, vm.ha_always_run = before

    with plan.kept(ctx.pool, undo):
        vm.ha_restart_priority = value
        if vm.power_state != "Halted":
            vm.ha_always_run = value != ""
    plan.refresh(ctx.world, ctx.pool)
