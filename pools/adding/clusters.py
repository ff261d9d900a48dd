"""Finding a pool's cluster in CloudStack. No API tells which pool a cluster is: the hosts' addresses are the link."""

from __future__ import annotations

from dataclasses import dataclass

from pools.adding.wrong import Wrong, blaming
from pools.ask_cloudstack import clusters_of, hosts_of
from pools.clients.cloudstack import open_cloudstack
from pools.clients.wire import Deadline
from pools.connect import endpoint_of_cloudstack
from pools.facts import PoolFacts
from pools.models import CloudStack, Pool

CHECK_S = 20.0


@dataclass(frozen=True)
class Match:
    """The cluster's zone, and what is worth saying about the match."""

    zone: str
    notes: tuple[str, ...] = ()


def match_cluster(cloudstack: CloudStack, name: str, pool: PoolFacts) -> Match:
    """The cluster of that name holds hosts of this pool. Raises Wrong."""
    taken = Pool.objects.filter(cloudstack=cloudstack, cluster=name).first()
    if taken:
        says = (
            f"The cluster {name} belongs to the pool {taken.name} already. Which cluster holds these hosts?"
        )
        raise Wrong("cluster", says)
    with (
        blaming({"": "cloudstack"}),
        open_cloudstack(endpoint_of_cloudstack(cloudstack), deadline=Deadline(CHECK_S)) as api,
    ):
        clusters = {str(row["name"]): row for row in clusters_of(api)}
        if name not in clusters:
            raise Wrong("cluster", _no_such(cloudstack, name, sorted(clusters)))
        rows = hosts_of(api, str(clusters[name]["id"]))
    there = {str(row.get("ipaddress")): str(row.get("name")) for row in rows}
    ours = {h.address: h.name for h in pool.hosts}
    if not set(there) & set(ours):
        raise Wrong("cluster", _strangers(name, there, pool, ours))
    missing = [f"{ours[address]} ({address})" for address in sorted(set(ours) - set(there))]
    notes = (f"CloudStack's cluster {name} does not have {', '.join(missing)}.",) if missing else ()
    return Match(str(clusters[name].get("zonename") or ""), notes)


def _no_such(cloudstack: CloudStack, name: str, names: list[str]) -> str:
    there = f"it has {', '.join(names)}" if names else "it has no XenServer cluster at all"
    return f"CloudStack {cloudstack.name} has no XenServer cluster named {name}; {there}. Case matters."


def _strangers(name: str, there: dict[str, str], pool: PoolFacts, ours: dict[str, str]) -> str:
    if not there:
        return f"CloudStack's cluster {name} has no hosts, so it is not this pool's. Choose the one that has them."
    return (
        f"None of the hosts in CloudStack's cluster {name} ({', '.join(sorted(there))}) is a member of the pool "
        f"{pool.name} ({', '.join(sorted(ours))}). Choose the cluster that holds these hosts."
    )
