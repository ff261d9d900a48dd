"""The management server stops and starts again: its memory is gone, its database is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack.errors import INTERNAL_ERROR, ApiError

if TYPE_CHECKING:
    from lab.cloudstack.state import CloudStack

CANCELLED = "job cancelled because of management server restart or shutdown"


def restart(cloud: CloudStack) -> None:
    """Jobs under way fail, logins are forgotten, and every host that is Up is Disconnected until the scan takes it
    back."""
    for job in cloud.jobs.values():
        if job.status == 0 and job.process is not None:
            job.process.stop()
            job.error, job.status, job.completed = ApiError(INTERNAL_ERROR, CANCELLED), 2, cloud.now()
    cloud.sessions.clear()
    cloud.rate_limit.windows.clear()
    for cluster in cloud.clusters.values():
        cluster.known_master = None
    timeout = cloud.settings.number("ping.interval") * cloud.settings.number("ping.timeout")
    for row in cloud.hosts.values():
        if row.connected and cloud.host_event(row, "ManagementServerDown"):
            row.last_pinged = cloud.now() - timeout - 1
    cloud.started = cloud.now()
    cloud.alert("Management server node 127.0.0.1 is up", 14)
