"""pool.join: every reason for which a host does not fit, and what a host is that did."""

from __future__ import annotations

from typing import Any

import pytest

from lab.scenarios.build import add_pool, add_stranger, add_vm
from lab.world import SteppedClock, World
from tests.lab.inside import Inside
from tests.lab.refusals.joining import REFUSALS, Change


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
