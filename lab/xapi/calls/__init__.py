"""The calls that do something. Importing this package registers them all."""

from lab.xapi.calls import (
    emergency,
    evacuation,
    ha,
    hosts,
    joining,
    master,
    members,
    misc,
    planning,
    session,
    storage,
    vms,
)

__all__ = [
    "emergency",
    "evacuation",
    "ha",
    "hosts",
    "joining",
    "master",
    "members",
    "misc",
    "planning",
    "session",
    "storage",
    "vms",
]
