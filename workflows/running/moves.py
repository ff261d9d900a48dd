"""The one way a run's row changes its state: by conditional update, with what depends on it."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from dashboard.live import announce
from workflows.engine.states import ENDED, HOLDING, RunState, may
from workflows.models import Login, Run
from workflows.running import clock
from workflows.running.lease import Lease, LostLease

log = logging.getLogger(__name__)


class Stale(Exception):
    """The row was not in that state: somebody was faster."""


def move(run: Run, new: RunState, *, lease: Lease | None = None, **changes: Any) -> None:
    """To a new state (or the same), if the row still stands where `run` was loaded and, for a worker, under its
    fence. The update takes the row's lock, so what follows in the same transaction meets no other mover. Raises
    LostLease or Stale; IntegrityError when the new state holds the pool and another run holds it.
    """
    old = RunState(run.state)
    if old != new:
        if not may(old, new):
            raise ValueError(f"no run may go from {old} to {new}")
        now = clock.now()
        changes = {"state_since": now, "holds_pool": new in HOLDING, **changes}
        if new in ENDED:
            changes |= {"ended_at": now, "next_due_at": None}
    row = Run.objects.filter(pk=run.pk, state=old, index=run.index)
    if lease:
        row = row.filter(lease.ours())
    if row.update(state=new, **changes) != 1:
        raise LostLease if lease else Stale
    if new in ENDED:
        Login.objects.filter(run=run.pk).delete()
    run.state, run.index = new, changes.get("index", run.index)
    if old != new or changes:
        tell(run.pk)


def tell(run_id: int) -> None:
    """Pages that show this run look again, once this transaction is kept."""
    for topic in (f"run-{run_id}", "overview", "approvals"):
        announce(topic)


def wake(run_id: int, after_s: float = 0.0) -> None:
    """A tick, so many seconds after this transaction is kept. Only a hint: the sweeper finds the row if it is lost."""
    transaction.on_commit(lambda: enqueue(run_id, after_s))


def look_now(run: Run) -> None:
    """Make a run due that waits for its next look, and wake it. One that is in a worker's hands goes on by itself."""
    with transaction.atomic():
        if Run.objects.filter(pk=run.pk, next_due_at__gt=Now()).update(next_due_at=Now()):
            wake(run.pk)


def enqueue(run_id: int, after_s: float = 0.0) -> None:
    """Send the tick's message; a broker that is away costs a second, not a state. A worker keeps what is for later."""
    from workflows.tasks import tick  # the task imports the executor, which imports this

    try:
        tick.apply_async((run_id,), countdown=after_s, expires=60, retry=False)
    except OperationalError:
        log.warning("run %s: the broker is away; the sweeper will find it", run_id)
