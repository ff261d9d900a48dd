"""The watch: each pool is looked at when it is due, by one watcher at a time, and what changed is remembered.

A pool is claimed by one conditional update that takes a lease and raises a fence. Who comes back after the lease is
over finds another fence, and writes nothing. The lease outlives a look's deadline: only a dead watcher loses it. What a
master has told by itself takes no time to ask for, and no lease: it is written if the fence is what it was and nobody
had the lease. Each store raises the fence once more, so that of two who began with the same one writes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from pools import refusals
from pools.connect import endpoint
from pools.facts import Facts
from pools.lateness import TOO_LATE_S, lateness
from pools.models import Pool
from pools.remembering import Claim, good_of, remember
from pools.rules import judge_all
from pools.rules.case import Case, Finding
from pools.seeing import Said, case_of, heard, look_at
from pools.sparing import Spared, spared
from pools.swept import Swept, first_under_way, swept_for
from pools.writing import Writer

logger = logging.getLogger(__name__)

LOOK_S = 15.0
"""A look never takes longer, whatever the captains do."""
LEASE = timedelta(seconds=2 * LOOK_S)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a look has left in the database, for whoever has it in memory still: void once the row has another fence.
    `good` is the last look in which the master answered."""

    fence: int
    case: Case
    findings: tuple[Finding, ...]
    good: Facts
    swept: Swept | None
    """CloudStack's side, if it came from a sweep."""
    writer: Writer
    """What wrote these facts, and need not write again what has not changed."""


FIRST = timedelta(seconds=5)
"""So long a pool that nobody has looked at yet is left to who listens: what they read first is its first look. If each
were looked at in turn as well, a start would cost twice as much."""
AT_ONCE, YOUNG = 8, timedelta(seconds=5)
"""So many looks in turn may be in their first seconds at a time; one that is older waits for a host, and for no
processor. With all of a thousand pools at once each look takes as long as all together, runs into its deadline, is due
again, and none ever ends."""
TIMEOUT = "timeout"
TURN_S = 2.0
"""So long a thread waits for its turn to judge and store."""
_turn = threading.Lock()


@contextmanager
def _in_turn() -> Iterator[None]:
    """One thread judges and stores at a time. Forty that do it at once take Python from each other with the
    database's lock in their hands, and a store of ten milliseconds takes seconds. It is a courtesy and no guard: who
    has waited for TURN_S, as behind a broker that hangs, goes ahead."""
    mine = _turn.acquire(timeout=TURN_S)
    try:
        yield
    finally:
        if mine:
            _turn.release()


def claim_due(now: datetime) -> list[int]:
    """The pools whose look is due, each moved on to its next turn: asked twice, a pool is named once. Those that
    somebody listens to, or is about to, are left to who does; a first look waits for CloudStack's first sweep. No more
    than may begin now, the longest due first: the others stay due."""
    in_turn = Pool.objects.exclude(listener__until__gt=now)
    due = in_turn.filter(next_look_at__lte=now).exclude(first_under_way(now))
    if settings.LISTEN:
        due = due.exclude(looked_at=None, next_look_at__gt=now - FIRST, listener__rests_until=None)
    ids = list(due.order_by("next_look_at").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return []
    begun = in_turn.filter(look_until__gt=now + LEASE - YOUNG).count()
    next_turn = now + timedelta(seconds=settings.WATCH_INTERVAL)
    return [
        pk
        for pk in ids[: max(0, AT_ONCE - begun)]
        if Pool.objects.filter(pk=pk, next_look_at__lte=now).update(next_look_at=next_turn)
    ]


def hand_over(pool_ids: Iterable[int], now: datetime) -> list[int]:
    """Have these pools judged anew by whoever listens to them, within a second; those that nobody listens to are
    given back."""
    ids = list(pool_ids)
    held = set(Pool.objects.filter(pk__in=ids, listener__until__gt=now).values_list("pk", flat=True))
    Pool.objects.filter(pk__in=held).update(next_look_at=now)
    return [pk for pk in ids if pk not in held]


def watch(pool_id: int, *, deadline_s: float = LOOK_S, afresh: bool = False) -> bool:
    """Look at a pool, judge it, remember. False when somebody else is at it, or took it over meanwhile. `afresh`:
    something has just happened, so that no member's earlier answer counts."""

    def look(pool: Pool, now: datetime, swept: Swept | None, spare: Spared) -> Facts:
        if afresh and spare.asked:
            spare = replace(spare, asked=replace(spare.asked, stale=True))
        return look_at(pool, now, deadline_s, swept, spare)

    now = timezone.now()
    claim = _claim(pool_id, now)
    return claim is not None and _judged(claim, now, look, None, logs_in=True) is not None


def tell(pool_id: int, said: Said, before: Stored | None = None) -> Stored | None:
    """The same with what its master has told by itself. `before` is what the caller stored last: then it is not read
    again, unless somebody else has stored since."""

    def hear(pool: Pool, now: datetime, swept: Swept | None, spare: Spared) -> Facts:
        return heard(pool, said, now, LOOK_S, swept, spare)

    now = timezone.now()
    fences = Pool.objects.filter(_free(now), pk=pool_id).order_by().values_list("look_fence", flat=True)
    fence = fences.first()
    return None if fence is None else _judged(Claim(pool_id, fence), now, hear, before, logs_in=False)


def _judged(
    claim: Claim,
    now: datetime,
    facts_of: Callable[[Pool, datetime, Swept | None, Spared], Facts],
    before: Stored | None,
    *,
    logs_in: bool,
) -> Stored | None:
    try:
        pool = _read(claim, before)
        swept, spare = (
            swept_for(pool, now, before.swept if before else None),
            spared(pool, endpoint(pool).addresses, now),
        )
        began = monotonic()
        facts = heard_in_time(facts_of(pool, now, swept, spare), lateness.within(monotonic() - began))
        if facts is None:
            _give_back(claim)
            return None
        if spare.master is None and (logs_in or not refusals.stands(pool)):
            # What comes over a session that was open already proves nothing of a password that was refused since.
            refusals.note(pool, facts.pool_trouble, now)
        if pool.cloudstack and swept is None and spare.cloudstack is None:
            refusals.note(pool.cloudstack, facts.cloudstack_trouble, now)
        with _in_turn():
            case, good = case_of(pool, facts, timezone.now()), good_of(pool, facts)
            findings, writer = judge_all(case), before.writer if before else Writer()
            if not remember(pool, claim, case, findings, good, writer):
                return None
        return Stored(claim.after, case, findings, good or facts, swept, writer)
    except Exception:
        # The next look comes in any case; this one must not keep the pool until its lease ends.
        _give_back(claim)
        raise


def _give_back(claim: Claim) -> None:
    Pool.objects.filter(pk=claim.pool_id, look_fence=claim.fence).update(look_until=None)


def _read(claim: Claim, before: Stored | None) -> Pool:
    rows = Pool.objects.select_related("cloudstack__refusal", "refusal", "probing")
    if before is None or before.fence != claim.fence or before.case.facts.pool is None:
        return rows.get(pk=claim.pool_id)
    pool = rows.defer("facts", "good_facts").get(pk=claim.pool_id)
    pool.still_known(before.case.facts, before.good)
    return pool


def heard_in_time(facts: Facts, late_s: float) -> Facts | None:
    """The facts without what is no evidence because this very process was late to hear it: members' silence, and with
    the master's own all of them."""
    if late_s <= TOO_LATE_S:
        return facts
    if facts.pool_trouble and facts.pool_trouble.code == TIMEOUT:
        logger.warning("a look is not believed: this worker is %.1f s late with its own work", late_s)
        return None
    return replace(facts, probes=tuple(p for p in facts.probes if p.answers or p.code != TIMEOUT))


def _free(now: datetime) -> Q:
    return Q(look_until=None) | Q(look_until__lt=now)


def _claim(pool_id: int, now: datetime) -> Claim | None:
    with _in_turn(), transaction.atomic():
        taken = Pool.objects.filter(_free(now), pk=pool_id).update(
            look_until=now + LEASE, look_fence=F("look_fence") + 1
        )
        if not taken:
            return None
        return Claim(pool_id, Pool.objects.values_list("look_fence", flat=True).get(pk=pool_id))
