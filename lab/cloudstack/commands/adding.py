"""addHost, addCluster, deleteCluster: what CloudStack watches grows and shrinks."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast
from urllib.parse import urlsplit

from lab.cloudstack import discovery, host_record
from lab.cloudstack.commands.clusters import cluster_record
from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import INTERNAL_ERROR, NO_CAUSE, ApiError, invalid, refused
from lab.cloudstack.model import Cluster
from lab.cloudstack.registry import Call, command

OPTIONAL = ("clusterid", "clustername", "username", "password", "hosttags", "allocationstate")
HYPERVISORS = {"xenserver", "kvm", "vmware", "hyperv", "baremetal", "simulator", "ovm3", "lxc"}


@command("addHost", required=("zoneid", "podid", "url", "hypervisor"), optional=OPTIONAL, changing=True)
def add_host(call: Call) -> Generator[Any, None, Listing]:
    """Adds a new host."""
    _refuse_by_parameters(call)
    added = yield from discovery.discover(call.cloud, _cluster(call), call.params)
    tags = [tag for tag in call.params.get("hosttags", "").split(",") if tag]
    for row in added:
        row.tags = list(tags)
        if call.text("allocationstate") in ("Disable", "Disabled"):
            row.resource_state = "Disabled"
    records = [host_record.record(call.cloud, row) for row in added]
    return Listing("host", records, len(records))


def _refuse_by_parameters(call: Call) -> None:
    """The checks of ResourceManagerImpl.discoverHostsFull, in its order."""
    if call.text("clustername") and call.text("clusterid"):
        raise invalid("Can't specify cluster by both id and name")
    if not (call.text("username") and call.text("password")):
        raise invalid("Username and Password need to be provided.")
    url = call.params["url"]
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        raise invalid(f"{url} is not a valid uri") from None
    if not scheme:
        raise invalid(f"uri.scheme is null {url}, add nfs:// (or cifs://) as a prefix")
    if (hypervisor := call.params["hypervisor"]).lower() != "xenserver":
        text = f"Do not support HypervisorType {hypervisor} for {url}"
        raise ApiError(INTERNAL_ERROR, text, NO_CAUSE)


def _cluster(call: Call) -> Cluster:
    """The cluster meant. A name that is not known makes a new one, which stays when the host is then refused; without
    id and name it is a cluster of its own."""
    if call.text("clusterid"):
        return cast("Cluster", call.named("clusterid"))
    name = call.text("clustername") or f"Standalone-{call.params['url']}"
    return _named(call, name) or call.cloud.add_cluster(name)


def _named(call: Call, name: str) -> Cluster | None:
    return next((cluster for cluster in call.cloud.clusters.values() if cluster.name == name), None)


@command(
    "addCluster",
    required=("zoneid", "podid", "clustername", "hypervisor", "clustertype"),
    optional=("allocationstate", "url", "username", "password"),
    newer={"arch": (4, 20)},
    changing=True,
)
def add_cluster(call: Call) -> Listing:
    """Adds a new cluster"""
    hypervisor, kind = call.params["hypervisor"], call.params["clustertype"]
    allocation = call.text("allocationstate") or "Enabled"
    if hypervisor.lower() not in HYPERVISORS:
        raise invalid(f"Unable to resolve {hypervisor} to a supported ")
    if kind not in ("CloudManaged", "ExternalManaged"):
        raise refused(f"No enum constant com.cloud.org.Cluster.ClusterType.{kind}")
    if allocation not in ("Enabled", "Disabled"):
        raise invalid(f"Unable to resolve Allocation State '{allocation}' to a supported state")
    name = call.params["clustername"]
    if _named(call, name) is not None:
        raise refused(f"Unable to create cluster {name} in pod and data center with specified ids")
    cluster = call.cloud.add_cluster(name)
    cluster.allocation_state = allocation
    return Listing("cluster", [cluster_record(call, cluster)], 1)


@command("deleteCluster", required=("id",), subject="cluster", changing=True)
def delete_cluster(call: Call) -> Record:
    """Deletes a cluster."""
    cluster, cloud = call.cluster, call.cloud
    if cloud.cluster_hosts(cluster):
        raise refused(f"Cluster: {cluster.number} cannot be removed. Cluster still has hosts")
    if any(pool.cluster is cluster for pool in cloud.storage_pools.values()):
        raise refused(f"Cluster: {cluster.number} cannot be removed. Cluster still has storage pools")
    del cloud.clusters[cluster.id]
    return {"success": True}
