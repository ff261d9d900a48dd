"""Celery's part of the watch: ticks. A lost message costs one turn, a doubled one nothing."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from pools import sweeping, watching
from pools.listening import process  # noqa: F401 - starts and stops with the worker


@shared_task
def watch_due() -> None:
    """Every second, by beat: one message for each CloudStack whose turn it is, and for each pool that is due. A message
    that waited a whole turn is dropped. CloudStacks come first, as looks take from their sweeps."""
    now = timezone.now()
    for cloudstack_id in sweeping.claim_due(now):
        sweep_cloudstack.apply_async((cloudstack_id,), expires=settings.WATCH_INTERVAL)
    for pool_id in watching.claim_due(now):
        watch_pool.apply_async((pool_id,), expires=settings.WATCH_INTERVAL)


@shared_task
def watch_pool(pool_id: int) -> None:
    """One look at one pool. Threads have no time limits: the look keeps its own deadline."""
    watching.watch(pool_id)


@shared_task
def sweep_cloudstack(cloudstack_id: int) -> None:
    """One reading of a whole CloudStack. The pools that it has news for are due then: who listens to them judges them
    within a second, and the next tick takes the others."""
    sweeping.sweep(cloudstack_id)
