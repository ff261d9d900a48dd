"""Hosts going into maintenance."""

from __future__ import annotations

from tests.lab.cloudstack.refusals.provoking import (
    after,
    host_state,
    in_maintenance,
    job_on_host,
    local_disk,
    only_host,
    setting,
    vm_state,
)
from tests.lab.cloudstack.refusals.rows import refuses

refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: Host is already in state <state>. Cannot "
    "recall for maintenance until resolved.",
    "In Maintenance, PrepareForMaintenance or ErrorInPrepareForMaintenance (4.14 and later)",
    "ResourceManagerImpl.maintain",
    after(in_maintenance("amber-2"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: There are other servers attempting "
    "migrations for maintenance. Found hosts in PrepareForMaintenance OR "
    "ErrorInPrepareForMaintenance STATUS in cluster <cluster>",
    "Another host of the cluster prepares (4.14 and later)",
    "ResourceManagerImpl.maintain",
    after(
        host_state("amber-1", "PrepareForMaintenance"), job_on_host("prepareHostForMaintenance", "amber-2")
    ),
)
refuses(
    "prepareHostForMaintenance",
    431,
    "There are other servers in PrepareForMaintenance OR ErrorInMaintenance STATUS in cluster <number>",
    "It or another host of the cluster prepares or failed to (until 4.13)",
    "ResourceManagerImpl.maintain",
    after(host_state("amber-1", "ErrorInMaintenance"), job_on_host("prepareHostForMaintenance", "amber-2")),
    version="4.5.2",
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: There are active VMs using the host's "
    "local storage pool. Please stop all VMs on this host that use local storage.",
    "A VM there has a local disk, and `host.maintenance.local.storage.strategy` is not ForceStop",
    "ResourceManagerImpl.maintain",
    after(local_disk("amber-2"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    431,
    "There are active VMs using the host's local storage pool. Please stop all VMs on this "
    "host that use local storage.",
    "The same until 4.13",
    "ResourceManagerImpl.maintain",
    after(local_disk("amber-2"), job_on_host("prepareHostForMaintenance", "amber-2")),
    version="4.13.1",
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: Host contains incoming VMs migrating. "
    "Please wait for them to complete before putting to maintenance.",
    "A VM there is Migrating (4.14 and later)",
    "ResourceManagerImpl.maintain",
    after(vm_state("amber-2", "Migrating"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: Host contains VMs in starting/stopping "
    "state. Please wait for them to complete before putting to maintenance.",
    "A VM there is Starting or Stopping (4.14 and later)",
    "ResourceManagerImpl.maintain",
    after(vm_state("amber-2", "Starting"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: Host contains VMs in "
    "error/unknown/shutdown state. Please fix errors to proceed.",
    "A VM there is in Error or Unknown (4.14 and later)",
    "ResourceManagerImpl.maintain",
    after(vm_state("amber-2", "Error"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: Cannot perform maintain for the host "
    "<name> (<number>) as there are running VMs on it and VM high availability manager is "
    "disabled",
    "VMs run there and `vm.ha.enabled` is false",
    "ResourceManagerImpl.doMaintain",
    after(setting("vm.ha.enabled", "false"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Unable to prepare for maintenance host <host>",
    "The agent is not connected or does not answer (Alert, Down, Disconnected, disabled in "
    "XAPI), or there is no other Up and Enabled host in the cluster: then the state has "
    "changed already and becomes ErrorInMaintenance",
    "ResourceManagerImpl.doMaintain",
    after(only_host("amber-2"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "prepareHostForMaintenance",
    530,
    "Failed to prepare host for maintenance due to: Cannot transit resource state of <host> "
    "to Maintenance<reason>",
    "The host is Disabled in CloudStack",
    "ResourceManagerImpl.doMaintain",
    after(host_state("amber-2", "Disabled"), job_on_host("prepareHostForMaintenance", "amber-2")),
)
refuses(
    "cancelHostMaintenance",
    530,
    "Cannot perform cancelMaintenance when resource state is <state>, host: <host>",
    "Not in any state of maintenance",
    "ResourceManagerImpl.cancelMaintenance",
    job_on_host("cancelHostMaintenance", "amber-2"),
)
