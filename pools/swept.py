"""A pool's cluster as the last sweep of its CloudStack left it, so that a look need not ask for it again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from pools.cloudstack_facts import CloudStackFacts, CsJob, CsVm
from pools.encoding import cloudstack_from
from pools.facts import Facts, Trouble
from pools.models import Cluster, Pool, Sweep

SLACK = timedelta(seconds=5)
REST, MOST_REST_S = 4, 60.0
"""After a sweep CloudStack rests four times as long as that took, and a minute at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """CloudStack's side of a look: its facts, or the trouble that the sweep had; `at` is how old they are."""

    facts: CloudStackFacts | None
    trouble: Trouble | None
    gaps: tuple[str, ...]
    at: datetime


def rest(took_s: float) -> timedelta:
    """How long CloudStack is left alone after a sweep that took so long."""
    return timedelta(seconds=min(REST * took_s, MOST_REST_S))


def lasts(sweep: Sweep) -> timedelta:
    """How old a sweep may be to be taken for now: two turns, and more where a turn itself takes long."""
    return timedelta(seconds=2 * (settings.WATCH_INTERVAL + sweep.took_s)) + rest(sweep.took_s) + SLACK


def first_under_way(now: datetime) -> Q:
    """The pools that nobody has looked at yet, and whose CloudStack is about to be swept for the first time or just
    being: a look would ask by itself, and list the guests of a whole pod for each of a thousand pools."""
    begun, called = Q(cloudstack__sweep__lease_until__gt=now), Q(cloudstack__sweep__next_at__gt=now)
    return Q(looked_at=None, cloudstack__sweep__isnull=False, cloudstack__sweep__tried_at=None) & (
        begun | called
    )


def swept_for(pool: Pool, now: datetime) -> Swept | None:
    """None when there is no fresh sweep, when it does not tell which cluster is meant, or when the pool's last look
    has heard later news from CloudStack itself: nothing may seem to go back. While the next sweep is under way the last
    one stands: a CloudStack that is slow to tell it would be as slow to tell a look, which has less time."""
    sweep = Sweep.objects.filter(cloudstack=pool.cloudstack_id).first() if pool.cloudstack_id else None
    if sweep is None or sweep.tried_at is None:
        return None
    under_way = sweep.lease_until is not None and sweep.lease_until > now
    if now - sweep.tried_at > lasts(sweep) and not under_way:
        return None
    if (trouble := sweep.failure()) is not None:
        return Swept(facts=None, trouble=trouble, gaps=(), at=sweep.tried_at)
    if sweep.at is None or _known_later(pool, sweep.at):
        return None
    cluster = cluster_of(pool)
    return (
        Swept(facts=facts_of(cluster, sweep), trouble=None, gaps=tuple(sweep.gaps), at=sweep.at)
        if cluster
        else None
    )


def with_swept(facts: Facts, swept: Swept | None) -> Facts:
    """The look with CloudStack's side from the sweep, and its age."""
    if swept is None:
        return facts
    return replace(
        facts,
        cloudstack=swept.facts,
        cloudstack_trouble=swept.trouble,
        cloudstack_at=swept.at,
        gaps=facts.gaps + swept.gaps,
    )


def cluster_of(pool: Pool) -> Cluster | None:
    """The one cluster of the pool's cluster's name; of several, the one that has a host of the pool. A name is unique
    in its pod only."""
    named = list(Cluster.objects.filter(cloudstack=pool.cloudstack_id, name=pool.cluster)[:9])
    ours = (
        {member.address for member in short.members}
        if (short := pool.last_summary())
        else set(pool.addresses)
    )
    if len(named) > 1:
        named = [cluster for cluster in named if ours & set(cluster.addresses.split())]
    return named[0] if len(named) == 1 else None


def facts_of(cluster: Cluster, sweep: Sweep) -> CloudStackFacts:
    """The cluster with its guests, its pending jobs, and CloudStack's settings."""
    seen = cloudstack_from(cluster.facts)
    guests = tuple(CsVm(id=v[0], instance=v[1], state=v[2], host=v[3]) for v in cluster.guests)
    here = {seen.cluster, *(h.id for h in seen.hosts), *(v.id for v in guests)}
    jobs = (CsJob(id=j[0], command=j[1], status=j[2], instance=j[3]) for j in sweep.jobs)
    return replace(
        seen,
        vms=guests,
        jobs=tuple(job for job in jobs if not job.instance or job.instance in here),
        settings=tuple(sorted(sweep.settings.items())),
    )


def _known_later(pool: Pool, at: datetime) -> bool:
    last = pool.last_facts()
    if last is None:
        return False
    told = last.cloudstack_at or (last.at if last.cloudstack else None)
    return told is not None and told > at
