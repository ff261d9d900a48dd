"""The one table of states: what each is called, its shape, its colour, and how urgent it is. Pure.

A state is never shown by colour alone: shape and word say it too. Keys are what the models store and what the
captains say; `look_of` gives an unknown word its own face, so that a newer CloudStack shows what it says.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`shape` names the symbol in the sprite (`i-<shape>`) and the class of the colour (`is-<shape>`).
    `urgency` sorts: 0 is what a person should see first."""

    word: str
    shape: str
    urgency: int = 5


WELL, WARN, CRIT, UNKNOWN, WORK, HOLD = "ok", "warn", "crit", "unknown", "work", "hold"
DONE, FAILED, NONE, SKIP, TODO, INFO, LATER, BLOCKS = (
    "done",
    "failed",
    "none",
    "skip",
    "todo",
    "info",
    "later",
    "blocks",
)

SHAPES = (WELL, WARN, CRIT, UNKNOWN, WORK, HOLD, DONE, FAILED, NONE, SKIP, TODO, INFO, LATER, BLOCKS)

SEVERITIES = {
    "critical": Look("Critical", CRIT, 0),
    "warning": Look("Warning", WARN, 1),
    "info": Look("Note", INFO, 4),
    "unknown": Look("Unknown", UNKNOWN, 2),
    "ok": Look("Well", WELL, 9),
    "working": Look("Working", WORK, 6),
    "absent": Look("Absent", NONE, 6),
}

RUNS = {
    "planned": Look("Planned", TODO, 6),
    "approval": Look("Waits for approval", HOLD, 2),
    "starting": Look("Starting", WORK, 4),
    "running": Look("Working", WORK, 4),
    "confirm": Look("Waits for you", HOLD, 2),
    "failed": Look("Failed", FAILED, 0),
    "doubt": Look("Needs a human", HOLD, 0),
    "done": Look("Done", DONE, 8),
    "aborted": Look("Ended early", SKIP, 7),
    "refused": Look("Refused", NONE, 7),
    "expired": Look("Expired", NONE, 7),
}

STEPS = {
    "todo": Look("To come", TODO, 6),
    "confirm": Look("Waits for you", HOLD, 2),
    "confirmed": Look("Confirmed", WORK, 4),
    "acting": Look("Working", WORK, 4),
    "waiting": Look("Waiting", WORK, 4),
    "failed": Look("Failed", FAILED, 0),
    "doubt": Look("Needs a human", HOLD, 0),
    "done": Look("Done", DONE, 8),
    "already": Look("Already so", DONE, 8),
    "not-needed": Look("Not needed", NONE, 8),
    "skipped": Look("Skipped", SKIP, 7),
    "cancelled": Look("Cancelled", NONE, 7),
}

CLOUDSTACK = {
    "Up": Look("Up", WELL, 9),
    "Alert": Look("Alert", CRIT, 0),
    "Down": Look("Down", CRIT, 0),
    "Disconnected": Look("Disconnected", WARN, 1),
    "Connecting": Look("Connecting", WORK, 4),
    "Creating": Look("Creating", WORK, 4),
    "Rebalancing": Look("Rebalancing", WORK, 4),
    "Removed": Look("Removed", NONE, 6),
    "Error": Look("Error", CRIT, 0),
    "Enabled": Look("Enabled", WELL, 9),
    "Disabled": Look("Disabled", WARN, 3),
    "PrepareForMaintenance": Look("Preparing for maintenance", WORK, 4),
    "Maintenance": Look("Maintenance", WORK, 4),
    "ErrorInMaintenance": Look("Error in maintenance", CRIT, 0),
    "ErrorInPrepareForMaintenance": Look("Error preparing for maintenance", CRIT, 0),
    "Degraded": Look("Degraded", CRIT, 0),
    "Managed": Look("Managed", WELL, 9),
    "Unmanaged": Look("Unmanaged", CRIT, 0),
    "PrepareUnmanaged": Look("Preparing to be unmanaged", WORK, 4),
    "PrepareUnmanagedError": Look("Error on the way to unmanaged", CRIT, 0),
}

TABLE: dict[str, Look] = {**{s: Look("", s) for s in SHAPES}, **SEVERITIES, **RUNS, **STEPS, **CLOUDSTACK}
"""Keys that several kinds share (done, failed, confirm) look the same in each."""


def look_of(key: str) -> Look:
    """The look of a state; one that is not in the table shows its own word with the mark of the unknown."""
    return TABLE.get(key) or Look(key or "Unknown", UNKNOWN, 2)
