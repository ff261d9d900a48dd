"""A plan as rows."""

from __future__ import annotations

from typing import Any

from pools.encoding import facts_to
from pools.facts import Facts
from workflows.engine.plan import Plan, make_plan
from workflows.engine.situation import Situation
from workflows.engine.step import Workflow
from workflows.models import Run, RunStep


def planned(workflow: Workflow, inputs: dict[str, str], facts: Facts, memory: dict[str, Any]) -> Plan:
    """The plan on these facts, which become its baseline. Raises NotKnown."""
    return make_plan(workflow, Situation(facts=facts, baseline=facts, inputs=inputs, memory=memory))


def columns(plan: Plan, facts: Facts) -> dict[str, Any]:
    """What the run's row keeps of a plan."""
    return {
        "title": plan.title,
        "baseline": facts_to(facts),
        "plan": plan.as_json(),
        "fingerprint": plan.fingerprint,
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
