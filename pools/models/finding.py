"""A finding as it lives on: since when, how bad now, and when it was mended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from pools.models.pool import Pool
from pools.rules import ORDER, RANK
from pools.rules.case import Evidence, Severity
from pools.rules.case import Finding as Judged


class FindingQuerySet(models.QuerySet["Finding"]):
    """Questions that pages ask."""

    def open(self) -> FindingQuerySet:
        return self.filter(closed_at=None)

    def worst_first(self) -> FindingQuerySet:
        """Unexpected before expected, then by severity, then causes before what follows from them."""
        number = models.IntegerField()
        waits = models.Case(models.When(expected_by=None, then=0), default=1, output_field=number)
        rank = models.Case(
            *(models.When(severity=s.value, then=i) for s, i in RANK.items()), output_field=number
        )
        place = models.Case(
            *(models.When(code=slug, then=i) for slug, i in ORDER.items()),
            default=len(ORDER),
            output_field=number,
        )
        return self.annotate(waits=waits, rank=rank, place=place).order_by(
            "waits", "rank", "place", "subject_name"
        )


class Finding(models.Model):
    """One judgement over time: at most one open row for a code and a subject of a pool.

    Written by the watcher alone, under the pool's fence. `expected_by` is the id of the run that causes it.
    """

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="findings")
    code = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Severity])
    subject_kind = models.CharField(max_length=16)
    subject_name = models.CharField(max_length=255)
    subject_uuid = models.CharField(max_length=128)
    says = models.TextField()
    means = models.TextField()
    remedy = models.TextField(blank=True)
    """A workflow's slug, or a sentence, or empty."""
    data = models.JSONField(default=dict)
    """`evidence`: a list of what, value, source, at."""
    expected_by = models.PositiveBigIntegerField(null=True, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    """The last look that found it different from the look before; looks that find the same write nothing."""
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("pool", "code", "subject_uuid"), condition=Q(closed_at=None), name="one_open_finding"
            ),
        )
        indexes = (models.Index(fields=("closed_at", "severity"), name="finding_open"),)

    def __str__(self) -> str:
        return f"{self.code}: {self.subject_name}"

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.subject_uuid

    @property
    def remedy_slug(self) -> str:
        """The workflow that mends it, or empty."""
        return "" if " " in self.remedy else self.remedy

    @property
    def evidence(self) -> list[dict[str, Any]]:
        evidence: list[dict[str, Any]] = self.data.get("evidence", [])
        return evidence


def values_of(found: Judged) -> dict[str, Any]:
    """A judgement as the row's fields, all but the pool and the times."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "subject_kind": found.subject.kind,
        "subject_name": found.subject.name,
        "subject_uuid": found.subject.uuid,
        "says": found.says,
        "means": found.means,
        "remedy": found.remedy,
        "data": {"evidence": [evidence_of(e) for e in found.evidence]},
        "expected_by": found.expected_by,
    }


def evidence_of(evidence: Evidence) -> dict[str, str | None]:
    """One raw value, as pages, look and exports give it."""
    return {
        "what": evidence.what,
        "value": evidence.value,
        "source": evidence.source,
        "at": _iso(evidence.at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
