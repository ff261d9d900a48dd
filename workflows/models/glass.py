"""Somebody went on alone in an outage, past what the policy asks for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from workflows.models.run import Run


class Glass(models.Model):
    """One breaking of the glass. It stays an open obligation until somebody else has reviewed it."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="glasses")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.TextField()
    fingerprint = models.CharField(max_length=64)
    """Of the plan that was gone on with."""
    waived = models.TextField()
    """What the policy would have asked for, in a sentence."""
    saw = models.TextField(blank=True)
    """The critical findings that were open in the pool then, so that a reviewer can see what the outage was."""
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.by} went on alone with run {self.run_id}: {self.reason}"
