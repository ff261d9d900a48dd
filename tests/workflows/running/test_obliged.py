"""What a run causes is expected: only what its steps bring about, only where, and only as long as it is at it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from pools.encoding import facts_to
from pools.models import Pool
from tests.workflows import amber
from workflows.models import Run, RunStep
from workflows.running.obliged import of_pool

pytestmark = pytest.mark.django_db


def a_run(state: str, *steps: tuple[str, str, str], **more: Any) -> Run:
    """A run of remove-master on amber whose steps are (key, risk, state)."""
    bo = User.objects.create_user("bo")
    pool = Pool.objects.create(name="amber", password="x", patience_s=1800)
    run = Run.objects.create(
        workflow="remove-master",
        pool=pool,
        title="Remove master amber-1 from amber",
        inputs={"host": "h-amber-1", "successor": "h-amber-2"},
        baseline=facts_to(amber.facts()),
        plan={},
        state=state,
        holds_pool=True,
        requested_by=bo,
        owner=bo,
        **more,
    )
    for index, (key, risk, at) in enumerate(steps):
        RunStep.objects.create(run=run, index=index, key=key, title=key, risk=risk, state=at)
    return run


def expected(run: Run) -> set[tuple[str, str]]:
    return {(e.code, e.subject) for e in of_pool(run.pool_id).expected}


def test_a_run_that_has_only_looked_excuses_nothing() -> None:
    assert expected(a_run("confirm", ("LookAtBothCaptains", "none", "done"))) == set()


def test_ha_off_is_expected_while_the_run_that_turned_it_off_is_at_it() -> None:
    run = a_run("running", ("DisableHa", "high", "done"), ("DesignateMaster", "high", "todo"))
    assert expected(run) == {("ha-off-unwanted", "*"), ("no-master-recovery", "*")}


def test_a_silent_master_is_expected_until_the_next_change_begins() -> None:
    steps = [("DesignateMaster", "high", "done"), ("BothCaptainsFollow", "none", "waiting")]
    run = a_run("running", *steps)
    assert ("master-unreachable", "*") in expected(run)
    RunStep.objects.create(run=run, index=2, key="EjectFromPool", title="e", risk="final", state="acting")
    assert ("master-unreachable", "*") not in expected(run)
    assert ("master-moved", "*") in expected(run)


def test_only_the_ejected_host_is_excused_and_no_other() -> None:
    run = a_run("running", ("EjectFromPool", "final", "done"))
    assert {subject for _, subject in expected(run)} == {"h-amber-1", "amber-1"}


def test_a_run_that_waits_longer_than_the_teams_patience_excuses_nothing_any_more() -> None:
    since = timezone.now() - timedelta(hours=2)
    run = a_run("confirm", ("DisableHa", "high", "done"), state_since=since)
    assert all(e.until < timezone.now() for e in of_pool(run.pool_id).expected)


def test_a_failed_run_excuses_nothing() -> None:
    assert expected(a_run("failed", ("DisableHa", "high", "done"))) == set()


def test_a_run_that_no_worker_moves_excuses_nothing_for_ever() -> None:
    since = timezone.now() - timedelta(hours=2)
    steps = [("DisableHa", "high", "done"), ("DesignateMaster", "high", "confirmed")]
    run = a_run("running", *steps, index=1, state_since=since)
    assert all(e.until < timezone.now() for e in of_pool(run.pool_id).expected)
