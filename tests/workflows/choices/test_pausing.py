"""A run rests between two steps, when a person asks for it, and goes on when a person says so."""

from __future__ import annotations

import pytest

from tests.workflows.engine.driving import drive, drive_to_the_end, person, yes
from tests.workflows.engine.toyworld import IN_ORDER, ToyWorld
from workflows.engine.states import RunState, StepState
from workflows.models import Pause, Run
from workflows.running import choices
from workflows.running.executor import tick
from workflows.steps.cloudstack import NoGuestLeft

pytestmark = pytest.mark.django_db(transaction=True)


def rests(run: Run) -> bool:
    return run.state == RunState.CONFIRM and run.paused_at is not None


def test_one_that_waits_for_a_person_rests_at_once_and_nobody_confirms(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    choices.pause(run, person("ada"), Pause.STEP)
    run.refresh_from_db()
    assert rests(run)
    with pytest.raises(choices.NotNow, match="ada let this run rest"):
        yes(run, person("bo"))
    choices.go_on(run, person("bo"))
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER


def test_one_that_works_rests_before_its_next_step(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    yes(run, person("bo"))
    tick(run.pk, "test", world)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    choices.pause(run, person("bo"), Pause.STEP)
    drive(run, world)
    row = run.current()
    assert rests(run) and row and row.state == StepState.TODO
    sent = list(world.sent)
    assert tick(run.pk, "test", world) and world.sent == sent
    assert "Rests before step" in run.reason


def test_at_a_pause_point_it_rests_and_not_before(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NoGuestLeft, "pause_point", True)
    drive(run, world)
    choices.pause(run, person("bo"), Pause.POINT)
    run.refresh_from_db()
    assert not run.paused_at
    yes(run, person("bo"))
    drive(run, world)
    row = run.current()
    assert rests(run) and row and row.key == "DisableHa"


def test_without_a_pause_point_ahead_that_is_not_offered(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    with pytest.raises(choices.NotNow, match="No pause point is ahead"):
        choices.pause(run, person("bo"), Pause.POINT)


def test_a_wish_can_be_taken_back_before_it_takes_effect(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    yes(run, person("bo"))
    choices.pause(run, person("bo"), Pause.STEP)
    choices.go_on(run, person("bo"))
    drive(run, world)
    assert run.state == RunState.CONFIRM and not run.paused_at


def test_an_abort_ends_the_rest_too(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    choices.pause(run, person("bo"), Pause.STEP)
    choices.abort(run, person("bo"), False, "Not today.")
    run.refresh_from_db()
    assert (run.state, run.paused_at, run.pause) == (RunState.ABORTED, None, "")


def test_what_owes_can_pay_although_it_rested(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    yes(run, person("bo"))
    drive(run, world)
    choices.pause(run, person("bo"), Pause.STEP)
    choices.abort(run, person("bo"), True, "Not today.")
    assert drive_to_the_end(run, person("bo"), world).state == RunState.ABORTED
    assert not run.debts.filter(paid_at=None).exists()


@pytest.mark.parametrize("where", ["", "now", "<b>"])
def test_a_place_that_does_not_exist_is_refused(run: Run, world: ToyWorld, where: str) -> None:
    drive(run, world)
    with pytest.raises(choices.NotNow):
        choices.pause(run, person("bo"), where)
