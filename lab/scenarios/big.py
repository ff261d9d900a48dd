"""Any number of pools, hosts and VMs, from a seed (--pools --hosts --vms --seed); one pool in ten has its trouble."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.scenarios.estate import crash_that_left_it_disabled
from lab.world import Pool, World


def build(world: World, pools: int = 20, hosts: int = 8, vms: int = 1000) -> None:
    """That many pools with so many hosts each, and so many VMs in all, dealt out evenly."""
    for number in range(1, pools + 1):
        pool = add_pool(world, f"pool-{number:04}", hosts)
        fill(world, pool, vms * number // pools - vms * (number - 1) // pools)
        _settle(world, pool)


def _settle(world: World, pool: Pool) -> None:
    """HA as it should be, or one of the usual troubles."""
    trouble = world.rng.random()
    if trouble < 0.04:
        return  # HA is off
    switch_ha_on(world, pool, timeout=None if trouble < 0.07 else 180)
    pool.ha_host_failures_to_tolerate = pool.ha_plan_exists_for = 1
    if trouble > 0.97 and len(pool.hosts) > 1:
        crash_that_left_it_disabled(world, pool.hosts[1].name)
