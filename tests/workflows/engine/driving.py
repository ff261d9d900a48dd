"""Driving a run in this process: ticks instead of Celery, and people who confirm what they are shown."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.auth.models import User
from django.utils import timezone

from pools import collector
from pools.connect import cloudstack_endpoint, endpoint
from pools.facts import Facts
from pools.models import Pool
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import MOVING, RunState
from workflows.models import Run
from workflows.running import choices
from workflows.running.captains import Captains, TheCaptains
from workflows.running.executor import tick

PATIENCE_S = 60.0
"""Real seconds between two questions to a person."""


def person(name: str) -> User:
    """ada, bo or cy, each with all that a role could give."""
    return User.objects.get_or_create(username=name, defaults={"is_superuser": True})[0]


def drive(run: Run, captains: Captains | None = None, until: Callable[[Run], bool] | None = None) -> Run:
    """Tick until the run waits for a person or has ended (or until the condition holds). A world in memory has no
    pace of its own, so its ticks do not wait until they are due."""
    stop = until or (lambda r: r.state not in MOVING or r.state == RunState.CONFIRM)
    hurried = captains is not None and not isinstance(captains, TheCaptains)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        run.refresh_from_db()
        if stop(run):
            return run
        assert time.monotonic() < deadline, f"{run} stands at step {run.index}, {run.state}: {run.reason}"
        if hurried or run.next_due_at is None or run.next_due_at.timestamp() <= time.time():
            tick(run.pk, "test", captains)
        else:
            time.sleep(min(0.05, max(0.0, run.next_due_at.timestamp() - time.time())))


def yes(run: Run, by: User) -> None:
    """Confirm the current step as it is shown."""
    row = run.current()
    assert row is not None
    choices.confirm(run, row.index, by, row.digest, choices.name_to_type(run, row))


def drive_to_the_end(run: Run, by: User, captains: Captains | None = None) -> Run:
    """Confirm every step as it comes; one that may not begin at that moment, as soon as it may."""
    while drive(run, captains).state == RunState.CONFIRM:
        drive(run, captains, until=_may_go_on)
        if run.state == RunState.CONFIRM:
            yes(run, by)
    return run


def _may_go_on(run: Run) -> bool:
    row = run.current()
    return run.state != RunState.CONFIRM or bool(row and row.shown and not row.shown["blocked"])


def states(run: Run) -> list[str]:
    """The states of its steps, in order."""
    return list(run.steps.order_by("index").values_list("state", flat=True))


def look(pool: Pool) -> Facts:
    """Fresh facts, as for a new plan."""
    return collector.look(endpoint(pool), cloudstack_endpoint(pool), pool.cluster, now=timezone.now())


def removal(pool: Pool) -> Run:
    """Remove-master of pool amber in favour of amber-2, started."""
    facts = look(pool)
    assert facts.pool, facts.pool_trouble
    successor = facts.pool.host_named("amber-2")
    assert successor
    inputs = {"host": facts.pool.master, "successor": successor.uuid}
    run = choices.plan_run(WORKFLOWS["remove-master"], pool, inputs, person("bo"), facts)
    choices.start(run, person("bo"))
    return run
