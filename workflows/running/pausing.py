"""Rest a run on purpose: before its next step, or at its next pause point ("stop after this host").

It takes effect between two steps: nothing is half done then. The run keeps its pool, and its debts stay on the page.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from workflows.engine.states import RunState, StepState
from workflows.models import Pause, Run, RunStep
from workflows.running import clock, journal, tail
from workflows.running.lease import Lease
from workflows.running.moves import move
from workflows.running.options import must_be_open
from workflows.running.people import moved, name
from workflows.running.refusals import NotNow

LOOKS_S = 60.0
"""How often the engine comes by while a run rests; a person's word wakes it at once."""
GONE_ON: dict[str, Any] = {"pause": "", "pause_by": "", "paused_at": None}


def pause(run: Run, by: User, where: str) -> None:
    """Ask the run to rest. One that waits for a person rests at once; one that works, when its step is over."""
    if where not in Pause.values:
        raise NotNow("Say where it is to rest: before the next step, or at the next pause point.")
    row = must_be_open(run, "pause" if where == Pause.STEP else "pause-point")
    at_once = run.state == RunState.CONFIRM and where == Pause.STEP
    with transaction.atomic():
        reason = {"reason": _reason(row, name(by)), "paused_at": clock.now()} if at_once else {}
        moved(run, RunState(run.state), pause=where, pause_by=name(by), **reason)
        says = f"Rests {Pause(where).label}." if not at_once else f"Rests now, before step {row.number}."
        journal.write(run.pk, "pause", says, actor=name(by), step=row.index)


def go_on(run: Run, by: User) -> None:
    """Take the rest back, or end it: what stands before the button is judged anew."""
    row = must_be_open(run, "go-on")
    with transaction.atomic():
        says = f"Goes on with step {row.number}." if run.paused_at else "Does not rest after all."
        state = RunState.RUNNING if run.paused_at else RunState(run.state)
        moved(run, state, **GONE_ON, **({"reason": ""} if run.paused_at else {}))
        journal.write(run.pk, "go-on", says, actor=name(by), step=row.index)


def rests(run: Run, row: RunStep, lease: Lease) -> bool:
    """Whether the engine leaves this run alone now; the wish of a person takes effect here."""
    if run.paused_at:
        return True
    if not run.pause or row.state != StepState.TODO or not (run.pause == Pause.STEP or _at_point(run, row)):
        return False
    with transaction.atomic():
        reason = _reason(row, run.pause_by)
        move(run, RunState.CONFIRM, lease=lease, paused_at=clock.now(), reason=reason)
        journal.write(run.pk, "paused", reason, step=row.index)
    return True


def _at_point(run: Run, row: RunStep) -> bool:
    """Whether what came right before is a place to rest. Steps that were not needed are looked past."""
    for before in run.steps.filter(index__lt=row.index).order_by("-index"):
        if tail.step_of(before).pause_point:
            return True
        if before.state != StepState.NOT_NEEDED:
            return False
    return False


def _reason(row: RunStep, who: str) -> str:
    return f"Rests before step {row.number}, as {who} asked."
