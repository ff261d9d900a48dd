"""Elections that are prepared: where the policy says that operators recover a dead master, the run is planned and lies
in the inbox when they arrive, with candidate and evidence. Nothing is sent until somebody approves and confirms."""

from __future__ import annotations

import logging

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from pools.facts import Facts
from pools.models import Finding, Pool
from pools.models.pool import Recovery
from pools.rules.words import brief
from workflows.catalogue import WORKFLOWS
from workflows.engine.situation import with_known
from workflows.engine.states import ENDED, RunState
from workflows.models import Run
from workflows.running import journal
from workflows.running.asking import plan_run, request_approval
from workflows.running.moves import Stale, move
from workflows.running.refusals import NotNow

log = logging.getLogger(__name__)

ELECTION = "elect-master"
OURS = "baton"
"""Who asks for a prepared run: a user that cannot sign in."""
WAITING = (RunState.PLANNED, RunState.APPROVAL)


def prepare() -> None:
    """Plan what operators will be asked for. An outage is prepared for once, whatever becomes of that run."""
    silent = Finding.objects.open().filter(
        code="master-unreachable", remedy=ELECTION, pool__recovery=Recovery.OPERATORS
    )
    for finding in silent.select_related("pool__cloudstack"):
        runs = Run.objects.filter(pool=finding.pool, workflow=ELECTION)
        if (
            not runs.exclude(state__in=ENDED).exists()
            and not runs.filter(created__gte=finding.since).exists()
        ):
            _plan(finding)


def waiting() -> dict[int, int]:
    """The prepared runs that nobody has begun: id of the pool to id of the run."""
    return dict(_ours_waiting().values_list("pool_id", "pk"))


def _ours_waiting() -> QuerySet[Run]:
    return Run.objects.filter(workflow=ELECTION, requested_by__username=OURS, state__in=WAITING)


def withdraw() -> None:
    """End prepared runs that nobody has begun and nobody needs: a master answers again."""
    for run in _ours_waiting().select_related("pool"):
        facts = run.pool.last_facts()
        if facts is None or facts.pool is None or facts.at <= run.created:
            continue
        master = facts.pool.master_host
        reason = f"{master.name if master else 'A master'} answers as master: nobody has to be elected."
        try:
            with transaction.atomic():
                move(run, RunState.ABORTED, reason=reason)
                journal.write(run.pk, "withdrawn", reason, actor=OURS)
        except Stale:
            continue  # somebody approved it at this very moment; its start judges anew


def _plan(finding: Finding) -> None:
    pool = finding.pool
    try:
        inputs = _best(pool)
        why = f"Prepared, since the policy of {pool.name} says that operators recover its master."
        note = f"{why} {brief(finding.says)}."
        with transaction.atomic():
            run = plan_run(WORKFLOWS[ELECTION], pool, inputs, _ourselves(), _seen(pool), note=note)
            # Nobody of flesh has asked for it, so one has to say yes even where runs need no approval.
            run.approvals_needed = max(1, run.approvals_needed)
            run.save(update_fields=["approvals_needed"])
            request_approval(run, run.requested_by)
    except NotNow as no:
        log.info("%s: no election is prepared: %s", pool.name, no)


def _best(pool: Pool) -> dict[str, str]:
    """The first candidate of each input. Raises NotNow when there is none."""
    workflow, known = WORKFLOWS[ELECTION], with_known(_seen(pool), pool.last_good_facts())
    chosen: dict[str, str] = {}
    for wanted in workflow.inputs:
        fit = (c for c in workflow.candidates(wanted.name, known, chosen) if c.possible)
        best = next(fit, None)
        if best is None:
            raise NotNow(f"{wanted.label}: nobody qualifies.")
        chosen[wanted.name] = best.value
    return chosen


def _seen(pool: Pool) -> Facts:
    facts = pool.last_facts()
    if facts is None:
        raise NotNow("The pool has not been looked at yet.")
    return facts


def _ourselves() -> User:
    user, new = User.objects.get_or_create(username=OURS, defaults={"is_active": False})
    if new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
