"""What a watcher sees move wakes the run that waits in that pool, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.models import Pool
from pools.secret import Secret
from pools.signals import moved
from tests.workflows.engine.driving import person
from workflows.engine.states import RunState, StepState
from workflows.models import Run, RunStep
from workflows.running.nudging import nudge

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def _hints_go_somewhere(broker: str) -> None:
    """Nobody reads the tick's message; finding no broker takes time."""


@pytest.fixture
def run() -> Run:
    """It waits for a step to be done, and looks again in five seconds."""
    pool = Pool.objects.create(name="amber", addresses=["127.10.1.1"], password=Secret("-"))
    run = Run.objects.create(
        workflow="disable-ha", pool=pool, title="t", plan={"steps": []}, baseline={}, fingerprint="f",
        requested_by=person("bo"), owner=person("bo"), state=RunState.RUNNING, holds_pool=True,
        next_due_at=timezone.now() + LATER,
    )  # fmt: skip
    RunStep.objects.create(run=run, index=0, key="DisableHa", title="t", risk="high", state=StepState.ACTING)
    return run


def due(run: Run) -> bool:
    run.refresh_from_db()
    return run.next_due_at is not None and run.next_due_at <= timezone.now()


def test_news_of_its_pool_make_a_waiting_run_due(run: Run) -> None:
    assert not due(run)
    moved.send(Pool, pool_id=run.pool_id)
    assert due(run)


def test_news_of_another_pool_do_not(run: Run) -> None:
    nudge(run.pool_id + 1)
    assert not due(run)


def test_a_step_that_pauses_before_it_is_sent_again_keeps_its_pause(run: Run) -> None:
    run.steps.update(state=StepState.CONFIRMED)
    nudge(run.pool_id)
    assert not due(run)


def test_a_run_in_somebodys_hands_is_due_when_they_let_go(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(
        next_due_at=None, lease_owner="w", lease_until=timezone.now() + LATER
    )
    nudge(run.pool_id)
    assert due(run)


def test_an_overdue_run_keeps_the_moment_since_which_nobody_looked(run: Run) -> None:
    since = timezone.now() - timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(next_due_at=since)
    nudge(run.pool_id)
    run.refresh_from_db()
    assert run.next_due_at == since
