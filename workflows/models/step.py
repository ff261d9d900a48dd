"""A step of a run, and the tries to do it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from workflows.engine.states import OVER, StepState
from workflows.models.run import Run

STATES = [(s.value, s.value) for s in StepState]


class RunStep(models.Model):
    """One step. `shown` is the panel as it stands before the button, `digest` what a yes is bound to."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="steps")
    index = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    args = models.JSONField(default=dict, blank=True)
    title = models.CharField(max_length=300)
    risk = models.CharField(max_length=8)
    state = models.CharField(max_length=16, choices=STATES, default=StepState.TODO)
    says = models.TextField(blank=True)
    """One sentence about where it stands: why not needed, why skipped, what it waits for, what was seen."""

    shown = models.JSONField(null=True, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    differences = models.JSONField(default=list, blank=True)
    """Sentences: what moved since it was confirmed, when the confirmation was given back."""
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_digest = models.CharField(max_length=64, blank=True)
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who said the first yes, where the policy asks for two."""
    first_at = models.DateTimeField(null=True, blank=True)
    first_digest = models.CharField(max_length=64, blank=True)

    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    """Until when it may take; set with the act, or when a step that only waits begins."""
    error_code = models.CharField(max_length=120, blank=True)
    error_params = models.JSONField(default=list, blank=True)
    progress = models.JSONField(null=True, blank=True)
    """`{"says", "share", "left"}` as of the last look."""
    seen = models.JSONField(default=list, blank=True)
    """Sentences: what was found while looking whether a call without an answer happened."""

    class Meta:
        ordering = ("run", "index")
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="one_step_per_index")]

    def __str__(self) -> str:
        return f"{self.index + 1}. {self.title}"

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def number(self) -> int:
        """As people count."""
        return self.index + 1

    def last_attempt(self) -> Attempt | None:
        return self.attempts.order_by("-number").first()


class Attempt(models.Model):
    """One try: the row is written before the call (the intent), its answer after it."""

    class Outcome(models.TextChoices):
        """`` (open): no answer is on record. Only `unsent` and `refused` prove that nothing is under way."""

        OPEN = "", "no answer on record"
        ANSWERED = "answered", "the captain took it"
        UNSENT = "unsent", "never left"
        REFUSED = "refused", "refused"
        LOST = "lost", "the answer was lost"
        FAILED = "failed", "failed"
        DONE = "done", "done"
        OVERDUE = "overdue", "not finished in time"
        VANISHED = "vanished", "no trace of it; sent again"
        DENIED = "denied", "a person says it did not happen"

    step = models.ForeignKey(RunStep, models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    fence = models.PositiveBigIntegerField()
    worker = models.CharField(max_length=120)
    intent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    handle_kind = models.CharField(max_length=32, blank=True)
    handle_id = models.TextField(blank=True)
    """Several, with spaces between them, of calls that were sent together."""
    known = models.JSONField(default=dict, blank=True)
    """Refs of tasks and ids of jobs that were there before the intent: they are not ours."""
    doubted_at = models.DateTimeField(null=True, blank=True)
    """Since when nobody knows whether the call arrived."""
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.OPEN, blank=True)
    error_code = models.CharField(max_length=120, blank=True)
    error_params = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("step", "number")
        constraints = [models.UniqueConstraint(fields=["step", "number"], name="one_attempt_per_number")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.step}"
