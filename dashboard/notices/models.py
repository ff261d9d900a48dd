"""Who is to be told what, what they were told, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dashboard.notices.vocabulary import Kind, Wish
from pools.credentials import EncryptedTextField
from pools.models import Pool
from pools.rules.case import Severity

SEVERITIES = [(s.value, s.value) for s in Severity]
KINDS = [(k.value, k.value) for k in Kind]
TEST = "test"


def every_kind() -> list[str]:
    return [kind.value for kind in Kind]


class Route(models.Model):
    """One way to reach people: an Apprise address, and what goes there."""

    name = models.CharField(max_length=80, unique=True)
    url = EncryptedTextField()
    """An Apprise URL (mailto://, slack://, msteams://, json:// …). It holds a password or a token as a rule."""
    enabled = models.BooleanField(default=True)
    at_least = models.CharField(max_length=8, choices=SEVERITIES, default=Severity.WARNING.value)
    zones = models.JSONField(default=list, blank=True)
    """Names of CloudStack zones; empty for all."""
    kinds = models.JSONField(default=every_kind)
    remind_s = models.PositiveIntegerField(default=14_400)
    """Seconds until a trouble that nobody acknowledged is told again; 0 for never."""
    busy_until = models.DateTimeField(null=True, blank=True)
    """The lease of who is sending to it."""
    told_version = models.PositiveBigIntegerField(default=0)
    """Grows whenever what it knows changes: of two gatherers, the later one writes nothing."""

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def wish(self) -> Wish:
        remind = timedelta(seconds=self.remind_s) if self.remind_s else None
        kinds = frozenset(Kind(kind) for kind in self.kinds)
        return Wish(Severity(self.at_least), frozenset(self.zones), kinds, remind)


class Knowledge(models.Model):
    """What a route was told last of a code on a pool, as part of a trouble that is not over."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="knowledge")
    pool = models.ForeignKey(Pool, models.CASCADE, related_name="+")
    code = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=SEVERITIES)
    says = models.TextField()
    subjects = models.JSONField(default=list)
    at = models.DateTimeField()
    remedy = models.TextField(blank=True, default="")
    run = models.PositiveBigIntegerField(null=True, blank=True)
    """The id of the run that was prepared for it, if one was named."""
    shared = models.CharField(max_length=80, blank=True, default="")
    """What many pools have it of: `the console`, or a CloudStack by name."""
    trouble = models.CharField(max_length=160, blank=True, default="")
    """The same on all parts that were told as one trouble."""
    cause = models.BooleanField(default=True)
    """Whether the trouble was told under its name."""
    over_at = models.DateTimeField(null=True, blank=True)
    """When it was found over, while something else of its trouble was not."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("route", "pool", "code", "shared"), name="a_route_is_told_once"),
        )

    def __str__(self) -> str:
        return f"{self.route}: {self.code}"


class Notice(models.Model):
    """One message to one route, and what came of it. `state` is `pending`, `sent` or `failed`."""

    PENDING, SENT, FAILED = "pending", "sent", "failed"

    route = models.ForeignKey(Route, models.CASCADE, related_name="notices")
    pool = models.ForeignKey(Pool, models.SET_NULL, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=8, choices=[*KINDS, (TEST, TEST)])
    code = models.CharField(max_length=64, blank=True)
    severity = models.CharField(max_length=8, choices=SEVERITIES)
    title = models.CharField(max_length=255)
    body = models.TextField()
    created = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, default=PENDING, choices=[(s, s) for s in (PENDING, SENT, FAILED)])
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    """Why the last try failed, without secrets."""

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "next_try_at"), name="notice_due"),)

    def __str__(self) -> str:
        return self.title


class SilenceQuerySet(models.QuerySet["Silence"]):
    """Questions that pages and the planner ask."""

    def in_force(self, now: Any) -> SilenceQuerySet:
        return self.filter(until__gt=now, ended_at=None)


class Silence(models.Model):
    """Until then nobody is told. No pool means any pool, no code any code; it always has an end and a reason."""

    pool = models.ForeignKey(Pool, models.CASCADE, null=True, blank=True, related_name="silences")
    code = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField()
    reason = models.CharField(max_length=255)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When somebody ended it early."""

    objects = SilenceQuerySet.as_manager()

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.code or 'everything'} on {self.pool or 'every pool'}: {self.reason}"


class Acknowledgement(models.Model):
    """Somebody knows of a trouble: no reminders until it is over. At most one open one for a trouble."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="acknowledgements")
    code = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=("pool", "code"), condition=Q(ended_at=None), name="one_open_acknowledgement"
            ),
        )
        permissions = [("silence", "Can acknowledge and silence troubles")]

    def __str__(self) -> str:
        return f"{self.code} on {self.pool}, known to {self.by}"
