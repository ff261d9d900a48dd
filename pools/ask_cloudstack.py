"""Asks a CloudStack for everything that a look at one cluster needs."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Any

from pools.clients.cloudstack import CloudStack
from pools.clients.errors import BadAnswer, NotPermitted, Refused
from pools.cloudstack_facts import CloudStackFacts
from pools.reading.cloudstack import cluster_facts, pods_of

Row = dict[str, Any]


def version_of(cloudstack: CloudStack) -> str:
    """The management server's version, e.g. `4.20.1.0`."""
    capability = cloudstack.read("listCapabilities").get("capability") or {}
    return str(capability.get("cloudstackversion") or "")


def clusters_of(cloudstack: CloudStack) -> list[Row]:
    """Every XenServer cluster."""
    return [
        row for row in cloudstack.whole("listClusters", "cluster") if row.get("hypervisortype") == "XenServer"
    ]


def hosts_of(cloudstack: CloudStack, cluster: str) -> list[Row]:
    """The routing hosts of a cluster, by its id."""
    return cloudstack.whole("listHosts", "host", clusterid=cluster, type="Routing")


def ask_cluster(
    cloudstack: CloudStack, name: str, addresses: Collection[str] = ()
) -> tuple[CloudStackFacts, tuple[str, ...]]:
    """The cluster's facts, and what could not be read of them. `cluster` is empty when there is none of that name; of
    several, it is the one with a host at one of the addresses. Raises the clients' errors."""
    version = version_of(cloudstack)
    gaps: list[str] = []
    cluster = _named(cloudstack, name, addresses)
    if cluster is None:
        pods = pods_of(rows_of(cloudstack, gaps, "listPods", "pod"))
        return CloudStackFacts(version=version, cluster="", cluster_name=name, pods=pods), tuple(gaps)
    hosts = hosts_of(cloudstack, str(cluster["id"]))
    vms = _placed(cloudstack, str(cluster.get("podid") or ""), gaps)
    jobs = rows_of(cloudstack, gaps, "listAsyncJobs", "asyncjobs", listall="true")
    return cluster_facts(version, cluster, hosts, vms, jobs), tuple(dict.fromkeys(gaps))


def _named(cloudstack: CloudStack, name: str, addresses: Collection[str]) -> Row | None:
    """A name is unique in its pod only. A cluster is never guessed: a run would act on another pool's hosts."""
    named = [row for row in cloudstack.list("listClusters", "cluster", name=name) if row["name"] == name]
    if len(named) < 2:
        return named[0] if named else None
    ours = [row for row in named if _holds(hosts_of(cloudstack, str(row["id"])), addresses)]
    if len(ours) == 1:
        return ours[0]
    zones = ", ".join(sorted(str(row.get("zonename")) for row in named))
    saw = f"{len(named)} clusters named {name} (zones {zones}); {len(ours)} of them have hosts of this pool"
    raise BadAnswer(cloudstack.place, saw)


def _holds(hosts: list[Row], addresses: Collection[str]) -> bool:
    return any(row.get("ipaddress") in addresses for row in hosts)


def _placed(cloudstack: CloudStack, pod: str, gaps: list[str]) -> list[Row]:
    """Guests, routers and system VMs of the pod: `clusterid` is a filter only since 4.16, and older versions ignore
    what they do not know. Projects' are in no list unless they are asked for by themselves."""
    everybody, projects = (
        {"podid": pod, "listall": "true"},
        {"podid": pod, "listall": "true", "projectid": "-1"},
    )
    return list(
        chain(
            rows_of(cloudstack, gaps, "listVirtualMachines", "virtualmachine", **everybody),
            rows_of(cloudstack, gaps, "listVirtualMachines", "virtualmachine", **projects),
            rows_of(cloudstack, gaps, "listRouters", "router", **everybody),
            rows_of(cloudstack, gaps, "listRouters", "router", **projects),
            rows_of(cloudstack, gaps, "listSystemVms", "systemvm", podid=pod),
        )
    )


def rows_of(cloudstack: CloudStack, gaps: list[str], command: str, element: str, **params: str) -> list[Row]:
    """A list whose refusal is a gap: a role may not allow it."""
    try:
        return cloudstack.list(command, element, **params)
    except (Refused, NotPermitted) as no:
        gaps.append(f"{command}: {no.code}")
        return []
