"""Clusters, and hosts that are added."""

from __future__ import annotations

from tests.lab.cloudstack.refusals.provoking import (
    adding,
    after,
    connecting,
    delete_all_of_cobalt,
    keeps_up,
    new_cluster,
    on_cluster,
)
from tests.lab.cloudstack.refusals.rows import refuses

refuses(
    "addCluster",
    431,
    "Unable to resolve <hypervisor> to a supported ",
    "A hypervisor there is none of",
    "ResourceManagerImpl.discoverCluster",
    new_cluster(hypervisor="Abacus"),
)
refuses(
    "addCluster",
    431,
    "Unable to resolve Allocation State '<word>' to a supported state",
    "`allocationstate` is neither Enabled nor Disabled",
    "ResourceManagerImpl.discoverCluster",
    new_cluster(allocationstate="Perhaps"),
)
refuses(
    "addCluster",
    530,
    "No enum constant com.cloud.org.Cluster.ClusterType.<word>",
    "`clustertype` is neither CloudManaged nor ExternalManaged",
    "ResourceManagerImpl.discoverCluster",
    new_cluster(clustertype="Heap"),
)
refuses(
    "addCluster",
    530,
    "Unable to create cluster <name> in pod and data center with specified ids",
    "The pod has a cluster of that name",
    "ResourceManagerImpl.discoverCluster",
    new_cluster(clustername="amber"),
)
refuses(
    "deleteCluster",
    530,
    "Cluster: <number> cannot be removed. Cluster still has hosts",
    "It still has hosts",
    "ResourceManagerImpl.deleteCluster",
    on_cluster("deleteCluster", "cobalt"),
)
refuses(
    "deleteCluster",
    530,
    "Cluster: <number> cannot be removed. Cluster still has storage pools",
    "It still has primary storage, and be it the record of a deleted host's local disk",
    "ResourceManagerImpl.deleteCluster",
    after(delete_all_of_cobalt, on_cluster("deleteCluster", "cobalt")),
)
refuses(
    "updateCluster",
    431,
    "Unable to resolve Managed State '<word>' to a supported state",
    "`managedstate` is neither Managed nor Unmanaged",
    "ResourceManagerImpl.updateCluster",
    on_cluster("updateCluster", "amber", managedstate="Off"),
)
refuses(
    "updateCluster",
    431,
    "Unable to resolve Allocation State '<word>' to a supported state",
    "`allocationstate` is neither Enabled nor Disabled",
    "ResourceManagerImpl.updateCluster",
    on_cluster("updateCluster", "amber", allocationstate="Disable"),
)
refuses(
    "updateCluster",
    530,
    "PrepareUnmanaged Failed due to host <address> should not be in <status> status",
    "Unmanaged is asked for while a host is neither Up, Down, Disconnected nor Alert; it "
    "ends in PrepareUnmanagedError",
    "ResourceManagerImpl.updateCluster",
    after(connecting, on_cluster("updateCluster", "new", managedstate="Unmanaged")),
)
refuses(
    "updateCluster",
    530,
    "PrepareUnmanaged Failed due to some hosts are still in UP status after 5 Minutes, please try later ",
    "A host was still Up after 200 s; it ends in PrepareUnmanagedError",
    "ResourceManagerImpl.updateCluster",
    after(keeps_up, on_cluster("updateCluster", "amber", managedstate="Unmanaged")),
)
refuses(
    "addHost",
    431,
    "Can't specify cluster by both id and name",
    "`clusterid` and `clustername`",
    "ResourceManagerImpl.discoverHostsFull",
    adding(clustername="amber"),
)
refuses(
    "addHost",
    431,
    "Username and Password need to be provided.",
    "One of them is missing",
    "ResourceManagerImpl.discoverHostsFull",
    adding(password=""),
)
refuses(
    "addHost",
    431,
    "uri.scheme is null <url>, add nfs:// (or cifs://) as a prefix",
    "A bare address instead of http://address",
    "ResourceManagerImpl.discoverHostsFull",
    adding(url="127.10.4.1"),
)
refuses(
    "addHost",
    431,
    "<url> is not a valid uri",
    "The URL cannot be parsed",
    "ResourceManagerImpl.discoverHostsFull",
    adding(url="http://["),
)
refuses(
    "addHost",
    530,
    "Do not support HypervisorType <word> for <url>",
    "Another hypervisor than XenServer",
    "ResourceManagerImpl.discoverHostsFull",
    adding(hypervisor="Abacus"),
)
refuses(
    "addHost",
    530,
    "Unable to add the host: Cannot find the server resources at <url>",
    "Whatever is wrong with the pool: it is another pool than the cluster's, the password is "
    "wrong, nothing answers, it has no master, a member that CloudStack does not know yet "
    "cannot be logged in to, or the URL is https",
    "XcpServerDiscoverer.find swallows the reason (f96f6faf24: 4.17)",
    adding(),
)
refuses(
    "addHost",
    530,
    "Unable to add the host",
    "The same until 4.16",
    "XcpServerDiscoverer.find",
    adding(),
    version="4.16.1",
)
refuses(
    "addHost",
    530,
    "Failed to add host",
    "All hosts of the pool are known already, or those that are not are disabled in XAPI",
    "AddHostCmd",
    adding(url="http://127.10.1.1"),
)
