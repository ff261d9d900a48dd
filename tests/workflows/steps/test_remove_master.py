"""The traps of removing a master, each found before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tests.workflows import amber
from workflows.catalogue.remove_master import RemoveMaster
from workflows.engine.diff import Change, diff
from workflows.engine.situation import Situation
from workflows.engine.step import Check, Step
from workflows.steps.cloudstack import CancelMaintenance, DeleteInCloudStack, EnterMaintenance, NoGuestLeft
from workflows.steps.ha import DisableHa, RememberHa, RestoreHa, RestoreTolerance
from workflows.steps.master import DesignateMaster, successors
from workflows.steps.membership import EjectFromPool

workflow = RemoveMaster()
KEPT = RememberHa().remember(amber.situation())["ha"]


def failing(checks: Iterable[Check]) -> list[str]:
    return [check.says for check in checks if not check.ok]


def test_the_order_is_maintenance_ha_off_designate_eject_delete_ha_on() -> None:
    sent = [
        call.by_hand for step in _projected() for call in step[0].calls(step[1]) if step[0].changes_something
    ]
    assert [line.split(" id=")[0].split(" h")[0] for line in sent] == [
        "cmk prepare",
        "xe pool-ha-disable",
        "xe pool-designate-new-master",
        "xe pool-eject",
        "cmk delete",
        "xe pool-ha-enable",
        "xe pool-param-set uuid=p-amber",
    ]


def _projected() -> list[tuple[Step, Situation]]:
    s, found = amber.situation(), list[tuple[Step, Situation]]()
    for step in workflow.build(s):
        found.append((step, s))
        s = s.after(step.expect(s), step.remember(s))
    return found


def test_ha_goes_on_with_the_timeout_and_the_sr_that_were_found() -> None:
    s = amber.situation(amber.facts().with_ha(enabled=False), ha=KEPT)
    (call,) = RestoreHa().calls(s)
    assert call.by_hand == "xe pool-ha-enable heartbeat-sr-uuids=sr-hb ha-config:timeout=180"
    assert call.request == """Async.pool.enable_ha(["OpaqueRef:sr-hb"], {'timeout': '180'})"""


def test_ha_that_came_back_with_another_timeout_is_not_done() -> None:
    s = amber.situation(amber.facts().with_ha(timeout_s=60), ha=KEPT)
    assert not RestoreHa().done(s)
    assert "HA is off" in failing(RestoreHa().preconditions(s))


def test_ha_stays_off_with_fewer_than_three_hosts_left_and_the_plan_says_so() -> None:
    small = amber.facts().without_host("h-amber-4")
    assert "HA stays off" in " ".join(workflow.warnings(amber.situation(small)))
    two_left = amber.situation(small.without_host("h-amber-1").with_ha(enabled=False), ha=KEPT)
    assert not RestoreHa().applies(two_left).ok
    assert not RestoreTolerance().applies(two_left).ok


def test_with_ha_off_from_the_start_nothing_about_ha_is_sent() -> None:
    s = amber.situation(amber.facts().with_ha(enabled=False))
    assert not RememberHa().applies(s).ok
    assert not DisableHa().applies(s).ok
    assert not RestoreHa().applies(s).ok


def test_disabling_ha_owes_it_with_its_settings() -> None:
    assert "nfs-hb, 180 s, 1 failure to tolerate" in DisableHa().owing(amber.situation(ha=KEPT))


def test_ha_that_is_just_being_turned_off_is_not_found_on() -> None:
    """A call that went overdue may still be at work when a person aborts: what it takes away is still owed."""
    busy = amber.situation(amber.facts().with_pool(current_operations=("ha_disable",)), ha=KEPT)
    assert not RestoreHa().done(busy)
    assert RestoreHa().done(amber.situation(ha=KEPT))


def test_ha_whose_heartbeat_sr_cannot_be_read_is_not_remembered_by_halves() -> None:
    s = amber.situation(amber.facts().with_ha(statefile_srs=()))
    assert RememberHa().remember(s) == {}
    assert not RememberHa().done(s.after(s.facts, RememberHa().remember(s)))
    assert failing(RememberHa().preconditions(s)) == ["The heartbeat SR is known"]


def test_the_maintenance_of_a_host_that_left_the_pool_is_not_cancelled() -> None:
    gone = amber.facts().without_host("h-amber-1").with_cs_host("cs-amber-1", resourcestate="Maintenance")
    s = replace(amber.situation(), facts=gone)
    assert failing(CancelMaintenance().preconditions(s)) == ["amber-1 is a member of the pool"]


def test_ha_is_not_turned_off_before_its_settings_are_kept() -> None:
    assert failing(DisableHa().preconditions(amber.situation())) == ["Its settings are kept"]


def test_maintenance_waits_for_the_resource_state_not_for_the_job() -> None:
    preparing = amber.facts().with_cs_host("cs-amber-1", resourcestate="PrepareForMaintenance")
    assert not EnterMaintenance().done(amber.situation(preparing))


def test_maintenance_that_failed_is_stuck_at_once() -> None:
    broken = amber.facts().with_cs_host("cs-amber-1", resourcestate="ErrorInMaintenance")
    assert "ErrorInMaintenance" in EnterMaintenance().stuck(amber.situation(broken))


def test_maintenance_is_not_asked_for_while_another_host_prepares() -> None:
    busy = amber.facts().with_cs_host("cs-amber-3", resourcestate="PrepareForMaintenance")
    assert "No other host of the cluster is on its way into maintenance" in failing(
        EnterMaintenance().preconditions(amber.situation(busy))
    )


def test_maintenance_is_not_asked_for_on_the_last_host_that_is_up() -> None:
    alone = amber.facts()
    for name in amber.NAMES[1:]:
        alone = alone.with_cs_host(f"cs-{name}", state="Alert")
    assert "Another host of the cluster is Up and Enabled" in failing(
        EnterMaintenance().preconditions(amber.situation(alone))
    )


def test_a_suspended_guest_counts_as_left() -> None:
    found = amber.facts()
    assert found.pool
    asleep = tuple(replace(v, power_state="Suspended") for v in found.pool.vms)
    assert not NoGuestLeft().done(amber.situation(found.with_pool(vms=asleep)))


def test_the_master_is_not_changed_while_a_member_is_silent() -> None:
    quiet = replace(amber.facts().with_ha(enabled=False), probes=amber.facts().probes[:3])
    assert failing(DesignateMaster().preconditions(amber.situation(quiet))) == [
        "Every member answers at its own address"
    ]


def test_an_eject_finds_guests_local_disks_and_the_crown() -> None:
    found = amber.facts().with_ha(enabled=False)
    assert found.pool
    disks = tuple(replace(sr, vdis=2) if sr.uuid == "sr-amber-1" else sr for sr in found.pool.srs)
    assert failing(EjectFromPool().preconditions(amber.situation(found.with_pool(srs=disks)))) == [
        "amber-1 is not the master",
        "No guest is left on amber-1",
        "No disk is kept on local storage of amber-1",
    ]


def test_a_host_is_deleted_in_cloudstack_only_after_it_left_the_pool() -> None:
    waiting = amber.facts().with_cs_host("cs-amber-1", resourcestate="Maintenance")
    assert failing(DeleteInCloudStack().preconditions(amber.situation(waiting))) == [
        "amber-1 has left the pool"
    ]


def test_a_host_that_left_the_pool_is_still_known_by_its_name() -> None:
    s = replace(amber.situation(), facts=amber.facts().without_host("h-amber-1"))
    assert EjectFromPool().heading(s) == "Eject amber-1 from the pool"
    assert EjectFromPool().done(s)


def test_the_difference_of_an_eject_is_one_line_and_guests_bind_nothing() -> None:
    before = amber.facts()
    assert diff(before, before.without_host("h-amber-2")) == (
        Change("XenServer", "host amber-2", "member", "amber", "–", "-"),
    )
    assert [c.binding for c in diff(before, before.with_vms_off("h-amber-1"))] == [False]


def test_plugging_storage_reads_as_a_change_and_not_as_a_removal() -> None:
    found = amber.facts()
    assert found.pool
    lost = tuple(replace(p, attached=p.uuid != "pbd-amber-3-sr-iscsi") for p in found.pool.pbds)
    assert diff(found.with_pool(pbds=lost), found) == (
        Change("XenServer", "host amber-3", "storage iscsi-1", "unplugged", "plugged"),
    )


def test_candidates_are_ranked_and_a_disabled_host_is_ruled_out() -> None:
    ranked = successors(amber.facts().with_host("h-amber-2", enabled=False), "h-amber-1")
    assert [c.label for c in ranked] == ["amber-3", "amber-4", "amber-2"]
    assert ranked[-1].out == ("disabled",) and not ranked[-1].possible
