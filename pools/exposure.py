"""What a pool lacks while it lacks it: its net. Pure.

HA off is an exposure only where the policy wants HA. *No host to spare* is judged by memory alone, and keeps silent
where a host does not tell its own: what XenServer's planner says is kept apart (rule `ha-plan-short`).
"""

from __future__ import annotations

from enum import StrEnum

from pools.facts import Facts, PoolFacts


class Kind(StrEnum):
    """The kinds of exposure, worst first."""

    HA = "ha"
    UNMANAGED = "unmanaged"
    NO_SPARE = "no-spare"


WORDS = {Kind.HA: "without HA", Kind.UNMANAGED: "unmanaged in CloudStack", Kind.NO_SPARE: "no host to spare"}


def exposed(facts: Facts, wants_ha: bool) -> dict[Kind, bool]:
    """Each kind that these facts tell about, and whether the pool is exposed so. A silent captain tells nothing."""
    told: dict[Kind, bool] = {}
    if facts.pool:
        told[Kind.HA] = wants_ha and not facts.pool.ha.enabled
        spare = _can_lose_one(facts.pool)
        if spare is not None:
            told[Kind.NO_SPARE] = not spare
    if facts.cloudstack and facts.cloudstack.cluster:
        told[Kind.UNMANAGED] = facts.cloudstack.managedstate != "Managed"
    return told


def _can_lose_one(pool: PoolFacts) -> bool | None:
    """Whether the guests of any one host fit into what the others have free; None when it can't be told."""
    serving = [h for h in pool.hosts if h.live and h.enabled]
    if len(pool.hosts) == 1 or any(h.memory_free is None for h in serving):
        return None
    free = {h.uuid: h.memory_free or 0 for h in serving}
    guests = pool.vms_by_host()
    load = {h.uuid: sum(vm.memory for vm in guests.get(h.uuid, ())) for h in serving}
    return all(load[u] <= sum(free.values()) - free[u] for u in free)
