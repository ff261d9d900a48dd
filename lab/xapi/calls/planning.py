"""How many failures the pool could bear: the calls that only compute, and the check that others make first."""

from __future__ import annotations

from typing import Any

from lab.world import moving, plan
from lab.world.refusal import Refusal
from lab.world.things import VM, Host, Pool
from lab.xapi.registry import Context, message

PRIORITIES = ("restart", "best-effort", "")


def assert_plan_survives_without(pool: Pool, host: Host) -> None:
    """HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN if the pool could not bear its failures without this host."""
    if not host.enabled:
        return
    with plan.kept(pool, lambda: setattr(host, "enabled", True)):
        host.enabled = False
    host.enabled = True


@message("pool.set_ha_host_failures_to_tolerate", "pool", "int")
def set_failures_to_tolerate(ctx: Context, pool: Pool, value: int) -> None:
    if value < 0:
        raise Refusal("INVALID_VALUE", "ha_host_failures_to_tolerate", value)
    before = pool.ha_host_failures_to_tolerate
    with plan.kept(pool, lambda: setattr(pool, "ha_host_failures_to_tolerate", before)):
        pool.ha_host_failures_to_tolerate = value
    plan.refresh(ctx.world, pool)


@message("pool.ha_compute_max_host_failures_to_tolerate")
def compute_max(ctx: Context) -> int:
    """Side effect as in xapi: plan and overcommitment are refreshed."""
    plan.refresh(ctx.world, ctx.pool)
    return plan.max_failures(ctx.pool)


@message("pool.ha_compute_hypothetical_max_host_failures_to_tolerate", "map")
def compute_hypothetical(ctx: Context, priorities: dict[str, Any]) -> int:
    for priority in priorities.values():
        if priority not in PRIORITIES:
            raise Refusal("INVALID_VALUE", "ha_restart_priority", priority)
    vms = {vm.ref: vm for vm in ctx.pool.vms}
    before = {ref: (vms[ref].ha_always_run, vms[ref].ha_restart_priority) for ref in priorities if ref in vms}
    try:
        for ref in before:
            vms[ref].ha_always_run, vms[ref].ha_restart_priority = True, priorities[ref]
        return plan.max_failures(ctx.pool)
    finally:
        for ref, kept in before.items():
            vms[ref].ha_always_run, vms[ref].ha_restart_priority = kept


@message("pool.ha_failover_plan_exists", "int")
def plan_exists(ctx: Context, failures: int) -> bool:
    return failures <= plan.max_failures(ctx.pool)


@message("pool.ha_compute_vm_failover_plan", "host set", "VM set")
def vm_failover_plan(ctx: Context, hosts: list[Host], vms: list[VM]) -> dict[str, dict[str, str]]:
    """Where each VM of the failed hosts would go, or why it would not."""
    free = {h: h.memory_free for h in ctx.pool.hosts if h.live and h.enabled and h not in hosts}
    return {vm.ref: _place(vm, free) for vm in vms}


def _place(vm: VM, free: dict[Host, int]) -> dict[str, str]:
    local_sr = moving.local_disk_sr(vm)
    if local_sr is not None:
        return {"error_code": "VM_REQUIRES_SR"}
    room = max((h for h in free if free[h] >= vm.memory), key=lambda h: free[h], default=None)
    if room is None:
        return {"error_code": "HOST_NOT_ENOUGH_FREE_MEMORY" if free else "NO_HOSTS_AVAILABLE"}
    free[room] -= vm.memory
    return {"host": room.ref}


@message("pool.ha_prevent_restarts_for", "int")
def prevent_restarts(ctx: Context, seconds: int) -> None:
    """Hold back restarts of VMs for so long, 0 lifts it; kept in the memory of this master only, HA on or off."""
    ctx.pool.ha_prevent_restarts_until = ctx.world.now() + max(0, seconds)
