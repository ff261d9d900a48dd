"""A XenServer pool: how to reach it, what its team wants of it, and what was seen of it last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from pools.credentials import EncryptedTextField
from pools.encoding import facts_from
from pools.facts import Facts
from pools.models.cloudstack import CloudStack
from pools.rules.case import Policy, Severity
from pools.summary import Summary, summary_from


class Recovery(models.TextChoices):
    """Who recovers a dead master."""

    XENSERVER = "xenserver", "XenServer, by pool HA"
    OPERATORS = "operators", "the operators, by hand"


class Pool(models.Model):
    """One pool. `facts` is the last look; `good_facts` the last one in which the master answered, with CloudStack's
    last word, and None where that is `facts` itself: it is long."""

    name = models.SlugField(max_length=64, unique=True)
    uuid = models.CharField(max_length=64, unique=True, null=True, blank=True)
    zone = models.CharField(max_length=120, blank=True)

    # How to reach it.
    addresses = models.JSONField(default=list)
    """Known members, the last known master first."""
    port = models.PositiveIntegerField(default=443)
    user = models.CharField(max_length=120, default="root")
    password = EncryptedTextField()
    pins = models.JSONField(default=list, blank=True)
    """SHA-256 of the members' certificates (DER, hex)."""
    ca = models.TextField(blank=True)
    """PEM of the authorities to trust instead of pins."""
    plain_http = models.BooleanField(default=False)
    cloudstack = models.ForeignKey(CloudStack, models.PROTECT, null=True, blank=True, related_name="pools")
    cluster = models.CharField(max_length=255, blank=True)
    """Name of the CloudStack cluster."""

    # What the team wants of it.
    wants_ha = models.BooleanField(default=True)
    ha_timeout_s = models.PositiveIntegerField(default=180)
    recovery = models.CharField(max_length=16, choices=Recovery.choices, default=Recovery.XENSERVER)
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approvals_by_risk = models.JSONField(default=dict, blank=True)
    """Risk of a run (its highest step) → approvals; a risk that is not named takes `approvals_needed`."""
    second_person_from = models.CharField(max_length=8, blank=True)
    """Steps of this risk and above are confirmed by two people; empty: by one."""
    confirmers = models.JSONField(default=dict, blank=True)
    """Risk of a step → names of groups and people who may confirm it; a risk that is not named: every operator."""
    break_glass = models.BooleanField(default=True)
    """Whether one person may go on alone in an outage, with a reason and a review afterwards."""
    patience_s = models.PositiveIntegerField(default=1800)
    exposure_limit_s = models.PositiveIntegerField(default=3600)
    """How long the pool may be without HA, unmanaged, or unable to bear the loss of a host, in seconds."""

    # What was seen of it. Written by the watcher alone, under `look_fence`.
    next_look_at = models.DateTimeField(default=timezone.now, db_index=True)
    look_until = models.DateTimeField(null=True, blank=True)
    """The lease of the look under way."""
    look_fence = models.PositiveBigIntegerField(default=0)
    facts = models.JSONField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    good_facts = models.JSONField(null=True, blank=True)
    summary = models.JSONField(null=True, blank=True)
    """The last look in short, for lists (pools/summary.py)."""
    good_at = models.DateTimeField(null=True, blank=True)
    ha_off_since = models.DateTimeField(null=True, blank=True)
    drift = models.JSONField(default=dict, blank=True)
    """What policies judge and when it last became otherwise: kind and subject → since, by whom (pools/drift.py)."""
    master_was = models.CharField(max_length=64, blank=True)
    """uuid of the master before this one."""
    master_moved_at = models.DateTimeField(null=True, blank=True)
    worst = models.CharField(max_length=8, blank=True, choices=[(s.value, s.value) for s in Severity])
    version = models.PositiveBigIntegerField(default=0)
    """Grows whenever something worth showing changed."""

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(fields=("looked_at", "good_at"), name="pool_looked"),)
        """For `doubtful`: the rows themselves are long."""

    def __str__(self) -> str:
        return self.name

    def policy(self) -> Policy:
        """What the rules measure this pool by."""
        return Policy(
            wants_ha=self.wants_ha,
            ha_timeout_s=self.ha_timeout_s,
            recovery=self.recovery,
            look_every_s=settings.WATCH_INTERVAL,
            patience_s=self.patience_s,
            exposure_limit_s=self.exposure_limit_s,
        )

    def approvals_for(self, risk: str) -> int:
        """How many approvals a run of that risk needs."""
        return int(self.approvals_by_risk.get(risk, self.approvals_needed))

    def still_known(self, facts: Facts, good: Facts) -> None:
        """What `facts` and `good_facts` hold, by somebody who has it in memory: they need not be read and decoded."""
        self.__dict__["_known"] = facts, good

    def last_facts(self) -> Facts | None:
        """The last look, or None before the first."""
        if known := self.__dict__.get("_known"):
            return _still_so(known[0], self.looked_at)
        return _still_so(self._decoded(self.facts), self.looked_at) if self.facts else None

    def last_summary(self) -> Summary | None:
        """The last look in short, or None before the first."""
        return summary_from(self.summary) if self.summary else None

    def last_good_facts(self) -> Facts | None:
        """The last look in which the master answered, or None."""
        if known := self.__dict__.get("_known"):
            return _still_so(known[1], self.good_at)
        plain = self.good_facts or self.facts
        facts = self._decoded(plain) if plain and self.good_at else None
        return _still_so(facts, self.good_at) if facts and facts.pool else None

    def _decoded(self, plain: dict[str, Any]) -> Facts:
        """Decoded once for an instance: a look asks for the same facts several times."""
        known: list[tuple[dict[str, Any], Facts]] = self.__dict__.setdefault("_decodings", [])
        for other, facts in known:
            if other is plain:
                return facts
        known.append((plain, facts_from(plain)))
        return known[-1][1]


def doubtful() -> models.QuerySet[Pool]:
    """Those that could not be read when they were looked at last; in no order, or the index would not do."""
    return Pool.objects.filter(looked_at__isnull=False).exclude(good_at=models.F("looked_at")).order_by()


def _still_so(facts: Facts, at: datetime | None) -> Facts:
    """The same facts at a later moment: where a master says that nothing has changed, only the moment is written
    down. CloudStack has not said so with it, and keeps its own."""
    if at is None or at <= facts.at:
        return facts
    seen_at = facts.cloudstack_seen_at if facts.cloudstack else facts.cloudstack_at
    return replace(facts, at=at, cloudstack_at=seen_at)
