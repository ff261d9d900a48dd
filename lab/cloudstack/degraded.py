"""Giving a host up for lost, since 4.16: its VMs with HA are started elsewhere without further proof
(ResourceManagerImpl.declareHostAsDegraded)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import recovery
from lab.cloudstack.errors import invalid, refused

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack


def declare(cloud: CloudStack, row: HostRow) -> None:
    """Degraded from now on. It must be in Alert or Disconnected; ApiError otherwise."""
    if row.resource_state == "Degraded":
        raise refused(f"Host ({row.log_text}) was already marked as Degraded.")
    if row.status not in ("Alert", "Disconnected"):
        raise invalid(
            f"Cannot perform declare host ({row.log_text}) as 'Degraded' when host is in {row.status} status"
        )
    before = row.resource_state
    if not cloud.resource_event(row, "DeclareHostDegraded"):
        raise refused(
            f"No next resource state found for current state = {before} event = DeclareHostDegraded"
        )
    recovery.restart_vms(cloud, row)


def cancel(cloud: CloudStack, row: HostRow) -> None:
    """Enabled again; ApiError unless it is Degraded."""
    if row.resource_state != "Degraded":
        state = row.resource_state
        raise refused(
            f"Cannot perform cancelHostAsDegraded on host ({row.log_text}) when host is in {state} state"
        )
    cloud.resource_event(row, "EnableDegradedHost")
