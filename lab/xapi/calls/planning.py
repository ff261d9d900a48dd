"""How many failures the pool could bear: the calls that only compute, and the check that others make first."""

from __future__ import annotations

from typing import Any

from lab.world import ha_switch
from lab.world.refusal import Refusal
from lab.world.things import Host, Pool
from lab.xapi.registry import Context, message

PRIORITIES = ("restart", "best-effort", "")


def assert_plan_survives_without(pool: Pool, host: Host) -> None:
    """HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN: only with HA on, overcommit forbidden, a plan now and none after."""
    if not pool.ha_enabled or pool.ha_allow_overcommit or pool.ha_plan_exists_for <= 0 or not host.enabled:
        return
    host.enabled = False
    try:
        after = ha_switch.max_failures(pool)
    finally:
        host.enabled = True
    if after < pool.ha_host_failures_to_tolerate:
        raise Refusal("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")


@message("pool.set_ha_host_failures_to_tolerate", "pool", "int")
def set_failures_to_tolerate(ctx: Context, pool: Pool, value: int) -> None:
    if value < 0:
        raise Refusal("INVALID_VALUE", "ha_host_failures_to_tolerate", value)
    guarded = pool.ha_enabled and not pool.ha_allow_overcommit and pool.ha_plan_exists_for > 0
    if guarded and value > ha_switch.max_failures(pool):
        raise Refusal("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
    pool.ha_host_failures_to_tolerate = value
    ha_switch.refresh_plan(pool)


@message("pool.ha_compute_max_host_failures_to_tolerate")
def compute_max(ctx: Context) -> int:
    """Side effect as in xapi: plan and overcommitment are refreshed."""
    ha_switch.refresh_plan(ctx.pool)
    return ha_switch.max_failures(ctx.pool)


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
        return ha_switch.max_failures(ctx.pool)
    finally:
        for ref, kept in before.items():
            vms[ref].ha_always_run, vms[ref].ha_restart_priority = kept


@message("pool.ha_failover_plan_exists", "int")
def plan_exists(ctx: Context, failures: int) -> bool:
    return failures <= ha_switch.max_failures(ctx.pool)


@message("pool.ha_compute_vm_failover_plan", "host set", "VM set")
def vm_failover_plan(ctx: Context, hosts: list[Host], vms: list[Any]) -> dict[str, dict[str, str]]:
    """Where each VM of the failed hosts would go, or why it would not."""
    rooms = [host for host in ctx.pool.hosts if host.live and host.enabled and host not in hosts]
    plan = {}
    for vm in vms:
        room = max(
            (h for h in rooms if h.memory_free >= vm.memory), key=lambda h: h.memory_free, default=None
        )
        plan[vm.ref] = {"host": room.ref} if room else {"error_code": "NO_HOSTS_AVAILABLE"}
    return plan


@message("pool.ha_prevent_restarts_for", "int")
def prevent_restarts(ctx: Context, seconds: int) -> None:
    """Accepted; restarts take seconds here, so that there is hardly a moment to hold them back."""
