"""Celery's part: ticks. A lost one costs seconds, a doubled one nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from dashboard.notices import gathering, sending


@shared_task
def notice() -> None:
    """Every few seconds, by beat: write down what is news, and send what is due."""
    gathering.gather(timezone.now())
    for route_id in sending.due(timezone.now()):
        deliver.apply_async((route_id,), expires=30)


@shared_task
def deliver(route_id: int) -> None:
    """One route's due messages."""
    sending.deliver(route_id)
