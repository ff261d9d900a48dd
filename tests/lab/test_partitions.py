"""HA under cuts: which side of a cut network lives on, storage that goes away, and what keeps a host out."""

from __future__ import annotations

import pytest

from lab.world import Host, liveset, power
from tests.lab.inside import Inside

TIMEOUT = 180  # of amber's HA


@pytest.fixture
def inside() -> Inside:
    """Amber: four hosts, HA on at 180 s."""
    return Inside("estate")


def amber(inside: Inside, *numbers: int) -> list[Host]:
    return [inside.host(f"amber-{number}") for number in numbers]


def boots(inside: Inside) -> dict[str, float]:
    return {host.name: host.boot_time for host in inside.pool("amber").hosts}


def fenced(inside: Inside, before: dict[str, float]) -> set[str]:
    """Hosts that went down, or came back, since."""
    hosts = inside.pool("amber").hosts
    return {host.name for host in hosts if host.power != "on" or host.boot_time != before[host.name]}


def lose_storage(inside: Inside, *hosts: Host) -> None:
    for host in hosts:
        power.cut_storage(inside.world, host, inside.sr("amber", "nfs-hb"))


def alerts(inside: Inside) -> list[str]:
    return [message.name for message in inside.pool("amber").messages]


def test_the_smaller_side_of_a_cut_network_fences_itself_after_the_timeout(inside: Inside) -> None:
    before = boots(inside)
    power.cut_between(inside.world, amber(inside, 1), amber(inside, 2, 3, 4))
    inside.step(TIMEOUT - 10)
    assert fenced(inside, before) == set()
    inside.step(20)
    assert fenced(inside, before) == {"amber-1"}


def test_the_larger_side_elects_a_master(inside: Inside) -> None:
    power.cut_between(inside.world, amber(inside, 1), amber(inside, 2, 3, 4))
    inside.step(TIMEOUT + 60)
    assert inside.pool("amber").master is inside.host("amber-2")
    assert len(inside.call("amber-2", "host.get_all")) == 4


def test_of_two_equal_sides_that_of_the_first_host_lives_on(inside: Inside) -> None:
    before = boots(inside)
    power.cut_between(inside.world, amber(inside, 1, 2), amber(inside, 3, 4))
    inside.step(TIMEOUT + 20)
    assert fenced(inside, before) == {"amber-3", "amber-4"}


def test_a_fenced_host_stays_out_until_the_network_is_back(inside: Inside) -> None:
    power.cut_between(inside.world, amber(inside, 1), amber(inside, 2, 3, 4))
    inside.step(TIMEOUT + 300)
    assert inside.host("amber-1").emergency == ["HA_HEARTBEAT_DAEMON_STARTUP_FAILED"]
    inside.world.cuts.clear()
    inside.step(120)
    assert inside.host("amber-1").emergency is None
    assert inside.host("amber-1").enabled


def test_a_host_without_its_network_fences_itself_though_it_sees_the_statefile(inside: Inside) -> None:
    before = boots(inside)
    power.cut_network(inside.world, inside.host("amber-3"))
    inside.step(TIMEOUT + 20)
    assert fenced(inside, before) == {"amber-3"}


def test_a_host_without_the_statefile_fences_itself_though_all_hear_it(inside: Inside) -> None:
    before = boots(inside)
    lose_storage(inside, inside.host("amber-3"))
    inside.step(TIMEOUT + 20)
    assert fenced(inside, before) == {"amber-3"}


def test_it_is_in_emergency_mode_after_the_boot_and_gets_over_it_when_the_storage_is_back(
    inside: Inside,
) -> None:
    host = inside.host("amber-3")
    lose_storage(inside, host)
    inside.step(TIMEOUT + 300)
    assert host.emergency == ["HA_HOST_CANNOT_ACCESS_STATEFILE"]
    power.mend_storage(inside.world, host, inside.sr("amber", "nfs-hb"))
    inside.step(120)
    assert host.emergency is None


def test_if_all_lose_the_statefile_nobody_fences_and_one_alert_says_so(inside: Inside) -> None:
    before = boots(inside)
    lose_storage(inside, *inside.pool("amber").hosts)
    inside.step(1000)
    assert fenced(inside, before) == set()
    assert alerts(inside) == ["HA_STATEFILE_LOST"]
    assert all(host.ha_statefiles == [] for host in inside.pool("amber").hosts)


def test_if_then_the_network_is_cut_too_all_go_down(inside: Inside) -> None:
    before = boots(inside)
    lose_storage(inside, *inside.pool("amber").hosts)
    power.cut_between(inside.world, amber(inside, 1), amber(inside, 2, 3, 4))
    assert liveset.best_partition(inside.world, inside.pool("amber")) == []
    inside.step(TIMEOUT + 20)
    assert len(fenced(inside, before)) == 4


def test_a_cut_shorter_than_the_timeout_harms_nobody(inside: Inside) -> None:
    before = boots(inside)
    some, rest = amber(inside, 1), amber(inside, 2, 3, 4)
    power.cut_between(inside.world, some, rest)
    inside.step(TIMEOUT - 30)
    power.mend_between(inside.world, some, rest)
    inside.step(TIMEOUT)
    assert fenced(inside, before) == set()


def test_a_fenced_host_says_so_after_its_boot_and_the_master_before(inside: Inside) -> None:
    power.kill(inside.world, inside.host("amber-3"))
    inside.step(TIMEOUT + 60)
    power.revive(inside.world, inside.host("amber-3"))
    inside.step(300)
    assert {"HA_HOST_FAILED", "HA_HOST_WAS_FENCED"} <= set(alerts(inside))


def test_half_of_a_pool_of_two_does_not_take_over_after_its_fence_but_waits_and_fences_again() -> None:
    two = Inside("two-host")
    power.kill(two.world, two.host("amber-1"))
    states = set()
    for _ in range(80):
        two.step(20)
        states.add((two.host("amber-2").emergency or [two.host("amber-2").power])[0])
    assert states == {"on", "booting", "HOST_STILL_BOOTING"}
    assert two.pool("amber").master is two.host("amber-1")


def test_a_disarmed_host_does_not_fence_itself_and_is_left_out(inside: Inside) -> None:
    before = boots(inside)
    inside.call("amber-3", "host.emergency_ha_disable", local=True)
    lose_storage(inside, inside.host("amber-3"))
    inside.step(TIMEOUT * 2)
    assert fenced(inside, before) == set()


def test_softly_disarmed_it_is_armed_again_after_a_restart_of_its_toolstack(inside: Inside) -> None:
    host = inside.host("amber-3")
    inside.call("amber-3", "host.emergency_ha_disable", True, local=True)
    lose_storage(inside, host)
    inside.step(TIMEOUT * 2)
    assert host.power == "on" and host.ha_armed
    power.mend_storage(inside.world, host, inside.sr("amber", "nfs-hb"))
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert host.emergency is None and not host.ha_excluded


def test_firmly_disarmed_it_cannot_come_back_while_the_pool_has_ha(inside: Inside) -> None:
    host = inside.host("amber-3")
    inside.call("amber-3", "host.emergency_ha_disable", False, local=True)
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert host.emergency == ["HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED"]
    inside.call("amber-1", "pool.disable_ha")
    inside.step(120)
    assert host.emergency is None


def test_restarts_of_vms_wait_while_they_are_held_back(inside: Inside) -> None:
    vm = inside.host("amber-3").resident[0]
    inside.call("amber-1", "VM.set_ha_restart_priority", vm.ref, "restart")
    inside.call("amber-1", "pool.ha_prevent_restarts_for", "600")
    power.kill(inside.world, inside.host("amber-3"))
    inside.step(TIMEOUT + 60)
    assert vm.power_state == "Halted"
    inside.step(600)
    assert vm.power_state == "Running"


def test_a_protected_vm_without_a_place_raises_an_alert(inside: Inside) -> None:
    vm = inside.host("amber-3").resident[0]
    inside.call("amber-1", "VM.set_ha_restart_priority", vm.ref, "restart")
    vm.memory = 300 * 1024**3
    power.kill(inside.world, inside.host("amber-3"))
    inside.step(TIMEOUT + 60)
    assert "HA_PROTECTED_VM_RESTART_FAILED" in alerts(inside)


def test_a_plan_that_no_longer_holds_is_told_once(inside: Inside) -> None:
    pool = inside.pool("amber")
    inside.call("amber-1", "pool.set_ha_host_failures_to_tolerate", pool.ref, "3")
    power.kill(inside.world, inside.host("amber-4"))
    inside.step(TIMEOUT + 600)
    assert pool.ha_overcommitted and pool.ha_plan_exists_for == 2
    assert alerts(inside).count("HA_POOL_OVERCOMMITTED") == 1
    assert alerts(inside).count("HA_POOL_DROP_IN_PLAN_EXISTS_FOR") == 1
    power.revive(inside.world, inside.host("amber-4"))
    inside.step(400)
    assert not pool.ha_overcommitted and pool.ha_plan_exists_for == 3


def test_a_host_that_reboots_in_good_order_is_not_taken_for_failed(inside: Inside) -> None:
    host = inside.host("amber-3")
    inside.empty("amber-3")
    inside.call("amber-1", "host.disable", host.ref)
    inside.call("amber-1", "host.reboot", host.ref)
    inside.step(400)
    assert host.enabled and host.live
    assert "HA_HOST_FAILED" not in alerts(inside)
    assert "HA_HOST_WAS_FENCED" not in alerts(inside)


def test_a_master_that_does_not_return_from_its_reboot_is_replaced(inside: Inside) -> None:
    host = inside.host("amber-1")
    inside.empty("amber-1")
    inside.call("amber-1", "host.disable", host.ref)
    inside.call("amber-1", "host.reboot", host.ref)
    host.fails_to_boot = True
    inside.step(400)
    assert inside.pool("amber").master is inside.host("amber-2")
