"""Who may move a run: one worker at a time, for a few seconds, on the database's clock.

Every claim raises the fence. Every write of a worker says its fence, so that one who was frozen past its lease
writes nothing. What it sends passes `hold`, right before each byte that leaves: so it sends nothing either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from pools.clients.errors import Withheld
from workflows.engine.states import MOVING
from workflows.models import Run

LEASE = timedelta(seconds=6)
BEAT_S = LEASE.total_seconds() / 3
FRESH_S = LEASE.total_seconds() / 2
"""A lease renewed so recently is ours without asking again: the other half of it is for what is being done."""
GRACE = timedelta(seconds=60)
"""A lease that ran out longer ago was given before the clock was set, or its worker slept too long to go on."""
LONGEST_S = 90.0
"""After that the heartbeat stops by itself: a worker that hangs must lose its lease. Above the task's hard limit."""


class LostLease(Withheld):
    """Somebody else has the run now, or a person has moved it: whatever was about to be done is not done."""


@dataclass(frozen=True, slots=True)
class Lease:
    """`since` is the moment before it was claimed or renewed last, on a clock that no one sets (`_elapsed`). `seen` is
    when the run was last held or due before this claim, on the database's clock."""

    run_id: int
    fence: int
    worker: str
    since: list[float] = field(default_factory=lambda: [_elapsed()], compare=False)
    seen: datetime | None = field(default=None, compare=False)

    def renew(self) -> bool:
        """A whole lease more; False when it is no longer ours, or when the run no longer moves."""
        began = _elapsed()
        mine = Run.objects.filter(self.ours(), pk=self.run_id, state__in=MOVING)
        if mine.update(lease_until=Now() + LEASE) != 1:
            return False
        self.since[0] = began
        return True

    def ours(self) -> Q:
        """What a row must fulfil for us to write to it. If the clock was set since the lease was given or renewed, it
        is left as it is, with times of the old clock: by them the next worker sees by how much (unwatched.py)."""
        of_this_clock = Q(lease_until__gt=Now() - GRACE, lease_until__lte=Now() + 2 * LEASE)
        return Q(fence=self.fence, lease_owner=self.worker) & of_this_clock

    def hold(self) -> None:
        """Certain that it is ours for another half of its length. Raises LostLease.

        Cheap while the heartbeat renews it. A worker that was frozen finds it old, whichever line it stopped at.
        """
        while _elapsed() - self.since[0] > FRESH_S:
            if not self.renew():
                raise LostLease

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renewed at a third of its length while the block runs."""
        stop = threading.Event()
        thread = threading.Thread(target=self._beat, args=(stop,), name=f"lease-{self.run_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _beat(self, stop: threading.Event) -> None:
        began = _elapsed()
        try:
            while not stop.wait(BEAT_S) and _elapsed() - began < LONGEST_S:
                if not self.renew():
                    return
        finally:
            connection.close()


def free() -> Q:
    """Held by nobody. A lease that runs for longer than any is given is from before the clock was turned back."""
    return Q(lease_until=None) | Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + 2 * LEASE)


def claim(run_id: int, worker: str) -> Lease | None:
    """The lease of a run that moves, by one conditional update; None when another worker has it."""
    began = _elapsed()
    with transaction.atomic():
        run = Run.objects.filter(pk=run_id, state__in=MOVING)
        was = run.values_list("next_due_at", "lease_until").first()
        lease = {"lease_owner": worker, "lease_until": Now() + LEASE, "fence": F("fence") + 1}
        if was is None or not run.filter(free()).update(next_due_at=None, **lease):
            return None
        fence = run.values_list("fence", flat=True).get()
        return Lease(run_id, fence, worker, [began], was[0] or was[1])


def _elapsed() -> float:
    """Seconds on a clock that also runs while the machine sleeps, and that nobody sets."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)
