"""What the last sweeps prove about a pool's cluster, and a person's word on it, which the timeline keeps for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from dashboard.live import announce
from pools.mapping import Candidate, Match, match
from pools.models import Change, Cluster, Pool
from pools.obligations import obligations_of
from pools.timeline import Source

TIED = "cluster"
"""Kind of the timeline's lines about which cluster a pool is; they are never pruned."""


class NotNow(Exception):
    """The cluster cannot be changed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A pool's cluster as it is set, and what the sweeps prove. `suggested` is the cluster that it should be."""

    match: Match
    suggested: Candidate | None
    contradicted: bool


def candidate(row: Cluster) -> Candidate:
    """A cluster as the proof takes it."""
    hosts = tuple((str(host["name"]), str(host["address"])) for host in row.facts["hosts"])
    zone, cloudstack = str(row.facts.get("zone") or ""), row.cloudstack.name
    return Candidate(key=row.pk, cloudstack=cloudstack, name=row.name, zone=zone, hosts=hosts)


def tie_of(pool: Pool) -> Tie:
    """What is proved now. The set cluster is contradicted when another one is proved to be the pool's."""
    members = _members(pool)
    near = [candidate(row) for row in _near(members)]
    found = match(pool.name, members, near, _others(pool, members, near))
    theirs = found.cluster
    same = theirs is not None and _is_set(pool, theirs)
    contradicted = bool(pool.cluster) and found.sure and not same
    suggested = theirs if not same and (contradicted or not pool.cluster) else None
    return Tie(found, suggested, contradicted)


def _is_set(pool: Pool, cluster: Candidate) -> bool:
    return (
        pool.cluster == cluster.name
        and pool.cloudstack is not None
        and pool.cloudstack.name == cluster.cloudstack
    )


def _members(pool: Pool) -> list[tuple[str, str]]:
    short = pool.last_summary()
    if short:
        return [(member.name, member.address) for member in short.members]
    return [("", address) for address in pool.addresses]


def _near(members: Iterable[tuple[str, str]]) -> list[Cluster]:
    """Clusters that have one of these addresses; where none has, one of these names."""
    for which in (1, 0):
        words = [Q(addresses__contains=f" {member[which]} ") for member in members if member[which]]
        if words and (rows := list(_clusters().filter(reduce(or_, words))[:50])):
            return rows
    return []


def _clusters() -> QuerySet[Cluster]:
    return Cluster.objects.select_related("cloudstack").defer("guests")


def _others(pool: Pool, members: list[tuple[str, str]], near: list[Candidate]) -> dict[str, str]:
    """Addresses of other pools' hosts, asked only where a cluster has more hosts than the pool."""
    ours = {address for _name, address in members}
    if all(address in ours for cluster in near for _name, address in cluster.hosts):
        return {}
    found: dict[str, str] = {}
    for other in Pool.objects.exclude(pk=pool.pk).only("name", "summary", "addresses").iterator():
        found |= {address: other.name for _name, address in _members(other)}
    return found


def tie(pool: Pool, cluster: Cluster | None, who: str, why: str) -> None:
    """Make that cluster the pool's, or none. Raises NotNow while a run holds the pool: it acts on the one it knows."""
    if (run := obligations_of(pool.pk).holder) is not None:
        raise NotNow(
            f"Run {run} holds {pool.name}, and acts on the cluster that it knows. Wait until it is over."
        )
    was = f"{pool.cluster} of {pool.cloudstack}" if pool.cloudstack else ""
    now_is = f"{cluster.name} of {cluster.cloudstack}" if cluster else ""
    says = (
        f"{who} tied {pool.name} to cluster {now_is}" if cluster else f"{who} tied {pool.name} to no cluster"
    )
    with transaction.atomic():
        still = Pool.objects.filter(pk=pool.pk, cluster=pool.cluster, cloudstack=pool.cloudstack)
        values = {
            "cloudstack": cluster.cloudstack if cluster else None,
            "cluster": cluster.name if cluster else "",
        }
        if not still.update(**values, next_look_at=timezone.now()):
            raise NotNow(f"Somebody else has just changed the cluster of {pool.name}. Look again.")
        Change.objects.create(
            pool=pool,
            at=timezone.now(),
            source=Source.BATON.value,
            kind=TIED,
            subject=pool.name,
            says=f"{says}{f'; it was {was}' if was else ''}. {why}",
            before=was[:255],
            after=now_is[:255],
            by=who[:160],
        )
        announce(f"pool-{pool.pk}", "overview")
