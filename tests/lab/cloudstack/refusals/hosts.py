"""Hosts that are changed, deleted, reconnected, given up; primary storage."""

from __future__ import annotations

from tests.lab.cloudstack.refusals.provoking import (
    after,
    asking,
    host_state,
    job_on_host,
    on_host,
    status,
    storage,
)
from tests.lab.cloudstack.refusals.rows import refuses

refuses(
    "updateHost",
    530,
    "Failed to update host: <id>. Invalid allocation state: <word>, only Enable/Disable are allowed",
    "Another word; clusters have adjectives, hosts verbs",
    "ResourceManagerImpl.updateHost",
    on_host("updateHost", "amber-2", allocationstate="Disabled"),
)
refuses(
    "updateHost",
    530,
    "Failed to update host: <id>. Unable to transit from <state> by <verb>",
    "The resource state has no such transition: Maintenance cannot be disabled",
    "ResourceManagerImpl.updateHost",
    after(host_state("amber-2", "Maintenance"), on_host("updateHost", "amber-2", allocationstate="Disable")),
)
refuses(
    "updateHostPassword",
    431,
    "You should provide one of cluster id or a host id.",
    "Neither or both",
    "UpdateHostPasswordCmd",
    asking("updateHostPassword", username="root", password="x"),
)
refuses(
    "updateHostPassword",
    431,
    "Single host update is not supported by XenServer hypervisors. Please try again "
    "informing the Cluster ID.",
    "`hostid`: the password is the pool's",
    "ManagementServerImpl.updateHostPassword",
    lambda site: site.ask("updateHostPassword", username="root", password="x", hostid=site.row("amber-1").id),
)
refuses(
    "deleteHost",
    530,
    "Host with UUID [<id>] is not in maintenance mode and no forced deletion was requested.",
    "Neither in Maintenance nor Degraded, and not forced; Disabled is not enough (4.21 and later)",
    "ResourceManagerImpl.doDeleteHost",
    on_host("deleteHost", "amber-2"),
    version="4.22.0",
)
refuses(
    "deleteHost",
    530,
    "Host <id> cannot be deleted as it is not in maintenance mode. Either put the host into "
    "maintenance or perform a forced deletion.",
    "The same until 4.20",
    "ResourceManagerImpl.doDeleteHost",
    on_host("deleteHost", "amber-2"),
)
refuses(
    "deleteHost",
    530,
    "Failed to delete host",
    "VMs are still placed there, and not forced; until 4.3 also when the pool has HA on",
    "DeleteHostCmd",
    after(host_state("amber-2", "Maintenance"), on_host("deleteHost", "amber-2")),
)
refuses(
    "deleteHost",
    530,
    "this host is master, and cannot designate a new master",
    "4.3.2 ejects but no longer gives the pool another master",
    "CitrixResourceBase 4.3",
    on_host("deleteHost", "basalt-1", forced="true"),
    version="4.3.2",
)
refuses(
    "reconnectHost",
    530,
    "Unable to disconnect host because it is not in the correct state: host=<id>; Status=<status>",
    "Neither Up, Alert, Rebalancing nor Disconnected",
    "AgentManagerImpl.reconnect",
    after(status("amber-2", "Down"), job_on_host("reconnectHost", "amber-2")),
)
refuses(
    "reconnectHost",
    530,
    "Unable to disconnect host because it is not connected to this server",
    "No agent, as is usual in Alert: reconnectHost does not heal it",
    "AgentManagerImpl.reconnect",
    job_on_host("reconnectHost", "cobalt-2"),
)
refuses(
    "reconnectHost",
    534,
    "Failed to reconnect host",
    "Both until 4.5",
    "ReconnectHostCmd 4.5",
    after(status("amber-2", "Down"), job_on_host("reconnectHost", "amber-2")),
    version="4.5.2",
)
refuses(
    "declareHostAsDegraded",
    431,
    "Cannot perform declare host (<host>) as 'Degraded' when host is in <status> status",
    "Neither Alert nor Disconnected",
    "ResourceManagerImpl.declareHostAsDegraded",
    job_on_host("declareHostAsDegraded", "amber-1"),
)
refuses(
    "declareHostAsDegraded",
    530,
    "Host (<host>) was already marked as Degraded.",
    "Degraded already",
    "ResourceManagerImpl.declareHostAsDegraded",
    after(job_on_host("declareHostAsDegraded", "cobalt-2"), job_on_host("declareHostAsDegraded", "cobalt-2")),
)
refuses(
    "declareHostAsDegraded",
    530,
    "No next resource state found for current state = <state> event = DeclareHostDegraded",
    "Neither Enabled, Disabled nor Maintenance",
    "ResourceManagerImpl.declareHostAsDegraded",
    after(host_state("cobalt-2", "PrepareForMaintenance"), job_on_host("declareHostAsDegraded", "cobalt-2")),
)
refuses(
    "cancelHostAsDegraded",
    530,
    "Cannot perform cancelHostAsDegraded on host (<host>) when host is in <state> state",
    "Not Degraded",
    "ResourceManagerImpl.cancelHostAsDegraded",
    job_on_host("cancelHostAsDegraded", "cobalt-2"),
)
refuses(
    "enableStorageMaintenance",
    431,
    "Primary storage with id <id> is not ready for migration, as the status is:<state>",
    "Neither Up nor ErrorInMaintenance",
    "StorageManagerImpl",
    after(storage("enableStorageMaintenance"), storage("enableStorageMaintenance")),
)
refuses(
    "cancelStorageMaintenance",
    530,
    "Primary storage with id <id> is not ready to complete migration, as the status is:<state>",
    "Up, or still preparing",
    "StorageManagerImpl",
    storage("cancelStorageMaintenance"),
)
