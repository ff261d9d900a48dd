"""A rehearsal: what is left of a run, judged step by step on what both captains say now. Nothing is changed or sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from pools.facts import Facts
from pools.rules.console import STALE, staleness
from workflows.catalogue import WORKFLOWS
from workflows.engine.plan import PlannedStep, plan_differences, project
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import clock, journal, own, tail
from workflows.running.asking import as_it_is
from workflows.running.captains import same_pool
from workflows.running.moves import tell
from workflows.running.people import name
from workflows.running.planning import baseline_of, planned
from workflows.running.refusals import NotNow

NOT_BEGUN = (RunState.PLANNED, RunState.APPROVAL, RunState.STARTING)


def rehearse(run: Run, by: User) -> None:
    """Rehearse what is left of the run, and keep the result beside it. Raises NotNow."""
    run.refresh_from_db()
    if run.ended:
        raise NotNow("This run has ended: nothing of it is left to rehearse.")
    facts = _fresh(run)
    try:
        first, steps, moved = _planned(run, facts) if run.state in NOT_BEGUN else _rest(run, facts)
    except (NotKnown, ValueError) as unknown:
        raise NotNow(f"It cannot be rehearsed now: {unknown}") from unknown
    result = _result(first, steps, moved) | {"facts_at": facts.at.isoformat(), "by": name(by)}
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(rehearsal=result)
        failing = len(result["failing"])
        says = f"Rehearsed: {result['checks'] - failing} of {result['checks']} checks hold or will hold."
        journal.write(run.pk, "rehearsed", says, actor=name(by), data=result)
        tell(run.pk)


def _fresh(run: Run) -> Facts:
    facts = run.pool.last_facts()
    if facts is None or staleness(facts.at, clock.now(), settings.WATCH_INTERVAL):
        seconds = STALE * settings.WATCH_INTERVAL
        raise NotNow(
            f"{run.pool.name} was not looked at within {seconds} s: a rehearsal needs what is true now."
        )
    known = run.baseline_facts.pool
    return same_pool(facts, known.uuid) if known else facts


def _planned(run: Run, facts: Facts) -> tuple[int, tuple[PlannedStep, ...], list[str]]:
    as_it_is(run)
    workflow = WORKFLOWS[run.workflow]
    baseline = baseline_of(workflow, facts, run.pool.last_good_facts())
    plan = planned(workflow, run.inputs, facts, baseline, run.memory, own.of(run.pool))
    moved = [f"{check.says}: no. {check.cure}".strip() for check in plan.refused]
    return 0, plan.steps, moved + plan_differences(run.plan, plan.as_json())


def _rest(run: Run, facts: Facts) -> tuple[int, tuple[PlannedStep, ...], list[str]]:
    rows = [row for row in run.steps.filter(index__gte=run.index).order_by("index") if not row.over]
    s = Situation(facts=facts, baseline=run.baseline_facts, inputs=run.inputs, memory=run.memory)
    first = rows[0].index if rows else run.index
    return first, project([tail.step_of(row) for row in rows], s, own.of(run.pool)), []


def _result(first: int, steps: tuple[PlannedStep, ...], moved: list[str]) -> dict[str, Any]:
    needed = [(n, step) for n, step in enumerate(steps, first + 1) if step.applies.ok]
    checks = [(n, step, check) for n, step in needed for check in step.checks]
    failing = [
        {"step": n, "title": step.panel.title, "says": check.says, "cure": check.cure}
        for n, step, check in checks
        if not check.then
    ]
    return {
        "steps": len(steps),
        "needed": len(needed),
        "checks": len(checks),
        "failing": failing,
        "differences": moved,
        "threats": [{"step": n, "says": says} for n, step in needed for says in step.threats],
    }
