"""What HA could still make good: how many hosts may fail until a VM finds no room (xapi_ha_vm_failover.ml)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.world import moving
from lab.world.refusal import Refusal
from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

REPLAN_SECONDS = 30.0


def max_failures(pool: Pool) -> int:
    """How many hosts may fail so that all protected VMs still fit: the largest hosts fail first.

    A protected VM that is not agile, because its disk is local, makes it none.
    """
    protected = [vm for vm in pool.vms if vm.protected]
    if any(moving.local_disk_sr(vm) is not None for vm in protected):
        return 0
    hosts = sorted((h for h in pool.hosts if h.live and h.enabled), key=_capacity)
    need = sum(vm.memory for vm in protected)
    for failures in range(len(hosts) - 1, 0, -1):
        if sum(_capacity(host) for host in hosts[: len(hosts) - failures]) >= need:
            return failures
    return 0


def _capacity(host: Host) -> int:
    return host.memory_total - host.memory_overhead


def schedule(world: World, pool: Pool) -> None:
    """Recompute the plan soon: by then a new master has heard from the others."""
    if pool.ha_enabled:
        world.after(REPLAN_SECONDS, lambda: refresh(world, pool))


def refresh(world: World, pool: Pool) -> None:
    """Recompute plan_exists_for and overcommitted as the master does after each change, with the alerts of a fall."""
    if not pool.ha_enabled:
        return
    wanted, possible = pool.ha_host_failures_to_tolerate, max_failures(pool)
    planned, pool.ha_plan_exists_for = pool.ha_plan_exists_for, min(wanted, possible)
    if possible >= wanted:
        pool.ha_overcommitted = False
        return
    if possible < planned:
        world.alert(pool, "HA_POOL_DROP_IN_PLAN_EXISTS_FOR", 3, "Pool", pool.uuid, str(possible))
    if not pool.ha_overcommitted:
        pool.ha_overcommitted = True
        text = (
            f"The failover tolerance for pool '{pool.name}' has dropped and the initially specified number of host "
            "failures to tolerate can no longer be guaranteed"
        )
        world.alert(pool, "HA_POOL_OVERCOMMITTED", 3, "Pool", pool.uuid, text)


@contextmanager
def kept(pool: Pool, undo: Callable[[], object]) -> Iterator[None]:
    """HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN, and ``undo``, if what is done inside breaks the plan.

    Only with HA on, overcommitment forbidden, and a plan that exists before.
    """
    guarded = pool.ha_enabled and not pool.ha_allow_overcommit and pool.ha_plan_exists_for > 0
    yield
    if guarded and max_failures(pool) < pool.ha_host_failures_to_tolerate:
        undo()
        raise Refusal("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
