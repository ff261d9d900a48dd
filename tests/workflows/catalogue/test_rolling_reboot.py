"""A rolling reboot: all of it on the lab, over real sockets; what goes wrong on made facts."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from pools.facts import Facts, Vm
from tests.workflows import amber
from tests.workflows.catalogue.cases import Case, begin, laid_out, named
from tests.workflows.catalogue.projecting import Hands, Projection
from tests.workflows.engine.driving import drive_to_the_end, look, person
from workflows.catalogue.rolling_reboot import RollingReboot
from workflows.engine.plan import make_plan
from workflows.engine.situation import Situation
from workflows.engine.states import RunState
from workflows.engine.step import Api
from workflows.running import journal
from workflows.steps import room
from workflows.steps.cluster import ClusterIsUp, LetGoOfCluster
from workflows.steps.each import LEFT_OUT
from workflows.steps.ha import RememberHa
from workflows.steps.placing import BringBackOne
from workflows.steps.rolling import (
    PLACES,
    BackOne,
    RebootOne,
    RestoreHaAtLast,
    RestoreHaFirst,
    VerifyHosts,
)

workflow = RollingReboot()
BOTH = {"hosts": "h-amber-2,h-amber-1", "put_back": "yes"}
GIB = 2**30


def two_of_basalt(facts: Facts) -> dict[str, str]:
    return {"hosts": f"{named(facts, 'basalt-2')},{named(facts, 'basalt-1')}", "put_back": "yes"}


STRAIGHT = Case(
    "basalt",
    two_of_basalt,
    (
        "pool.disable_ha",
        "prepareHostForMaintenance",
        "host.disable",
        "updateCluster",
        "host.reboot",
        "updateCluster",
        "cancelHostMaintenance",
        "prepareHostForMaintenance",
        "host.disable",
        "host.reboot",
        "cancelHostMaintenance",
    ),
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("broker")
def test_each_host_has_its_turn_and_everything_is_as_before() -> None:
    with laid_out(STRAIGHT) as (lab, pool):
        before = look(pool).pool
        run = drive_to_the_end(begin("rolling-reboot", pool, STRAIGHT.inputs), person("bo"))

        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        after = look(pool).pool
        assert before and after
        assert {vm.uuid: vm.host for vm in after.vms} == {vm.uuid: vm.host for vm in before.vms}
        boots = zip(before.hosts, after.hosts, strict=True)
        newer = [now.name for was, now in boots if (now.boot_time or 0) > (was.boot_time or 0)]
        assert newer == ["basalt-1", "basalt-2"]
        assert (after.ha.enabled, after.ha.timeout_s) == (True, 180)
        assert not run.debts.filter(paid_at=None).exists()
        assert journal.verify(run) == []
        sent = [call["name"].removeprefix("Async.") for call in lab.calls(changing=True)]
        moves = ("migrateVirtualMachine", "migrateSystemVm")
        assert tuple(call for call in sent if call not in moves) == (*STRAIGHT.calls, "pool.enable_ha")
        since_ha_is_on = sent[sent.index("pool.enable_ha") + 1 :]
        assert since_ha_is_on and set(since_ha_is_on) <= set(moves)


def situation(facts: Facts | None = None, **memory: object) -> Situation:
    return amber.situation(facts or amber.facts(), dict(BOTH), **memory)


def refused(facts: Facts) -> list[str]:
    return [f"{c.says}: {c.cure}" for c in workflow.refusals(situation(facts)) if not c.ok]


def with_guests(facts: Facts, **fields: object) -> Facts:
    assert facts.pool
    return facts.with_pool(vms=tuple(replace(vm, **fields) for vm in facts.pool.vms))  # type: ignore[arg-type]


def test_the_master_goes_first_and_the_cluster_is_let_go_only_for_it() -> None:
    keys = [(step.key, step.subject) for step in workflow.build(situation())]
    reboots = [key for key in keys if key[0] in ("RebootOne", "LetGoOfCluster", "TakeClusterBack", "UpOne")]
    assert reboots == [
        ("LetGoOfCluster", ""),
        ("RebootOne", "h-amber-1"),
        ("TakeClusterBack", ""),
        ("UpOne", "h-amber-1"),
        ("RebootOne", "h-amber-2"),
        ("UpOne", "h-amber-2"),
    ]


def test_hosts_that_wait_for_a_reboot_stand_first_the_master_before_the_others() -> None:
    facts = amber.facts().with_host("h-amber-4", reboot_due=True).with_host("h-amber-1", reboot_due=True)
    ranked = workflow.candidates("hosts", facts, {})
    assert [c.label for c in ranked] == ["amber-1", "amber-4", "amber-2", "amber-3"]
    assert [c.label for c in ranked if not c.con] == ["amber-1", "amber-4"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (with_guests(amber.facts(), memory=200 * GIB), "no other host has 200 GiB free"),
        (with_guests(amber.facts(), srs=("sr-amber-1",)), "its disk is on local of amber-1, which is local"),
        (with_guests(amber.facts(), power_state="Suspended"), "it is suspended there"),
    ],
)
def test_a_host_that_cannot_be_emptied_is_named_with_the_guest_and_why(facts: Facts, why: str) -> None:
    (first, *_) = refused(facts)
    assert first.startswith("Every guest of amber-1 finds room on another host: i-2-")
    assert why in first
    by_name = {c.label: c for c in workflow.candidates("hosts", facts, {})}
    assert "cannot be emptied" in by_name["amber-1"].out[0]


def test_storage_that_is_not_plugged_elsewhere_keeps_a_guest_where_it_is() -> None:
    facts = with_guests(amber.facts(), srs=("sr-iscsi",))
    assert facts.pool
    plugs = (replace(p, attached=p.sr != "sr-iscsi" or p.host == "h-amber-1") for p in facts.pool.pbds)
    (first, *_) = refused(facts.with_pool(pbds=tuple(plugs)))
    assert "iscsi-1 is not plugged there" in first


def test_a_guest_does_not_move_to_an_older_version() -> None:
    facts = amber.facts()
    for name in amber.NAMES[1:]:
        facts = facts.with_host(f"h-{name}", version="8.2.0")
    assert "does not move from 8.2.1 back to 8.2.0" in refused(facts)[0]


def test_the_hosts_are_placed_in_turn_so_that_one_may_use_what_another_gave_back() -> None:
    """Each host is half full: any one fits on the rest, all at once would not."""
    facts = with_guests(amber.facts(), memory=60 * GIB)
    assert facts.pool
    assert [e.stays for e in room.in_turn(facts.pool, facts.pool.hosts)] == [()] * 4


def test_memory_that_nobody_tells_refuses_nothing() -> None:
    facts = with_guests(amber.facts(), memory=900 * GIB)
    for name in amber.NAMES:
        facts = facts.with_host(f"h-{name}", memory_free=None)
    assert refused(facts) == []


def rebooted(facts: Facts, **fields: object) -> Situation:
    """amber-2 as it is after the call, which remembered the boot time 100."""
    return situation(facts.with_host("h-amber-2", **fields), **{"boot of h-amber-2": 100.0})


def test_the_proof_of_a_reboot_is_a_newer_boot_time() -> None:
    step = RebootOne("h-amber-2")
    assert not step.done(situation(amber.facts().with_host("h-amber-2", boot_time=100.0)))
    assert not step.done(rebooted(amber.facts(), boot_time=100.0, live=True))
    assert not step.done(rebooted(amber.facts(), boot_time=None))
    assert step.done(rebooted(amber.facts(), boot_time=160.0))


def test_a_reboot_is_closed_while_anything_speaks_against_it() -> None:
    facts = amber.facts().with_host("h-amber-3", live=False)
    failing = [c.says for c in RebootOne("h-amber-1").preconditions(situation(facts)) if not c.ok]
    assert failing == [
        "amber-1 is disabled",
        "HA is off",
        "No guest is left on amber-1",
        "Every other member is live",
        "amber-1 is in Maintenance in CloudStack",
        "CloudStack has let go of the cluster, since the host is the master",
    ]


def test_a_host_that_became_the_master_meanwhile_is_not_rebooted_with_the_cluster_managed() -> None:
    facts = amber.facts().with_master("h-amber-2")
    failing = [c.says for c in RebootOne("h-amber-2").preconditions(situation(facts)) if not c.ok]
    assert "CloudStack has let go of the cluster, since the host is the master" in failing


def test_a_host_is_back_only_with_its_storage() -> None:
    facts = amber.facts()
    assert facts.pool
    lost = tuple(replace(p, attached=p.uuid != "pbd-amber-2-sr-iscsi") for p in facts.pool.pbds)
    assert not BackOne("h-amber-2").done(situation(facts.with_pool(pbds=lost)))
    assert BackOne("h-amber-2").done(situation(facts))


def test_a_host_that_was_left_out_has_no_part_in_the_rest_and_nobody_waits_for_it() -> None:
    facts = amber.facts().with_host("h-amber-2", live=False).with_cs_host("cs-amber-2", state="Disconnected")
    s = situation(facts, **{LEFT_OUT: ["h-amber-2"]})
    steps = [step for step in workflow.build(s) if step.subject == "h-amber-2"]
    assert steps and all(not step.applies(s).ok for step in steps)
    assert "left out of this run" in steps[0].applies(s).says
    assert ClusterIsUp().done(s)
    assert "amber-2" not in " ".join(c.says for c in VerifyHosts().preconditions(s))


def test_nobody_waits_for_a_host_that_cloudstack_knows_and_the_pool_does_not() -> None:
    facts = amber.facts().with_cs_host("cs-amber-4", state="Down").without_host("h-amber-4")
    assert ClusterIsUp().done(situation(facts))


def guests_away() -> tuple[Facts, tuple[Vm, ...], Situation]:
    """The pool as it was, the guests of amber-2, and now they are on amber-3."""
    facts = amber.facts()
    assert facts.pool
    home = tuple(facts.pool.vms_on("h-amber-2"))
    elsewhere = tuple(replace(vm, host="h-amber-3") if vm in home else vm for vm in facts.pool.vms)
    places = {PLACES: {vm.uuid: "h-amber-2" for vm in home}}
    return facts, home, situation(facts.with_pool(vms=elsewhere), **places)


def test_guests_are_brought_back_by_whoever_knows_them_and_those_that_were_stopped_are_not() -> None:
    facts, home, s = guests_away()
    assert facts.pool
    step = BringBackOne("h-amber-2")
    assert len(list(step.calls(s))) == len(home)
    assert not step.done(s)
    assert step.done(s.after(step.expect(s)))
    stopped = tuple(replace(vm, power_state="Halted") if vm in home else vm for vm in facts.pool.vms)
    assert step.done(s.after(facts.with_pool(vms=stopped)))


class Taking(Projection):
    """Takes every call, and nothing comes of it."""

    def carry_out(self, call: str) -> None:
        self.sent.append(call)


def test_each_migration_is_asked_about_so_that_one_that_fails_is_told_of() -> None:
    facts, home, s = guests_away()
    handle = BringBackOne("h-amber-2").act(cast("Api", Hands(Taking(facts))), s)
    assert len(handle.each) == len(home) > 1


def test_guests_stay_where_they_are_when_that_was_asked_for() -> None:
    s = amber.situation(amber.facts(), {**BOTH, "put_back": "no"})
    assert not BringBackOne("h-amber-2").applies(s).ok


def test_ha_goes_on_before_the_guests_come_back_unless_a_host_was_left_out() -> None:
    keys = [step.key for step in workflow.build(situation())]
    first, last = keys.index("RestoreHaFirst"), keys.index("RestoreHaAtLast")
    assert set(keys[first + 1 : last]) == {"BringBackOne"}
    kept, off = RememberHa().remember(situation())["ha"], amber.facts().with_ha(enabled=False)
    assert RestoreHaFirst().applies(situation(off, ha=kept, left_out=[])).ok
    assert not RestoreHaAtLast().applies(situation(ha=kept, left_out=[])).ok
    assert not RestoreHaFirst().applies(situation(off, ha=kept, left_out=["h-amber-2"])).ok
    assert RestoreHaAtLast().applies(situation(off, ha=kept, left_out=["h-amber-2"])).ok


def test_a_cluster_that_could_not_be_let_go_is_not_waited_for() -> None:
    s = situation(amber.facts().with_cloudstack(managedstate="PrepareUnmanagedError"))
    assert "gave up" in LetGoOfCluster().stuck(s)


def test_without_cloudstack_xapi_moves_the_guests() -> None:
    plan = make_plan(workflow, situation(replace(amber.facts(), cloudstack=None)))
    sent = [call.by_hand.split(" uuid")[0] for p in plan.steps if p.applies.ok for call in p.panel.calls]
    assert sent[:4] == ["xe pool-ha-disable", "xe host-disable", "xe host-evacuate", "xe host-reboot"]
    assert "This pool has no CloudStack: XAPI itself moves the guests." in plan.warnings
