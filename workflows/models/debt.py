"""Something that a run changed and that must be put back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from workflows.models.run import Run


class Debt(models.Model):
    """Incurred in the transaction of the intent; paid by the paying step, or by proof that it was."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="debts")
    kind = models.CharField(max_length=32)
    """`ha`, `maintenance`, `unmanaged`, `host-disabled`."""
    says = models.TextField()
    settings = models.JSONField(default=dict, blank=True)
    """What is needed to pay it: the run's inputs and memory as they were."""
    step_index = models.PositiveIntegerField()
    incurred_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_how = models.TextField(blank=True)

    class Meta:
        ordering = ("incurred_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind", "step_index"],
                condition=models.Q(paid_at=None),
                name="a_step_owes_once",
            )
        ]

    def __str__(self) -> str:
        return self.says

    @property
    def open(self) -> bool:
        return self.paid_at is None
