"""What takes a host out of service and back: maintenance, reconnecting, giving it up for lost."""

from __future__ import annotations

from collections.abc import Callable

from lab.cloudstack import degraded, host_record, maintenance, reconnecting
from lab.cloudstack.envelope import Record
from lab.cloudstack.model import HostRow
from lab.cloudstack.registry import Call, command
from lab.cloudstack.state import CloudStack

JAVA = "org.apache.cloudstack.api.command.admin.host"


def _done(call: Call, act: Callable[[CloudStack, HostRow], None]) -> Record:
    """Do it, and answer with the host."""
    act(call.cloud, call.host)
    return {"host": host_record.record(call.cloud, call.host)}


@command(
    "prepareHostForMaintenance",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    java_class=f"{JAVA}.PrepareForMaintenanceCmd",
    event="MAINT.PREPARE",
    doing="preparing maintenance for host",
    later_class=((4, 21), f"{JAVA}.PrepareForHostMaintenanceCmd"),
)
def prepare_host_for_maintenance(call: Call) -> Record:
    """Prepares a host for maintenance."""
    return _done(call, maintenance.prepare)


@command(
    "cancelHostMaintenance",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    java_class=f"{JAVA}.CancelMaintenanceCmd",
    event="MAINT.CANCEL",
    doing="canceling maintenance for host",
    later_class=((4, 21), f"{JAVA}.CancelHostMaintenanceCmd"),
)
def cancel_host_maintenance(call: Call) -> Record:
    """Cancels host maintenance."""
    return _done(call, maintenance.cancel)


@command(
    "reconnectHost",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    java_class=f"{JAVA}.ReconnectHostCmd",
    event="HOST.RECONNECT",
    doing="reconnecting host",
)
def reconnect_host(call: Call) -> Record:
    """Reconnects a host."""
    return _done(call, reconnecting.reconnect)


@command(
    "declareHostAsDegraded",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    since=(4, 16),
    java_class=f"{JAVA}.DeclareHostAsDegradedCmd",
    event="HOST.DECLARE.DEGRADED",
    doing="declaring as degraded host",
)
def declare_host_as_degraded(call: Call) -> Record:
    """Declare host as 'Degraded'. Host must be on 'Disconnected' or 'Alert' state."""
    return _done(call, degraded.declare)


@command(
    "cancelHostAsDegraded",
    required=("id",),
    subject="host",
    is_async=True,
    changing=True,
    since=(4, 16),
    java_class=f"{JAVA}.CancelHostAsDegradedCmd",
    event="HOST.CANCEL.DEGRADED",
    doing="canceling degraded status of host",
)
def cancel_host_as_degraded(call: Call) -> Record:
    """Cancel host status from 'Degraded'. Host will transit back to status 'Enabled'."""
    return _done(call, degraded.cancel)
