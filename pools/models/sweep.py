"""The last reading of a whole CloudStack, and its clusters as it saw them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from pools.facts import Trouble
from pools.models.cloudstack import CloudStack


class Sweep(models.Model):
    """One CloudStack's turns. Written by whoever holds the lease, under `fence`; a row is made for each CloudStack.

    `at` is when the last complete reading began: so old is what the clusters' rows say, also those that it left as
    they were. An attempt that failed leaves it alone, and says why in `trouble`.
    """

    cloudstack = models.OneToOneField(CloudStack, models.CASCADE, primary_key=True, related_name="sweep")
    next_at = models.DateTimeField(default=timezone.now, db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    took_s = models.FloatField(default=0)
    """Seconds that the last attempt took; the next one comes the later for it."""
    trouble = models.JSONField(null=True, blank=True)
    """Code, parameters and sentence of what the last attempt failed with."""
    version = models.CharField(max_length=40, blank=True)
    gaps = models.JSONField(default=list, blank=True)
    """What our keys may not read, e.g. `listConfigurations: not-permitted`."""
    jobs = models.JSONField(default=list, blank=True)
    """Pending jobs, as plain facts."""
    settings = models.JSONField(default=dict, blank=True)
    """Name → value of the settings that sentences speak of (pools/timing.py)."""
    settings_at = models.DateTimeField(null=True, blank=True)
    guests_at = models.DateTimeField(null=True, blank=True)
    """When the clusters' guests were read; more seldom than hosts, as there may be 100,000."""
    guests_took_s = models.FloatField(default=0)
    """Seconds that reading them took; they are read the more seldom for it."""
    alerts = models.JSONField(null=True, blank=True)
    """How far CloudStack's alerts are known: `at`, and the ids of that second. None before the first reading."""

    def __str__(self) -> str:
        return f"{self.cloudstack} at {self.at}"

    def failure(self) -> Trouble | None:
        """What the last attempt failed with."""
        kept: dict[str, Any] = self.trouble or {}
        if not kept:
            return None
        return Trouble(code=kept["code"], params=tuple(kept["params"]), says=kept["says"])


class Cluster(models.Model):
    """One XenServer cluster as the last sweep saw it. Written only when something of it is otherwise."""

    cloudstack = models.ForeignKey(CloudStack, models.CASCADE, related_name="clusters")
    uid = models.CharField(max_length=64)
    """CloudStack's id."""
    name = models.CharField(max_length=255)
    facts = models.JSONField()
    """The cluster and its hosts, without guests and jobs."""
    digest = models.CharField(max_length=64)
    """Of `facts`: whether a reading says anything else."""
    guests = models.JSONField(default=list)
    """Guests, routers and system VMs by place; only of clusters that belong to a pool."""
    guests_digest = models.CharField(max_length=64, blank=True)
    addresses = models.TextField(blank=True)
    """Its hosts' addresses and names, a blank before and after each, to be searched."""
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("cloudstack", "uid"), name="one_cluster_of_an_id"),)
        indexes = (models.Index(fields=("cloudstack", "name"), name="cluster_by_name"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.cloudstack}"
