"""What a sweep leaves behind: the clusters that are otherwise, the alerts that are new, and the pools to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from dashboard.live import announce
from pools.cloudstack_facts import CloudStackFacts, CsEvent, CsVm
from pools.encoding import cloudstack_to
from pools.models import Change, CloudStack, Cluster, Pool, Sweep
from pools.reading.happened import CsAlert, Names
from pools.swept import cluster_of
from pools.timeline import Source

ALERT = "cloudstack-alert"
"""Kind of the timeline's lines about CloudStack's alerts."""


def digest(cluster: CloudStackFacts) -> str:
    """Of what a sweep compares: everything but guests, jobs and what comes with them."""
    words = [cluster.version, cluster.cluster_name, cluster.managedstate, cluster.allocationstate]
    words += [cluster.zone, cluster.zone_id, cluster.pod_id]
    for host in cluster.hosts:
        words += (host.id, host.name, host.address, host.state, host.resourcestate, host.power)
    return _hash(words)


def differing(cloudstack: CloudStack, clusters: Iterable[CloudStackFacts]) -> bool:
    """Whether a cluster that was seen before is otherwise now."""
    known = dict(Cluster.objects.filter(cloudstack=cloudstack).values_list("uid", "digest"))
    return any(known.get(c.cluster) not in (None, digest(c)) for c in clusters)


def store_clusters(
    cloudstack: CloudStack,
    clusters: Sequence[CloudStackFacts],
    events: Iterable[CsEvent],
    guests: dict[str, list[CsVm]] | None,
    now: datetime,
) -> set[str]:
    """Write those that are otherwise, and remove those that are gone. Gives the names of those whose hosts or state
    changed; guests move all the time, and hasten nobody."""
    rows = {row.uid: row for row in Cluster.objects.filter(cloudstack=cloudstack).defer("facts", "guests")}
    there = {cluster.cluster for cluster in clusters}
    gone = [row for uid, row in rows.items() if uid not in there]
    Cluster.objects.filter(pk__in=[row.pk for row in gone]).delete()
    changed, told, new = {row.name for row in gone}, list(events), list[Cluster]()
    for cluster in clusters:
        row, is_now = rows.get(cluster.cluster), digest(cluster)
        values: dict[str, Any] = {}
        if row is None or row.digest != is_now:
            changed |= {cluster.cluster_name, row.name if row else cluster.cluster_name}
            values = _values(cluster, told) | {"digest": is_now, "changed_at": now}
        if guests is not None:
            values |= _guests(row, guests.get(cluster.cluster, []))
        if row is None:
            new.append(Cluster(cloudstack=cloudstack, uid=cluster.cluster, **values))
        elif values:
            Cluster.objects.filter(pk=row.pk).update(**values)
    Cluster.objects.bulk_create(new, batch_size=100)
    return changed


def _values(cluster: CloudStackFacts, events: list[CsEvent]) -> dict[str, Any]:
    subjects = {cluster.cluster, *(host.id for host in cluster.hosts)}
    here = tuple(event for event in events if event.subject in subjects)
    words = sorted({word for host in cluster.hosts for word in (host.address, host.name) if word})
    return {
        "name": cluster.cluster_name,
        "facts": cloudstack_to(replace(cluster, events=here)),
        "addresses": f" {' '.join(words)} ",
    }


def _guests(row: Cluster | None, guests: list[CsVm]) -> dict[str, Any]:
    plain = [[vm.id, vm.instance, vm.state, vm.host] for vm in guests]
    is_now = _hash(word for vm in plain for word in vm)
    return {} if row and row.guests_digest == is_now else {"guests": plain, "guests_digest": is_now}


def _hash(words: Iterable[str]) -> str:
    return hashlib.blake2b("\0".join(words).encode(), digest_size=32).hexdigest()


def store_alerts(turn: Sweep, alerts: Iterable[CsAlert], names: Names, now: datetime) -> set[int]:
    """New ones become lines of the timeline of the pool that they name something of, with their own time. Gives those
    pools. At the first reading all are old: nothing is told of a past that nobody asked about."""
    if turn.alerts is None:
        return set()
    known = set(turn.alerts["ids"])
    new = [(names.cluster_of(alert.says), alert) for alert in alerts if alert.id not in known]
    clusters = {uid for uid, _alert in new if uid}
    if not clusters:
        return set()
    pools = _pools_of(turn.cloudstack, clusters)
    lines = [_line(pools[uid], alert, turn, now) for uid, alert in new if uid in pools]
    Change.objects.bulk_create(reversed(lines))
    return {line.pool_id for line in lines}


def _pools_of(cloudstack: CloudStack, clusters: set[str]) -> dict[str, int]:
    """Cluster id → the pool tied to it."""
    names = Cluster.objects.filter(cloudstack=cloudstack, uid__in=clusters).values("name")
    tied = Pool.objects.filter(cloudstack=cloudstack, cluster__in=names)
    return {cluster.uid: pool.pk for pool in tied if (cluster := cluster_of(pool))}


def _line(pool_id: int, alert: CsAlert, turn: Sweep, now: datetime) -> Change:
    return Change(
        pool_id=pool_id,
        at=now,
        happened_at=alert.sent,
        not_before=turn.at,
        source=Source.CLOUDSTACK.value,
        kind=ALERT,
        subject=f"CloudStack {turn.cloudstack.name}"[:255],
        says=f"CloudStack’s alert ({alert.about}): {alert.says}",
        after=alert.about,
    )


def hasten(cloudstack: CloudStack, clusters: set[str] | None, told: Iterable[int]) -> list[int]:
    """Make the pools of these clusters due, of all with None. `told` are pools whose timeline has news."""
    for pool_id in told:
        announce(f"pool-{pool_id}", "overview")
    if clusters is not None and not clusters:
        return []
    meant = Pool.objects.filter(cloudstack=cloudstack)
    if clusters is not None:
        meant = meant.filter(cluster__in=clusters)
    found = list(meant.values_list("pk", flat=True))
    Pool.objects.filter(pk__in=found).update(next_look_at=timezone.now())
    return found
