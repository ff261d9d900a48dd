"""What people may do with a run, and the way in for the pages.

Each choice checks that it is open, moves the row by conditional update, writes its line in the journal, and wakes
the engine when its transaction is kept. What is not open raises NotNow with a sentence.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from workflows.engine.states import RunState, StepState
from workflows.models import Attempt, Run, RunStep
from workflows.running import clock, debts, journal, tail
from workflows.running.alone import go_on_alone, review
from workflows.running.asking import approvals_left, plan_run, request_approval, start, vote
from workflows.running.confirming import confirm, name_to_type
from workflows.running.correcting import correct
from workflows.running.correcting import vote as vote_on_correction
from workflows.running.longer import wait_longer
from workflows.running.moves import tell
from workflows.running.options import Option, must_be_open, options
from workflows.running.pausing import GONE_ON, go_on, pause
from workflows.running.people import moved, name, reasoned
from workflows.running.refusals import Moved, NotNow, Refused
from workflows.running.rehearsing import rehearse
from workflows.running.settling import settle
from workflows.steps.each import LEFT_OUT

__all__ = [
    "Moved",
    "NotNow",
    "Option",
    "Refused",
    "abort",
    "approvals_left",
    "confirm",
    "correct",
    "go_on",
    "go_on_alone",
    "it_did_not",
    "it_happened",
    "name_to_type",
    "options",
    "pause",
    "plan_run",
    "rehearse",
    "request_approval",
    "retry",
    "review",
    "settle",
    "skip",
    "start",
    "take_over",
    "undo",
    "vote",
    "vote_on_correction",
    "wait_longer",
]

NO_MORE: dict[str, Any] = {**GONE_ON, "correction": None}
"""What a run that takes back, pays or ends no longer waits for."""
UNSETTLED = (Attempt.Outcome.OPEN, Attempt.Outcome.ANSWERED, Attempt.Outcome.LOST, Attempt.Outcome.OVERDUE)
"""An attempt that ended so may still be under way: a retry looks for it before anything is sent again."""


def retry(run: Run, by: User) -> None:
    """Try the failed step again: what may still be under way is looked for, else the step is judged anew."""
    row = must_be_open(run, "retry")
    last = row.last_attempt()
    with transaction.atomic():
        moved(run, RunState.RUNNING, reason="", correction=None)
        if last and last.outcome in UNSETTLED:
            Attempt.objects.filter(pk=last.pk).update(outcome=Attempt.Outcome.LOST, doubted_at=clock.now())
            _set(row, StepState.ACTING)
            says = "Looks again whether it was done, and waits once more."
        else:
            _set(row, StepState.TODO)
            says = "Tries again."
        journal.write(run.pk, "retry", f"{row.title}: {says}", actor=name(by), step=row.index)


def skip(run: Run, by: User, reason: str) -> None:
    """Go on without this step, where it allows that."""
    row = must_be_open(run, "skip")
    reasoned(reason)
    with transaction.atomic():
        _leave(run, row, StepState.SKIPPED, f"Skipped by {name(by)}: {reason}", **_left_out(run, row))
        journal.write(run.pk, "skip", f"{row.title}: skipped. {reason}", actor=name(by), step=row.index)


def undo(run: Run, by: User, reason: str = "") -> None:
    """Take back what was done, last first; each step is confirmed like any other."""
    must_be_open(run, "undo")
    with transaction.atomic():
        steps = tail.compensation(run)
        at = run.steps.count()
        moved(run, RunState.RUNNING, index=at, ends_as=RunState.ABORTED, reason=reason, **NO_MORE)
        tail.rewrite(run, steps)
        titles = [step.title for step in steps]
        journal.write(
            run.pk, "undo", f"Takes back what was done. {reason}".strip(), actor=name(by), data=titles
        )


def abort(run: Run, by: User, pay: bool, reason: str) -> None:
    """End the run: with the steps that pay what it owes first, or as it is."""
    row = must_be_open(run, "abort-pay" if pay else "abort")
    reasoned(reason)
    with transaction.atomic():
        if pay:
            _pay_and_end(run, row, reason)
        else:
            moved(run, RunState.ABORTED, reason=f"Aborted by {name(by)}: {reason}", **NO_MORE)
            _at_rest(row)
            tail.cancel(run, keep=())
        owed = [debt.says for debt in tail.open_debts(run)]
        how = "pays what it owes, then ends" if pay else "ends as it is"
        journal.write(run.pk, "abort", f"Aborted: {how}. {reason}", actor=name(by), data={"owed": owed})


def _at_rest(row: RunStep) -> None:
    """A worker may have written its intent since the choice was judged. Asked after the move, under the row's lock:
    a worker that comes later finds the run moved, and sends nothing."""
    if RunStep.objects.filter(pk=row.pk, state=StepState.ACTING).exists():
        raise NotNow(f"Step {row.number} is being carried out: abort when it has come to rest.")


def _pay_and_end(run: Run, row: RunStep, reason: str) -> None:
    moved(run, RunState(run.state))
    _at_rest(row)
    done_with = run.index
    at = tail.keep_paying(run) if tail.past_the_point(run) else tail.rewrite(run, tail.payment(run))
    run.index = done_with
    moved(run, RunState.RUNNING, index=at, ends_as=RunState.ABORTED, reason=reason, **NO_MORE)


def it_happened(run: Run, by: User, reason: str) -> None:
    """A person looked and says that the call was carried out: the step is done."""
    row = must_be_open(run, "it-happened")
    reasoned(reason)
    with transaction.atomic():
        _close(row, Attempt.Outcome.DONE)
        _leave(run, row, StepState.DONE, f"{name(by)} says that it happened: {reason}")
        journal.write(
            run.pk, "it-happened", f"{row.title}: it happened. {reason}", actor=name(by), step=row.index
        )
        debts.pay(run, tail.step_of(row), row.index, f"As {name(by)} says.")


def it_did_not(run: Run, by: User, reason: str) -> None:
    """A person looked and says that the call was not carried out: the step is judged, and confirmed, anew."""
    row = must_be_open(run, "it-did-not")
    reasoned(reason)
    with transaction.atomic():
        _close(row, Attempt.Outcome.DENIED)
        moved(run, RunState.RUNNING, reason="")
        _set(row, StepState.TODO)
        journal.write(
            run.pk, "it-did-not", f"{row.title}: it did not happen. {reason}", actor=name(by), step=row.index
        )


def take_over(run: Run, by: User, reason: str = "") -> None:
    """Become the run's owner."""
    run.refresh_from_db()
    if run.ended:
        raise NotNow("This run has ended: there is nothing to take over.")
    if run.owner_id == by.pk:
        raise NotNow("This run is yours already.")
    with transaction.atomic():
        was = run.owner
        if Run.objects.filter(pk=run.pk, owner=was).update(owner=by) != 1:
            raise NotNow("Somebody else was faster: look at the run again.")
        says = f"Taken over from {name(was)}. {reason}".strip()
        journal.write(run.pk, "took-over", says, actor=name(by), data={"from": name(was)})
        tell(run.pk)
    run.owner = by


def _set(row: RunStep, state: StepState) -> None:
    """Back to work, with nothing left of the failure but the journal."""
    RunStep.objects.filter(pk=row.pk).update(state=state, says="", seen=[], confirmed_digest="", **tail.CLEAN)


def _left_out(run: Run, row: RunStep) -> dict[str, Any]:
    """What the run remembers of a step whose host has no part in the rest of it."""
    step = tail.step_of(row)
    if not step.leaves_host_out:
        return {}
    return {"memory": {**run.memory, LEFT_OUT: [*run.memory.get(LEFT_OUT, ()), step.subject]}}


def _leave(run: Run, row: RunStep, state: StepState, says: str, **more: Any) -> None:
    """On to the next step; the engine ends the run when there is none."""
    left = run.steps.filter(index__gt=row.index, state=StepState.TODO).order_by("index")
    following = left.values_list("index", flat=True).first()
    index = run.steps.count() if following is None else following
    moved(run, RunState.RUNNING, index=index, reason="", correction=None, **more)
    RunStep.objects.filter(pk=row.pk).update(state=state, says=says, ended_at=clock.now(), progress=None)


def _close(row: RunStep, outcome: str) -> None:
    last = row.last_attempt()
    if last:
        Attempt.objects.filter(pk=last.pk).update(outcome=outcome)
