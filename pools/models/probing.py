"""How the members of a pool answered last, each by itself."""

from __future__ import annotations

from django.db import models

from pools.encoding import probes_from
from pools.facts import Probe
from pools.models.pool import Pool


class Probing(models.Model):
    """One row a pool, written by the prober alone (pools/probing/); a look takes its probes from here."""

    pool = models.OneToOneField(Pool, models.CASCADE, primary_key=True, related_name="probing")
    at = models.DateTimeField()
    """When the prober was last at work on this pool: an old one means that there is no prober."""
    probes = models.JSONField(default=list)
    silent_since = models.DateTimeField(null=True, blank=True)
    """Since when no address of the pool answers; None while one does."""

    def __str__(self) -> str:
        return f"the members of {self.pool}, asked {self.at:%Y-%m-%d %H:%M:%S}"

    def known(self) -> tuple[Probe, ...]:
        """The probes, each with its own moment."""
        return probes_from(self.probes)
