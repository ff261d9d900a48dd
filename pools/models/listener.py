"""Which process listens to a pool's master, and the mirror as it was last put down."""

from __future__ import annotations

import json
import zlib
from typing import Any

from django.db import models

from pools.models.pool import Pool


class Listener(models.Model):
    """One row a pool, held by one process at a time under a lease and a fence. The mirror is any earlier one with its
    token: what happened since is told when somebody goes on from there."""

    pool = models.OneToOneField(Pool, models.CASCADE, primary_key=True, related_name="listener")
    holder = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    """The lease: past or None means that nobody listens, and that the pool is looked at in its turn."""
    fence = models.PositiveBigIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)
    """Nobody tries before: the master cannot tell, or hung up soon after the last tries."""
    failures = models.PositiveSmallIntegerField(default=0)
    """How often in a row the line did not last."""
    packed = models.BinaryField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)
    """When a full look stood behind `packed`."""

    class Meta:
        indexes = (models.Index(fields=("holder", "until"), name="listener_held"),)

    def __str__(self) -> str:
        return f"{self.pool}: {self.holder or 'nobody listens'}"

    def unpacked(self) -> dict[str, Any] | None:
        """What `pack` took, or None."""
        return json.loads(zlib.decompress(self.packed)) if self.packed else None


def pack(plain: dict[str, Any]) -> bytes:
    """A mirror's plain values, for the column: quickly rather than tightly."""
    return zlib.compress(json.dumps(plain).encode(), 1)
