"""listHosts, updateHost, reconnectHost, and the maintenance of a host."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lab.cloudstack import host_record, maintenance, removal
from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import AGENT_UNAVAILABLE, RESOURCE_UNAVAILABLE, ApiError, refused
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

FILTERS = ("id", "name", "clusterid", "podid", "zoneid", "type", "state", "resourcestate", "hypervisor")
HOST_COMMANDS = "org.apache.cloudstack.api.command.admin.host"


def _answer(call: Call) -> Record:
    return {"host": host_record.record(call.cloud, call.host)}


@command("listHosts", optional=(*FILTERS, "details", "keyword", "page", "pagesize"))
def list_hosts(call: Call) -> Listing:
    """Lists hosts."""
    cloud, details = call.cloud, call.text("details")
    rows = matching(call, cloud.hosts.values(), FILTERS, host_record.facts)
    return listing(call, "host", rows, lambda row: host_record.record(cloud, row, details))


@command(
    "prepareHostForMaintenance",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    java_class=f"{HOST_COMMANDS}.PrepareForMaintenanceCmd",
)
def prepare_host_for_maintenance(call: Call) -> Record:
    """Prepares a host for maintenance."""
    call.cloud.log_event("MAINT.PREPARE", f"preparing host: {call.host.id} for maintenance", host=call.host)
    maintenance.prepare(call.cloud, call.host)
    return _answer(call)


@command(
    "cancelHostMaintenance",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    java_class=f"{HOST_COMMANDS}.CancelMaintenanceCmd",
)
def cancel_host_maintenance(call: Call) -> Record:
    """Cancels host maintenance."""
    call.cloud.log_event("MAINT.CANCEL", f"canceling maintenance for host: {call.host.id}", host=call.host)
    maintenance.cancel(call.cloud, call.host)
    return _answer(call)


@command(
    "reconnectHost",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    java_class=f"{HOST_COMMANDS}.ReconnectHostCmd",
)
def reconnect_host(call: Call) -> Record:
    """Reconnects a host."""
    row = call.host
    call.cloud.log_event("HOST.RECONNECT", f"reconnecting host: {row.id}", host=row)
    if row.status != "Disconnected":
        _drop(call)
    return _answer(call)


def _drop(call: Call) -> None:
    """It goes Disconnected, and only the scan connects it again: 2.5 to 4 minutes when the host was well."""
    row, cloud = call.host, call.cloud
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


@command(
    "updateHost",
    required=("id",),
    optional=("allocationstate", "hosttags", "annotation", "name"),
    subject="host",
    changing=True,
)
def update_host(call: Call) -> Record:
    """Updates a host."""
    row = call.host
    state = call.text("allocationstate")
    if state is not None:
        _allocation(call, state)
    if "hosttags" in call.params:
        row.tags = [tag for tag in call.params["hosttags"].split(",") if tag]
    if call.text("annotation") is not None:
        row.annotation, row.annotated = call.text("annotation"), call.cloud.now()
    row.name = call.text("name") or row.name
    return _answer(call)


def _allocation(call: Call, verb: str) -> None:
    """Verbs here (Enable, Disable), where clusters have adjectives."""
    row = call.host
    if verb not in ("Enable", "Disable"):
        wrong = f"Invalid allocation state: {verb}, only Enable/Disable are allowed"
        raise refused(f"Failed to update host: {row.id}. {wrong}")
    if not call.cloud.resource_event(row, verb):
        raise refused(
            f"Failed to update host: {row.id}. Unable to transit from {row.resource_state} by {verb}"
        )


@command(
    "deleteHost",
    required=("id",),
    optional=("forced", "forcedestroylocalstorage"),
    subject="host",
    changing=True,
)
def delete_host(call: Call) -> Generator[Any, None, Record]:
    """Deletes a host."""
    yield from removal.delete(call.cloud, call.host, forced=call.flag("forced"))
    return {"success": True}
