"""A pool's cluster as the last sweep of its CloudStack left it, so that a look need not ask for it again."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from pools.cloudstack_facts import CloudStackFacts, CsJob, CsVm
from pools.encoding import cloudstack_from
from pools.facts import Facts, Trouble
from pools.models import Cluster, Pool, Sweep

SLACK = timedelta(seconds=5)
CALLED = timedelta(seconds=30)
REST, MOST_REST_S = 4, 60.0
"""After a sweep CloudStack rests four times as long as that took, and a minute at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Which writing of a cluster's row it was. While it is the same the row says the same."""

    cluster: int
    changed_at: datetime
    guests: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """CloudStack's side of a look: its facts, or the trouble that the sweep had; `at` is how old they are."""

    facts: CloudStackFacts | None
    trouble: Trouble | None
    gaps: tuple[str, ...]
    at: datetime
    mark: Mark | None = None
    """Of the row that the facts were read from."""


def rest(took_s: float) -> timedelta:
    """How long CloudStack is left alone after a sweep that took so long."""
    return timedelta(seconds=min(REST * took_s, MOST_REST_S))


def lasts(sweep: Sweep) -> timedelta:
    """How old a sweep may be to be taken for now: two turns, and more where a turn itself takes long."""
    return timedelta(seconds=2 * (settings.WATCH_INTERVAL + sweep.took_s)) + rest(sweep.took_s) + SLACK


def first_under_way(now: datetime) -> Q:
    """The pools that nobody has looked at yet, and whose CloudStack is about to be swept for the first time or just
    being: a look would ask by itself, and list the guests of a whole pod for each of a thousand pools. A sweep that is
    called again and again and never begins is waited for no longer than CALLED."""
    begun = Q(cloudstack__sweep__lease_until__gt=now)
    called = Q(cloudstack__sweep__next_at__gt=now, next_look_at__gt=now - CALLED)
    return Q(looked_at=None, cloudstack__sweep__isnull=False, cloudstack__sweep__tried_at=None) & (
        begun | called
    )


def swept_for(pool: Pool, now: datetime, before: Swept | None = None) -> Swept | None:
    """None when there is no fresh sweep, when it does not tell which cluster is meant, or when the pool's last look
    has heard later news from CloudStack itself: nothing may seem to go back. While the next sweep is under way the last
    one stands: a CloudStack that is slow to tell it would be as slow to tell a look, which has less time.

    `before` is what the caller had the last time: what still holds of that is neither read nor made again."""
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
    found = _cluster_now(pool, before)
    if found is None:
        return None
    seen, mark = found
    return Swept(facts=_with_work(seen, sweep), trouble=None, gaps=tuple(sweep.gaps), at=sweep.at, mark=mark)


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
    in its pod only. Without `facts` and `guests`, which are long."""
    rows = Cluster.objects.filter(cloudstack=pool.cloudstack_id, name=pool.cluster)
    named = list(rows.defer("facts", "guests")[:9])
    ours = (
        {member.address for member in short.members}
        if (short := pool.last_summary())
        else set(pool.addresses)
    )
    if len(named) > 1:
        named = [cluster for cluster in named if ours & set(cluster.addresses.split())]
    return named[0] if len(named) == 1 else None


def _cluster_now(pool: Pool, before: Swept | None) -> tuple[CloudStackFacts, Mark] | None:
    cluster, was = cluster_of(pool), before.facts if before else None
    if before and was and cluster and before.mark == _mark(cluster):
        return was, before.mark
    row = Cluster.objects.filter(pk=cluster.pk).first() if cluster else None
    return (_read(row, was), _mark(row)) if row else None


def _mark(cluster: Cluster) -> Mark:
    return Mark(cluster.pk, cluster.changed_at, cluster.guests_digest)


def _read(cluster: Cluster, before: CloudStackFacts | None) -> CloudStackFacts:
    """The cluster with its guests; those that are as before are the very same."""
    known = {vm.id: vm for vm in before.vms} if before else {}
    return replace(cloudstack_from(cluster.facts), vms=tuple(_guest(row, known) for row in cluster.guests))


def _guest(row: list[str], known: dict[str, CsVm]) -> CsVm:
    id, instance, state, host = row
    vm = known.get(id)
    if vm and (vm.instance, vm.state, vm.host) == (instance, state, host):
        return vm
    return CsVm(id=id, instance=instance, state=sys.intern(state), host=sys.intern(host))


def _with_work(seen: CloudStackFacts, sweep: Sweep) -> CloudStackFacts:
    """With its pending jobs, and CloudStack's settings."""
    jobs = [CsJob(id=j[0], command=j[1], status=j[2], instance=j[3]) for j in sweep.jobs]
    here = {seen.cluster, *(h.id for h in seen.hosts), *(v.id for v in seen.vms)} if jobs else set()
    return replace(
        seen,
        jobs=tuple(job for job in jobs if not job.instance or job.instance in here),
        settings=tuple(sorted(sweep.settings.items())),
    )


def _known_later(pool: Pool, at: datetime) -> bool:
    last = pool.last_facts()
    if last is None:
        return False
    told = last.cloudstack_at or (last.at if last.cloudstack else None)
    return told is not None and told > at
