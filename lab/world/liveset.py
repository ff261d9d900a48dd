"""Whose heartbeats count. They go over the network and over the statefile.

Hosts that hear each other and see the statefile are a partition; the best one lives on, everybody else is silent to it.
If nobody sees the statefile the pool lives on as long as all hear each other (xhad's survival rule 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import storage
from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World


def best_partition(world: World, pool: Pool) -> list[Host]:
    """The hosts whose heartbeats count: the largest group that hears itself, of two equal ones that of the first host.

    All of them see the statefile, or nobody in the pool does.
    """
    beating = [host for host in pool.hosts if host.power == "on" and not host.ha_excluded]
    seeing = [host for host in beating if storage.sees_statefile(host)]
    left = seeing or beating
    best: list[Host] = []
    while left:
        group = [host for host in left if world.hears(left[0], host)]
        if not seeing and len(group) < len(left):
            return []  # neither statefile nor all of the network: nobody may live on
        if len(group) > len(best):
            best = group
        left = [host for host in left if host not in group]
    return best
