"""More time for a step whose deadline passed while its captain was still at it: nothing is sent again."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction

from workflows.engine.states import RunState, StepState
from workflows.models import Attempt, Run, RunStep
from workflows.running import clock, journal, tail
from workflows.running.options import must_be_open
from workflows.running.people import moved, name
from workflows.running.refusals import NotNow

MOST_MINUTES = 24 * 60


def wait_longer(run: Run, by: User, minutes: int) -> None:
    """Wait so many minutes more, from now. Raises NotNow."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise NotNow(f"Say how long, in whole minutes from 1 to {MOST_MINUTES}.")
    row = must_be_open(run, "wait")
    attempt = row.last_attempt()
    with transaction.atomic():
        moved(run, RunState.RUNNING, reason="")
        _back_to_waiting(row, attempt, timedelta(minutes=minutes))
        says = f"{row.title}: waits {minutes} min longer. Nothing is sent again."
        journal.write(run.pk, "wait", says, actor=name(by), step=row.index, data={"minutes": minutes})


def _back_to_waiting(row: RunStep, attempt: Attempt | None, more: timedelta) -> None:
    state = StepState.WAITING
    if attempt:
        state = StepState.ACTING
        sure = attempt.answered_at is not None and attempt.doubted_at is None
        outcome = Attempt.Outcome.ANSWERED if sure else Attempt.Outcome.LOST
        Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, error_code="", error_params=[])
    clean = {**tail.CLEAN, "deadline_at": clock.now() + more}
    RunStep.objects.filter(pk=row.pk).update(state=state, says="", **clean)
