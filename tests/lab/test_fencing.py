"""A pool of two hosts, which cannot tell who of them is dead; and VMs that HA starts again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.testing import running_lab
from tests.lab.conftest import Site


@pytest.fixture
def two() -> Iterator[Site]:
    with running_lab("two-host", speed=None) as lab:
        yield Site(lab)


@pytest.fixture
def protected() -> Iterator[Site]:
    with running_lab("protected-vms", speed=None) as lab:
        yield Site(lab)


def test_when_one_of_two_dies_the_other_resets_itself_again_and_again(two: Site) -> None:
    two.lab.break_("kill", "amber-2")
    boots = set()
    for _ in range(40):
        two.lab.step(60)
        boots.add(two.host("amber-1").boot_time)
    assert len(boots) >= 4
    assert two.pool("amber").master is two.host("amber-1")


def test_the_loop_ends_when_the_other_is_back(two: Site) -> None:
    two.lab.break_("kill", "amber-2")
    two.lab.step(600)
    two.lab.break_("revive", "amber-2")
    two.lab.step(900)
    assert all(host.live and host.enabled and host.emergency is None for host in two.pool("amber").hosts)


def test_the_loop_ends_when_the_survivor_is_disarmed(two: Site) -> None:
    two.lab.break_("kill", "amber-2")
    two.lab.step(400)
    two.lab.wait_until(lambda world: two.lab.lab.listeners[world.host("amber-1")].mode == "open")
    two.local_session("amber-1").xenapi.host.emergency_ha_disable()
    two.lab.step(120)
    assert two.pool("amber").ha_enabled is False
    assert two.session("amber-1").xenapi.pool.get_all() != []


def test_protected_vms_of_a_dead_host_are_started_elsewhere_and_others_are_not(protected: Site) -> None:
    guests = protected.host("amber-2").resident
    protected.lab.do(lambda world: setattr(world, "cloudstack", None))
    before = {vm: vm.ha_restart_priority for vm in guests}
    protected.lab.break_("kill", "amber-2")
    protected.lab.step(200)
    for vm, priority in before.items():
        if priority:
            assert vm.power_state == "Running"
            assert vm.resident_on is not protected.host("amber-2")
        else:
            assert vm.resident_on is None or vm.resident_on is not protected.host("amber-2")
