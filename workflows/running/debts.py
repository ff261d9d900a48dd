"""What a run owes: incurred with the intent, paid by the step that puts it back."""

from __future__ import annotations

from django.utils import timezone

from workflows.engine.situation import Situation
from workflows.engine.step import Step
from workflows.models import Attempt, Debt, Run
from workflows.running import journal

NOTHING_CHANGED = (Attempt.Outcome.UNSENT, Attempt.Outcome.REFUSED)
"""Outcomes that prove that a call took no effect."""


def incur(run: Run, index: int, step: Step, s: Situation) -> None:
    """In the intent's transaction: whoever dies after it, the debt is known."""
    says = step.owing(s) if step.owes else ""
    if not says:
        return
    settings = {"inputs": dict(step.around(s).inputs), "memory": dict(s.memory)}
    _, new = Debt.objects.get_or_create(
        run=run, kind=step.owes, step_index=index, paid_at=None, defaults={"says": says, "settings": settings}
    )
    if new:
        journal.write(run.pk, "owes", f"Owed from here: {says}", step=index, data={"kind": step.owes})


def pay(run: Run, step: Step, index: int, how: str) -> None:
    """Strike off this run's open debts that the step pays: of a run about several hosts, those of its own host."""
    for debt in run.debts.filter(kind__in=list(step.pays), paid_at=None):
        if step.subject in ("", debt.settings.get("inputs", {}).get("host")):
            strike(debt, index, how)


def unmake(run: Run, index: int, how: str) -> None:
    """The call that would have incurred it changed nothing. An earlier try of the same step may have: its answer was
    lost, say, and it took effect right before this one was refused. Then the debt stays until it is seen to be paid."""
    if Attempt.objects.filter(step__run=run, step__index=index).exclude(outcome__in=NOTHING_CHANGED).exists():
        return
    for debt in run.debts.filter(step_index=index, paid_at=None):
        strike(debt, index, how)


def strike(debt: Debt, index: int, how: str) -> None:
    """Once, with its line in the journal."""
    if Debt.objects.filter(pk=debt.pk, paid_at=None).update(paid_at=timezone.now(), paid_how=how):
        journal.write(debt.run_id, "paid", f"Paid: {debt.says} {how}", step=index, data={"kind": debt.kind})
