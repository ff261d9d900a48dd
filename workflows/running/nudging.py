"""A run looks again as soon as a watcher saw something move in its pool, and not only when its pause is over."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from workflows.engine.states import MOVING, StepState
from workflows.models import Run
from workflows.running.moves import wake

LOOKING = (StepState.ACTING, StepState.WAITING, StepState.CONFIRM)
"""Steps that only wait to see something. One that pauses before it is sent again keeps its pause."""


def nudge(pool_id: int, **_signal: Any) -> None:
    """Make the pool's run due now. One that a worker has in its hands goes on at once when that one lets go; one that
    is overdue stays so, since for how long nobody looked is read from it (unwatched.py)."""
    rests, held = Q(next_due_at__gt=Now()), Q(next_due_at=None, lease_until__gt=Now())
    here = Q(steps__index=F("index"), steps__state__in=LOOKING)
    runs = Run.objects.filter(here, pool=pool_id, holds_pool=True, state__in=MOVING)
    with transaction.atomic():
        for run_id in list(runs.values_list("pk", flat=True)):
            if Run.objects.filter(rests | held, pk=run_id, state__in=MOVING).update(next_due_at=Now()):
                wake(run_id)
