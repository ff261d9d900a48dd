"""The availability strip and the master's history, read from the timeline and the moments kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import OuterRef, Subquery

from pools.facts import PoolFacts
from pools.models import Change, Moment, Pool
from pools.pages import availability
from pools.pages.availability import Span

MOST_ENTRIES = 2000
MOST_REIGNS = 10


def lasting(pool: Pool, facts: PoolFacts | None, span: Span, *, answers: bool) -> dict[str, Any]:
    """What the template shows; empty for a pool that was never read. `facts` are those of the span's end."""
    if facts is None:
        return {}
    changes = Change.objects.filter(pool=pool, at__lte=span[1])
    entries = changes.filter(kind__in=availability.KINDS, at__gte=span[0])[:MOST_ENTRIES]
    rows = availability.rows(facts, list(entries), _looked(pool, span), span, answers=answers)
    return {
        "available": [row for row in rows if not row.quiet] or rows[:1],
        "quiet": [row for row in rows[1:] if row.quiet],
        "reigns": _reigns(pool, facts, span[1]),
        "ticks": availability.ticks(span),
    }


def _looked(pool: Pool, span: Span) -> list[Span]:
    kept = Moment.objects.filter(pool=pool, at__lte=span[1], until__gte=span[0]).order_by("at")
    last = pool.looked_at if pool.looked_at and pool.looked_at <= span[1] else None
    return availability.looked_at(kept.values_list("at", "until"), span, last)


def _reigns(pool: Pool, facts: PoolFacts, at: datetime) -> tuple[availability.Reign, ...]:
    before = Moment.objects.filter(pool=pool, at__lt=OuterRef("at")).order_by("-at").values("until")[:1]
    handovers = Change.objects.filter(pool=pool, kind="master", at__lte=at).annotate(
        seen_until=Subquery(before)
    )
    master = facts.master_host
    name = master.name if master else facts.master
    return availability.reigns(cast("Any", list(handovers[:MOST_REIGNS])), name)
