"""What should move and does not: due runs, leases of workers that died, approvals that ran out."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from workflows.engine.states import MOVING, RunState
from workflows.models import Run
from workflows.running import journal
from workflows.running.moves import Stale, move


def due() -> list[int]:
    """Runs that nobody holds and that are due, or whose holder died with the lease. On the database's clock."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    died = Q(lease_until__lt=Now())
    runs = Run.objects.filter(free, died | Q(next_due_at__lte=Now()), state__in=MOVING)
    return list(runs.order_by("next_due_at").values_list("pk", flat=True))


def expire() -> None:
    """End runs whose approval did not come in time."""
    for run in Run.objects.filter(state=RunState.APPROVAL, approval_expires_at__lt=Now()):
        try:
            with transaction.atomic():
                move(run, RunState.EXPIRED, reason="The approval did not come in time.")
                journal.write(run.pk, "expired", "The approval did not come in time.")
        except Stale:
            continue  # somebody voted at this very moment
