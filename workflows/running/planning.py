"""A plan as rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pools.encoding import facts_to
from pools.facts import Facts
from workflows.engine.lockout import Own
from workflows.engine.plan import Plan, make_plan
from workflows.engine.situation import Situation, with_known
from workflows.engine.step import Workflow
from workflows.models import Run, RunStep
from workflows.running.versions import version_of


def planned(
    workflow: Workflow,
    inputs: dict[str, str],
    facts: Facts,
    baseline: Facts,
    memory: dict[str, Any],
    own: Iterable[Own] = (),
) -> Plan:
    """The plan on these facts; `own` is what Baton itself needs. Raises NotKnown."""
    s = Situation(facts=facts, baseline=baseline, inputs=inputs, memory=memory)
    return make_plan(workflow, s, version_of(workflow), own)


def baseline_of(workflow: Workflow, facts: Facts, known: Facts | None) -> Facts:
    """What the run keeps as it was found: `facts`, or for a workflow that does without the master what it was like when
    it last answered."""
    return with_known(facts, known) if workflow.without_master else facts


def columns(plan: Plan, baseline: Facts) -> dict[str, Any]:
    """What the run's row keeps of a plan."""
    return {
        "title": plan.title,
        "baseline": facts_to(baseline),
        "plan": plan.as_json(),
        "fingerprint": plan.fingerprint,
        "version": plan.version,
    }


def lay_out(run: Run, plan: Plan) -> None:
    """The steps' rows anew. Only before the run has begun."""
    run.steps.all().delete()
    RunStep.objects.bulk_create(
        RunStep(
            run=run,
            index=index,
            key=planned.step.key,
            args=planned.step.args,
            title=planned.panel.title,
            risk=planned.step.risk.value,
        )
        for index, planned in enumerate(plan.steps)
    )
