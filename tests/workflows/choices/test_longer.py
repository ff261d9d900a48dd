"""A deadline passed while the captain is still at it: more time, and nothing is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workflows.engine import toyworld
from tests.workflows.engine.driving import drive, person, yes
from tests.workflows.engine.toyworld import ToyWorld
from workflows.engine.states import RunState, StepState
from workflows.models import Run
from workflows.running import choices
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The maintenance was taken, and is not over by its deadline."""
    monkeypatch.setitem(
        toyworld.EFFECTS,
        "prepareHostForMaintenance",
        lambda f, id: f.with_cs_host(id, resourcestate="PrepareForMaintenance"),
    )
    drive(run, world)
    yes(run, person("bo"))
    drive(run, world, until=lambda r: r.current().state == StepState.ACTING)  # type: ignore[union-attr]
    run.steps.filter(index=run.index).update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert drive(run, world).state == RunState.FAILED
    return run


def test_it_waits_on_and_is_done_without_a_second_call(late: Run, world: ToyWorld) -> None:
    row = late.current()
    assert row and row.error_code == "OVERDUE"
    choices.wait_longer(late, person("bo"), 30)
    tick(late.pk, "test", world)
    row.refresh_from_db()
    assert (row.state, row.error_code) == (StepState.ACTING, "")
    world.facts = world.facts.with_cs_host("cs-amber-1", resourcestate="Maintenance").with_vms_off(
        "h-amber-1"
    )
    assert drive(late, world).state == RunState.CONFIRM
    assert world.sent.count("prepareHostForMaintenance") == 1


def test_the_new_deadline_counts_from_now(late: Run) -> None:
    before = timezone.now()
    choices.wait_longer(late, person("bo"), 30)
    row = late.current()
    assert row and row.deadline_at
    assert timedelta(minutes=29) < row.deadline_at - before < timedelta(minutes=31)


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1])
def test_a_time_that_makes_no_sense_is_refused(late: Run, minutes: int) -> None:
    with pytest.raises(choices.NotNow, match="whole minutes"):
        choices.wait_longer(late, person("bo"), minutes)


def test_a_step_that_was_refused_has_nothing_to_wait_for(late: Run) -> None:
    late.steps.filter(index=late.index).update(error_code="HA_IS_ENABLED")
    with pytest.raises(choices.NotNow, match="did not fail for that"):
        choices.wait_longer(late, person("bo"), 5)
