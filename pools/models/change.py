"""The timeline: what changed in a pool, one row each. Nothing is written for a look that saw no change."""

from __future__ import annotations

from django.db import models

from pools.models.pool import Pool
from pools.timeline import Source


class Change(models.Model):
    """Something became otherwise. `at` is when we saw it, `happened_at` when it happened, if a captain says."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    """When it was last seen otherwise: it happened between then and `at`."""
    source = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Source])
    kind = models.CharField(max_length=40)
    """What became otherwise, e.g. `master`, `ha`, `enabled`, `resourcestate`, `finding-opened`."""
    subject = models.CharField(max_length=255)
    subject_uuid = models.CharField(max_length=128, blank=True)
    says = models.TextField()
    before = models.CharField(max_length=255, blank=True)
    after = models.CharField(max_length=255, blank=True)
    by = models.CharField(max_length=160, blank=True)
    """The person who did it, where that is known."""
    run = models.PositiveBigIntegerField(null=True, blank=True)
    """The run that held the pool then."""

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("pool", "-at"), name="change_of_pool"),
            models.Index(fields=("-at",), name="change_latest"),
        )

    def __str__(self) -> str:
        return self.says
