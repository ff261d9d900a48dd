"""What the runs have to say about a pool, for its findings: debts, waiting runs, and the trouble they cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from pools.rules.case import Debt, Expected, Obligations, Waiting
from workflows.engine.states import FOR_A_PERSON, MOVING, RunState
from workflows.models import Debt as Row
from workflows.models import Run

CAUSED = (
    "ha-off-unwanted",
    "no-master-recovery",
    "host-disabled",
    "host-dead",
    "master-moved",
    "master-disabled",
    "master-suspect",
    "master-unreachable",
    "master-disputed",
    "cloudstack-alert",
    "cloudstack-down",
    "cloudstack-disconnected",
    "cloudstack-stale-up",
    "cloudstack-unmanaged",
    "host-not-in-pool",
    "host-unknown-to-cloudstack",
)
"""A run that changes masters and members causes these. They stay on the list, but are nobody's alarm for a while."""
GRACE = timedelta(minutes=15)
"""How long the captains may take to follow what a run did."""


def of_pool(pool_id: int) -> Obligations:
    """The provider that pools/obligations.py asks."""
    runs = list(Run.objects.filter(pool=pool_id, state__in=[*MOVING, *FOR_A_PERSON, RunState.APPROVAL]))
    holder = next((run for run in runs if run.holds_pool), None)
    return Obligations(
        debts=tuple(_debts(pool_id)),
        waiting=tuple(Waiting(run=r.pk, title=r.title, since=r.state_since) for r in runs if _waits(r)),
        expected=tuple(_expected(holder)) if holder else (),
        holder=holder.pk if holder else None,
    )


def _waits(run: Run) -> bool:
    return run.state in FOR_A_PERSON or run.state == RunState.APPROVAL


def _debts(pool_id: int) -> Iterator[Debt]:
    for row in Row.objects.filter(run__pool=pool_id, paid_at=None).select_related("run"):
        moving = row.run.state in (RunState.RUNNING, RunState.CONFIRM)
        yield Debt(kind=row.kind, says=row.says, run=row.run_id, since=row.incurred_at, moving=moving)


def _expected(run: Run) -> Iterator[Expected]:
    """While the run is at it; one that failed or is in doubt expects nothing any more."""
    if run.state not in (RunState.RUNNING, RunState.CONFIRM):
        return
    until = _until(run)
    for code in CAUSED:
        yield Expected(code=code, subject="*", run=run.pk, until=until)


def _until(run: Run) -> datetime:
    row = run.current()
    deadline = row.deadline_at if row else None
    return max(filter(None, (deadline, timezone.now() + GRACE)))
