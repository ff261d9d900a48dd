"""The calls on one host (xapi_host.ml)."""

from __future__ import annotations

import time

from lab.world import leaving, moving, plan, pooling, power, storage
from lab.world.clock import Action
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.releases import at_least
from lab.world.things import Host
from lab.xapi.calls.planning import assert_plan_survives_without
from lab.xapi.registry import Context, message
from lab.xapi.values import Stamp

POWER_ON_SECONDS = 5.0
ASK_SECONDS = 3.0  # until the network says that nobody is there


@message("host.disable", "host", optional=("bool",), optional_since=("25.31.0",))
def disable(ctx: Context, host: Host, auto_enable: bool = True) -> Steps:
    """Until its toolstack restarts or it is enabled again; with ``auto_enable`` false until it is enabled again."""
    assert_plan_survives_without(ctx.pool, host)
    yield from ctx.reach(host)
    if host.enabled:
        host.enabled, host.keep_disabled = False, True
        host.auto_enable = host.auto_enable and auto_enable
    plan.refresh(ctx.world, ctx.pool)
    ctx.world.announce("enabled", host)


@message("host.enable", "host")
def enable(ctx: Context, host: Host) -> Steps:
    """The checks of xapi_host.ml (assert_safe_to_reenable) in their order; nothing to do if it is enabled."""
    if host.enabled:
        return
    _assert_idle(host)
    if host.live and host.toolstack == "starting":
        raise Refusal("HOST_STILL_BOOTING")
    yield from ctx.reach(host)
    if not host.startup_complete:
        raise Refusal("HOST_STILL_BOOTING")
    newer = at_least(host, (8, 3))
    if newer and host.pending_guidances:
        raise Refusal("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host.ref)
    if host.disabled_until_reboot:
        raise Refusal("HOST_DISABLED_UNTIL_REBOOT", *([host.ref] if newer else []))
    if ctx.pool.ha_enabled:
        _assert_storage_of_protected_vms(host)
    host.enabled, host.keep_disabled, host.auto_enable = True, False, True
    plan.refresh(ctx.world, ctx.pool)
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
    _assert_idle(host)
    if host.enabled:
        raise Refusal("HOST_NOT_DISABLED")
    yield from ctx.reach(host)
    if ctx.pool.ha_enabled and not storage.sees_statefile(host):
        raise Refusal("HA_LOST_STATEFILE")


def _assert_idle(host: Host) -> None:
    for task, operation in host.current_operations.items():
        raise Refusal("OTHER_OPERATION_IN_PROGRESS", "host", host.ref, operation, task)


def _go_down(ctx: Context, host: Host, fall: Action, operation: str) -> None:
    host.current_operations[ctx.task_ref] = operation

    def end() -> None:
        host.current_operations.pop(ctx.task_ref, None)
        leaving.say_goodbye(ctx.world, host)
        fall()

    def begin() -> None:
        ctx.world.run(leaving.let_go_of_guests(ctx.world, host)).on_done(lambda _process: end())

    ctx.world.after(power.POWER_OFF_DELAY, begin)


@message("host.restart_agent", "host")
def restart_agent(ctx: Context, host: Host) -> Steps:
    """A new start of the toolstack a second later; nobody asks about HA."""
    yield from ctx.reach(host)
    ctx.world.after(1.0, lambda: power.restart_toolstack(ctx.world, host))


@message("host.power_on", "host")
def power_on(ctx: Context, host: Host) -> Steps:
    """Works for a host with a power_on_mode, by its management controller."""
    if host.live:
        raise Refusal("HOST_IS_LIVE", host.ref)
    if not host.power_on_mode:
        raise Refusal("HOST_POWER_ON_MODE_DISABLED")
    yield POWER_ON_SECONDS
    power.revive(ctx.world, host.machine)


@message("host.declare_dead", "host")
def declare_dead(ctx: Context, host: Host) -> Steps:
    """Its VMs count as halted from now on, whether they are or not."""
    yield from _assert_dead(ctx, host)
    for vm in host.resident:
        moving.halt(vm)
    host.enabled = host.live = False
    ctx.world.announce("host-failed", host)


def _assert_dead(ctx: Context, host: Host) -> Steps:
    """One that counts as dead is believed to be, without asking it (xapi_host.ml:1000); a live one is asked first."""
    if host is ctx.host:
        raise Refusal("HOST_IS_LIVE", host.ref)
    if host.live:
        if ctx.world.connects(ctx.host, host):
            raise Refusal("HOST_IS_LIVE", host.ref)
        yield ASK_SECONDS


@message("host.destroy", "host")
def destroy(ctx: Context, host: Host) -> Steps:
    """Drop the record of a dead host."""
    yield from _assert_dead(ctx, host)
    if ctx.pool.ha_enabled:
        raise Refusal("HA_IS_ENABLED")
    if host.resident:
        raise Refusal("HOST_HAS_RESIDENT_VMS", host.ref)
    pooling.forget_host(host)
    if host.record_of is None:
        ctx.world.outcasts.append(host)
    ctx.world.announce("eject", host)


@message("host.compute_free_memory", "host")
def compute_free_memory(ctx: Context, host: Host) -> int:
    return host.memory_free


@message("host.get_servertime", "host")
def get_servertime(ctx: Context, host: Host) -> Stamp:
    """By the machine's clock, however fast the lab's time goes by: a client that compares clocks would else find one
    that runs away."""
    return Stamp(time.time() + host.clock_skew)


@message("host.get_server_certificate", "host")
def get_server_certificate(ctx: Context, host: Host) -> str:
    """The certificate it shows, in PEM."""
    return ctx.world.certificate(host)
