"""pool.join: every reason for which a host does not fit, and what a host is that did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.scenarios.build import add_pool, add_sr, add_stranger, add_vm
from lab.world import GIB, Host, Pool, SteppedClock, Update, World
from lab.xapi import dialects
from tests.lab.inside import Inside

Change = Callable[[Host, Host], object]


@pytest.fixture
def inside() -> Inside:
    """A pool of two, and a host that fits."""
    lab = Inside.__new__(Inside)
    lab.world = World(SteppedClock())
    add_pool(lab.world, "amber", 2)
    add_stranger(lab.world, "birch-1")
    lab.world.begin()
    return lab


def join(inside: Inside, call: str = "pool.join") -> Any:
    return inside.call("birch-1", call, inside.host("amber-1").address, "root", "baton-lab")


def refusal(inside: Inside, call: str = "pool.join", password: str = "baton-lab") -> list[str]:
    return inside.refusal("birch-1", call, inside.host("amber-1").address, "root", password)


def test_a_host_that_fits_becomes_a_member_without_a_reboot(inside: Inside) -> None:
    host, before = inside.host("birch-1"), inside.host("birch-1").boot_time
    ref, uuid = host.ref, host.uuid
    join(inside)
    inside.step(60)
    assert host.pool is inside.pool("amber")
    assert (host.boot_time, host.uuid) == (before, uuid)
    assert host.ref != ref
    assert inside.refusal("birch-1", "pool.get_all") == ["HOST_IS_SLAVE", inside.host("amber-1").address]
    assert (host.live, host.enabled) == (True, True)


def test_it_gets_a_plug_for_each_shared_sr_of_the_master_and_brings_its_local_disk(inside: Inside) -> None:
    join(inside)
    inside.step(60)
    plugs = {pbd.sr.name: pbd.attached for pbd in inside.host("birch-1").pbds}
    assert plugs == {"nfs-hb": True, "iscsi-1": True, "isos": True, "Local storage": True}


def test_storage_it_cannot_reach_stays_unplugged_and_raises_an_alert(inside: Inside) -> None:
    inside.host("birch-1").cut_srs.add(inside.sr("amber", "nfs-hb").uuid)
    join(inside)
    inside.step(60)
    assert [p.sr.name for p in inside.host("birch-1").pbds if not p.attached] == ["nfs-hb"]
    assert inside.host("birch-1").enabled


def test_its_halted_vms_come_along_and_its_interfaces_join_the_networks_by_bridge(inside: Inside) -> None:
    vm = add_vm(inside.world, inside.host("birch-1"), "billing", sr="Local storage")
    vm.power_state, vm.resident_on = "Halted", None
    join(inside)
    assert vm.power_state == "Halted"
    inside.step(60)
    assert vm in inside.pool("amber").vms
    assert {network.bridge: len(network.pifs) for network in inside.pool("amber").networks} == {
        "xenbr0": 3,
        "xenbr1": 3,
    }


def test_its_old_pool_is_no_more(inside: Inside) -> None:
    old = inside.host("birch-1").pool
    join(inside)
    inside.step(60)
    assert old not in inside.world.pools


def version(**changes: str) -> Change:
    return lambda host, master: host.software_version.update(changes)


def shared_storage(host: Host, master: Host) -> None:
    add_sr(World(SteppedClock(), seed=9), host.pool, "nfs-old", "nfs", GIB, [host])


def update(host: Host, master: Host) -> None:
    found = Update("OpaqueRef:update", "u", "XS82E001", enforce_homogeneity=True, hosts=[host])
    host.pool.updates.append(found)


def vlan(tag: int, *, management: bool) -> Change:
    def change(host: Host, master: Host) -> None:
        pif = next(pif for pif in host.pifs if pif.management is management)
        pif.vlan = tag

    return change


def running_vm(host: Host, master: Host) -> None:
    add_vm(World(SteppedClock(), seed=9), host, "billing", sr="Local storage")


def busy_vm(host: Host, master: Host) -> None:
    running_vm(host, master)
    vm = host.pool.vms[-1]
    vm.power_state, vm.resident_on, vm.current_operations = "Halted", None, {"t": "export"}


def old_features(host: Host, master: Host) -> None:
    for pool in (host.pool, master.pool):
        dialects.speak(pool, "6.2")
    host.cpu_features = "00000000-00000000-00000000-00000000"


def fewer_driver_features(host: Host, master: Host) -> None:
    for pool in (host.pool, master.pool):
        dialects.speak(pool, "current")
    host.pool.sms[0].features.pop("SR_PROBE")


def guidance(*, on_master: bool) -> Change:
    def change(host: Host, master: Host) -> None:
        for pool in (host.pool, master.pool):
            dialects.speak(pool, "current")
        (master if on_master else host).pending_guidances = ["reboot_host"]

    return change


def no_management(host: Host, master: Host) -> None:
    for pif in host.pifs:
        pif.management = False


def own_member(host: Host, master: Host) -> None:
    member = master.pool.hosts[1]
    master.pool.hosts.remove(member)
    host.pool.hosts.append(member)


def big_pool_without_licence(host: Host, master: Host) -> None:
    host.pool.restrictions["restrict_pool_size"] = "true"
    master.pool.hosts.append(master.pool.hosts[1])


def set_pool(name: str, value: Any, *, theirs: bool = False) -> Change:
    def change(host: Host, master: Host) -> None:
        pool: Pool = master.pool if theirs else host.pool
        setattr(pool, name, value)

    return change


def set_host(name: str, value: Any) -> Change:
    return lambda host, master: setattr(host, name, value)


def address_type(host: Host, master: Host) -> None:
    next(pif for pif in host.pifs if pif.management).primary_address_type = "IPv6"


REFUSALS: list[tuple[str, Change, list[str]]] = [
    ("a licence without pooling", lambda h, m: h.pool.restrictions.update(restrict_pooling="true"),
     ["LICENCE_RESTRICTION"]),
    ("a fourth host without the licence", big_pool_without_licence, ["LICENCE_RESTRICTION", "Pool_size"]),
    ("no management interface", no_management, ["HOST_STILL_BOOTING"]),
    ("HA on its own side", set_pool("ha_enabled", True), ["HA_IS_ENABLED"]),
    ("HA on the pool's side", set_pool("ha_enabled", True, theirs=True), ["HA_IS_ENABLED"]),
    ("members of its own", own_member, ["JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"]),
    ("a VM that runs", running_vm, ["JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"]),
    ("a VM with work under way", busy_vm, ["JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"]),
    ("guidance pending on it", guidance(on_master=False), ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", "host"]),
    ("guidance pending on the master", guidance(on_master=True),
     ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", "master"]),
    ("another platform", version(platform_version="3.2.0"), ["HOSTS_NOT_COMPATIBLE"]),
    ("another brand", version(product_brand="XCP-ng"), ["HOSTS_NOT_COMPATIBLE"]),
    ("another xapi", version(xapi="1.19"), ["HOSTS_NOT_HOMOGENEOUS", "Software version differs"]),
    ("another CPU vendor", set_host("cpu_vendor", "AuthenticAMD"), ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]),
    ("other CPU features before 7.0", old_features, ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]),
    ("shared storage", shared_storage, ["JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"]),
    ("a bond", set_host("special_networks", {"bonds"}), ["POOL_JOINING_HOST_HAS_BONDS"]),
    ("a tunnel", set_host("special_networks", {"tunnels"}), ["POOL_JOINING_HOST_HAS_TUNNELS"]),
    ("an SR-IOV network", set_host("special_networks", {"sriovs"}), ["POOL_JOINING_HOST_HAS_NETWORK_SRIOVS"]),
    ("a VLAN", vlan(7, management=False), ["POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS"]),
    ("another management VLAN", vlan(7, management=True),
     ["POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", "7", "-1"]),
    ("another directory", set_host("external_auth_type", "AD"), ["POOL_JOINING_EXTERNAL_AUTH_MISMATCH"]),
    ("another edition", set_host("edition", "free"),
     ["LICENSE_HOST_POOL_MISMATCH", 'host edition = "free"', 'pool edition = "enterprise-per-socket"']),
    ("another network backend", version(network_backend="bridge"),
     ["OPERATION_NOT_ALLOWED", "Network backends differ"]),
    ("another API version", set_host("api_version", (2, 14)),
     ["POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", "2.14", "2.15"]),
    ("another database schema", version(db_schema="5.602"),
     ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "5.602", "5.603"]),
    ("an update of its own", update,
     ["HOSTS_NOT_HOMOGENEOUS", "Updates on local host birch-1 and pool host amber-1 differ"]),
    ("another address type", address_type, ["OPERATION_NOT_ALLOWED", "Primary address type differs"]),
    ("TLS verification on one side", set_pool("tls_verification", True),
     ["POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"]),
    ("updates being applied here", set_pool("current_operations", {"t": "apply_updates"}),
     ["NOT_SUPPORTED_DURING_UPGRADE"]),
    ("updates being applied there", set_pool("current_operations", {"t": "apply_updates"}, theirs=True),
     ["NOT_SUPPORTED_DURING_UPGRADE"]),
    ("drivers that can do less", fewer_driver_features, ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", "sm", "own sm"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_a_host_does_not_join_with(inside: Inside, change: Change, expected: list[str]) -> None:
    host, master = inside.host("birch-1"), inside.host("amber-1")
    change(host, master)
    names = {
        "host": host.ref,
        "master": master.ref,
        "sm": master.pool.sms[0].ref,
        "own sm": host.pool.sms[0].ref,
    }
    assert refusal(inside) == [names.get(part, part) for part in expected]
    assert host.pool is not master.pool


def test_by_force_software_and_cpus_are_not_compared(inside: Inside) -> None:
    inside.host("birch-1").cpu_vendor = "AuthenticAMD"
    join(inside, "pool.join_force")
    inside.step(60)
    assert inside.host("birch-1").pool is inside.pool("amber")


def test_force_does_not_help_against_another_platform(inside: Inside) -> None:
    inside.host("birch-1").software_version["platform_version"] = "3.2.0"
    assert refusal(inside, "pool.join_force") == ["HOSTS_NOT_COMPATIBLE"]


def test_a_wrong_password_for_the_pool_is_the_pools_answer(inside: Inside) -> None:
    assert refusal(inside, password="wrong")[0] == "SESSION_AUTHENTICATION_FAILED"


def test_a_member_is_not_who_to_ask(inside: Inside) -> None:
    answer = inside.refusal("birch-1", "pool.join", inside.host("amber-2").address, "root", "baton-lab")
    assert answer == ["HOST_IS_SLAVE", inside.host("amber-1").address]


def test_nobody_at_the_address(inside: Inside) -> None:
    answer = inside.refusal("birch-1", "pool.join", "127.99.1.1", "root", "baton-lab")
    assert answer == ["JOINING_HOST_CONNECTION_FAILED"]


def test_a_host_cannot_join_itself_nor_the_pool_it_is_in(inside: Inside) -> None:
    def why(name: str) -> list[str]:
        return inside.refusal(name, "pool.join", inside.host(name).address, "root", "baton-lab")

    assert why("birch-1") == ["OPERATION_NOT_ALLOWED", "Host cannot become slave of itself"]
    assert why("amber-1") == ["OPERATION_NOT_ALLOWED", "Host is already part of a pool"]


def test_another_clock_is_no_reason_but_is_told_soon(inside: Inside) -> None:
    inside.host("birch-1").clock_skew = 900
    join(inside)
    inside.step(120)
    assert [m.name for m in inside.pool("amber").messages] == ["HOST_CLOCK_SKEW_DETECTED"]


def test_an_ejected_host_is_a_fresh_pool_and_may_come_back(inside: Inside) -> None:
    host = inside.host("amber-2")
    inside.call("amber-1", "pool.eject", host.ref)
    inside.step(300)
    assert (host.pool.hosts, host.pool.master, host.enabled) == ([host], host, True)
    assert host.pool.default_sr is not None
    assert [sr.name for sr in host.pool.srs] == ["Local storage"]
    inside.call("amber-2", "pool.join", inside.host("amber-1").address, "root", "baton-lab")
    inside.step(60)
    assert host in inside.pool("amber").hosts
