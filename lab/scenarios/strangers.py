"""Amber has three hosts; around it stand strangers: birch-1 may join, each of the others has a reason not to.

birch-2 another version, birch-3 another CPU vendor, birch-4 a VM that runs, birch-5 shared storage, birch-6 a licence
without pools, birch-7 no power, birch-8 a lower edition, birch-9 a domain of its own, birch-10 a bond, birch-11 its
management on a VLAN, birch-12 Linux bridges, birch-13 TLS verification on, cedar-1 a member, cedar-2 is one.
"""

from collections.abc import Callable

from lab.scenarios.build import add_pool, add_sr, add_stranger, add_vm, fill, switch_ha_on
from lab.world import GIB, Host, World, power


def build(world: World) -> None:
    amber = add_pool(world, "amber", 3)
    fill(world, amber, 12)
    switch_ha_on(world, amber)
    for number, make_strange in enumerate(STRANGERS, 1):
        make_strange(world, add_stranger(world, f"birch-{number}"))
    switch_ha_on(world, add_pool(world, "cedar", 2))
    world.cloudstack_plan["clusters"] = ["amber"]


def not_at_all(world: World, host: Host) -> None:
    """It may join."""


def other_version(world: World, host: Host) -> None:
    older = {"product_version": "8.2.0", "product_version_text": "8.2", "platform_version": "3.2.0"}
    host.software_version |= {**older, "product_version_text_short": "8.2"}


def other_cpu(world: World, host: Host) -> None:
    host.cpu_vendor = "AuthenticAMD"


def busy(world: World, host: Host) -> None:
    add_vm(world, host, "billing", sr="Local storage")


def shared_storage(world: World, host: Host) -> None:
    add_sr(world, host.pool, "nfs-old", "nfs", 64 * GIB, host.pool.hosts)


def no_licence(world: World, host: Host) -> None:
    host.pool.restrictions["restrict_pooling"] = host.license_params["restrict_pooling"] = "true"


def no_power(world: World, host: Host) -> None:
    power.kill(world, host)


def lower_edition(world: World, host: Host) -> None:
    host.edition = "standard-per-socket"


def other_domain(world: World, host: Host) -> None:
    host.external_auth_type, host.external_auth_service_name = "AD", "forest.example"


def bond(world: World, host: Host) -> None:
    host.special_networks.add("bonds")


def management_vlan(world: World, host: Host) -> None:
    host.pifs[0].vlan = 20


def bridges(world: World, host: Host) -> None:
    host.software_version["network_backend"] = "bridge"


def verifying(world: World, host: Host) -> None:
    host.pool.tls_verification = True


STRANGERS: tuple[Callable[[World, Host], None], ...] = (
    *(not_at_all, other_version, other_cpu, busy, shared_storage, no_licence, no_power),
    *(lower_edition, other_domain, bond, management_vlan, bridges, verifying),
)
