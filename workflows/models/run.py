"""One execution of a workflow on one pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pools.encoding import facts_from
from pools.facts import Facts
from pools.models import Pool
from workflows.engine.states import ENDED, FOR_A_PERSON, RunState

if TYPE_CHECKING:
    from workflows.models.step import RunStep

STATES = [(s.value, s.value) for s in RunState]


class Pause(models.TextChoices):
    """Where a run is to rest: before its next step, or after the next step at which nothing is half done."""

    STEP = "step", "before the next step"
    POINT = "point", "at the next pause point"


class Run(models.Model):
    """The row that the engine moves by conditional update only; see engine/states.py for the moves.

    `lease_owner`, `lease_until` and `fence` say who may write: every claim raises the fence, and who comes
    with an older one writes nothing. `entries` and `head` are the length and the last hash of the journal, so
    that a line cut off its end is missed too.
    """

    workflow = models.CharField(max_length=64)
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="runs")
    title = models.CharField(max_length=300)
    inputs = models.JSONField(default=dict)
    memory = models.JSONField(default=dict, blank=True)
    """What steps remembered for later steps."""
    baseline = models.JSONField()
    """The facts that the plan was made on (pools/encoding.py)."""
    plan = models.JSONField()
    """The plan as it was shown (engine/plan.py, `Plan.as_json`)."""
    fingerprint = models.CharField(max_length=64)
    version = models.CharField(max_length=64, blank=True)
    """Digest of the workflow's code that the plan was made with (running/versions.py); empty on runs of before."""
    differences = models.JSONField(default=list, blank=True)
    """Sentences: how the plan moved since it was approved or shown last."""
    correction = models.JSONField(null=True, blank=True)
    """Other inputs for the steps that are left, proposed and not in force yet (running/correcting.py)."""
    rehearsal = models.JSONField(null=True, blank=True)
    """What the last rehearsal showed, by whom and when (running/rehearsing.py)."""

    state = models.CharField(max_length=16, choices=STATES, default=RunState.PLANNED)
    index = models.PositiveIntegerField(default=0)
    """The current step."""
    reason = models.TextField(blank=True)
    """Why it stands where it stands, in a sentence."""
    ends_as = models.CharField(max_length=16, default=RunState.DONE)
    """`done`, or `aborted` once its tail only pays debts or undoes."""

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="runs_requested")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="runs_owned")
    note = models.TextField(blank=True)
    """What the requester says to those who approve."""
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approval_expires_at = models.DateTimeField(null=True, blank=True)

    created = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    state_since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    pause = models.CharField(max_length=8, choices=Pause.choices, blank=True)
    pause_by = models.CharField(max_length=160, blank=True)
    """Who asked for it."""
    paused_at = models.DateTimeField(null=True, blank=True)
    """Since when it rests; empty while it is only asked for."""

    holds_pool = models.BooleanField(default=False)
    next_due_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["pool"], condition=Q(holds_pool=True), name="one_run_changes_a_pool_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["state", "next_due_at"], name="run_due")]
        permissions = [
            ("start_run", "Can plan and start runs"),
            ("confirm_step", "Can confirm steps and decide about failures"),
            ("approve_run", "Can approve or refuse runs"),
            ("take_over_run", "Can take over a run"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.title}"

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def waits_for_a_person(self) -> bool:
        return self.state in FOR_A_PERSON

    @property
    def baseline_facts(self) -> Facts:
        return facts_from(self.baseline)

    def current(self) -> RunStep | None:
        """The current step's row; None after the last."""
        return self.steps.filter(index=self.index).first()
