"""Who may move a run: one worker at a time, for a few seconds, on the database's clock.

Every claim raises the fence. Every write of a worker says its fence, so that one who was frozen past its lease
writes nothing; and just before a call leaves, the lease is renewed, so that it sends nothing either.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from workflows.engine.states import MOVING
from workflows.models import Run

LEASE = timedelta(seconds=6)
BEAT_S = LEASE.total_seconds() / 3
LONGEST_S = 90.0
"""After that the heartbeat stops by itself: a worker that hangs must lose its lease. Above the task's hard limit."""


class LostLease(Exception):
    """Somebody else has the run now, or a person has moved it: whatever was about to be done is not done."""


@dataclass(frozen=True, slots=True)
class Lease:
    run_id: int
    fence: int
    worker: str

    def renew(self) -> bool:
        """A whole lease more; False when it is no longer ours, or when the run no longer moves."""
        mine = Run.objects.filter(pk=self.run_id, fence=self.fence, lease_owner=self.worker, state__in=MOVING)
        return mine.update(lease_until=Now() + LEASE) == 1

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
        began = monotonic()
        try:
            while not stop.wait(BEAT_S) and monotonic() - began < LONGEST_S:
                if not self.renew():
                    return
        finally:
            connection.close()


def claim(run_id: int, worker: str) -> Lease | None:
    """The lease of a run that moves, by one conditional update; None when another worker has it."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with transaction.atomic():
        run = Run.objects.filter(pk=run_id, state__in=MOVING)
        lease = {"lease_owner": worker, "lease_until": Now() + LEASE, "fence": F("fence") + 1}
        if not run.filter(free).update(next_due_at=None, **lease):
            return None
        return Lease(run_id, run.values_list("fence", flat=True).get(), worker)
