"""Runs of remove-master that stand at a given step, as the engine would have left their rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from pools.encoding import facts_to
from pools.facts import Facts
from tests.workflows import amber
from workflows.engine.panel import panel
from workflows.engine.situation import Situation
from workflows.engine.states import HOLDING
from workflows.models import Debt, Run
from workflows.running import journal
from workflows.running.tail import step_of

MEMORY = {
    "ha": {
        "srs": ["sr-hb"],
        "timeout_s": 180,
        "configuration": {"timeout": "180"},
        "failures_to_tolerate": 1,
        "allow_overcommit": False,
    }
}


def ready_to_eject(at: Facts) -> Facts:
    """amber as it is just before the eject: amber-2 is master, HA is off, amber-1 is empty and in maintenance."""
    facts = at.with_master("h-amber-2").with_ha(enabled=False).with_vms_off("h-amber-1")
    return facts.with_cs_host("cs-amber-1", resourcestate="Maintenance")


def now() -> Facts:
    """amber, all well, as of this moment."""
    return replace(amber.facts(), at=timezone.now())


def stand(run: Run, key: str, state: str, step_state: str, facts: Facts, **row: Any) -> Run:
    """Put the run at the step of that key: what is before it is done, and the panel is made on these facts."""
    steps = list(run.steps.all())
    index = next(step.index for step in steps if step.key == key)
    start = timezone.now() - timedelta(minutes=5)
    run.steps.filter(index__lt=index).update(
        state="done", says="Done.", started_at=start, ended_at=timezone.now()
    )
    situation = Situation(facts=facts, baseline=run.baseline_facts, inputs=run.inputs, memory=MEMORY)
    shown = panel(step_of(steps[index]), situation)
    run.steps.filter(index=index).update(
        state=step_state,
        started_at=start,
        shown=shown.as_json(),
        shown_at=facts.at,
        digest=shown.digest,
        **row,
    )
    holds = state in HOLDING
    moved = {"state": state, "index": index, "memory": MEMORY, "started_at": start, "holds_pool": holds}
    Run.objects.filter(pk=run.pk).update(**moved)
    run.pool.__class__.objects.filter(pk=run.pool_id).update(facts=facts_to(facts), looked_at=facts.at)
    return Run.objects.get(pk=run.pk)


def owe_ha(run: Run) -> Debt:
    """HA is off by this run."""
    index = run.steps.get(key="DisableHa").index
    says = "HA is off on amber; it was on with nfs-hb, 180 s, 1 failure to tolerate."
    journal.write(run.pk, "owes", f"Owed from here: {says}", step=index)
    return Debt.objects.create(run=run, kind="ha", says=says, step_index=index)
