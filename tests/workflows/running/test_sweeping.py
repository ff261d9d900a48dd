"""Which runs a worker is to look at, and which messages about them are old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.models import Pool
from pools.secret import Secret
from tests.workflows.engine.driving import person
from workflows import tasks
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import sweeping
from workflows.running.lease import claim
from workflows.running.moves import look_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    """It looks again in five seconds."""
    pool = Pool.objects.create(name="amber", addresses=["127.10.1.1"], password=Secret("-"))
    return Run.objects.create(
        workflow="disable-ha", pool=pool, title="t", plan={"steps": []}, baseline={}, fingerprint="f",
        requested_by=person("bo"), owner=person("bo"), state=RunState.RUNNING, holds_pool=True,
        next_due_at=timezone.now() + timedelta(seconds=5),
    )  # fmt: skip


def test_the_second_of_two_messages_finds_nothing_to_do(run: Run) -> None:
    """Else workers that are late would ask the captains once for each second that they are late."""
    tasks.tick(run.pk)
    run.refresh_from_db()
    assert run.fence == 0


def test_a_run_that_is_due_is_found_until_somebody_has_it(run: Run) -> None:
    look_now(run)
    assert sweeping.is_due(run.pk)
    assert sweeping.due() == [run.pk]
    assert claim(run.pk, "one")
    assert not sweeping.is_due(run.pk)


def test_a_run_whose_worker_died_is_due_when_its_lease_has_run_out(run: Run) -> None:
    look_now(run)
    assert claim(run.pk, "one")
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sweeping.is_due(run.pk)
