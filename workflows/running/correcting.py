"""Other inputs in the middle of a run, where an input was the cause: another SR, another master.

The plan is made again with them. What is done already must be the same in both plans; what is left is replaced. Where
the pool's policy asks for approvals, the corrected plan needs them too: until then the run stands where it stands, and
holds its pool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from workflows.catalogue import WORKFLOWS
from workflows.engine.plan import Plan, plan_differences
from workflows.engine.situation import NotKnown
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Input
from workflows.models import Approval, Run, RunStep
from workflows.running import clock, journal, own, policy, tail
from workflows.running.moves import tell
from workflows.running.options import must_be_open
from workflows.running.people import moved, name
from workflows.running.planning import planned
from workflows.running.refusals import Moved, NotNow, Refused

KINDS = ("host", "sr", "text", "choice")
"""Kinds of input that can be corrected; a list of hosts, or a stranger's credentials, is another run."""


STANDS = (RunState.FAILED, RunState.CONFIRM)
"""A run in these is not being worked on: its steps may be laid out anew."""


def fields(run: Run) -> tuple[Input, ...]:
    """The inputs of this run that can be corrected."""
    workflow = WORKFLOWS.get(run.workflow)
    return tuple(i for i in workflow.inputs if i.kind in KINDS) if workflow else ()


def correct(run: Run, by: User, given: Mapping[str, str]) -> None:
    """Go on with these inputs, at once or when they are approved. Raises NotNow, Refused."""
    row = must_be_open(run, "correct")
    inputs = _inputs(run, given)
    plan = _plan(run, inputs)
    _fits(run, row, plan)
    said = _differences(run, plan, inputs)
    needed = 0 if policy.goes_alone(run) else policy.approvals_for(run.pool, plan)
    proposal = {
        "inputs": inputs,
        "index": run.index,
        "fingerprint": plan.fingerprint,
        "needed": needed,
        "by": by.pk,
        "who": name(by),
        "at": clock.now().isoformat(),
        "after": max(run.approvals.values_list("pk", flat=True), default=0),
        "differences": said,
    }
    with transaction.atomic():
        moved(run, RunState(run.state), correction=proposal)
        run.correction = proposal
        how = f"waits for {needed} approval{'s' if needed > 1 else ''}" if needed else "in force"
        says = f"Corrected the inputs, {how}: {' '.join(said)}"
        journal.write(run.pk, "corrected", says, actor=name(by), step=row.index, data=proposal)
        if not needed:
            apply(run)
        tell(run.pk)


def vote(run: Run, by: User, yes: bool, comment: str, fingerprint: str) -> None:
    """A word about the corrected plan. One no drops it; enough yes bring it into force. Raises NotNow, Moved."""
    with transaction.atomic():
        run.refresh_from_db()
        # The row's lock first: two approvers at once must not both find the other's word missing.
        moved(run, RunState(run.state), reason=run.reason)
        run.refresh_from_db(fields=["correction"])
        proposal = _may_vote(run, by, yes, comment, fingerprint)
        run.approvals.filter(by=by, fingerprint=fingerprint).delete()
        Approval.objects.create(run=run, by=by, yes=yes, comment=comment, fingerprint=fingerprint)
        word = "Approved" if yes else "Refused"
        says = f"{word} the corrected inputs." + (f" “{comment}”" if comment else "")
        journal.write(run.pk, "voted", says, actor=name(by), data={"yes": yes, "fingerprint": fingerprint})
        if not yes:
            moved(run, RunState(run.state), correction=None)
        elif votes_left(run, proposal) == 0:
            apply(run)
        tell(run.pk)


def apply(run: Run) -> None:
    """Bring the proposal into force, in the caller's transaction. Raises NotNow when it is no longer what it was."""
    proposal = run.correction or {}
    row = run.current()
    plan = _plan(run, proposal.get("inputs", {}))
    if (
        run.state not in STANDS
        or row is None
        or run.index != proposal.get("index")
        or plan.fingerprint != proposal["fingerprint"]
    ):
        raise NotNow("The run is not where it was when the inputs were corrected: correct them again.")
    _fits(run, row, plan)
    changes = {"inputs": proposal["inputs"], "plan": plan.as_json(), "fingerprint": plan.fingerprint}
    moved(run, RunState.RUNNING, title=plan.title, correction=None, reason="", **changes)
    _lay_out_the_rest(run, row, plan)
    journal.write(run.pk, "replanned", f"Goes on with the corrected inputs, from step {row.number}.")


def votes_left(run: Run, proposal: Mapping[str, Any]) -> int:
    """How many yes the corrected plan still needs."""
    said = words_about(run, proposal).filter(yes=True).exclude(by=proposal["by"])
    yes = sum(a.by.has_perm("workflows.approve_run") for a in said.select_related("by"))
    return max(0, int(proposal["needed"]) - yes)


def words_about(run: Run, proposal: Mapping[str, Any]) -> QuerySet[Approval]:
    """What was said since it was proposed. The very same plan may have been approved, or refused, earlier in this run:
    who said so then may say otherwise now, and the journal keeps both."""
    return run.approvals.filter(fingerprint=proposal["fingerprint"], pk__gt=proposal.get("after", 0))


def _may_vote(run: Run, by: User, yes: bool, comment: str, fingerprint: str) -> Mapping[str, Any]:
    proposal: Mapping[str, Any] | None = run.correction
    if proposal is None or proposal["index"] != run.index or run.state not in STANDS:
        raise NotNow("No corrected inputs wait for an approval.")
    if proposal["by"] == by.pk and yes:
        raise NotNow("You corrected the inputs, so somebody else has to approve it.")
    if proposal["fingerprint"] != fingerprint:
        raise Moved("These are no longer the inputs you read: read them again.", proposal["differences"])
    if words_about(run, proposal).filter(by=by).exists():
        raise NotNow("You have already said your word about this plan.")
    if not yes and not comment.strip():
        raise NotNow("A refusal needs a reason: it is all that the others will learn.")
    return proposal


def _inputs(run: Run, given: Mapping[str, str]) -> dict[str, str]:
    """All inputs, with the corrected ones put in; each must be one that could be chosen now."""
    may = {wanted.name: wanted for wanted in fields(run)}
    if unknown := sorted(set(given) - set(may)):
        raise NotNow(f"“{unknown[0]}” is no input of this run that can be corrected.")
    inputs = {**run.inputs, **{key: value.strip() for key, value in given.items() if value.strip()}}
    changed = [key for key in given if inputs.get(key) != run.inputs.get(key)]
    if not changed:
        raise NotNow("These are the inputs that the run has already.")
    facts, workflow = run.pool.last_facts(), WORKFLOWS[run.workflow]
    for key in changed:
        candidates = workflow.candidates(key, facts, inputs) if facts and facts.pool else ()
        chosen = next((c for c in candidates if c.value == inputs[key]), None)
        if candidates and chosen is None:
            raise NotNow(f"{may[key].label}: {inputs[key]} cannot be chosen in this pool.")
        if chosen and not chosen.possible:
            raise NotNow(f"{may[key].label}: {chosen.label} is ruled out: {', '.join(chosen.out)}.")
    return inputs


def _plan(run: Run, inputs: dict[str, str]) -> Plan:
    """The whole plan on what the run found when it began, so that both plans speak of the same steps."""
    workflow, baseline = WORKFLOWS[run.workflow], run.baseline_facts
    try:
        plan = planned(workflow, inputs, baseline, baseline, {}, own.of(run.pool))
    except (NotKnown, ValueError) as unknown:
        raise NotNow(f"No plan can be made with that: {unknown}") from unknown
    if plan.refused:
        raise Refused(plan.refused)
    return plan


def _fits(run: Run, row: RunStep, plan: Plan) -> None:
    """Raises NotNow when something that was done, or may be under way, hangs on the former inputs."""
    steps, was = json.loads(json.dumps(plan.as_json()))["steps"], run.plan["steps"]
    for done in run.steps.filter(index__lte=row.index).order_by("index"):
        new = steps[done.index] if done.index < len(steps) else None
        tried = done.attempts.exists()
        if new is None or (new["key"] != done.key and (tried or done.index < row.index)):
            raise NotNow("With that the plan has other steps from the beginning: abort, and start a new run.")
        same = all(new[part] == was[done.index][part] for part in ("args", "changes", "calls"))
        if done.index < row.index and tried and not same:
            raise NotNow(f"Step {done.number} was done with the former one: take that back first.")


def _lay_out_the_rest(run: Run, row: RunStep, plan: Plan) -> None:
    """The step it stands at is judged anew; what comes after is laid out anew."""
    fresh = [
        RunStep(
            run=run, index=i, key=p.step.key, args=p.step.args, title=p.panel.title, risk=p.step.risk.value
        )
        for i, p in enumerate(plan.steps)
    ]
    run.steps.filter(index__gt=row.index).delete()
    RunStep.objects.bulk_create(fresh[row.index + 1 :])
    now = fresh[row.index]
    again = {name: getattr(now, name) for name in ("key", "args", "title", "risk")}
    unsaid: dict[str, Any] = {
        "shown": None,
        "digest": "",
        "confirmed_digest": "",
        "first_digest": "",
        "seen": [],
        "says": "",
    }
    RunStep.objects.filter(pk=row.pk).update(state=StepState.TODO, **again, **unsaid, **tail.CLEAN)


def _differences(run: Run, plan: Plan, inputs: Mapping[str, str]) -> list[str]:
    labels = {wanted.name: wanted.label for wanted in fields(run)}
    said = [
        f"{labels[key]}: {_named(run, run.inputs.get(key, ''))} before, {_named(run, value)} now."
        for key, value in inputs.items()
        if value != run.inputs.get(key)
    ]
    return said + plan_differences(run.plan, plan.as_json())


def _named(run: Run, value: str) -> str:
    """A host or an SR by its name, where the value is a uuid."""
    pool = run.baseline_facts.pool
    known = (pool.host(value) or pool.sr(value)) if pool else None
    return known.name if known else value or "nothing"
