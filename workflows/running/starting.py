"""The start: what was approved must still be the plan on fresh facts, and the pool must be free."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from pools.facts import Facts
from workflows.catalogue import WORKFLOWS
from workflows.engine.plan import Plan, plan_differences
from workflows.engine.situation import NotKnown
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import journal, own, policy
from workflows.running.asking import approvals, approvals_left
from workflows.running.captains import Captains
from workflows.running.lease import Lease
from workflows.running.moves import move
from workflows.running.newcomers import beside
from workflows.running.planning import baseline_of, columns, lay_out, planned

log = logging.getLogger(__name__)

APPROVAL_LASTS = timedelta(hours=24)
AGAIN_S = 5.0


def start_on_fresh_facts(run: Run, lease: Lease, captains: Captains) -> float | None:
    """Seconds until the next tick; None when the plan went back to people."""
    facts = beside(run, captains.look(run.pool, run.baseline_facts))
    workflow = WORKFLOWS[run.workflow]
    baseline = baseline_of(workflow, facts, run.baseline_facts)
    try:
        plan = planned(workflow, run.inputs, facts, baseline, run.memory, own.of(run.pool))
    except NotKnown as unknown:
        return _wait(run, lease, f"It starts when the pool can be read: {unknown}")
    except Exception as fault:  # said on the page, instead of a task that dies every five seconds
        log.exception("run %s: no plan", run.pk)
        return _wait(run, lease, f"No plan can be made: a fault in Baton ({type(fault).__name__}: {fault}).")
    if plan.refused or plan.fingerprint != run.fingerprint:
        _give_back(run, lease, plan, baseline)
        return None
    if missing := _no_longer_approved(run):
        _ask_again(run, lease, missing)
        return None
    return _begin(run, lease, plan, baseline)


def _no_longer_approved(run: Run) -> int:
    """How many yes are missing by now: who was demoted since does not count. None are, where the glass was broken."""
    return 0 if run.glasses.filter(fingerprint=run.fingerprint).exists() else approvals_left(run)


def _ask_again(run: Run, lease: Lease, missing: int) -> None:
    reason = f"{approvals(missing)} no longer count: somebody who said yes may not approve any more."
    until = timezone.now() + APPROVAL_LASTS
    with transaction.atomic():
        move(run, RunState.APPROVAL, lease=lease, reason=reason, approval_expires_at=until)
        journal.write(run.pk, "asked", reason, data={"fingerprint": run.fingerprint})


def _begin(run: Run, lease: Lease, plan: Plan, baseline: Facts) -> float:
    try:
        with transaction.atomic():
            begun = {"started_at": timezone.now(), "reason": "", "differences": [], "index": 0}
            move(run, RunState.RUNNING, lease=lease, **begun, **columns(plan, baseline))
            journal.write(run.pk, "started", f"Started: {run.title}. It holds the pool {run.pool.name}.")
    except IntegrityError:
        run.refresh_from_db(fields=["state"])
        return _wait(run, lease, _holder(run))
    return 0


def _holder(run: Run) -> str:
    holder = Run.objects.filter(pool=run.pool, holds_pool=True).first()
    by = f"Run {holder.pk} ({holder.title}, owner {holder.owner})" if holder else "Another run"
    return f"{by} holds {run.pool.name}: one run changes a pool at a time. This one starts when the pool is free."


def _wait(run: Run, lease: Lease, reason: str) -> float:
    with transaction.atomic():
        if run.reason != reason:
            journal.write(run.pk, "waits", reason)
        move(run, RunState.STARTING, lease=lease, reason=reason)
    return AGAIN_S


def _give_back(run: Run, lease: Lease, plan: Plan, baseline: Facts) -> None:
    """To those who approve, with what is different; their approvals were for another plan."""
    said = [f"{check.says}: no. {check.cure}".strip() for check in plan.refused]
    said += plan_differences(run.plan, plan.as_json())
    needed = policy.approvals_for(run.pool, plan)
    back = RunState.APPROVAL if needed else RunState.PLANNED
    reason = "The pool changed since the plan was made, so it has to be read again."
    with transaction.atomic():
        move(
            run,
            back,
            lease=lease,
            reason=reason,
            differences=said,
            approvals_needed=needed,
            approval_expires_at=timezone.now() + APPROVAL_LASTS,
            **columns(plan, baseline),
        )
        lay_out(run, plan)
        journal.write(run.pk, "moved", reason, data={"differences": said, "fingerprint": plan.fingerprint})
