"""A matrix that takes any question to a person for an answer proves nothing: what is held against the questions."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.utils import timezone

from lab.testing import RunningLab
from pools.models import Pool
from pools.secret import Secret
from tests.faults.carrying import MASTER, RUNNING, NotRight, Person, like
from tests.workflows.engine.driving import person
from workflows.engine.states import RunState, StepState
from workflows.models import Attempt, Run, RunStep

pytestmark = pytest.mark.django_db
NO_LAB = cast("RunningLab", None)


def asking(state: RunState, /, **step: Any) -> Run:
    """A run that asks somebody about its only step."""
    pool = Pool.objects.create(name="amber", addresses=["127.10.1.1"], password=Secret("-"))
    run = Run.objects.create(
        workflow="disable-ha", pool=pool, title="t", plan={"steps": []}, baseline={}, fingerprint="f",
        requested_by=person("bo"), owner=person("bo"), state=state, holds_pool=True,
    )  # fmt: skip
    RunStep.objects.create(run=run, index=0, key="StopHa", title="t", risk="high", **step)
    return run


def test_a_killed_worker_never_ends_as_a_refusal() -> None:
    run = asking(RunState.FAILED, state=StepState.FAILED, error_code="HOST_OFFLINE")
    with pytest.raises(NotRight, match="no captain was in trouble"):
        Person(run, NO_LAB, hit={0}).decide()


def test_nobody_is_asked_about_a_step_that_nothing_befell() -> None:
    run = asking(RunState.DOUBT, state=StepState.DOUBT)
    Attempt.objects.create(step=run.steps.get(), number=1, fence=1, worker="w", intent_at=timezone.now())
    with pytest.raises(NotRight, match="nothing befell step 1"):
        Person(run, NO_LAB, hit={3}).decide()


def test_nobody_is_asked_what_is_on_record() -> None:
    run = asking(RunState.DOUBT, state=StepState.DOUBT)
    now = timezone.now()
    Attempt.objects.create(
        step=run.steps.get(), number=1, fence=1, worker="w", intent_at=now, answered_at=now
    )
    with pytest.raises(NotRight, match="an answer is on record"):
        Person(run, NO_LAB, hit={0}).decide()


def test_only_a_host_that_went_down_excuses_another_master_and_lost_guests() -> None:
    wanted = {MASTER: "amber-1", RUNNING: 7, "plugged": 12}
    now = {MASTER: "amber-2", RUNNING: 5, "plugged": 12}
    assert like(now, wanted, "amber-1", loses_guests=True)
    assert not like(now, wanted, "amber-3", loses_guests=True)
    assert not like(now, wanted)
    assert not like({**wanted, RUNNING: 5}, wanted)
    assert like({**wanted, RUNNING: 5}, wanted, "amber-3", loses_guests=True)
    assert not like({**now, "plugged": 11}, wanted, "amber-1", loses_guests=True)
    assert not like({"silent": "it does not answer"}, wanted, "amber-1", loses_guests=True)
