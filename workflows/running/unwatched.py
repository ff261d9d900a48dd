"""Time in which nobody looked counts for no wait: all workers were down, or the database's clock was set.

Without this a clock that jumps by an hour would end every wait as overdue, or make it an hour longer.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from workflows.engine.states import RunState, StepState
from workflows.models import Attempt, Run, RunStep
from workflows.running import journal
from workflows.running.lease import Lease
from workflows.running.moves import move

NOTICED = timedelta(seconds=60)
"""Ticks come at least as often as this (running/sweeping.py, `FARTHEST`)."""


def make_up(run: Run, row: RunStep, lease: Lease, gap: timedelta) -> None:
    """Move the step's deadline, and the beginning of its doubt, by `gap`: from when this run should have been looked at
    last until now. Nothing when somebody has looked all the time, or when the step waits for nothing."""
    attempt = row.last_attempt() if row.state == StepState.ACTING else None
    doubted_at = attempt.doubted_at if attempt else None
    if abs(gap) <= NOTICED or (row.deadline_at is None and doubted_at is None):
        return
    with transaction.atomic():
        move(run, RunState(run.state), lease=lease)
        if row.deadline_at:
            row.deadline_at += gap
            row.save(update_fields=["deadline_at"])
        if attempt and doubted_at:
            Attempt.objects.filter(pk=attempt.pk).update(doubted_at=doubted_at + gap)
        says = (
            f"Nobody looked for {gap.total_seconds():.0f} s, or the clock was set: the deadline moves along."
        )
        journal.write(run.pk, "unwatched", says, step=row.index)
