"""What every choice of a person has in common."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from workflows.engine.situation import Situation
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import clock
from workflows.running.moves import Stale, move, wake
from workflows.running.refusals import NotNow


def name(by: User) -> str:
    """As the journal writes it."""
    return by.get_username()


def moved(run: Run, new: RunState, **changes: Any) -> None:
    """Move the run for a person, and wake the engine if it has to go on from there."""
    if new in (RunState.STARTING, RunState.RUNNING):
        changes["next_due_at"] = clock.now()
        wake(run.pk)
    try:
        move(run, new, **changes)
    except Stale:
        raise NotNow("Somebody else was faster: look at the run again.") from None


def reasoned(reason: str) -> None:
    """Raises NotNow without a reason."""
    if not reason.strip():
        raise NotNow("Say why, in a sentence: it goes into the journal and the report.")


def as_planned(run: Run) -> Situation:
    """What the run is about, as it was found: for names and inputs."""
    baseline = run.baseline_facts
    return Situation(facts=baseline, baseline=baseline, inputs=run.inputs, memory=run.memory)
