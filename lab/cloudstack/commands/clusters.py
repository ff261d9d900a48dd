"""Zones, pods and clusters."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lab.cloudstack import host_record, managing
from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import invalid
from lab.cloudstack.model import Cluster
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

PAGING = ("keyword", "page", "pagesize")


@command("listZones", optional=("id", "name", *PAGING), subject="zone", for_users=True)
def list_zones(call: Call) -> Listing:
    """Lists zones."""
    zone = {
        "id": call.cloud.zone.id,
        "name": call.cloud.zone.name,
        "networktype": "Advanced",
        "securitygroupsenabled": False,
        "allocationstate": "Enabled",
        "localstorageenabled": True,
    }
    return listing(call, "zone", matching(call, [zone], ("id", "name")))


@command("listPods", optional=("id", "name", "zoneid", "allocationstate", *PAGING), subject="pod")
def list_pods(call: Call) -> Listing:
    """Lists all Pods."""
    pod = call.cloud.pod
    many = call.cloud.version.since(4, 11)
    start, end = "127.10.255.1", "127.10.255.250"
    record: dict[str, Any] = {
        "id": pod.id,
        "name": pod.name,
        "zoneid": pod.zone.id,
        "zonename": pod.zone.name,
        "gateway": "127.10.0.1",
        "netmask": "255.255.0.0",
        "startip": [start] if many else start,
        "endip": [end] if many else end,
        "allocationstate": "Enabled",
    }
    return listing(call, "pod", matching(call, [record], ("id", "name", "zoneid", "allocationstate")))


FILTERS = ("id", "name", "podid", "zoneid", "clustertype", "allocationstate", "managedstate")


@command("listClusters", optional=(*FILTERS, "hypervisor", "showcapacities", *PAGING), subject="cluster")
def list_clusters(call: Call) -> Listing:
    """Lists clusters."""
    clusters = matching(call, call.cloud.clusters.values(), FILTERS, lambda one: cluster_record(call, one))
    return listing(call, "cluster", clusters, lambda one: cluster_record(call, one) | _capacities(call, one))


def _capacities(call: Call, cluster: Cluster) -> Record:
    """Memory and CPU of all its hosts, where they were asked for."""
    if not call.flag("showcapacities"):
        return {}
    loads = [host_record.usage(call.cloud, row) for row in call.cloud.cluster_hosts(cluster)]
    memory = sum(load.memory_allocated for load in loads), sum(load.memory_total for load in loads)
    cpu = sum(load.cpu_allocated for load in loads), sum(load.cpu_total for load in loads)
    kinds = ((0, "MEMORY", memory), (1, "CPU", cpu))
    return {"capacity": [_capacity(call, cluster, *kind) for kind in kinds]}


def _capacity(call: Call, cluster: Cluster, kind: int, name: str, numbers: tuple[int, int]) -> Record:
    used, total = numbers
    record: Record = {
        "type": kind,
        "zoneid": cluster.pod.zone.id,
        "zonename": cluster.pod.zone.name,
        "podid": cluster.pod.id,
        "podname": cluster.pod.name,
        "clusterid": cluster.id,
        "clustername": cluster.name,
        "capacityused": used,
        "capacitytotal": total,
        "percentused": f"{100 * used / total:.2f}" if total else "0",
    }
    return record | ({"name": name} if call.cloud.version.since(4, 15) else {})


def cluster_record(call: Call, cluster: Cluster) -> Record:
    """The response. The pool's uuid is not in it: the API never tells."""
    record: Record = {
        "id": cluster.id,
        "name": cluster.name,
        "podid": cluster.pod.id,
        "podname": cluster.pod.name,
        "zoneid": cluster.pod.zone.id,
        "zonename": cluster.pod.zone.name,
        "hypervisortype": "XenServer",
        "clustertype": "CloudManaged",
        "allocationstate": cluster.allocation_state,
        "managedstate": cluster.managed_state,
        "cpuovercommitratio": "1.0",
        "memoryovercommitratio": "1.0",
    }
    if call.cloud.version.since(4, 20):
        record["arch"] = "x86_64"
    return record


@command(
    "updateCluster",
    required=("id",),
    optional=("managedstate", "allocationstate", "clustername", "hypervisor", "clustertype"),
    subject="cluster",
    changing=True,
)
def update_cluster(call: Call) -> Generator[Any, None, Record]:
    """Updates an existing cluster."""
    cluster = call.cluster
    managed, allocation = call.text("managedstate"), call.text("allocationstate")
    if managed not in (None, "Managed", "Unmanaged"):
        raise invalid(f"Unable to resolve Managed State '{managed}' to a supported state")
    if allocation not in (None, "Enabled", "Disabled"):
        raise invalid(f"Unable to resolve Allocation State '{allocation}' to a supported state")
    cluster.name = call.text("clustername") or cluster.name
    cluster.allocation_state = allocation or cluster.allocation_state
    if managed == "Unmanaged":
        yield from managing.unmanage(call.cloud, cluster)
    elif managed == "Managed":
        managing.manage(cluster)
    return {"cluster": cluster_record(call, cluster)}
