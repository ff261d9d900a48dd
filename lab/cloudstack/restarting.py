"""What a management server does, when it starts, with what it was doing when it stopped (AsyncJobManagerImpl)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack.errors import refused

if TYPE_CHECKING:
    from lab.cloudstack.state import CloudStack

CANCELLED = "job cancelled because of management server restart or shutdown"


def settle(cloud: CloudStack) -> None:
    """Jobs under way fail; hosts that were being connected wait for the scan; VMs count as where they were."""
    for job in cloud.jobs.values():
        if job.status == 0:
            job.status, job.error, job.completed = 2, refused(CANCELLED), cloud.now()
    for row in cloud.hosts.values():
        if row.status == "Connecting":
            cloud.host_event(row, "AgentDisconnected")
    for vm in cloud.vms.values():
        if vm.state in ("Migrating", "Starting", "Stopping"):
            vm.state = "Running" if vm.host is not None else "Stopped"
