"""What a pool's policy asks of people: how many approve a run, who may confirm a step, and when two have to."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User

from pools.models import Pool
from workflows.engine.plan import Plan
from workflows.engine.step import Risk
from workflows.models import Run, RunStep
from workflows.running import clock

FIRST_YES_LASTS = timedelta(minutes=30)
"""Two people decide about the same moment: a first yes that is older is given again."""


def approvals_for(pool: Pool, plan: Plan) -> int:
    """How many people have to approve this plan, by the highest risk among the steps that are needed."""
    risks = [planned.step.risk for planned in plan.steps if planned.applies.ok]
    return pool.approvals_for(max(risks, key=lambda risk: risk.weight, default=Risk.NONE))


def may_not_confirm(run: Run, row: RunStep, by: User) -> str:
    """Why the policy does not let this person confirm this step; empty when it does."""
    names: list[str] = run.pool.confirmers.get(row.risk, [])
    if not names or goes_alone(run):
        return ""
    if by.get_username() in names or by.groups.filter(name__in=names).exists():
        return ""
    return f"The policy of {run.pool.name} lets {_either(names)} confirm a step of {row.risk} risk."


def wants_two(run: Run, row: RunStep) -> bool:
    """Whether a second person has to say yes to this step."""
    bar = run.pool.second_person_from
    return bool(bar) and Risk(row.risk).weight >= Risk(bar).weight and not goes_alone(run)


def first_yes(run: Run, row: RunStep) -> User | None:
    """Who said the first yes to what is shown now, if it still counts: not grown old, and by somebody who may."""
    if row.first_by is None or row.first_at is None or row.first_digest != row.digest:
        return None
    if clock.now() - row.first_at > FIRST_YES_LASTS or not row.first_by.has_perm("workflows.confirm_step"):
        return None
    return None if may_not_confirm(run, row, row.first_by) else row.first_by


def goes_alone(run: Run) -> bool:
    """Whether the glass was broken for this run: one person is enough then, and is answerable for it."""
    return run.glasses.exists()


def _either(names: list[str]) -> str:
    return f"only {' or '.join(names)}" if len(names) < 3 else f"only one of {', '.join(names)}"
