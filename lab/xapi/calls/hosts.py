"""The calls on one host (xapi_host.ml)."""

from __future__ import annotations

from lab.world import pooling, power, storage
from lab.world.clock import Action
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import Host
from lab.xapi.calls.planning import assert_plan_survives_without
from lab.xapi.registry import Context, message
from lab.xapi.values import Stamp


@message("host.disable", "host")
def disable(ctx: Context, host: Host) -> Steps:
    """Until its toolstack restarts or it is enabled again."""
    assert_plan_survives_without(ctx.pool, host)
    yield from ctx.reach(host)
    host.enabled, host.keep_disabled = False, True
    ctx.world.announce("enabled", host)


@message("host.enable", "host")
def enable(ctx: Context, host: Host) -> Steps:
    if host.enabled:
        return
    if not host.live:
        raise Refusal("HOST_OFFLINE", host.ref)
    if host.power == "booting" or host.toolstack == "starting":
        raise Refusal("HOST_STILL_BOOTING")
    yield from ctx.reach(host)
    if host.disabled_until_reboot:
        raise Refusal("HOST_DISABLED_UNTIL_REBOOT")
    if ctx.pool.ha_enabled:
        _assert_storage_of_protected_vms(host)
    host.enabled, host.keep_disabled, host.auto_enable = True, False, True
    ctx.world.announce("enabled", host)


def _assert_storage_of_protected_vms(host: Host) -> None:
    unplugged = {pbd.sr for pbd in host.pbds if not pbd.attached}
    for vm in host.pool.vms:
        for disk in vm.disks if vm.protected else []:
            if disk.sr in unplugged:
                raise Refusal("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", disk.sr.ref)


@message("host.reboot", "host")
def reboot(ctx: Context, host: Host) -> Steps:
    """Answers at once; the machine goes down ten seconds later and takes minutes."""
    yield from _assert_may_go_down(ctx, host)
    _go_down(ctx, host, lambda: power.reboot(ctx.world, host), "reboot")


@message("host.shutdown", "host")
def shutdown(ctx: Context, host: Host) -> Steps:
    yield from _assert_may_go_down(ctx, host)
    _go_down(ctx, host, lambda: power.kill(ctx.world, host), "shutdown")


def _assert_may_go_down(ctx: Context, host: Host) -> Steps:
    if host.enabled:
        raise Refusal("HOST_NOT_DISABLED")
    if ctx.pool.ha_enabled and not storage.sees_statefile(host):
        raise Refusal("HA_LOST_STATEFILE")
    for task, operation in host.current_operations.items():
        raise Refusal("OTHER_OPERATION_IN_PROGRESS", "host", host.ref, operation, task)
    yield from ctx.reach(host)


def _go_down(ctx: Context, host: Host, fall: Action, operation: str) -> None:
    """Resident VMs are not checked: the shutdown path of 8.x stops them. HA takes the host out before (excluded)."""
    host.current_operations[ctx.task_ref] = operation
    host.disabled_until_reboot = True

    def now() -> None:
        host.current_operations.pop(ctx.task_ref, None)
        for vm in host.resident:
            vm.power_state, vm.resident_on = "Halted", None
        host.live = False
        host.written_off = True
        fall()

    ctx.world.after(power.POWER_OFF_DELAY, now)


@message("host.restart_agent", "host")
def restart_agent(ctx: Context, host: Host) -> Steps:
    yield from ctx.reach(host)
    ctx.world.after(1.0, lambda: power.restart_toolstack(ctx.world, host))


@message("host.power_on", "host")
def power_on(ctx: Context, host: Host) -> None:
    if host.live:
        raise Refusal("HOST_IS_LIVE", host.ref)
    raise Refusal("HOST_POWER_ON_MODE_DISABLED")


@message("host.declare_dead", "host")
def declare_dead(ctx: Context, host: Host) -> None:
    """A host that counts as dead already is believed to be, without asking it (xapi_host.ml:1000)."""
    if host.live and ctx.world.reachable(host):
        raise Refusal("HOST_IS_LIVE", host.ref)
    for vm in host.resident:
        vm.power_state, vm.resident_on = "Halted", None
    host.enabled = host.live = False


@message("host.destroy", "host")
def destroy(ctx: Context, host: Host) -> None:
    """Drop the record of a dead host."""
    if host.live:
        raise Refusal("HOST_IS_LIVE", host.ref)
    if ctx.pool.ha_enabled:
        raise Refusal("HA_IS_ENABLED")
    if host.resident:
        raise Refusal("HOST_HAS_RESIDENT_VMS", host.ref)
    pooling.forget_host(host)
    ctx.world.outcasts.append(host)
    ctx.world.announce("eject", host)


@message("host.compute_free_memory", "host")
def compute_free_memory(ctx: Context, host: Host) -> int:
    return host.memory_free


@message("host.get_servertime", "host")
def get_servertime(ctx: Context, host: Host) -> Stamp:
    return Stamp(ctx.world.now() + host.clock_skew)


@message("host.get_server_certificate", "host")
def get_server_certificate(ctx: Context, host: Host) -> str:
    """The certificate it shows, in PEM."""
    return ctx.world.certificate(host)
