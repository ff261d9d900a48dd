"""The two state machines of a CloudStack host: its Status and its ResourceState.

Sources: com.cloud.host.Status and com.cloud.resource.ResourceState. A pair that is not in a table is no
transition.
"""

from __future__ import annotations

LOST_CONNECTION = frozenset({"Disconnected", "Down", "Alert", "Removed", "Error"})
"""In these no management server owns the host, so ``managementserverid`` is absent."""

_STATUS: dict[str, dict[str, str]] = {
    "Creating": {"AgentConnected": "Connecting", "Error": "Error"},
    "Connecting": {
        "Ready": "Up",
        "PingTimeout": "Alert",
        "AgentDisconnected": "Alert",
        "ShutdownRequested": "Disconnected",
        "HostDown": "Down",
        "ManagementServerDown": "Disconnected",
        "AgentConnected": "Connecting",
        "Ping": "Connecting",
        "StartAgentRebalance": "Rebalancing",
    },
    "Up": {
        "Ping": "Up",
        "PingTimeout": "Alert",
        "AgentDisconnected": "Alert",
        "ShutdownRequested": "Disconnected",
        "HostDown": "Down",
        "ManagementServerDown": "Disconnected",
        "AgentConnected": "Connecting",
        "StartAgentRebalance": "Rebalancing",
        "Remove": "Removed",
    },
    "Disconnected": {
        "Ping": "Up",
        "AgentConnected": "Connecting",
        "PingTimeout": "Alert",
        "WaitedTooLong": "Alert",
        "HostDown": "Down",
        "AgentDisconnected": "Disconnected",
        "ManagementServerDown": "Disconnected",
        "ShutdownRequested": "Disconnected",
        "Remove": "Removed",
    },
    "Down": {
        "AgentConnected": "Connecting",
        "ShutdownRequested": "Disconnected",
        "AgentDisconnected": "Down",
        "PingTimeout": "Down",
        "HostDown": "Down",
        "Remove": "Removed",
    },
    "Alert": {
        "Ping": "Up",
        "AgentConnected": "Connecting",
        "HostDown": "Down",
        "ShutdownRequested": "Disconnected",
        "AgentDisconnected": "Alert",
        "ManagementServerDown": "Alert",
        "Remove": "Removed",
    },
    "Rebalancing": {
        "RebalanceCompleted": "Connecting",
        "AgentConnected": "Connecting",
        "RebalanceFailed": "Disconnected",
        "ManagementServerDown": "Disconnected",
        "ShutdownRequested": "Disconnected",
    },
    "Error": {"AgentConnected": "Connecting"},
}

_NOT_IN_4_5 = {
    ("Down", "ShutdownRequested"),
    ("Down", "HostDown"),
    ("Disconnected", "ShutdownRequested"),
    ("Alert", "HostDown"),
}

_RESOURCE: dict[str, dict[str, str]] = {
    "Enabled": {
        "Disable": "Disabled",
        "AdminAskMaintenance": "PrepareForMaintenance",
        "DeclareHostDegraded": "Degraded",
    },
    "Disabled": {"Enable": "Enabled", "DeclareHostDegraded": "Degraded"},
    "Degraded": {"EnableDegradedHost": "Enabled"},
    "PrepareForMaintenance": {
        "InternalEnterMaintenance": "Maintenance",
        "UnableToMigrate": "ErrorInPrepareForMaintenance",
        "UnableToMaintain": "ErrorInMaintenance",
        "AdminCancelMaintenance": "Enabled",
    },
    "ErrorInPrepareForMaintenance": {
        "ErrorsCorrected": "PrepareForMaintenance",
        "InternalEnterMaintenance": "Maintenance",
        "UnableToMaintain": "ErrorInMaintenance",
        "AdminCancelMaintenance": "Enabled",
    },
    "ErrorInMaintenance": {
        "AdminAskMaintenance": "PrepareForMaintenance",
        "AdminCancelMaintenance": "Enabled",
    },
    "Maintenance": {"AdminCancelMaintenance": "Enabled", "DeclareHostDegraded": "Degraded"},
}

_RESOURCE_OLD: dict[str, dict[str, str]] = {
    "Enabled": {"Disable": "Disabled", "AdminAskMaintenance": "PrepareForMaintenance"},
    "Disabled": {"Enable": "Enabled"},
    "PrepareForMaintenance": {
        "InternalEnterMaintenance": "Maintenance",
        "UnableToMigrate": "ErrorInMaintenance",
        "AdminCancelMaintenance": "Enabled",
    },
    "ErrorInMaintenance": {
        "InternalEnterMaintenance": "Maintenance",
        "Disable": "Disabled",
        "AdminCancelMaintenance": "Enabled",
    },
    "Maintenance": {"AdminCancelMaintenance": "Enabled"},
}


def next_status(status: str, event: str, *, old: bool = False) -> str | None:
    """The Status after ``event``, or None where there is no such transition. ``old``: 4.3 to 4.5."""
    if old and (status, event) in _NOT_IN_4_5:
        return None
    return _STATUS.get(status, {}).get(event)


def possible_events(status: str, *, old: bool = False) -> list[str]:
    """The events a host in ``status`` may see now: the API's ``events`` field."""
    return [event for event in _STATUS.get(status, {}) if next_status(status, event, old=old)]


def next_resource_state(state: str, event: str, *, old: bool = False) -> str | None:
    """The ResourceState after ``event``, or None where there is no such transition. ``old``: until 4.13."""
    table = _RESOURCE_OLD if old else _RESOURCE
    return table.get(state, {}).get(event)
