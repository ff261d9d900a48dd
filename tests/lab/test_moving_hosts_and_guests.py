"""Longer stories of one host or one pool: a broken change of master, evacuation by windows, updates, disks of HA."""

from __future__ import annotations

import pytest

from lab.world import Update, power
from lab.xapi import dialects
from tests.lab.inside import Inside


@pytest.fixture
def inside() -> Inside:
    return Inside("estate")


def test_a_change_that_fails_half_way_leaves_nobody_master_until_one_is_made_by_hand(inside: Inside) -> None:
    target = inside.host("basalt-3")
    inside.world.after(7, lambda: power.kill(inside.world, inside.host("basalt-4")))
    assert inside.refusal("basalt-1", "pool.designate_new_master", target.ref)[0] == "INTERNAL_ERROR"
    inside.step(120)
    assert target.emergency == ["HOST_BROKEN"]
    assert inside.world.pool_answering_for(inside.host("basalt-2")) is None
    inside.call("basalt-3", "pool.emergency_transition_to_master", local=True)
    inside.step(200)
    assert inside.pool("basalt").master is target
    assert len(inside.call("basalt-3", "host.get_all")) == 5
    assert inside.host("basalt-2").emergency is None


def test_an_agreement_is_forgotten_after_ten_minutes(inside: Inside) -> None:
    elsewhere = inside.host("basalt-2").address
    inside.call("basalt-4", "host.propose_new_master", elsewhere, True, local=True)
    inside.step(601)
    inside.call("basalt-1", "pool.designate_new_master", inside.host("basalt-3").ref)


def test_an_agreement_that_is_called_off_binds_nobody(inside: Inside) -> None:
    elsewhere = inside.host("basalt-2").address
    inside.call("basalt-4", "host.propose_new_master", elsewhere, True, local=True)
    inside.call("basalt-4", "host.abort_new_master", elsewhere, local=True)
    inside.call("basalt-1", "pool.designate_new_master", inside.host("basalt-3").ref)


@pytest.mark.parametrize(("release", "at_once"), [("8.2", 1), ("current", 4)])
def test_an_evacuation_moves_as_many_vms_at_once_as_its_release(
    inside: Inside, release: str, at_once: int
) -> None:
    dialects.speak(inside.pool("basalt"), release)
    guests = inside.host("basalt-2").resident
    assert len(guests) >= 4
    evacuation = inside.begin("basalt-1", "host.evacuate", inside.host("basalt-2").ref)
    moving = sum("pool_migrate" in vm.current_operations.values() for vm in guests)
    assert moving == (1 if at_once == 1 else len(guests))
    inside.end(evacuation)
    assert inside.host("basalt-2").resident == []


def test_the_size_of_the_window_can_be_given(inside: Inside) -> None:
    dialects.speak(inside.pool("basalt"), "current")
    guests = inside.host("basalt-2").resident
    inside.begin("basalt-1", "host.evacuate", inside.host("basalt-2").ref, "OpaqueRef:NULL", "2")
    assert sum("pool_migrate" in vm.current_operations.values() for vm in guests) == 2


def test_an_update_that_asks_for_it_makes_a_reboot_due_until_the_reboot(inside: Inside) -> None:
    pool, host = inside.pool("basalt"), inside.host("basalt-3")
    update = Update(inside.world.new_ref(), inside.world.new_uuid(), "XS82E001", guidances=["restartHost"])
    pool.updates.append(update)
    inside.call("basalt-1", "pool_update.pool_apply", update.ref)
    assert inside.call("basalt-1", "host.get_updates_requiring_reboot", host.ref) == [update.ref]
    power.reboot(inside.world, host)
    inside.step(300)
    assert inside.call("basalt-1", "host.get_updates_requiring_reboot", host.ref) == []
    assert inside.call("basalt-1", "host.get_updates", host.ref) == [update.ref]


def test_updates_from_the_repository_disable_the_host_and_leave_a_guidance(inside: Inside) -> None:
    dialects.speak(inside.pool("basalt"), "current")
    inside.empty("basalt-3")
    host = inside.host("basalt-3")
    inside.call("basalt-1", "host.apply_updates", host.ref, "hash")
    assert (host.enabled, host.pending_guidances) == (False, ["reboot_host"])
    inside.call("basalt-1", "host.reboot", host.ref)
    inside.step(400)
    assert (host.enabled, host.pending_guidances) == (True, [])


def test_a_guidance_can_be_cleared_on_the_host_itself_in_an_emergency(inside: Inside) -> None:
    dialects.speak(inside.pool("basalt"), "current")
    host = inside.host("basalt-3")
    host.pending_guidances = ["reboot_host"]
    inside.call("basalt-3", "host.emergency_clear_mandatory_guidance", local=True)
    assert host.pending_guidances == []


def test_the_disks_of_an_earlier_ha_can_be_destroyed_and_are_made_anew(inside: Inside) -> None:
    inside.call("amber-1", "pool.disable_ha")
    [statefile] = inside.pool("amber").ha_statefiles
    inside.call("amber-1", "VDI.destroy", statefile)
    inside.call("amber-1", "pool.enable_ha", [inside.sr("amber", "nfs-hb").ref], {})
    assert inside.pool("amber").ha_statefiles != [statefile]


@pytest.mark.parametrize(("release", "size"), [("8.2", 256 * 1024**2), ("current", 3_988_783_104)])
def test_the_redo_log_has_the_size_of_its_release(inside: Inside, release: str, size: int) -> None:
    dialects.speak(inside.pool("basalt"), release)
    inside.call("basalt-1", "pool.enable_ha", [inside.sr("basalt", "nfs-hb").ref], {})
    log = inside.pool("basalt").redo_log_vdi
    assert log is not None and log.virtual_size == size


def test_a_loose_interface_with_an_address_is_a_warning_only(inside: Inside) -> None:
    pif = inside.host("basalt-2").pifs[1]
    pif.ip, pif.disallow_unplug = "127.20.1.2", False
    inside.call("basalt-1", "pool.enable_ha", [inside.sr("basalt", "nfs-hb").ref], {})
    assert "IP_CONFIGURED_PIF_CAN_UNPLUG" in [message.name for message in inside.pool("basalt").messages]


def test_a_stopped_toolstack_stays_stopped_until_somebody_starts_it(inside: Inside) -> None:
    host = inside.host("basalt-3")
    inside.call("basalt-3", "host.shutdown_agent", local=True)
    inside.step(300)
    assert host.toolstack == "stopped" and host.power == "on"
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert host.enabled


def test_a_host_with_a_power_on_mode_is_powered_on_by_a_call(inside: Inside) -> None:
    host = inside.host("basalt-3")
    host.power_on_mode = "wake-on-lan"
    power.kill(inside.world, host)
    inside.step(700)
    inside.call("basalt-1", "host.power_on", host.ref)
    inside.step(300)
    assert host.live and host.enabled
