"""What should move and does not: due runs, leases of workers that died, approvals that ran out."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from workflows.engine.states import MOVING, RunState
from workflows.models import Run
from workflows.running import journal
from workflows.running.lease import LEASE, free
from workflows.running.moves import Stale, move

FARTHEST = timedelta(seconds=60)
"""No tick asks for the next one later than this: a date beyond it is from before the clock was turned back."""


def _waiting() -> QuerySet[Run]:
    died = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + 2 * LEASE)
    late = Q(next_due_at__lte=Now()) | Q(next_due_at__gt=Now() + FARTHEST)
    return Run.objects.filter(free(), died | late, state__in=MOVING)


def due() -> list[int]:
    """Runs that nobody holds and that are due, or whose holder died with the lease. On the database's clock."""
    return list(_waiting().order_by("next_due_at").values_list("pk", flat=True))


def is_due(run_id: int) -> bool:
    """Whether a message about this run is still news. When workers are late, each sweep sends another for the same run:
    whoever acted on all of them would be later still."""
    return _waiting().filter(pk=run_id).exists()


def expire() -> None:
    """End runs whose approval did not come in time."""
    for run in Run.objects.filter(state=RunState.APPROVAL, approval_expires_at__lt=Now()):
        try:
            with transaction.atomic():
                move(run, RunState.EXPIRED, reason="The approval did not come in time.")
                journal.write(run.pk, "expired", "The approval did not come in time.")
        except Stale:
            continue  # somebody voted at this very moment
