"""What the runs have to say about a pool, for its findings: debts, waiting runs, and the trouble they cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pools.rules.case import Debt, Expected, Obligations, Unreviewed, Waiting
from workflows.catalogue import STEPS, step_for
from workflows.engine.states import FOR_A_PERSON, MOVING, RunState, StepState
from workflows.engine.step import Risk, Step
from workflows.models import Debt as Row
from workflows.models import Glass, Run

GRACE = timedelta(minutes=15)
"""How long the captains may take to follow what a step did, where it has no deadline of its own."""
LASTS = (StepState.ACTING, StepState.DONE, StepState.FAILED, StepState.DOUBT)


def of_pool(pool_id: int) -> Obligations:
    """The provider that pools/obligations.py asks."""
    runs = list(
        Run.objects.select_related("pool").filter(
            pool=pool_id, state__in=[*MOVING, *FOR_A_PERSON, RunState.APPROVAL]
        )
    )
    holder = next((run for run in runs if run.holds_pool), None)
    return Obligations(
        debts=tuple(_debts(pool_id)),
        waiting=tuple(Waiting(run=r.pk, title=r.title, since=r.state_since) for r in runs if _waits(r)),
        unreviewed=tuple(_unreviewed(pool_id)),
        expected=tuple(_expected(holder)) if holder else (),
        holder=holder.pk if holder else None,
    )


def _waits(run: Run) -> bool:
    return run.state in FOR_A_PERSON or run.state == RunState.APPROVAL


def _debts(pool_id: int) -> Iterator[Debt]:
    for row in Row.objects.filter(run__pool=pool_id, paid_at=None).select_related("run"):
        moving = row.run.state in (RunState.RUNNING, RunState.CONFIRM)
        yield Debt(kind=row.kind, says=row.says, run=row.run_id, since=row.incurred_at, moving=moving)


def _unreviewed(pool_id: int) -> Iterator[Unreviewed]:
    for row in Glass.objects.filter(run__pool=pool_id, reviewed_at=None).select_related("by"):
        by = row.by.get_username()
        yield Unreviewed(id=row.pk, run=row.run_id, by=by, reason=row.reason, at=row.at)


def _expected(run: Run) -> Iterator[Expected]:
    """While the run is at it, and while it waits for a person no longer than the team's patience. A run that failed or
    is in doubt expects nothing any more: somebody has to look."""
    if run.state not in (RunState.RUNNING, RunState.CONFIRM):
        return
    until = _until(run)
    for step, passing in _begun(run):
        hosts = _its_host(run, step)
        about = [(code, "*") for code in (*step.causes.pool, *(step.causes.passing if passing else ()))]
        about += [(code, host) for code in step.causes.host for host in hosts]
        yield from (Expected(code=code, subject=subject, run=run.pk, until=until) for code, subject in about)


def _its_host(run: Run, step: Step) -> tuple[str, ...]:
    """The step's host by uuid and by name: once it has left the pool, CloudStack's findings know only its name."""
    uuid = step.subject or run.inputs.get("host", "")
    pool = run.baseline_facts.pool
    host = pool.host(uuid) if pool else None
    return (host.uuid, host.name) if host else ()


def _begun(run: Run) -> Iterator[tuple[Step, bool]]:
    """Steps that have acted, each with whether what passes by may still be passing: nothing was changed since."""
    rows = list(run.steps.filter(state__in=LASTS).exclude(risk=Risk.NONE).order_by("index"))
    for row in rows:
        if row.key in STEPS:
            yield step_for(row.key, row.args), row is rows[-1]


def _until(run: Run) -> datetime:
    if run.state == RunState.CONFIRM:
        return run.state_since + timedelta(seconds=run.pool.patience_s)
    row = run.current()
    return (row.deadline_at if row else None) or run.state_since + GRACE
