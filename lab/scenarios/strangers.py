"""Amber has three hosts; around it stand strangers of which one may join, and each of the others may not.

birch-1 may. The others may not because of: birch-2 another version, birch-3 another CPU vendor, birch-4 a VM that runs,
birch-5 shared storage, birch-6 a licence without pools, cedar-1 a member of its own and HA, birch-7 no power.
"""

from lab.scenarios.build import add_pool, add_sr, add_stranger, add_vm, fill, switch_ha_on
from lab.world import GIB, World, power


def build(world: World) -> None:
    amber = add_pool(world, "amber", 3)
    fill(world, amber, 12)
    switch_ha_on(world, amber)
    for number in range(1, 8):
        add_stranger(world, f"birch-{number}")
    another_version(world, "birch-2")
    world.host("birch-3").cpu_vendor = "AuthenticAMD"
    add_vm(world, world.host("birch-4"), "billing", sr="Local storage")
    shared = world.host("birch-5").pool
    add_sr(world, shared, "nfs-old", "nfs", 64 * GIB, shared.hosts)
    world.host("birch-6").pool.restrictions["restrict_pooling"] = "true"
    world.host("birch-6").license_params["restrict_pooling"] = "true"
    cedar = add_pool(world, "cedar", 2)
    switch_ha_on(world, cedar)
    power.kill(world, world.host("birch-7"))
    world.cloudstack_plan["clusters"] = ["amber"]


def another_version(world: World, name: str) -> None:
    """8.2.0 instead of 8.2.1."""
    older = {"product_version": "8.2.0", "product_version_text": "8.2", "platform_version": "3.2.0"}
    world.host(name).software_version |= {**older, "product_version_text_short": "8.2"}
