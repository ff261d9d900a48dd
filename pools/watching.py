"""The watch: each pool is looked at when it is due, by one watcher at a time, and what changed is remembered.

A pool is claimed by one conditional update that takes a lease and raises a fence. Who comes back after the lease is
over finds another fence, and writes nothing. The lease outlives a look's deadline: only a dead watcher loses it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from pools.models import Pool
from pools.remembering import Claim, remember
from pools.rules import judge_all
from pools.seeing import case_of, look_at
from pools.swept import swept_for

logger = logging.getLogger(__name__)

LOOK_S = 15.0
"""A look never takes longer, whatever the captains do."""
LEASE = timedelta(seconds=2 * LOOK_S)


def claim_due(now: datetime) -> list[int]:
    """The pools whose look is due, each moved on to its next turn: asked twice, a pool is named once."""
    next_turn = now + timedelta(seconds=settings.WATCH_INTERVAL)
    due = Pool.objects.filter(next_look_at__lte=now).order_by("next_look_at").values_list("pk", flat=True)
    return [
        pk for pk in due if Pool.objects.filter(pk=pk, next_look_at__lte=now).update(next_look_at=next_turn)
    ]


def watch(pool_id: int) -> bool:
    """Look at a pool, judge it, remember. False when somebody else is at it, or took it over meanwhile."""
    now = timezone.now()
    claim = _claim(pool_id, now)
    if claim is None:
        return False
    try:
        pool = Pool.objects.select_related("cloudstack").get(pk=pool_id)
        facts = look_at(pool, now, LOOK_S, swept_for(pool, now))
        case = case_of(pool, facts, timezone.now())
        return remember(pool, claim, case, judge_all(case))
    except Exception:
        # The next look comes in any case; this one must not keep the pool until its lease ends.
        Pool.objects.filter(pk=pool_id, look_fence=claim.fence).update(look_until=None)
        raise


def _claim(pool_id: int, now: datetime) -> Claim | None:
    free = Q(look_until=None) | Q(look_until__lt=now)
    with transaction.atomic():
        taken = Pool.objects.filter(free, pk=pool_id).update(
            look_until=now + LEASE, look_fence=F("look_fence") + 1
        )
        if not taken:
            return None
        return Claim(pool_id, Pool.objects.values_list("look_fence", flat=True).get(pk=pool_id))
