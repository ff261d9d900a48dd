"""Celery's part of what spans everything: ticks."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from dashboard import pruning


@shared_task
def prune() -> None:
    """Each hour, from beat; doubled beats are harmless."""
    pruning.prune(timezone.now())
