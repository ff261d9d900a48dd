"""Copies of a pool's database: how old they are, what an election loses with one, and two masters at once."""

from __future__ import annotations

import itertools

import pytest

from lab.scenarios.build import add_vm
from lab.world import VM, Host, power
from tests.lab.inside import Inside


@pytest.fixture
def inside() -> Inside:
    """Basalt: five hosts, HA off."""
    return Inside("estate")


def elect(inside: Inside, name: str) -> None:
    inside.call(name, "pool.emergency_transition_to_master", local=True)
    inside.step(60)


def dead_master_and_election(inside: Inside) -> None:
    power.kill(inside.world, inside.host("basalt-1"))
    elect(inside, "basalt-2")


def part(inside: Inside, *names: str) -> list[Host]:
    """Cut these hosts from the rest of basalt; the rest."""
    some = [inside.host(name) for name in names]
    rest = [host for host in inside.pool("basalt").hosts if host not in some]
    power.cut_between(inside.world, some, rest)
    return rest


def names(inside: Inside, at: str) -> set[str]:
    return {record["name_label"] for record in inside.call(at, "VM.get_all_records").values()}


def test_each_member_gets_a_copy_in_turn_300_seconds_apart(inside: Inside) -> None:
    inside.step(2000)
    members = [host for host in inside.pool("basalt").hosts if host is not inside.pool("basalt").master]
    ages = sorted(inside.world.now() - host.copy.taken for host in members if host.copy)
    assert len(ages) == 4
    assert [round(later - earlier) for earlier, later in itertools.pairwise(ages)] == [300] * 3
    assert ages[-1] <= 4 * 300


def test_what_was_made_since_the_copy_is_missing_after_an_election(inside: Inside) -> None:
    vm = add_vm(inside.world, inside.host("basalt-3"), "i-2-900-VM")
    inside.call("basalt-1", "pool.add_to_other_config", inside.pool("basalt").ref, "made", "just now")
    dead_master_and_election(inside)
    assert vm.name not in names(inside, "basalt-2")
    assert "made" not in inside.call("basalt-2", "pool.get_other_config", inside.pool("basalt").ref)


def test_a_deleted_vm_is_back(inside: Inside) -> None:
    vm = inside.host("basalt-3").resident[0]
    vm.power_state, vm.resident_on = "Halted", None
    inside.pool("basalt").vms.remove(vm)
    dead_master_and_election(inside)
    assert vm.name in names(inside, "basalt-2")


def test_syncing_the_database_first_saves_everything(inside: Inside) -> None:
    vm = add_vm(inside.world, inside.host("basalt-3"), "i-2-900-VM")
    inside.call("basalt-1", "pool.sync_database")
    dead_master_and_election(inside)
    assert vm.name in names(inside, "basalt-2")


def test_with_ha_the_redo_log_loses_nothing(inside: Inside) -> None:
    vm = add_vm(inside.world, inside.host("amber-3"), "i-2-900-VM")
    power.kill(inside.world, inside.host("amber-1"))
    inside.step(300)
    assert vm.name in names(inside, "amber-2")


def test_running_members_correct_where_their_vms_run_when_they_are_recovered(inside: Inside) -> None:
    vm = inside.host("basalt-3").resident[0]
    inside.call("basalt-1", "VM.pool_migrate", vm.ref, inside.host("basalt-4").ref, {})
    dead_master_and_election(inside)
    assert vm.resident_on is inside.host("basalt-3")
    inside.call("basalt-2", "pool.recover_slaves")
    inside.step(120)
    assert vm.resident_on is inside.host("basalt-4")


def test_a_vm_that_an_old_database_takes_for_halted_can_be_started_twice(inside: Inside) -> None:
    vm = inside.host("basalt-3").resident[0]
    inside.call("basalt-1", "VM.clean_shutdown", vm.ref)
    inside.call("basalt-1", "pool.sync_database")
    inside.call("basalt-1", "VM.start_on", vm.ref, inside.host("basalt-3").ref, False, False)
    dead_master_and_election(inside)
    assert vm.power_state == "Halted"
    inside.call("basalt-2", "VM.start", vm.ref, False, False)
    assert inside.world.started_twice == [vm]


def test_a_host_that_joined_since_the_copy_is_unknown_to_the_new_master(inside: Inside) -> None:
    inside.empty("basalt-4")
    inside.call("basalt-1", "pool.eject", inside.host("basalt-4").ref)
    inside.step(300)
    inside.call("basalt-1", "pool.sync_database")
    inside.call("basalt-4", "pool.join", inside.host("basalt-1").address, "root", "baton-lab")
    inside.step(60)
    dead_master_and_election(inside)
    assert [host.name for host in inside.pool("basalt").hosts] == [f"basalt-{i}" for i in (1, 2, 3, 5)]
    host = inside.host("basalt-4")
    inside.call("basalt-4", "pool.emergency_reset_master", inside.host("basalt-2").address, local=True)
    inside.step(60)
    assert host.emergency == ["HOST_UNKNOWN_TO_MASTER", host.uuid]


def two_masters(inside: Inside) -> None:
    """The master is cut from the others; one of these is elected, and the rest recovered."""
    part(inside, "basalt-1")
    elect(inside, "basalt-2")
    inside.call("basalt-2", "pool.recover_slaves")
    inside.step(120)


def masters(inside: Inside) -> list[str]:
    uuid = inside.pool("basalt").uuid
    return [pool.master.name for pool in inside.world.pools if pool.uuid == uuid and pool.master]


def test_behind_a_cut_network_there_are_two_masters_of_one_pool(inside: Inside) -> None:
    two_masters(inside)
    assert masters(inside) == ["basalt-1", "basalt-2"]
    assert inside.call("basalt-1", "pool.is_slave", "", local=True) is False
    assert inside.call("basalt-2", "pool.is_slave", "", local=True) is False
    for name in ("basalt-1", "basalt-2"):
        [record] = inside.call(name, "pool.get_all_records").values()
        assert record["master"] == inside.host(name).ref


def test_each_goes_on_writing_its_own_database(inside: Inside) -> None:
    two_masters(inside)
    pool = inside.pool("basalt").ref
    inside.call("basalt-1", "pool.set_name_label", pool, "left")
    inside.call("basalt-2", "pool.set_name_label", pool, "right")
    assert inside.call("basalt-1", "pool.get_name_label", pool) == "left"
    assert inside.call("basalt-2", "pool.get_name_label", pool) == "right"


def test_each_takes_the_hosts_of_the_other_for_dead(inside: Inside) -> None:
    two_masters(inside)
    inside.step(700)

    def live(at: str) -> dict[str, bool]:
        pool = inside.host(at).pool
        return {host.name: host.live for host in pool.hosts}

    assert live("basalt-1") == {f"basalt-{i}": i == 1 for i in range(1, 6)}
    assert live("basalt-2") == {f"basalt-{i}": i != 1 for i in range(1, 6)}


def test_no_host_is_there_twice(inside: Inside) -> None:
    two_masters(inside)
    assert sorted(host.name for host in inside.world.hosts if host.name.startswith("basalt")) == [
        f"basalt-{number}" for number in range(1, 6)
    ]


def test_a_mended_network_alone_does_not_end_it(inside: Inside) -> None:
    two_masters(inside)
    inside.world.cuts.clear()
    inside.step(600)
    assert masters(inside) == ["basalt-1", "basalt-2"]


def test_the_old_master_demotes_itself_at_its_next_start_once_it_hears_the_new_one(inside: Inside) -> None:
    two_masters(inside)
    power.restart_toolstack(inside.world, inside.host("basalt-1"))
    inside.step(60)
    assert masters(inside) == ["basalt-1", "basalt-2"]
    inside.world.cuts.clear()
    power.restart_toolstack(inside.world, inside.host("basalt-1"))
    inside.step(60)
    assert masters(inside) == ["basalt-2"]
    assert inside.refusal("basalt-1", "pool.get_all") == ["HOST_IS_SLAVE", inside.host("basalt-2").address]
    assert inside.host("basalt-1").live and inside.host("basalt-1").enabled


def test_recovering_the_members_again_brings_the_old_master_in_too(inside: Inside) -> None:
    two_masters(inside)
    inside.world.cuts.clear()
    reached = inside.call("basalt-2", "pool.recover_slaves")
    inside.step(120)
    assert len(reached) == 4
    assert masters(inside) == ["basalt-2"]
    pool = inside.pool("basalt")
    assert all(host.pool is pool and host.record_of is None and host.live for host in pool.hosts)


def test_its_vms_are_set_right_when_it_comes_over(inside: Inside) -> None:
    vm = inside.host("basalt-1").resident[0]
    two_masters(inside)
    inside.call("basalt-1", "VM.hard_shutdown", vm.ref)
    assert twin(inside, vm).power_state == "Running"
    inside.world.cuts.clear()
    power.restart_toolstack(inside.world, inside.host("basalt-1"))
    inside.step(60)
    assert {guest.name for guest in inside.host("basalt-1").resident}.isdisjoint({vm.name})


def twin(inside: Inside, vm: VM) -> VM:
    """The VM in the second master's database."""
    return next(other for other in inside.host("basalt-2").pool.vms if other.uuid == vm.uuid)


def test_an_old_master_that_boots_behind_the_cut_rules_its_own_database_again(inside: Inside) -> None:
    power.kill(inside.world, inside.host("basalt-1"))
    elect(inside, "basalt-2")
    part(inside, "basalt-1")
    power.revive(inside.world, inside.host("basalt-1"))
    inside.step(300)
    assert sorted(masters(inside)) == ["basalt-1", "basalt-2"]


def test_the_old_master_that_returns_to_a_whole_network_follows(inside: Inside) -> None:
    dead_master_and_election(inside)
    power.revive(inside.world, inside.host("basalt-1"))
    inside.step(300)
    assert masters(inside) == ["basalt-2"]
    assert inside.host("basalt-1").live
