"""The calls that do something. Importing this package registers them all."""

from lab.xapi.calls import (
    emergency,
    evacuation,
    guarded,
    ha,
    hosts,
    joining,
    master,
    members,
    misc,
    planning,
    session,
    storage,
    updates,
    vms,
)

__all__ = [
    "emergency",
    "evacuation",
    "guarded",
    "ha",
    "hosts",
    "joining",
    "master",
    "members",
    "misc",
    "planning",
    "session",
    "storage",
    "updates",
    "vms",
]
