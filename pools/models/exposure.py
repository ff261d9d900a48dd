"""When a pool stood without a net: without HA, unmanaged in CloudStack, or with no host to spare."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from pools.exposure import Kind
from pools.models.pool import Pool


class Exposure(models.Model):
    """One stretch of time, as the looks saw it begin and end. Written by the watcher alone."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="exposures")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in Kind])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    """None while it lasts."""
    run = models.PositiveBigIntegerField(null=True, blank=True)
    """The run that held the pool when it began."""

    class Meta:
        ordering = ("since", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("pool", "kind"), condition=Q(until=None), name="one_open_exposure"
            ),
        )
        indexes = (models.Index(fields=("pool", "since"), name="exposure_of_pool"),)

    def __str__(self) -> str:
        return f"{self.pool}: {self.kind} since {self.since:%Y-%m-%d %H:%M:%S}"

    def within(self, start: datetime, end: datetime) -> timedelta:
        """How much of it lies between two moments."""
        return max(timedelta(0), min(self.until or end, end) - max(self.since, start))
