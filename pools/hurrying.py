"""A look out of turn, for what should not wait for the next one."""

from __future__ import annotations

from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from pools.models import Pool
from pools.watching import hand_over

LOOK = "pools.tasks.watch_pool"
"""The task's name: it lives beside the loop that hurries it, and cannot be imported from there."""


def look_soon(*pool_ids: int) -> None:
    """Have these pools judged anew by who listens to them, else looked at now. Without a broker they are the first
    whose turn comes."""
    now = timezone.now()
    every = timedelta(seconds=settings.WATCH_INTERVAL)
    for pool_id in hand_over(pool_ids, now):
        try:
            current_app.send_task(LOOK, (pool_id,), expires=settings.WATCH_INTERVAL)
        except (OperationalError, OSError):
            Pool.objects.filter(pk=pool_id).update(next_look_at=now)
        else:
            Pool.objects.filter(pk=pool_id, next_look_at__lt=now + every).update(next_look_at=now + every)
