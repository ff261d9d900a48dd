"""Before a run begins: the plan, approvals bound to it, and the start on fresh facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from pools.models import Pool
from tests.workflows.engine.driving import drive, person
from tests.workflows.engine.toyworld import ToyWorld
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, sweeping
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(plan: Callable[[], Run], pool: Pool) -> Run:
    """A run by bo that needs one approval."""
    Pool.objects.filter(pk=pool.pk).update(approvals_needed=1)
    pool.refresh_from_db()
    run = plan()
    choices.request_approval(run, person("bo"), "The fan is broken.")
    return run


def test_a_plan_is_refused_with_the_cure_when_it_makes_no_sense(pool: Pool, world: ToyWorld) -> None:
    inputs = {"host": "h-amber-2", "successor": "h-amber-3"}
    with pytest.raises(choices.Refused, match="amber-2 is the master of amber"):
        choices.plan_run(WORKFLOWS["remove-master"], pool, inputs, person("bo"), world.facts)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "inputs", [{}, {"host": "h-amber-1"}, {"host": "h-amber-1", "successor": "h-amber-2", "x": "y"}]
)
def test_inputs_that_are_missing_or_unknown_are_refused(
    pool: Pool, world: ToyWorld, inputs: dict[str, str]
) -> None:
    with pytest.raises(choices.NotNow):
        choices.plan_run(WORKFLOWS["remove-master"], pool, inputs, person("bo"), world.facts)


def test_a_host_of_another_pool_is_no_input(pool: Pool, world: ToyWorld) -> None:
    inputs = {"host": "h-basalt-1", "successor": "h-amber-2"}
    with pytest.raises(choices.NotNow, match="h-basalt-1"):
        choices.plan_run(WORKFLOWS["remove-master"], pool, inputs, person("bo"), world.facts)


def test_somebody_else_approves_and_the_run_starts(asked: Run, world: ToyWorld) -> None:
    choices.vote(asked, person("ada"), True, "Window agreed.", asked.fingerprint)

    assert asked.state == RunState.STARTING
    assert drive(asked, world).state == RunState.CONFIRM
    assert asked.holds_pool


def test_nobody_approves_what_they_asked_for(asked: Run) -> None:
    with pytest.raises(choices.NotNow, match="somebody else"):
        choices.vote(asked, person("bo"), True, "", asked.fingerprint)


def test_one_no_ends_it_and_needs_a_reason(asked: Run) -> None:
    with pytest.raises(choices.NotNow, match="reason"):
        choices.vote(asked, person("ada"), False, " ", asked.fingerprint)
    choices.vote(asked, person("ada"), False, "No window today.", asked.fingerprint)
    assert asked.state == RunState.REFUSED
    assert "No window today." in asked.reason or "No window today." in Run.objects.get(pk=asked.pk).reason


def test_an_approval_of_another_plan_does_not_count(asked: Run) -> None:
    with pytest.raises(choices.Moved):
        choices.vote(asked, person("ada"), True, "", "f" * 64)


def test_two_approvals_are_two_people(plan: Callable[[], Run], pool: Pool) -> None:
    Pool.objects.filter(pk=pool.pk).update(approvals_needed=2)
    pool.refresh_from_db()
    run = plan()
    choices.request_approval(run, person("bo"))
    choices.vote(run, person("ada"), True, "", run.fingerprint)
    assert choices.approvals_left(run) == 1
    with pytest.raises(choices.NotNow, match="already"):
        choices.vote(run, person("ada"), True, "", run.fingerprint)
    choices.vote(run, person("dee"), True, "", run.fingerprint)
    assert run.state == RunState.STARTING


def test_a_plan_that_moved_goes_back_to_those_who_approve(asked: Run, world: ToyWorld) -> None:
    choices.vote(asked, person("ada"), True, "", asked.fingerprint)
    approved = asked.fingerprint
    world.facts = world.facts.with_ha(timeout_s=60, configuration=(("timeout", "60"),))

    tick(asked.pk, "test", world)

    asked.refresh_from_db()
    assert asked.state == RunState.APPROVAL
    assert asked.fingerprint != approved
    assert any("180 s" in line and "60 s" in line for line in asked.differences)
    assert choices.approvals_left(asked) == 1
    assert asked.approvals.get().void
    assert not asked.holds_pool


def test_guests_that_move_by_themselves_do_not_void_an_approval(asked: Run, world: ToyWorld) -> None:
    choices.vote(asked, person("ada"), True, "", asked.fingerprint)
    assert world.facts.pool
    world.facts = world.facts.with_pool(vms=world.facts.pool.vms[:-1])
    assert drive(asked, world).state == RunState.CONFIRM


def test_an_approval_that_does_not_come_in_time_ends_the_run(asked: Run) -> None:
    Run.objects.filter(pk=asked.pk).update(approval_expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(choices.NotNow, match="run out"):
        choices.vote(asked, person("ada"), True, "", asked.fingerprint)
    sweeping.expire()
    asked.refresh_from_db()
    assert asked.state == RunState.EXPIRED


def test_a_second_run_waits_until_the_pool_is_free(plan: Callable[[], Run], world: ToyWorld) -> None:
    first, second = plan(), plan()
    choices.start(first, person("bo"))
    choices.start(second, person("ada"))
    drive(first, world)

    tick(second.pk, "test", world)
    second.refresh_from_db()
    assert second.state == RunState.STARTING
    assert f"Run {first.pk}" in second.reason

    choices.abort(first, person("bo"), False, "Not today.")
    assert drive(second, world).state == RunState.CONFIRM


def test_a_run_that_needs_approval_does_not_start_without(asked: Run) -> None:
    with pytest.raises(choices.NotNow):
        choices.start(asked, person("bo"))
