"""Before a run begins: plan it, ask for approval, vote, start. Each is one transaction with its line in the journal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from pools.facts import Facts
from pools.models import Pool
from workflows.catalogue import WORKFLOWS
from workflows.engine.situation import NotKnown
from workflows.engine.states import RunState
from workflows.engine.step import Workflow
from workflows.models import Approval, Run
from workflows.running import journal, own, policy
from workflows.running.people import moved, name
from workflows.running.planning import baseline_of, columns, lay_out, planned
from workflows.running.refusals import Moved, NotNow, Refused
from workflows.running.versions import version_of

APPROVAL_LASTS = timedelta(hours=24)


def plan_run(
    workflow: Workflow,
    pool: Pool,
    inputs: dict[str, str],
    by: User,
    facts: Facts,
    note: str = "",
    memory: dict[str, Any] | None = None,
) -> Run:
    """A run in `planned`; `memory` is what an earlier run remembered, if this one goes on from it. Raises Refused
    when the workflow may not be asked for now, NotNow when facts are missing."""
    _known_inputs(workflow, inputs)
    baseline = baseline_of(workflow, facts, pool.last_good_facts())
    try:
        plan = planned(workflow, inputs, facts, baseline, memory or {}, own.of(pool))
    except NotKnown as unknown:
        raise NotNow(f"No plan can be made now: {unknown}") from unknown
    if plan.refused:
        raise Refused(plan.refused)
    with transaction.atomic():
        run = Run.objects.create(
            workflow=workflow.slug,
            pool=pool,
            inputs=inputs,
            memory=memory or {},
            requested_by=by,
            owner=by,
            note=note,
            approvals_needed=policy.approvals_for(pool, plan),
            **columns(plan, baseline),
        )
        lay_out(run, plan)
        shown = {"inputs": inputs, "fingerprint": plan.fingerprint, "earlier": journal.earlier(run.pk)}
        journal.write(run.pk, "planned", f"Planned: {run.title}.", actor=name(by), data=shown)
    return run


def request_approval(run: Run, by: User, note: str = "") -> None:
    """From `planned` to the shared inbox."""
    run.refresh_from_db()
    if run.state != RunState.PLANNED:
        raise NotNow(f"This run is {run.state}: approval is asked for once, while it is only planned.")
    if not run.approvals_needed:
        raise NotNow("This pool asks for no approval: start the run.")
    as_it_is(run)
    said = note or run.note
    with transaction.atomic():
        moved(
            run, RunState.APPROVAL, note=said, reason="", approval_expires_at=timezone.now() + APPROVAL_LASTS
        )
        says = f"Asked for {approvals(run.approvals_needed)}." + (f" “{said}”" if said else "")
        journal.write(run.pk, "asked", says, actor=name(by), data={"fingerprint": run.fingerprint})


def start(run: Run, by: User) -> None:
    """Start a run that needs no approval; the engine makes the plan again on fresh facts first."""
    run.refresh_from_db()
    if run.state != RunState.PLANNED:
        raise NotNow(f"This run is {run.state}: only a planned run can be started.")
    if run.approvals_needed:
        raise NotNow(f"This run needs {approvals(run.approvals_needed)} first: ask for it.")
    as_it_is(run)
    with transaction.atomic():
        moved(run, RunState.STARTING, reason="")
        journal.write(
            run.pk, "start", "Started without approval, as the pool's policy allows.", actor=name(by)
        )


def vote(run: Run, by: User, yes: bool, comment: str, fingerprint: str) -> None:
    """A yes or a no to the plan with that fingerprint. One no ends the run; enough yes start it."""
    run.refresh_from_db()
    _may_vote(run, by, yes, comment, fingerprint)
    with transaction.atomic():
        word = {"comment": comment, "fingerprint": fingerprint}
        moved(run, RunState.APPROVAL, reason=run.reason)
        # Under the row's lock: meanwhile the run may have started, met another plan, and come back to be approved.
        run.refresh_from_db(fields=["fingerprint", "differences", "approval_expires_at"])
        _may_vote(run, by, yes, comment, fingerprint)
        try:
            with transaction.atomic():
                Approval.objects.create(run=run, by=by, yes=yes, **word)
        except IntegrityError:
            raise NotNow("You have already said your word about this plan.") from None
        says = f"{'Approved' if yes else 'Refused'}: “{comment}”" if comment else "Approved."
        journal.write(run.pk, "voted", says, actor=name(by), data={"yes": yes, **word})
        if not yes:
            moved(run, RunState.REFUSED, reason=f"{name(by)} refused: {comment}")
        elif approvals_left(run) == 0:
            moved(run, RunState.STARTING, reason="")


def approvals_left(run: Run) -> int:
    """How many yes are missing for the plan as it is now."""
    said = run.approvals.exclude(by=run.requested_by).select_related("by", "run")
    return max(0, run.approvals_needed - sum(approval.counts for approval in said))


def approvals(number: int) -> str:
    """`1 approval`, `2 approvals`."""
    return f"{number} approval{'' if number == 1 else 's'}"


def as_it_is(run: Run) -> None:
    """Raises NotNow when the plan was made with another version of the workflow than the one that would be run."""
    workflow = WORKFLOWS.get(run.workflow)
    if workflow is None:
        raise NotNow(f"This release has no workflow {run.workflow} any more: abort this plan.")
    if run.version and run.version != version_of(workflow):
        raise NotNow(
            "The workflow is another version now than when this was planned: abort this plan, and plan it again."
        )


def _may_vote(run: Run, by: User, yes: bool, comment: str, fingerprint: str) -> None:
    if run.state != RunState.APPROVAL:
        raise NotNow(f"This run is {run.state}: it waits for no approval.")
    if by.pk == run.requested_by_id and yes:
        raise NotNow("You asked for this run, so somebody else has to approve it.")
    if run.approval_expires_at and run.approval_expires_at < timezone.now():
        raise NotNow("The time for an approval has run out: plan the run again.")
    if fingerprint != run.fingerprint:
        raise Moved("The plan is no longer the one you read: read it again.", run.differences)
    if yes:
        as_it_is(run)
    if not yes and not comment.strip():
        raise NotNow("A refusal needs a reason: it is all that the others will learn.")


def _known_inputs(workflow: Workflow, inputs: dict[str, str]) -> None:
    names = {wanted.name for wanted in workflow.inputs}
    if unknown := sorted(set(inputs) - names):
        raise NotNow(f"“{unknown[0]}” is no input of this workflow.")
    missing = [wanted.label for wanted in workflow.inputs if wanted.required and not inputs.get(wanted.name)]
    if missing:
        raise NotNow(f"{missing[0]} is missing.")
