"""One person's word about one plan."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from workflows.models.run import Run


class Approval(models.Model):
    """A yes or a no, bound to a plan's fingerprint; void once the run's plan is another."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="approvals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    yes = models.BooleanField()
    comment = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["run", "by", "fingerprint"], name="one_vote_per_person_and_plan")
        ]

    def __str__(self) -> str:
        return f"{self.by}: {'yes' if self.yes else 'no'}"

    @property
    def void(self) -> bool:
        """The plan changed since."""
        return self.fingerprint != self.run.fingerprint

    @property
    def counts(self) -> bool:
        """A yes to the plan as it is, by somebody who may still approve: who was demoted since is not counted."""
        return self.yes and not self.void and self.by.has_perm("workflows.approve_run")
