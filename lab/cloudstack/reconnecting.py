"""reconnectHost: drop a host, so that the scan connects it again (AgentManagerImpl.reconnect)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack.errors import AGENT_UNAVAILABLE, RESOURCE_UNAVAILABLE, ApiError, refused

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack


def reconnect(cloud: CloudStack, row: HostRow) -> None:
    """It goes Disconnected, and only the scan connects it again: 2.5 to 4 minutes when the host was well. Nothing to do
    for one that is Disconnected already."""
    if row.status == "Disconnected":
        return
    reason = ""
    if row.status not in ("Up", "Alert", "Rebalancing"):
        reason = f"it is not in the correct state: host={row.id}; Status={row.status}"
    elif not row.connected:
        reason = "it is not connected to this server"
    if reason and cloud.version.old_states:
        raise ApiError(RESOURCE_UNAVAILABLE, "Failed to reconnect host", AGENT_UNAVAILABLE)
    if reason:
        raise refused(f"Unable to disconnect host because {reason}")
    cloud.host_event(row, "ShutdownRequested")
