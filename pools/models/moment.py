"""What was known of a pool at a moment, kept for as long as the timeline is."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from pools.encoding import facts_from
from pools.facts import Facts
from pools.models.finding import Finding, values_of
from pools.models.pool import Pool
from pools.rules.case import Finding as Judged
from pools.writing import Written


@dataclass(frozen=True, slots=True)
class Known:
    """A moment as it was: what the captains said, and the findings that were open, worst first."""

    facts: Facts
    findings: tuple[Finding, ...]


class MomentQuerySet(models.QuerySet["Moment"]):
    """Questions that pages ask."""

    def at_time(self, pool: Pool, at: datetime) -> Moment | None:
        """The last one that was known then; None when nothing that old is kept."""
        return self.filter(pool=pool, at__lte=at).order_by("-at").first()


class Moment(models.Model):
    """Written by the watcher when something worth showing changed. `at` is its look; it was seen to be so still at
    `until`, give or take a minute. `answers`: the master answered."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="moments")
    at = models.DateTimeField()
    until = models.DateTimeField()
    answers = models.BooleanField()
    packed = models.BinaryField()
    """Facts and findings as JSON, compressed: some kB."""

    objects = MomentQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        indexes = (models.Index(fields=("pool", "-at"), name="moment_of_pool"),)

    def __str__(self) -> str:
        return f"{self.pool} at {self.at:%Y-%m-%d %H:%M:%S}"

    def known(self) -> Known:
        """What was known then."""
        kept: dict[str, Any] = json.loads(zlib.decompress(self.packed))
        rows = tuple(_row(self.pool, values) for values in kept["findings"])
        return Known(facts_from(kept["facts"]), rows)


def pack(
    written: Written, findings: tuple[Judged, ...], at: datetime, since: dict[tuple[str, str], datetime]
) -> bytes:
    """Facts and findings of a look as they are kept. `since` has the beginnings of findings that are older."""
    kept = [
        {
            **values_of(found),
            "since": since.get(found.key, at).isoformat(),
            "seen_at": at.isoformat(),
        }
        for found in findings
    ]
    return written.compressed('{"facts": ', f', "findings": {json.dumps(kept)}}}')


def _row(pool: Pool, values: dict[str, Any]) -> Finding:
    """A finding as it was; not in the database, so that nothing can be done about it any more."""
    times = {name: datetime.fromisoformat(values[name]) for name in ("since", "seen_at")}
    return Finding(pool=pool, **{**values, **times})
