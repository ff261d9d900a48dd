"""Which choices are open, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState, StepState
from workflows.models import Attempt, Run, RunStep
from workflows.running import tail
from workflows.running.refusals import NotNow


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. `why` says why it is closed; while it is open, what it does."""

    name: str
    open: bool
    why: str


def options(run: Run) -> tuple[Option, ...]:
    """Every choice about a run that has begun; the pages show closed ones with their reason."""
    row = run.current()
    found = []
    for name, (judge, does) in JUDGES.items():
        closed = judge(run, row)
        found.append(Option(name, not closed, closed or does))
    return tuple(found)


def must_be_open(run: Run, name: str) -> RunStep:
    """The current step, if that choice is open on the run as it stands now. Raises NotNow."""
    run.refresh_from_db()
    row = run.current()
    if closed := JUDGES[name][0](run, row):
        raise NotNow(closed)
    return row if row else RunStep(run=run, index=run.index)


Judge = Callable[[Run, RunStep | None], str]
"""Gives the sentence why not, or nothing."""


def _retry(run: Run, row: RunStep | None) -> str:
    return (
        ""
        if run.state == RunState.FAILED
        else f"Only a failed step can be tried again; this run is {run.state}."
    )


def _wait(run: Run, row: RunStep | None) -> str:
    if run.state != RunState.FAILED or row is None or row.error_code not in LATE:
        return "Only a step whose time ran out can be given more; this one did not fail for that."
    last = row.last_attempt()
    under_way = last is not None and last.outcome == Attempt.Outcome.OVERDUE
    waits = last is None and row.started_at is not None and not tail.step_of(row).changes_something
    return "" if under_way or waits else "It was never begun: try it again."


def _correct(run: Run, row: RunStep | None) -> str:
    if run.state not in (RunState.FAILED, RunState.CONFIRM) or row is None:
        return f"Inputs are corrected while a step has failed or waits for a person; this run is {run.state}."
    if run.ends_as != RunState.DONE or run.correction:
        return "Corrected inputs wait already." if run.correction else "This run only puts things back."
    last = row.last_attempt()
    if last and last.outcome not in SETTLED:
        return "What was sent may still be under way: wait longer, or retry, before other inputs are taken."
    workflow = WORKFLOWS.get(run.workflow)
    return "" if workflow and workflow.inputs else "This workflow has no inputs."


def _pause(run: Run, row: RunStep | None) -> str:
    if run.state not in (RunState.RUNNING, RunState.CONFIRM) or row is None:
        return f"Only a run that works or waits for a confirmation can rest; this one is {run.state}."
    if run.paused_at or run.pause:
        return f"It rests already, as {run.pause_by} asked." if run.paused_at else "It was asked to already."
    return ""


def _pause_point(run: Run, row: RunStep | None) -> str:
    if closed := _pause(run, row):
        return closed
    ahead = run.steps.filter(index__gte=run.index)
    return "" if any(tail.step_of(each).pause_point for each in ahead) else "No pause point is ahead."


def _go_on(run: Run, row: RunStep | None) -> str:
    return "" if row and run.pause and not run.ended else "Nobody asked this run to rest."


def _skip(run: Run, row: RunStep | None) -> str:
    if run.paused_at:
        return RESTS
    if run.state not in (RunState.FAILED, RunState.CONFIRM) or row is None:
        return f"Only a step that failed or waits for a person can be skipped; this run is {run.state}."
    if not tail.step_of(row).skippable:
        return "Not allowed: later steps rely on this one."
    return ""


def _undo(run: Run, row: RunStep | None) -> str:
    if run.paused_at:
        return RESTS
    if run.state not in (RunState.FAILED, RunState.CONFIRM):
        return f"Taking back starts from a step that failed or waits for a person; this run is {run.state}."
    if run.ends_as != RunState.DONE:
        return "This run is taking back, or paying, already."
    if tail.past_the_point(run):
        return "There is no way back any more: only forward."
    return "" if tail.compensation(run) else "Nothing was changed yet that could be taken back."


def _abort(run: Run, row: RunStep | None) -> str:
    if run.ended:
        return f"This run has ended: {run.state}."
    if row and run.state == RunState.RUNNING and row.state == StepState.ACTING:
        return f"Step {row.number} is being carried out: abort when it has come to rest."
    return ""


def _abort_pay(run: Run, row: RunStep | None) -> str:
    if closed := _abort(run, row):
        return closed
    if run.state == RunState.DOUBT:
        return "First say whether the call in doubt happened."
    if not tail.open_debts(run).exists():
        return "Nothing is owed."
    if run.ends_as != RunState.DONE:
        return "This run is taking back, or paying, already."
    return "" if tail.can_pay(run) else "No step of this run can pay what is owed: pay it by hand."


def _doubt(run: Run, row: RunStep | None) -> str:
    return "" if run.state == RunState.DOUBT else "Nothing is in doubt."


RESTS = "This run rests: let it go on first."
LATE = ("OVERDUE", "CANNOT_LOOK")
"""Codes of a step whose deadline passed."""
SETTLED = (
    Attempt.Outcome.UNSENT,
    Attempt.Outcome.REFUSED,
    Attempt.Outcome.FAILED,
    Attempt.Outcome.VANISHED,
    Attempt.Outcome.DENIED,
)
"""Ends of an attempt after which nothing of it is under way."""

JUDGES: dict[str, tuple[Judge, str]] = {
    "retry": (
        _retry,
        "Looks first, then tries this step again; a step that changes something is confirmed again.",
    ),
    "wait": (_wait, "Gives the captain more time. Nothing is sent again."),
    "correct": (
        _correct,
        "Plans what is left again with other inputs, and has it approved where that is asked for.",
    ),
    "pause": (_pause, "It rests before its next step; nothing is half done then. It keeps the pool."),
    "pause-point": (_pause_point, "It rests where nothing is half done: after this host, say."),
    "go-on": (_go_on, "Goes on with the next step."),
    "skip": (_skip, "Goes on without this step. The reason goes into the journal."),
    "undo": (_undo, "Takes back what was done, last first; each step is confirmed."),
    "abort-pay": (_abort_pay, "Puts back what is owed, each step confirmed, and then ends the run."),
    "abort": (_abort, "Ends the run as it is. What is owed stays on the overview until somebody pays it."),
    "it-happened": (
        _doubt,
        "You looked, and all that this step sends was carried out: the run goes on after it.",
    ),
    "it-did-not": (
        _doubt,
        "You looked, and it was not carried out, or only in part: the step is judged and confirmed again.",
    ),
}
