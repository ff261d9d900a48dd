"""Two pools without a worry: HA on at 180 s, everything enabled, plugged and Up."""

from lab.scenarios.build import add_pool, fill, switch_ha_on
from lab.world import World


def build(world: World) -> None:
    for name, hosts, vms in (("amber", 4, 20), ("basalt", 3, 15)):
        pool = add_pool(world, name, hosts)
        fill(world, pool, vms)
        switch_ha_on(world, pool)
        pool.ha_host_failures_to_tolerate = pool.ha_plan_exists_for = 1
