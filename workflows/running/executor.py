"""One tick of one run: claim it, look, decide, send at most one thing, save under the fence, say when to come again.
The look that proves a step done is also the one by which the next is shown.

A tick may be lost, doubled, late, or die at any instruction: the row is the truth, and the next tick goes on from it.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from workflows.engine.states import MOVING, RunState
from workflows.models import Run
from workflows.running import clock, pausing, unwatched
from workflows.running.captains import Captains, TheCaptains
from workflows.running.lease import Lease, LostLease, claim
from workflows.running.moves import wake
from workflows.running.starting import start_on_fresh_facts
from workflows.running.turn import Seen, Turn, end

log = logging.getLogger(__name__)

AFTER_A_FAULT_S = 5.0
SOON_S = 5.0
"""A tick that is due so soon has a message of its own: until a sweep finds it, a second and more would go by."""


def tick(run_id: int, worker: str, captains: Captains | None = None) -> bool:
    """Move the run by one thing. False when there was nothing to claim."""
    lease = claim(run_id, worker)
    if lease is None:
        return False
    due: float | None = AFTER_A_FAULT_S
    try:
        with lease.kept():
            due = _once(lease, captains or TheCaptains())
    except LostLease:
        log.info("run %s: fence %s is no longer ours; nothing was written", run_id, lease.fence)
    finally:
        _let_go(lease, due)
    return True


def _once(lease: Lease, captains: Captains) -> float | None:
    """Seconds until the next tick; None when a person's choice comes first."""
    run = _loaded(lease)
    if run.state == RunState.STARTING:
        return start_on_fresh_facts(run, lease, captains)
    row = run.current()
    if row is not None and lease.seen is not None:
        unwatched.make_up(run, row, lease, clock.now() - lease.seen)
    due, seen = _turn(run, lease, captains, None)
    while seen is not None:
        due, seen = _turn(_loaded(lease), lease, captains, seen)
    return due


def _loaded(lease: Lease) -> Run:
    return Run.objects.select_related("pool", "pool__cloudstack").get(pk=lease.run_id)


def _turn(run: Run, lease: Lease, captains: Captains, seen: Seen | None) -> tuple[float | None, Seen | None]:
    """One step's turn: seconds until the next tick, and the look that is left for the step after it, if it is over."""
    if run.state not in MOVING:  # a person ended it since
        return None, None
    row = run.current()
    if row is None:  # a person skipped, or settled, the last step
        end(run, lease)
        return None, None
    if pausing.rests(run, row, lease):
        return pausing.LOOKS_S, None
    turn = Turn(run, row, lease, captains, seen)
    return turn.take(), turn.seen_for_the_next


def _let_go(lease: Lease, due: float | None) -> None:
    """Release, if it is still ours. A claim empties `next_due_at`: if it is set, a person moved the run while we
    looked, and goes first."""
    with transaction.atomic():
        run = Run.objects.filter(pk=lease.run_id, fence=lease.fence)
        if not run.filter(lease.ours()).update(lease_owner="", lease_until=None):
            return
        if due is not None:
            run.filter(next_due_at=None).update(next_due_at=Now() + timedelta(seconds=due))
        if run.filter(next_due_at__lte=Now()).exists():
            wake(lease.run_id)
        elif due is not None and due <= SOON_S:
            wake(lease.run_id, due)
