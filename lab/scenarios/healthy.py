"""Two pools without a worry: HA on at 180 s, everything enabled, plugged and Up; CloudStack's own VMs run too."""

from lab.scenarios.build import add_pool, add_vm, fill, switch_ha_on
from lab.world import GIB, World

SYSTEM_VMS = {"s-36-VM": "amber-2", "v-37-VM": "amber-3", "r-38-VM": "amber-4", "r-39-VM": "basalt-2"}
"""Secondary storage, console proxy, and two routers."""


def build(world: World) -> None:
    for name, hosts, vms in (("amber", 4, 20), ("basalt", 3, 15)):
        pool = add_pool(world, name, hosts)
        fill(world, pool, vms)
        switch_ha_on(world, pool)
        pool.ha_host_failures_to_tolerate = pool.ha_plan_exists_for = 1
    for name, host in SYSTEM_VMS.items():
        add_vm(world, world.host(host), name, GIB)
