"""What runs of ours do to pools right now, on pages about pools: who holds one and why, and what is still owed."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from pools.exposure import WORDS, Kind
from pools.models import Exposure, Pool
from workflows.models import Debt, Run
from workflows.pages.strips import Line, line, wanted

register = template.Library()

MOST_DEBTS = 5
MOST_EXPOSED = 8


@register.simple_tag(takes_context=True)
def holder_of(context: Context, pool: Pool) -> Line | None:
    """The run that holds the pool, as a line: its title, owner, where it stands. None when nobody does."""
    run = wanted(Run.objects.filter(pool=pool, holds_pool=True)).first()
    return line(run, context["request"].user) if run else None


@register.inclusion_tag("ui/debts.html")
def debts(pool: Pool | None = None) -> dict[str, Any]:
    """What runs have changed and not yet put back, of one pool or of all, the oldest first."""
    owed = Debt.objects.filter(paid_at=None).select_related("run__pool").order_by("incurred_at", "pk")
    found = list(owed.filter(run__pool=pool) if pool else owed)
    return {"debts": found[:MOST_DEBTS], "more": max(len(found) - MOST_DEBTS, 0), "with_pool": pool is None}


@register.inclusion_tag("ui/exposures.html")
def exposures(pool: Pool | None = None) -> dict[str, Any]:
    """What a pool is without, and for how long; of all pools only what somebody took away, the longest first."""
    rows = Exposure.objects.filter(until=None).select_related("pool").defer(*HEAVY)
    found = rows.filter(pool=pool) if pool else rows.exclude(kind=Kind.NO_SPARE)[:MOST_EXPOSED]
    told = [(row, WORDS[Kind(row.kind)]) for row in found]
    return {
        "rows": [(row, words[:1].upper() + words[1:]) for row, words in told] if pool else told,
        "with_pool": pool is None,
    }


HEAVY = tuple(f"pool__{name}" for name in ("facts", "good_facts", "summary", "password", "ca", "pins"))
"""Columns that a line does not show."""
