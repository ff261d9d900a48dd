"""Disable, evacuate, reboot, enable: the life of one host."""

from __future__ import annotations

from typing import Any

import pytest
import XenAPI

from lab.world import World
from tests.lab.conftest import Site, code


def refusal(call: Any, *args: Any) -> list[str]:
    with pytest.raises(XenAPI.Failure) as refused:
        call(*args)
    return list(refused.value.details)


def test_a_disabled_host_says_so_and_takes_no_vms(site: Site) -> None:
    xenapi = site.session("basalt-1").xenapi
    ref = site.host("basalt-2").ref
    xenapi.host.disable(ref)
    assert xenapi.host.get_enabled(ref) is False
    vm = site.host("basalt-3").resident[0]
    assert refusal(xenapi.VM.pool_migrate, vm.ref, ref, {"live": "true"})[0] == "HOST_DISABLED"


def test_a_toolstack_restart_enables_what_a_user_disabled(site: Site) -> None:
    xenapi = site.session("basalt-1").xenapi
    xenapi.host.disable(site.host("basalt-2").ref)
    xenapi.host.restart_agent(site.host("basalt-2").ref)
    site.lab.step(60)
    assert site.host("basalt-2").enabled is True


def test_disabling_that_breaks_the_failover_plan_is_refused(site: Site) -> None:
    def narrow(world: World) -> None:
        pool = world.pool("amber")
        pool.ha_host_failures_to_tolerate = pool.ha_plan_exists_for = 3

    site.lab.do(narrow)
    assert refusal(site.session().xenapi.host.disable, site.host("amber-2").ref) == [
        "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"
    ]


def test_a_dead_host_is_neither_disabled_nor_enabled(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("cobalt-2"), "live", False))
    xenapi = site.session("cobalt-1").xenapi
    ref = site.host("cobalt-2").ref
    assert refusal(xenapi.host.disable, ref) == ["HOST_OFFLINE", ref]
    assert refusal(xenapi.host.enable, ref) == ["HOST_OFFLINE", ref]


def test_enabling_an_enabled_host_changes_nothing(site: Site) -> None:
    assert site.session().xenapi.host.enable(site.host("amber-2").ref) == ""


def test_a_host_whose_toolstack_starts_is_still_booting(site: Site) -> None:
    site.lab.break_("toolstack-restart", "cobalt-2")
    assert refusal(site.session("cobalt-1").xenapi.host.enable, site.host("cobalt-2").ref) == [
        "HOST_STILL_BOOTING"
    ]


def test_a_host_that_waits_for_its_reboot_is_not_enabled(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("cobalt-2"), "disabled_until_reboot", True))
    xenapi = site.session("cobalt-1").xenapi
    assert refusal(xenapi.host.enable, site.host("cobalt-2").ref) == ["HOST_DISABLED_UNTIL_REBOOT"]


def test_an_unplugged_sr_that_protected_vms_use_keeps_a_host_disabled(site: Site) -> None:
    xenapi = site.session("cobalt-1").xenapi
    xenapi.VM.set_ha_restart_priority(site.host("cobalt-1").resident[0].ref, "restart")
    assert refusal(xenapi.host.enable, site.host("cobalt-2").ref) == [
        "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED",
        site.sr("cobalt", "iscsi-1"),
    ]


def test_the_crashed_host_is_plugged_and_enabled_again(site: Site) -> None:
    session = site.session("cobalt-1")
    site.run(session, "PBD.plug", site.pbd("cobalt-2", "iscsi-1"))
    session.xenapi.host.enable(site.host("cobalt-2").ref)
    assert site.host("cobalt-2").enabled is True


def test_evacuating_moves_every_vm_and_shows_progress(site: Site) -> None:
    session = site.session("basalt-1")
    host = site.host("basalt-2")
    guests = host.resident
    session.xenapi.host.disable(host.ref)
    task = session.xenapi.Async.host.evacuate(host.ref)
    progress = []
    while session.xenapi.task.get_status(task) == "pending":
        progress.append(session.xenapi.task.get_progress(task))
        site.lab.step(5)
    assert host.resident == []
    assert all(vm.power_state == "Running" and vm.resident_on is not host for vm in guests)
    assert len(set(progress)) >= 4


def test_a_vm_moves_at_the_pace_of_its_memory(site: Site) -> None:
    session = site.session("basalt-1")
    vm = site.host("basalt-2").resident[0]
    vm.memory = 40_000_000_000
    task = session.xenapi.Async.VM.pool_migrate(vm.ref, site.host("basalt-3").ref, {})
    site.lab.step(100)
    assert session.xenapi.task.get_status(task) == "pending"
    assert session.xenapi.VM.get_current_operations(vm.ref) != {}
    site.lab.step(10)
    assert session.xenapi.task.get_status(task) == "success"
    assert vm.resident_on is site.host("basalt-3")


def test_a_vm_on_a_local_disk_blocks_an_evacuation(site: Site) -> None:
    vm = site.host("basalt-2").resident[0]
    local = next(sr for sr in site.pool("basalt").srs if sr.name.endswith("on basalt-2"))
    site.lab.do(lambda world: vm.disks.append(local.vdis[0]))
    xenapi = site.session("basalt-1").xenapi
    ref = site.host("basalt-2").ref
    expected = ["VM_REQUIRES_SR", vm.ref, local.ref]
    assert xenapi.host.get_vms_which_prevent_evacuation(ref) == {vm.ref: expected}
    assert refusal(site.run, site.session("basalt-1"), "host.evacuate", ref) == expected
    assert refusal(xenapi.host.assert_can_evacuate, ref) == ["CANNOT_EVACUATE_HOST", ",".join(expected)]
    assert refusal(xenapi.VM.assert_agile, vm.ref) == ["HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", local.ref]


def test_with_ha_on_every_unprotected_vm_blocks_an_evacuation_with_a_misleading_reason(site: Site) -> None:
    xenapi = site.session().xenapi
    host = site.host("amber-2")
    protected, *others = host.resident
    xenapi.VM.set_ha_restart_priority(protected.ref, "restart")
    blockers = xenapi.host.get_vms_which_prevent_evacuation(host.ref)
    assert blockers == {vm.ref: ["HOST_NOT_ENOUGH_FREE_MEMORY", vm.ref] for vm in others}


def test_with_nowhere_to_go_there_are_no_hosts_available(site: Site) -> None:
    for name in ("basalt-1", "basalt-3", "basalt-4", "basalt-5"):
        site.lab.break_("disable", name)
    blockers = site.session("basalt-1").xenapi.host.get_vms_which_prevent_evacuation(
        site.host("basalt-2").ref
    )
    assert set(map(tuple, blockers.values())) == {("NO_HOSTS_AVAILABLE",)}


def test_a_vm_too_large_for_its_target_is_refused(site: Site) -> None:
    vm = site.host("basalt-2").resident[0]
    site.lab.do(lambda world: setattr(vm, "memory", 10**12))
    details = refusal(
        site.session("basalt-1").xenapi.VM.pool_migrate, vm.ref, site.host("basalt-3").ref, {"live": "true"}
    )
    assert details[:2] == ["HOST_NOT_ENOUGH_FREE_MEMORY", str(10**12)]


def test_a_halted_vm_does_not_migrate(site: Site) -> None:
    vm = site.host("basalt-2").resident[0]
    site.run(site.session("basalt-1"), "VM.clean_shutdown", vm.ref)
    details = refusal(site.session("basalt-1").xenapi.VM.pool_migrate, vm.ref, site.host("basalt-3").ref, {})
    assert details == ["VM_BAD_POWER_STATE", vm.ref, "running", "halted"]


def test_a_halted_vm_starts_where_there_is_room(site: Site) -> None:
    session = site.session("basalt-1")
    vm = site.host("basalt-2").resident[0]
    site.run(session, "VM.clean_shutdown", vm.ref)
    site.run(session, "VM.start", vm.ref, False, False)
    assert vm.power_state == "Running"
    assert vm.resident_on is not None


def test_only_a_disabled_host_reboots(site: Site) -> None:
    assert refusal(site.session("basalt-1").xenapi.host.reboot, site.host("basalt-2").ref) == [
        "HOST_NOT_DISABLED"
    ]


def test_a_reboot_takes_minutes_and_shows_in_the_boot_time(site: Site) -> None:
    xenapi = site.session("basalt-1").xenapi
    host = site.host("basalt-2")
    before = float(xenapi.host.get_other_config(host.ref)["boot_time"])
    site.empty("basalt-2")
    xenapi.host.disable(host.ref)
    xenapi.host.reboot(host.ref)
    site.lab.step(60)
    assert (host.power, host.live) == ("booting", False)
    site.lab.step(180)
    assert float(xenapi.host.get_other_config(host.ref)["boot_time"]) > before
    assert (host.live, host.enabled) == (True, True)


def test_with_ha_on_a_clean_reboot_is_no_failure(site: Site) -> None:
    xenapi = site.session().xenapi
    host = site.host("amber-2")
    site.empty("amber-2")
    xenapi.host.disable(host.ref)
    xenapi.host.reboot(host.ref)
    site.lab.step(400)
    assert [message.name for message in site.pool("amber").messages] == []
    assert (host.live, host.enabled) == (True, True)


def test_a_host_that_lost_the_statefile_does_not_reboot_cleanly(site: Site) -> None:
    site.lab.break_("disable", "amber-2")
    site.lab.break_("storage-cut", "amber-2", sr="nfs-hb")
    assert refusal(site.session().xenapi.host.reboot, site.host("amber-2").ref) == ["HA_LOST_STATEFILE"]


def test_a_shut_down_host_stays_off_its_vms_move_and_one_that_cannot_is_halted(site: Site) -> None:
    xenapi = site.session("basalt-1").xenapi
    host = site.host("basalt-2")
    stuck, *others = host.resident
    site.lab.do(lambda world: setattr(stuck, "cannot_migrate", ["VM_HAS_PCI_ATTACHED", stuck.ref]))
    xenapi.host.disable(host.ref)
    xenapi.host.shutdown(host.ref)
    site.lab.step(130)
    assert (host.power, host.live, host.resident) == ("off", False, [])
    assert stuck.power_state == "Halted"
    assert {vm.power_state for vm in others} == {"Running"}


def test_a_host_without_a_power_controller_is_not_powered_on(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-2"), "live", False))
    xenapi = site.session("basalt-1").xenapi
    assert refusal(xenapi.host.power_on, site.host("basalt-2").ref) == ["HOST_POWER_ON_MODE_DISABLED"]
    assert refusal(xenapi.host.power_on, site.host("basalt-3").ref)[0] == "HOST_IS_LIVE"


def test_a_host_shows_its_certificate(site: Site) -> None:
    pem = site.session().xenapi.host.get_server_certificate(site.host("amber-2").ref)
    assert pem == site.lab.certificate("amber-2")
    assert pem.startswith("-----BEGIN CERTIFICATE-----")


def test_an_evacuation_can_be_cancelled_and_an_eject_cannot(site: Site) -> None:
    session = site.session("basalt-1")
    evacuation = session.xenapi.Async.host.evacuate(site.host("basalt-2").ref)
    session.xenapi.task.cancel(evacuation)
    assert session.xenapi.task.get_status(evacuation) == "cancelled"
    assert site.host("basalt-2").current_operations == {}
    site.empty("basalt-3")
    eject = session.xenapi.Async.pool.eject(site.host("basalt-3").ref)
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.task.cancel(eject)
    assert code(refused) == "OPERATION_NOT_ALLOWED"


def test_a_destroyed_task_is_an_invalid_handle(site: Site) -> None:
    xenapi = site.session("basalt-1").xenapi
    task = xenapi.Async.host.evacuate(site.host("basalt-2").ref)
    xenapi.task.destroy(task)
    assert refusal(xenapi.task.get_status, task) == ["HANDLE_INVALID", "task", task]
