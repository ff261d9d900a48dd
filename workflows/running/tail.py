"""What is left of a run that does not go on as planned: steps that take back, or that pay what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from workflows.catalogue import step_for
from workflows.engine.panel import heading
from workflows.engine.states import StepState
from workflows.engine.step import Risk, Step
from workflows.models import Debt, Run, RunStep
from workflows.running.people import as_planned

CLEAN: dict[str, Any] = {
    "error_code": "",
    "error_params": [],
    "ended_at": None,
    "deadline_at": None,
    "progress": None,
}


def past_the_point(run: Run) -> bool:
    """A step without a way back was done, or may have been."""
    final = run.steps.filter(risk=Risk.FINAL.value)
    return final.filter(state__in=(StepState.DONE, StepState.ACTING, StepState.DOUBT)).exists()


def compensation(run: Run) -> list[Step]:
    """Steps that take back what was done, last first. One that was tried and failed may have done half of it."""
    done = run.steps.filter(state__in=(StepState.DONE, StepState.FAILED), attempts__isnull=False)
    return [undo for row in done.distinct().order_by("-index") for undo in step_of(row).undoing()]


def payment(run: Run) -> list[Step]:
    """Before the point of no return: steps that pay the open debts, the newest first."""
    owing = (step_for_debt(debt) for debt in open_debts(run).order_by("-pk"))
    return [undo for step in owing for undo in step.undoing()]


def paying_rows(run: Run) -> list[RunStep]:
    """After it: the planned steps that are still to do and that pay, with those that complete the payment."""
    debts = list(open_debts(run))
    kinds = {debt.kind for debt in debts}
    complete = {undo.__name__ for debt in debts for undo in step_for_debt(debt).undo_with}
    rows = run.steps.filter(index__gte=run.index).exclude(state__in=(StepState.DONE, StepState.SKIPPED))
    return [row for row in rows if kinds & set(step_of(row).pays) or row.key in complete]


def can_pay(run: Run) -> bool:
    return bool(paying_rows(run) if past_the_point(run) else payment(run))


def rewrite(run: Run, steps: Iterable[Step]) -> int:
    """Cancel what is still to do and put these steps there instead. Gives the index to go on from."""
    cancel(run, keep=())
    s, at = as_planned(run), run.steps.count()
    RunStep.objects.bulk_create(
        RunStep(
            run=run, index=at + i, key=step.key, args=step.args, title=heading(step, s), risk=step.risk.value
        )
        for i, step in enumerate(steps)
    )
    return at


def keep_paying(run: Run) -> int:
    """Cancel what is still to do but for the steps that pay. Gives the index to go on from."""
    rows = paying_rows(run)
    cancel(run, keep=[row.pk for row in rows])
    run.steps.filter(pk__in=[row.pk for row in rows]).update(state=StepState.TODO, says="", **CLEAN)
    return rows[0].index


def cancel(run: Run, keep: Iterable[int]) -> None:
    """What failed stays on record as failed."""
    waiting = (StepState.TODO, StepState.CONFIRM, StepState.CONFIRMED, StepState.WAITING)
    run.steps.filter(state__in=waiting).exclude(pk__in=list(keep)).update(state=StepState.CANCELLED)


def open_debts(run: Run) -> QuerySet[Debt]:
    return run.debts.filter(paid_at=None)


def step_of(row: RunStep) -> Step:
    return step_for(row.key, row.args)


def step_for_debt(debt: Debt) -> Step:
    """The step that incurred it."""
    return step_of(debt.run.steps.get(index=debt.step_index))
