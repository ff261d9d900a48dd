"""Which pools this process listens to: claims, renewals and releases, each one conditional update. Blocks.

As with looks, a lease is taken by one update that raises a fence; who lost it writes nothing more. A process that dies
leaves its pools to the others, and to the looks in turn, as soon as its leases are over.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from dashboard.live import announce
from pools import refusals
from pools.clients.xapi import Endpoint
from pools.connect import endpoint
from pools.facts import Trouble
from pools.mirror import Mirror, mirror_from, mirror_to
from pools.models import Listener, Pool
from pools.models.listener import pack
from pools.models.pool import doubtful
from pools.swept import first_under_way

LEASE = timedelta(seconds=15)
RENEW_S = 4.0
REST = timedelta(seconds=30)
"""After a line that did not last; twice as long after each further one."""
LONGEST_REST = timedelta(hours=1)
WAY = ("addresses", "port", "user", "password", "pins", "ca", "plain_http")
Mark = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A pool that is ours to listen to: the way to it, its mark (another when a person has changed that way), whether
    anybody has looked at it yet, and the mirror that somebody put down, with the moment of the full look behind it."""

    pool_id: int
    uuid: str | None
    fence: int
    way: Endpoint
    mark: Mark
    seen: bool
    mirror: Mirror | None = None
    full_at: datetime | None = None


def new_holder() -> str:
    """A name for this process, never used before."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A pool that is ours from now on, before anything of it was read."""

    pool_id: int
    fence: int


def claim(holder: str, now: datetime, at_most: int) -> list[Taken]:
    """Take pools that nobody listens to and whose last look was good, or that nobody has looked at yet; those first,
    then the longest unseen. The others are looked at in their turn."""
    strangers = Pool.objects.filter(listener=None).order_by().values_list("pk", flat=True)
    Listener.objects.bulk_create((Listener(pool_id=pk) for pk in strangers), ignore_conflicts=True)
    # Whoever renews late has his own lines open still: a second one to each would make him later still.
    lapsed = Q(until__lt=now) & ~Q(holder=holder)
    free = (Q(until=None) | lapsed) & (Q(rests_until=None) | Q(rests_until__lte=now))
    left = list(Listener.objects.filter(free).values_list("pk", flat=True))
    ids = _worth_listening(left, now)[:at_most] if left else []
    until = now + LEASE
    if not ids or not Listener.objects.filter(free, pk__in=ids).update(
        holder=holder, until=until, fence=F("fence") + 1, rests_until=None
    ):
        return []
    ours = Listener.objects.filter(pk__in=ids, holder=holder, until=until)
    fences = dict(ours.values_list("pk", "fence"))
    return [Taken(pk, fences[pk]) for pk in ids if pk in fences]


def _worth_listening(pool_ids: list[int], now: datetime) -> list[int]:
    good = Q(looked_at=None, refusal=None) | Q(good_at=F("looked_at"))
    found = Pool.objects.filter(good, pk__in=pool_ids).exclude(first_under_way(now))
    return list(found.order_by(F("looked_at").asc(nulls_first=True), "pk").values_list("pk", flat=True))


def held(taken: Taken) -> Held | None:
    """What is needed to listen to it; None when somebody else has taken it since."""
    mark = _marks(pk=taken.pool_id).get(taken.pool_id)  # first: what a person changes meanwhile shows later
    row = Listener.objects.filter(pk=taken.pool_id, fence=taken.fence).select_related("pool").first()
    if row is None or mark is None:
        return None
    kept = row.unpacked()
    return Held(
        row.pool_id,
        row.pool.uuid,
        row.fence,
        endpoint(row.pool),
        mark,
        row.pool.looked_at is not None,
        mirror_from(kept) if kept else None,
        row.kept_at,
    )


def refused(held: Held, problem: Trouble) -> None:
    """Its master refuses what we came with: a try like another's. Nothing, where a person has changed that since."""
    pool = Pool.objects.select_related("refusal").get(pk=held.pool_id)
    if _marks(pk=held.pool_id).get(held.pool_id) == held.mark:
        refusals.note(pool, problem, timezone.now())


def _marks(**those: Any) -> dict[int, Mark]:
    """By pool, the way to it as stored: only ever compared."""
    rows = Pool.objects.filter(**those).order_by().values_list("pk", *(Cast(n, TextField()) for n in WAY))
    return {pk: tuple(mark) for pk, *mark in rows}


def renew(holder: str, now: datetime) -> dict[int, Mark]:
    """Hold for longer what is held; the pools that are, with their marks. A lease that ran out because we were late is
    ours still, as long as nobody has taken the pool: who takes it writes down another holder."""
    Listener.objects.filter(holder=holder).update(until=now + LEASE)
    return _marks(listener__holder=holder)


def release(pool_id: int, fence: int, *, lasted: bool, rest: timedelta | None = None) -> None:
    """Leave the pool to the looks in turn. What did not last is tried again later, each time later still."""
    row = Listener.objects.filter(pool=pool_id, fence=fence).first()
    if row is None:
        return
    failures = 0 if lasted else min(row.failures + 1, 12)
    rests = rest or (min(REST * 2 ** (failures - 1), LONGEST_REST) if failures else None)
    Listener.objects.filter(pool=pool_id, fence=fence).update(
        holder="", until=None, failures=failures, rests_until=timezone.now() + rests if rests else None
    )
    Pool.objects.filter(pk=pool_id).update(next_look_at=timezone.now())  # its turn may be half a minute away


def keep(pool_id: int, fence: int, mirror: Mirror | None, full_at: datetime) -> None:
    """Put the mirror down, for whoever listens next; None where the one that lies there is as good."""
    new = {"packed": pack(mirror_to(mirror))} if mirror else {}
    Listener.objects.filter(pool=pool_id, fence=fence).update(kept_at=full_at, **new)


def release_left(holder: str, pool_ids: Iterable[int]) -> None:
    """Those that could not be released when it was their time."""
    Listener.objects.filter(holder=holder, pool__in=list(pool_ids)).update(holder="", until=None)


def release_all(holder: str) -> None:
    """At the end of this process: somebody else may go on at once."""
    Listener.objects.filter(holder=holder).update(holder="", until=None)


def forget(pool_id: int, fence: int) -> None:
    """Nobody shall go on from the mirror that was put down."""
    Listener.objects.filter(pool=pool_id, fence=fence).update(packed=None, kept_at=None)


def heard(holder: str, pool_ids: Iterable[int], at: datetime) -> None:
    """These masters said at that moment that nothing has changed: the last look is as good as new."""
    ids = list(pool_ids)
    ours = Pool.objects.filter(
        pk__in=ids,
        look_until=None,
        looked_at__lt=at,
        good_at=F("looked_at"),
        listener__holder=holder,
        listener__until__gt=at,
    )
    if ours.update(looked_at=at, good_at=at):
        announce(*(f"pool-{pk}" for pk in ids))


@dataclass(frozen=True, slots=True)
class Want:
    """A pool of ours that is to be judged although nothing was told: when it was due, None when another's look failed,
    and when it was looked at last."""

    due_at: datetime | None
    looked_at: datetime


def wanted(ours: Collection[int], now: datetime, again: timedelta) -> dict[int, Want]:
    """Those of ours whose time has come, or whom somebody hurries, each moved on to its next turn; and those that
    somebody else could not read. One query while there are none: it is asked each second."""
    meant = Q(next_look_at__lte=now) | Q(pk__in=doubtful().values("pk"))
    rows = Pool.objects.filter(meant, look_until=None, looked_at__isnull=False).order_by()
    found = [row for row in rows.values_list("pk", "next_look_at", "looked_at") if row[0] in ours]
    late = [pk for pk, due, _at in found if due <= now]
    if late:
        Pool.objects.filter(pk__in=late).update(next_look_at=now + again)
    return {pk: Want(due if due <= now else None, at) for pk, due, at in found if at}
