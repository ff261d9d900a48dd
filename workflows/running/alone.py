"""Going on alone in an outage, past what the policy asks for: with a reason, loudly, and reviewed by somebody else."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from pools.models import Finding
from pools.rules.case import Severity
from workflows.engine.states import RunState, StepState
from workflows.models import Glass, Run, RunStep
from workflows.running import clock, correcting, journal, policy
from workflows.running.asking import approvals_left, as_it_is
from workflows.running.moves import tell
from workflows.running.people import moved, name, reasoned
from workflows.running.refusals import NotNow

ASKED = (RunState.PLANNED, RunState.APPROVAL)


def in_the_way(run: Run) -> str:
    """What the policy asks for and one person alone has not, in a sentence; empty when nothing is."""
    if run.state in ASKED and (left := approvals_left(run)):
        return f"{left} approval{'s' if left > 1 else ''} of this plan."
    if run.correction:
        return "An approval of the corrected inputs."
    row = run.current()
    if run.state == RunState.CONFIRM and row and row.state == StepState.CONFIRM:
        return _about_the_step(run, row)
    return ""


def go_on_alone(run: Run, by: User, reason: str) -> Glass:
    """Break the glass: start the plan as it was read, or let this one person confirm. Raises NotNow."""
    run.refresh_from_db()
    reasoned(reason)
    if not run.pool.break_glass:
        raise NotNow(f"The policy of {run.pool.name} lets nobody go on alone: ask the others.")
    waived = in_the_way(run)
    if not waived:
        raise NotNow("Nothing stands in your way: the policy asks for nobody else here.")
    if run.state in ASKED:
        as_it_is(run)
    with transaction.atomic():
        glass = Glass.objects.create(
            run=run, by=by, reason=reason, fingerprint=run.fingerprint, waived=waived, saw=_troubles(run)
        )
        if run.owner_id != by.pk:
            Run.objects.filter(pk=run.pk).update(owner=by)
        says = f"Went on alone: “{reason}”. Waived: {waived} Somebody else has to review this."
        data = {"waived": waived, "saw": glass.saw, "fingerprint": run.fingerprint}
        journal.write(run.pk, "alone", says, actor=name(by), step=run.index, data=data)
        if run.state in ASKED:
            moved(run, RunState.STARTING, reason="")
        elif run.correction:
            correcting.apply(run)
        tell(run.pk)
    return glass


def review(glass: Glass, by: User, words: str) -> None:
    """Somebody else read what was done alone, and says what they found. Raises NotNow."""
    reasoned(words)
    if glass.by_id == by.pk:
        raise NotNow("You went on alone: somebody else has to review it.")
    with transaction.atomic():
        open_ = Glass.objects.filter(pk=glass.pk, reviewed_at=None)
        if open_.update(reviewed_by=by, reviewed_at=clock.now(), review=words) != 1:
            raise NotNow("It was reviewed already.")
        says = f"Reviewed what {name(glass.by)} did alone: “{words}”."
        journal.write(glass.run_id, "reviewed", says, actor=name(by), data={"glass": glass.pk})
        tell(glass.run_id)


def _about_the_step(run: Run, row: RunStep) -> str:
    if policy.wants_two(run, row):
        return f"A second person's yes to steps from {run.pool.second_person_from} risk on."
    if not policy.goes_alone(run) and run.pool.confirmers.get(row.risk):
        return f"That steps of {row.risk} risk are confirmed by {', '.join(run.pool.confirmers[row.risk])}."
    return ""


def _troubles(run: Run) -> str:
    """What Baton itself saw of the outage; empty when it saw none."""
    found = Finding.objects.open().filter(pool=run.pool_id, severity=Severity.CRITICAL, expected_by=None)
    return " ".join(found.values_list("says", flat=True)[:5])
