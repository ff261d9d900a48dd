"""The calls on one VM (xapi_vm.ml, agility.ml)."""

from __future__ import annotations

from lab.world import ha_switch, moving
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import VM, Host
from lab.xapi.calls.planning import PRIORITIES
from lab.xapi.registry import Context, message


@message("VM.pool_migrate", "VM", "host", "map")
def pool_migrate(ctx: Context, vm: VM, host: Host, options: dict[str, str]) -> Steps:
    yield from moving.migrate(ctx.world, vm, host)


@message("VM.start", "VM", "bool", "bool")
def start(ctx: Context, vm: VM, start_paused: bool, force: bool) -> Steps:
    """On the roomiest host that is enabled."""
    usable = [host for host in ctx.pool.hosts if host.enabled and host.live]
    if vm.power_state == "Halted" and not usable:
        raise Refusal("NO_HOSTS_AVAILABLE")
    yield from moving.start(ctx.world, vm, max(usable or ctx.pool.hosts, key=lambda host: host.memory_free))


@message("VM.start_on", "VM", "host", "bool", "bool")
def start_on(ctx: Context, vm: VM, host: Host, start_paused: bool, force: bool) -> Steps:
    yield from moving.start(ctx.world, vm, host)


@message("VM.clean_shutdown", "VM")
def clean_shutdown(ctx: Context, vm: VM) -> Steps:
    yield from moving.shut_down(ctx.world, vm)


@message("VM.hard_shutdown", "VM")
def hard_shutdown(ctx: Context, vm: VM) -> Steps:
    yield from moving.shut_down(ctx.world, vm, hard=True)


@message("VM.power_state_reset", "VM")
def power_state_reset(ctx: Context, vm: VM) -> None:
    """Writes Halted into the database and asks nobody."""
    vm.power_state, vm.resident_on = "Halted", None


@message("VM.assert_agile", "VM")
def assert_agile(ctx: Context, vm: VM) -> None:
    local_sr = moving.local_disk_sr(vm)
    if local_sr is not None:
        raise Refusal("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", local_sr)


@message("VM.set_ha_restart_priority", "VM", "string")
def set_ha_restart_priority(ctx: Context, vm: VM, value: str) -> None:
    if value not in PRIORITIES:
        raise Refusal("INVALID_VALUE", "ha_restart_priority", value)
    before = vm.ha_restart_priority, vm.ha_always_run
    vm.ha_restart_priority = value
    if vm.power_state != "Halted":
        vm.ha_always_run = value != ""
        _assert_plan_kept(vm, before)
    ha_switch.refresh_plan(ctx.pool)


def _assert_plan_kept(vm: VM, before: tuple[str, bool]) -> None:
    pool = vm.pool
    guarded = pool.ha_enabled and not pool.ha_allow_overcommit and pool.ha_plan_exists_for > 0
    if guarded and vm.protected and ha_switch.max_failures(pool) < pool.ha_host_failures_to_tolerate:
        vm.ha_restart_priority, vm.ha_always_run = before
        raise Refusal("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
