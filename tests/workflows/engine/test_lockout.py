"""A plan that would take away what Baton stands on says so."""

from __future__ import annotations

import pytest

from pools.cloudstack_facts import CsVm
from tests.workflows import amber
from workflows.catalogue import WORKFLOWS
from workflows.engine.lockout import Own, Stands, standing
from workflows.engine.plan import make_plan

VM_ON_1 = next(vm for vm in amber.facts().pool.vms if vm.host == "h-amber-1")  # type: ignore[union-attr]
VM_ON_2 = next(vm for vm in amber.facts().pool.vms if vm.host == "h-amber-2")  # type: ignore[union-attr]


def said(*own: Own) -> dict[str, tuple[str, ...]]:
    """Step → its threats, when amber-1 is removed."""
    plan = make_plan(WORKFLOWS["remove-master"], amber.situation(), own=own)
    return {p.step.key: p.threats for p in plan.steps if p.threats}


@pytest.mark.parametrize("where", [VM_ON_1.uuid, VM_ON_1.name])
def test_the_guest_that_baton_runs_in_is_moved_before_its_host_goes(where: str) -> None:
    found = said(Own("Baton", where))
    assert set(found) == {"EnterMaintenance"}
    assert f"the guest {VM_ON_1.name}, on amber-1" in found["EnterMaintenance"][0]


@pytest.mark.parametrize("where", ["h-amber-1", "amber-1", amber.address(1)])
def test_a_host_that_something_runs_on_itself_is_missed_when_it_goes(where: str) -> None:
    found = said(Own("CloudStack’s management server", where))
    assert "ejects and reboots amber-1: it goes down." in found["EjectFromPool"][0]


def test_what_stands_on_another_host_is_no_matter() -> None:
    assert said(Own("Baton", VM_ON_2.uuid)) == {}


def test_it_is_found_wherever_it_is_in_the_pool() -> None:
    own = (Own("Baton", VM_ON_2.uuid), Own("Baton’s database", "10.9.9.9"))
    assert standing(own, amber.facts()) == (Stands("Baton", "h-amber-2", VM_ON_2.name),)


THERE = CsVm(id="7", instance=VM_ON_2.name, state="Running", addresses=("10.1.1.7",))
FOUND = (Stands("Baton’s database", "h-amber-2", VM_ON_2.name),)


def test_a_guest_is_found_by_an_address_that_cloudstack_tells() -> None:
    seen = amber.facts().with_cloudstack(vms=(THERE,))
    assert standing([Own("Baton’s database", "10.1.1.7")], seen) == FOUND
    assert standing([Own("Baton’s database", "10.1.1.8")], seen) == ()


def test_an_address_that_only_the_planned_facts_tell_is_found_where_the_guest_is_now() -> None:
    planned = amber.facts().with_cloudstack(vms=(THERE,))
    assert standing([Own("Baton’s database", "10.1.1.7")], amber.facts(), planned) == FOUND


def test_a_guest_that_moved_does_not_change_what_was_approved() -> None:
    workflow, s = WORKFLOWS["remove-master"], amber.situation()
    assert (
        make_plan(workflow, s).fingerprint
        == make_plan(workflow, s, own=[Own("Baton", VM_ON_1.uuid)]).fingerprint
    )
